"""The dates of a proposal as a calendar: until when an answer is owed, and the meetings that speak of it."""

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, defer, selectinload

from participation import clock
from participation.circuit.models import ToDecide, Transmission
from participation.keys import settings
from participation.meetings import ics
from participation.meetings.models import Meeting
from participation.proposals import history
from participation.proposals.models import Proposal, Step
from participation.proposals.queries import find_contract
from participation.subscriptions.subjects import Subject


def calendar_of(session: Session, proposal: Proposal) -> bytes:
    """Return the calendar of a proposal (RFC 5545), dates to come and past ones."""
    subject = Subject("proposal", proposal.ref, " ".join(proposal.title.split()))
    contract = find_contract(session)
    due = history.due_of(proposal, contract, clock.today())
    days = []
    if due and due.public:
        summary = _("Réponse attendue : %(what)s", what=subject.name)
        uid = f"reponse-{proposal.ref}@{contract.slug if contract else 'propositions'}.participation"
        sent = max(step.created_at for step in proposal.steps)
        days = [ics.Day(uid, due.on, summary, settings().public_url + subject.path, sent)]
    name = _("Suivre : %(what)s", what=subject.name)
    return ics.calendar_of(_meetings(session, proposal), name, contract, _address, days)


def _meetings(session: Session, proposal: Proposal) -> list[Meeting]:
    """Return the meetings at which it was made, spoken of, passed on or told back, or that are to decide on it."""
    steps = sa.and_(Step.proposal_id == proposal.id, Step.voided_on.is_(None))
    known = [
        sa.select(Step.meeting_id).where(steps),
        sa.select(Step.told_meeting_id).where(steps),
        sa.select(Transmission.meeting_id).join(Step, Step.id == Transmission.step_id).where(steps),
        sa.select(Transmission.reported_meeting_id).join(Step, Step.id == Transmission.step_id).where(steps),
        sa.select(ToDecide.meeting_id).where(ToDecide.proposal_id == proposal.id),
    ]
    query = (
        sa.select(Meeting)
        .where(sa.or_(Meeting.id == proposal.meeting_id, *(Meeting.id.in_(ids) for ids in known)))
        .options(selectinload(Meeting.bodies), defer(Meeting.minutes, raiseload=True))
        .order_by(Meeting.held_on, Meeting.id)
    )
    return list(session.scalars(query))


def _address(meeting: Meeting) -> str:
    return f"{settings().public_url}/rencontres/{meeting.ref}"
