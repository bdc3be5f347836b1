"""What can be asked about agendas of proposals to decide. Every list has an order; none loads row per row."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload, undefer

from participation.circuit.models import ToDecide, Transmission
from participation.meetings.models import Meeting
from participation.proposals.models import WAITING, Proposal, Step
from participation.proposals.search import matching

FOUND = 10
"""Proposals offered, and found by their words."""


def list_agenda(session: Session, meeting: Meeting) -> list[ToDecide]:
    """Return the agenda in its order, each proposal with its steps."""
    query = (
        sa.select(ToDecide)
        .where(ToDecide.meeting_id == meeting.id)
        .order_by(ToDecide.position, ToDecide.proposal_id)
        .options(selectinload(ToDecide.proposal).options(*_parts()))
    )
    return list(session.scalars(query))


def count_agenda(session: Session, meeting: Meeting) -> int:
    """Return how many proposals are on the agenda."""
    query = sa.select(sa.func.count()).select_from(ToDecide).where(ToDecide.meeting_id == meeting.id)
    return session.scalar(query) or 0


def list_offered(session: Session, meeting: Meeting) -> list[Proposal]:
    """Return proposals that wait for an answer and were passed to the meeting's bodies or carried to it, oldest due."""
    bodies = [body.id for body in meeting.bodies]
    passed = sa.select(Step.proposal_id).where(Step.to_body_id.in_(bodies), Step.voided_on.is_(None))
    carried = (
        sa.select(Step.proposal_id)
        .join(Transmission, Transmission.step_id == Step.id)
        .where(Transmission.meeting_id == meeting.id, Step.voided_on.is_(None))
    )
    query = _not_on_it(meeting).where(sa.or_(Proposal.id.in_(passed), Proposal.id.in_(carried)))
    return list(session.scalars(query.order_by(Proposal.answer_due_on, Proposal.id).limit(FOUND)))


def search_waiting(session: Session, meeting: Meeting, text: str) -> list[Proposal]:
    """Return proposals that wait for an answer and hold these words, or bear this reference, the latest first."""
    found = sa.or_(Proposal.ref == text.strip(), matching(session, text))
    query = _not_on_it(meeting).where(found).order_by(Proposal.received_on.desc(), Proposal.id.desc())
    return list(session.scalars(query.limit(FOUND)))


def _not_on_it(meeting: Meeting) -> "sa.Select[Proposal]":
    on_it = sa.select(ToDecide.proposal_id).where(ToDecide.meeting_id == meeting.id)
    return (
        sa.select(Proposal)
        .where(Proposal.state.in_(WAITING), Proposal.id.not_in(on_it))
        .options(selectinload(Proposal.body), undefer(Proposal.answer_due_on))
    )


def _parts() -> tuple[Any, ...]:
    return (selectinload(Proposal.body), selectinload(Proposal.steps), undefer(Proposal.answer_due_on))
