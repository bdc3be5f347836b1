"""What a loaded contract offers to generate on, and the days to generate in."""

import datetime as dt
import random
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body, Cadence
from participation.contract.models import Contract, Objective, Quartier, Recipient, Theme


@dataclass
class Ground:
    """What the contract offers to generate on."""

    bodies: list[Body]
    governance: list[Body]
    cadences: list[Cadence]
    quartiers: list[Quartier]
    themes: list[Theme]
    objectives: list[Objective]
    recipients: list[Recipient]
    institutions: list[str]


@dataclass
class Days:
    """The days from the first to the last, drawn by `chance`."""

    first: dt.date
    last: dt.date
    chance: random.Random

    def any(self, since: dt.date | None = None) -> dt.date:
        """Return a day, not before `since`."""
        start = max(self.first, since or self.first)
        return start + dt.timedelta(days=self.chance.randrange(max(1, (self.last - start).days + 1)))

    def after(self, day: dt.date, most: int) -> dt.date:
        """Return a day at most `most` days after `day`, not after the last."""
        return min(self.last, day + dt.timedelta(days=self.chance.randint(1, most)))


@dataclass
class MadeProposal:
    """A proposal that was generated: its identifier, first day and carrier."""

    id: int
    day: dt.date
    body: Body
    meeting_id: int | None


def read_ground(session: Session) -> Ground:
    """Return what the loaded contract offers. Raises LookupError where none is loaded."""
    contract = session.get(Contract, 1)
    if contract is None:
        raise LookupError("no contract is loaded")
    options = (selectinload(Body.communes), selectinload(Body.quartiers))
    bodies = list(
        session.scalars(sa.select(Body).options(*options).where(Body.closed_on.is_(None)).order_by(Body.slug))
    )
    return Ground(
        bodies=[body for body in bodies if body.family == "participation"],
        governance=[body for body in bodies if body.family == "gouvernance"],
        cadences=list(session.scalars(sa.select(Cadence).options(selectinload(Cadence.bodies)).order_by(Cadence.key))),
        quartiers=list(session.scalars(sa.select(Quartier).order_by(Quartier.slug))),
        themes=list(session.scalars(sa.select(Theme).order_by(Theme.slug))),
        objectives=list(session.scalars(sa.select(Objective).order_by(Objective.code))),
        recipients=list(session.scalars(sa.select(Recipient).order_by(Recipient.slug))),
        institutions=list(contract.institutions) or ["Préfecture", "CAF"],
    )
