"""Who may carry a proposal into another instance: the seats that an instance holds there (contract l.1711-1737).

Only numbers and functions: who holds a seat is nobody's business here.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.bodies.models import Body, Mandate
from participation.bodies.queries import in_force

_IN_WORDS = {2: "deux", 3: "trois", 4: "quatre", 5: "cinq", 6: "six", 7: "sept", 8: "huit", 9: "neuf", 10: "dix"}


@dataclass(frozen=True)
class Seats:
    """The seats that `of` holds in `where`."""

    of: Body
    where: Body
    number: int

    @property
    def carrier(self) -> str:
        """Who carries, as it is written in the database: in French, a function."""
        if self.number == 1:
            return "la personne qui la représente"
        return f"ses {_IN_WORDS.get(self.number, self.number)} représentants"


def list_seats(session: Session, bodies: Sequence[Body], day: dt.date) -> list[Seats]:
    """Return the seats that these bodies hold in others on that day, by the name of the body where they are held."""
    query = (
        sa.select(Mandate.body_id, Mandate.seat_body_id, sa.func.count())
        .where(Mandate.body_id.in_([body.id for body in bodies]), Mandate.kind == "representant", *in_force(day))
        .where(Mandate.seat_body_id.is_not(None), Mandate.seat_body_id != Mandate.body_id)
        .group_by(Mandate.body_id, Mandate.seat_body_id)
    )
    held = session.execute(query).all()
    ids = {seat for _of, seat, _number in held}
    where = {body.id: body for body in session.scalars(sa.select(Body).where(Body.id.in_(ids)))}
    own = {body.id: body for body in bodies}
    seats = [Seats(own[of], where[seat or 0], number) for of, seat, number in held]
    open_ones = [one for one in seats if not (one.where.closed_on and one.where.closed_on < day)]
    return sorted(open_ones, key=lambda one: (one.where.name, one.where.id, one.of.id))
