"""The way between instances in the demonstration: who carries proposals where, what comes back, what is relayed."""

import datetime as dt
import random

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation import clock
from participation.bodies.models import Body
from participation.circuit.models import Relay, RelayCopy, Transmission
from participation.database import now
from participation.meetings.models import Meeting, meeting_body
from participation.proposals.models import Step
from participation.simulation import texts
from participation.simulation.generate import MARK

RELAYED = 6
"""Projects that are relayed."""


def fill(session: Session, seed: int) -> None:
    """Add carriers to the generated transmissions, and relays from instances to others."""
    chance = random.Random(seed)  # noqa: S311  # plausible data, no secret
    _carry(session, chance)
    _relay(session, chance)
    session.flush()


def _carry(session: Session, chance: random.Random) -> None:
    query = sa.select(Step).where(Step.kind == "transmise", Step.to_body_id.is_not(None), Step.voided_on.is_(None))
    for step in session.scalars(query.order_by(Step.id)).all():
        meeting = _meeting_of(session, step.to_body_id or 0, step.on_date, chance)
        row = Transmission(step_id=step.id, step=step, carrier="ses deux représentants", meeting=meeting)
        if meeting and meeting.held_on < clock.today() and chance.random() < 0.7:
            row.reported_on = min(clock.today(), meeting.held_on + dt.timedelta(days=chance.randint(3, 30)))
            row.report = chance.choice(texts.REPORTS)
        session.add(row)


def _meeting_of(session: Session, body: int, since: dt.date, chance: random.Random) -> Meeting | None:
    """Return the first meeting of a body from a day on, three times in four."""
    if chance.random() < 0.25:
        return None
    return session.scalar(
        _meetings(body).where(Meeting.held_on >= since).order_by(Meeting.held_on, Meeting.id).limit(1)
    )


def _meetings(body: int) -> "sa.Select[Meeting]":
    own = sa.select(meeting_body.c.meeting_id).where(meeting_body.c.body_id == body)
    return sa.select(Meeting).where(Meeting.id.in_(own), Meeting.status != "annulee")


def _relay(session: Session, chance: random.Random) -> None:
    """Relay projects from instances that met to others; some have spoken of it."""
    bodies = list(session.scalars(sa.select(Body).where(Body.family == "participation").order_by(Body.id)))
    for number in range(RELAYED):
        origin, *others = chance.sample(bodies, 3)
        past = _meetings(origin.id).where(Meeting.held_on <= clock.today(), Meeting.status == "tenue")
        meeting = session.scalar(past.order_by(Meeting.held_on.desc(), Meeting.id).limit(1))
        day = meeting.held_on if meeting else clock.today() - dt.timedelta(days=20 + number)
        title, text = texts.RELAYED[number % len(texts.RELAYED)]
        relay = Relay(
            ref=f"{MARK}-relais-{number + 1}",
            from_body=origin,
            meeting=meeting,
            on_date=day,
            title=title,
            text=text,
            carrier="les deux représentants",
            author="Animateur de quartier",
            created_at=now(),
            copies=[RelayCopy(body=body) for body in others],
        )
        for copy in relay.copies[: number % 3]:
            copy.discussed_on = min(clock.today(), day + dt.timedelta(days=chance.randint(1, 20)))
            copy.reply = chance.choice(texts.REPLIES)
        session.add(relay)
