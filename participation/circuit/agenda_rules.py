"""The agenda of proposals that a meeting decides on, and the outcome of each: dated and tied to the meeting.

A verb changes the rows of the session and writes the journal; the caller commits. `by` is the acting account.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.bodies.models import Body
from participation.circuit.models import ToDecide
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.proposals import step_rules
from participation.proposals.models import STEP_KINDS, WAITING, Proposal, Step
from participation.proposals.rules import next_kinds

OFFERED = ("retenue", "retenue_en_partie", "non_retenue", "ajournee")
"""What a meeting may decide of a proposal that waits for an answer."""
LONGEST = 60
"""Proposals on one agenda: beyond, no meeting decides on them all."""


@dataclass(frozen=True)
class Outcome:
    """What a meeting decides. `due_on` is a civil date; None is unknown, and no vote is not zero votes."""

    kind: str
    reason: str | None
    short_answer: str | None = None
    owner: str | None = None
    due_on: dt.date | None = None
    funding: str | None = None
    amount_cents: int | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    abstentions: int | None = None
    deliberation: str | None = None


def add(session: Session, meeting: Meeting, proposal: Proposal, *, by: Any) -> bool:
    """Put a proposal at the end of a meeting's agenda; return whether it was not there yet.

    Raises Refusal: a cancelled meeting, a proposal that waits for no answer, an agenda that is full.
    """
    if find(session, meeting, proposal):
        return False
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée : on n'y décide rien."))
    if proposal.state not in WAITING:
        raise Refusal(
            _(
                "« %(title)s » est « %(state)s ». Transmettez-la d'abord à qui décide.",
                title=proposal.title,
                state=STEP_KINDS[proposal.state],
            )
        )
    items = list_items(session, meeting)
    if len(items) >= LONGEST:
        raise Refusal(_("L'ordre du jour est plein : %(max)s propositions au plus.", max=LONGEST))
    position = max((item.position for item in items), default=0) + 1
    session.add(ToDecide(meeting=meeting, proposal=proposal, position=position))
    session.flush()
    sentence = _("À décider à la rencontre « %(title)s ».", title=meeting.title)
    journal.record(session, "proposal.put_on_agenda", proposal.ref, sentence, by=by)
    return True


def move(session: Session, meeting: Meeting, proposal: Proposal, place: int) -> bool:
    """Put a proposal at this place of the agenda (1 is the first); return whether that changes the order."""
    items = list_items(session, meeting, lock=True)
    moved = next((item for item in items if item.proposal_id == proposal.id), None)
    if moved is None:
        return False
    before = [item.proposal_id for item in items]
    items.remove(moved)
    items.insert(max(0, place - 1), moved)
    for number, item in enumerate(items, start=1):
        item.position = number
    return [item.proposal_id for item in items] != before


def remove(session: Session, meeting: Meeting, proposal: Proposal, *, by: Any) -> bool:
    """Take a proposal off the agenda; return whether it was on it. Raises Refusal where it was decided on there."""
    item = find(session, meeting, proposal)
    if item is None:
        return False
    if decided_at(proposal, meeting):
        raise Refusal(_("La rencontre en a décidé : elle reste à l'ordre du jour."))
    session.delete(item)
    session.flush()
    sentence = _("Retirée de l'ordre du jour de la rencontre « %(title)s ».", title=meeting.title)
    journal.record(session, "proposal.taken_off_agenda", proposal.ref, sentence, by=by)
    return True


def decide(session: Session, meeting: Meeting, proposal: Proposal, outcome: Outcome, *, version: int, by: Any) -> Step:
    """Record what the meeting decided of a proposal on its agenda, dated of the meeting's day.

    Raises Refusal beside the field at fault (step_rules.add_step), and where the meeting is still to come or was
    cancelled.
    """
    if find(session, meeting, proposal) is None:
        raise Refusal(_("Cette proposition n'est pas à l'ordre du jour. Ajoutez-la d'abord."))
    if outcome.kind not in OFFERED:
        raise Refusal(_("Choisissez ce que la rencontre a décidé."), field="kind")
    last = max(step.on_date for step in proposal.steps)
    if last > meeting.held_on:
        raise Refusal(
            _(
                "Une étape de la proposition date du %(last)s, après la rencontre. "
                "On ne peut plus y noter sa décision.",
                last=date_fr(last),
            )
        )
    draft = step_rules.StepDraft(
        on_date=meeting.held_on, meeting=meeting, body=_deciding(meeting, proposal), **vars(outcome)
    )
    return step_rules.add_step(session, proposal, draft, version=version, by=by)


def _deciding(meeting: Meeting, proposal: Proposal) -> Body | None:
    """Return the instance that decides: the one that has the proposal, if it holds the meeting, else the only one."""
    holder = step_rules.holder(proposal)
    if holder in meeting.bodies:
        return holder
    return meeting.bodies[0] if len(meeting.bodies) == 1 else None


def kinds_for(proposal: Proposal) -> list[str]:
    """Return what may be decided of a proposal as it stands; nothing where it was answered, merged or withdrawn."""
    return [kind for kind in OFFERED if kind in next_kinds(proposal.state)]


def decided_at(proposal: Proposal, meeting: Meeting) -> Step | None:
    """Return the last outcome of a proposal that a meeting decided, None where it has decided none."""
    there = [
        step
        for step in proposal.steps
        if step.voided_on is None and step.meeting_id == meeting.id and step.kind in OFFERED
    ]
    return there[-1] if there else None


def find(session: Session, meeting: Meeting, proposal: Proposal) -> ToDecide | None:
    """Return the place of a proposal on a meeting's agenda, None where it has none."""
    return session.get(ToDecide, (meeting.id, proposal.id))


def list_items(session: Session, meeting: Meeting, *, lock: bool = False) -> list[ToDecide]:
    """Return the agenda, in its order; with `lock`, nobody else moves anything until the end of the transaction."""
    query = sa.select(ToDecide).where(ToDecide.meeting_id == meeting.id)
    query = query.order_by(ToDecide.position, ToDecide.proposal_id)
    return list(session.scalars(query.with_for_update() if lock else query))
