"""A campaign in the demonstration: the same questions at the latest meetings where people are met outside."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.contract.models import Quartier
from participation.database import now
from participation.meetings.models import OUTREACH_TYPES, Meeting
from participation.planning.models import Campaign, CampaignQuestion
from participation.simulation import phones
from participation.simulation.generate import MARK

MEETINGS = 5
EVERYWHERE = (
    "Qu'est-ce qui vous plaît dans votre quartier ?",
    "Comment donner plus de place aux habitants dans les décisions ?",
)
OWN = "Que pensez-vous des travaux près de chez vous ?"


def fill(session: Session) -> None:
    """Add one campaign that is over, given back three weeks after its last meeting."""
    query = sa.select(Meeting).where(Meeting.type.in_(OUTREACH_TYPES), Meeting.status == "tenue")
    latest = query.order_by(Meeting.held_on.desc(), Meeting.id).limit(MEETINGS)
    meetings = sorted(session.scalars(latest.options(selectinload(Meeting.bodies))), key=lambda one: one.held_on)
    if not meetings:
        return
    last = meetings[-1].held_on
    session.add(
        Campaign(
            ref=f"{MARK}-demarche",
            body=phones.host(session),
            title="Parole aux quartiers",
            purpose="On va à la rencontre des habitants, là où ils sont. On leur pose partout les mêmes questions.",
            starts_on=meetings[0].held_on,
            ends_on=last,
            restitution_on=last + dt.timedelta(days=21),
            created_at=now(),
            meetings=meetings,
            questions=_questions(session),
        )
    )
    session.flush()


def _questions(session: Session) -> list[CampaignQuestion]:
    quartiers = session.scalars(sa.select(Quartier).order_by(Quartier.position, Quartier.id).limit(2)).all()
    asked = [*((None, text) for text in EVERYWHERE), *((quartier, OWN) for quartier in quartiers)]
    return [CampaignQuestion(position=n, quartier=place, text=text) for n, (place, text) in enumerate(asked)]
