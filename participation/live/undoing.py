"""Taking back what was recorded by mistake: nothing of what people said or decided is deleted."""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.database import now
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto, ShowOfHands
from participation.media import storage
from participation.meetings import rules as meetings
from participation.meetings.models import Decision
from participation.opinions import rules as opinions
from participation.opinions.models import REJECTED, Opinion
from participation.proposals import step_rules
from participation.proposals.models import Proposal
from participation.proposals.step_rules import StepDraft


def undo(session: Session, event: LiveEvent, *, by: Any) -> None:
    """Take back what an event made; counts follow by themselves (counts.py). Raises Refusal where it went on since."""
    if event.kind == "avis":
        _undo_opinion(session, event, by)
    elif event.kind == "proposition":
        _undo_proposal(session, event, by)
    elif event.kind == "mains":
        _undo_hands(session, event)
    elif event.kind == "decision":
        _undo_decision(session, event, by)
    elif event.kind == "photo":
        _undo_photo(session, event)
    elif event.kind == "point_ajoute":
        session.execute(sa.delete(AgendaItem).where(AgendaItem.ref == event.made))


def _undo_opinion(session: Session, event: LiveEvent, by: Any) -> None:
    opinion = session.scalar(sa.select(Opinion).where(Opinion.ref == event.made))
    if opinion is not None:
        opinions.moderate(session, opinion, REJECTED, reason=_("Annulé pendant la rencontre."), by=by)


def _undo_proposal(session: Session, event: LiveEvent, by: Any) -> None:
    proposal = session.scalar(sa.select(Proposal).where(Proposal.ref == event.made))
    if proposal is not None and proposal.state == "recueillie":
        draft = StepDraft("retiree", max(clock.today(), proposal.state_on), reason=_("Annulée pendant la rencontre."))
        step_rules.add_step(session, proposal, draft, version=proposal.version, by=by)


def _undo_hands(session: Session, event: LiveEvent) -> None:
    proposal = session.scalar(sa.select(Proposal.id).where(Proposal.ref == event.made))
    row = session.get(ShowOfHands, (event.meeting_id, proposal)) if proposal else None
    if row is not None:
        row.hands = max(row.hands - event.data["n"], 0)


def _undo_decision(session: Session, event: LiveEvent, by: Any) -> None:
    decision = session.scalar(sa.select(Decision).where(Decision.ref == event.made))
    if decision is not None:
        meetings.drop_decision(session, decision, by=by)


def _undo_photo(session: Session, event: LiveEvent) -> None:
    photo = session.scalar(sa.select(MeetingPhoto).where(MeetingPhoto.ref == event.made))
    if photo is not None and photo.erased_at is None:
        erase_photo(session, photo)


def erase_photo(session: Session, photo: MeetingPhoto) -> None:
    """Erase the bytes of a photo; its row stays."""
    photo.erased_at, photo.published_at = now(), None
    storage.erase(session, photo.stored_name)
