"""What can be asked about mandates: which are substitutes', which an election opened, who sits where in numbers."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from participation.bodies.models import Body, BodyKind, Mandate, Representation, representation_body
from participation.bodies.queries import in_force
from participation.meetings.models import Meeting
from participation.seats.models import Elected, Substitute


@dataclass(frozen=True)
class Delegation:
    """The seats that one instance holds in another on a day, and what the contract gives it there, if it says so.

    `where` is None for an instance of `kind` in which nobody sits yet. Substitutes are not among the `holders`.
    """

    body: Body
    where: Body | None
    holders: int = 0
    substitutes: int = 0
    seats: int | None = None
    line: int | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Opened:
    """How many mandates an election opened, and how many of them are substitutes'."""

    number: int
    substitutes: int


def substitutes_among(session: Session, mandates: Iterable[Mandate]) -> set[int]:
    """Return the identifiers of those of the mandates that are substitutes'."""
    ids = [mandate.id for mandate in mandates if mandate.kind == "representant"]
    return set(session.scalars(sa.select(Substitute.mandate_id).where(Substitute.mandate_id.in_(ids))))


def elections_of(session: Session, mandates: Iterable[Mandate]) -> dict[int, tuple[str, str]]:
    """Return mandate identifier -> (reference, title) of the election that opened it."""
    ids = [mandate.id for mandate in mandates]
    query = sa.select(Elected.mandate_id, Meeting.ref, Meeting.title).join(Elected.meeting)
    rows = session.execute(query.where(Elected.mandate_id.in_(ids)))
    return {mandate_id: (ref, title) for mandate_id, ref, title in rows}


def opened_at(session: Session, meeting: Meeting) -> Opened:
    """Return what an election opened so far, ended since or not."""
    query = (
        sa.select(sa.func.count(), sa.func.count(Substitute.mandate_id))
        .select_from(Elected)
        .outerjoin(Substitute, Substitute.mandate_id == Elected.mandate_id)
        .where(Elected.meeting_id == meeting.id)
    )
    return Opened(*session.execute(query).one())


def list_delegations(session: Session, body: Body, day: dt.date) -> list[Delegation]:
    """Return the seats in force on that day that the instance holds in others, then those of others in it; by name.

    Of its own seats, those too that the contract gives it where nobody sits yet (l.1711).
    """
    counted = _count(session, body, day)
    bodies = {row.id: row for row in session.scalars(sa.select(Body).where(Body.id.in_({*_ids(counted), body.id})))}
    given = _given(session, {body.id, *(row.body_id for row in counted)})
    found = [_delegation(bodies[row.body_id], bodies[row.seat_body_id], row, given) for row in counted]
    own = [one for one in found if one.body.id == body.id]
    taken = {one.where.kind for one in own if one.where}
    empty = [
        Delegation(body, None, seats=seats, line=line, kind=name)
        for (body_id, kind), (seats, line, name) in given.items()
        if body_id == body.id and kind not in taken
    ]
    others = [one for one in found if one.body.id != body.id]
    return [*sorted(own, key=_order), *empty, *sorted(others, key=_order)]


def _count(session: Session, body: Body, day: dt.date) -> Sequence[sa.Row[tuple[int, int, int, int]]]:
    query = (
        sa.select(
            Mandate.body_id,
            Mandate.seat_body_id,
            sa.func.count().label("number"),
            sa.func.count(Substitute.mandate_id).label("substitutes"),
        )
        .outerjoin(Substitute, Substitute.mandate_id == Mandate.id)
        .where(sa.or_(Mandate.body_id == body.id, Mandate.seat_body_id == body.id))
        .where(Mandate.kind == "representant", Mandate.seat_body_id.is_not(None), *in_force(day))
        .group_by(Mandate.body_id, Mandate.seat_body_id)
    )
    return session.execute(query).all()  # type: ignore[return-value]  # a seat is one: asked above


def _ids(counted: Iterable[sa.Row[tuple[int, int, int, int]]]) -> set[int]:
    return {number for row in counted for number in (row.body_id, row.seat_body_id)}


Given = dict[tuple[int, str], tuple[int, int | None, str]]
"""(instance, kind) -> (seats, line, the kind's name)."""


def _given(session: Session, ids: Iterable[int]) -> Given:
    """Return how many seats the contract gives to these instances, by the kind of instance where they sit."""
    link, kind = representation_body, aliased(BodyKind)
    query = (
        sa.select(link.c.body_id, Representation.to_kind, Representation.seats, Representation.line, kind.name)
        .join_from(link, Representation, Representation.id == link.c.representation_id)
        .join(kind, kind.slug == Representation.to_kind)
        .where(link.c.body_id.in_(ids))
        .order_by(Representation.id)
    )
    return {(row.body_id, row.to_kind): (row.seats, row.line, row.name) for row in session.execute(query)}


def _delegation(body: Body, where: Body, row: sa.Row[tuple[int, int, int, int]], given: Given) -> Delegation:
    seats, line, _name = given.get((body.id, where.kind), (None, None, ""))
    return Delegation(body, where, row.number - row.substitutes, row.substitutes, seats, line)


def _order(one: Delegation) -> tuple[str, str, int]:
    return one.body.name, one.where.name if one.where else "", one.body.id
