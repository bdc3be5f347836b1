"""What can be asked about the way of proposals between instances. Every list has an order; none loads row per row."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body
from participation.circuit.models import Transmission
from participation.meetings.models import Meeting
from participation.proposals.models import Proposal, Step

SHOWN = 10
"""Transmissions of an instance that its page shows, each way: the latest."""


def transmissions_of(session: Session, steps: Iterable[Step]) -> dict[int, Transmission]:
    """Return what is known of who carries each of these steps, by the step's identifier."""
    sent = [step.id for step in steps if step.kind == "transmise"]
    query = sa.select(Transmission).where(Transmission.step_id.in_(sent)).options(*_meetings())
    return {row.step_id: row for row in session.scalars(query)} if sent else {}


def list_carried_to(session: Session, meeting: Meeting) -> list[Transmission]:
    """Return the transmissions that are carried to a meeting, the oldest first, voided steps left out."""
    return _list(session, Transmission.meeting_id == meeting.id)


def list_reported_at(session: Session, meeting: Meeting) -> list[Transmission]:
    """Return the transmissions of which the carriers told at a meeting, the oldest first."""
    return _list(session, Transmission.reported_meeting_id == meeting.id)


def _list(session: Session, condition: sa.ColumnElement[bool]) -> list[Transmission]:
    query = (
        sa.select(Transmission)
        .join(Step, Step.id == Transmission.step_id)
        .where(condition, Step.voided_on.is_(None))
        .order_by(Step.on_date, Step.id)
        .options(selectinload(Transmission.step).options(*_step_parts()))
    )
    return list(session.scalars(query))


def list_received(session: Session, body: Body) -> list[Step]:
    """Return the latest transmissions to an instance from others, the latest first."""
    return _latest_sent(session, Step.to_body_id == body.id)


def list_sent(session: Session, body: Body) -> list[Step]:
    """Return the latest transmissions by an instance, or of proposals that it carries, the latest first."""
    carried = sa.select(Proposal.id).where(Proposal.body_id == body.id)
    unsigned = sa.and_(Step.body_id.is_(None), Step.proposal_id.in_(carried))
    return _latest_sent(session, sa.or_(Step.body_id == body.id, unsigned))


def _latest_sent(session: Session, condition: sa.ColumnElement[bool]) -> list[Step]:
    query = (
        sa.select(Step)
        .where(condition, Step.kind == "transmise", Step.voided_on.is_(None))
        .order_by(Step.on_date.desc(), Step.id.desc())
        .limit(SHOWN)
        .options(*_step_parts())
    )
    return list(session.scalars(query))


def list_unreported(session: Session, body: Body, today: dt.date) -> list[Step]:
    """Return the transmissions by an instance to a meeting that has taken place and of which nothing came back yet."""
    query = (
        sa.select(Step)
        .join(Transmission, Transmission.step_id == Step.id)
        .join(Meeting, Meeting.id == Transmission.meeting_id)
        .where(
            Step.body_id == body.id,
            Step.voided_on.is_(None),
            Transmission.reported_on.is_(None),
            Meeting.held_on < today,
            Meeting.status != "annulee",
        )
        .order_by(Step.on_date, Step.id)
        .limit(SHOWN)
        .options(*_step_parts())
    )
    return list(session.scalars(query))


def _step_parts() -> tuple[Any, ...]:
    return (
        selectinload(Step.proposal).load_only(Proposal.id, Proposal.ref, Proposal.title, Proposal.state),
        selectinload(Step.body),
        selectinload(Step.to_body),
        selectinload(Step.to_recipient),
    )


def _meetings() -> tuple[Any, ...]:
    lines = (sa.orm.defer(Meeting.minutes),)
    return (
        selectinload(Transmission.meeting).options(*lines),
        selectinload(Transmission.reported_meeting).options(*lines),
    )
