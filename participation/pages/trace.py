"""The road of a proposal on one page: meeting, opinions, proposal, steps, actions, told back; each leads to its place.

It shows only what everybody may read, and says openly what has not come yet: an answer, or its being told back.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import render_template
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from participation import clock
from participation.actions.models import Action
from participation.addresses import meeting_address
from participation.extensions import db
from participation.formatting import date_fr, french
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.opinions.models import REJECTED, Opinion
from participation.proposals import history
from participation.proposals.models import WAITING, Proposal, Step
from participation.proposals.queries import find_contract
from participation.proposals.step_rules import last_sent

MEETINGS = 3
"""Meetings named; the others are counted."""


@dataclass(frozen=True)
class Mark:
    """One point of the road. `what` is a name of the database, marked as French where the page is not."""

    icon: str
    text: str
    what: str | None = None
    href: str | None = None
    state: str | None = None
    """A state of components/status.html, shown before the text."""


def road(session: Session, proposal: Proposal) -> list[Mark]:
    """Return the points of the road, in the order in which they were, or are to be, passed."""
    family = [proposal.id, *merged_into(session, proposal.id)]
    actions = list(session.scalars(sa.select(Action).where(Action.proposal_id == proposal.id)))
    return [
        *_meetings(session, family, proposal),
        *_voices(session, family),
        Mark("idee", _("Proposition recueillie le %(date)s", date=date_fr(proposal.received_on)), href="#etape-1"),
        *_sent(proposal),
        *_answer(session, proposal),
        *_done(actions),
        *_told(proposal),
    ]


def merged_into(session: Session, proposal_id: int) -> list[int]:
    """Return the proposals that were merged into this one, and those merged into them, by their identifiers."""
    found: list[int] = []
    reached = [proposal_id]
    while reached:
        query = sa.select(Step.proposal_id).where(
            Step.to_proposal_id.in_(reached), Step.kind == "regroupee", Step.voided_on.is_(None)
        )
        reached = [number for number in session.scalars(query) if number not in found]
        found += reached
    return found


def _meetings(session: Session, family: list[int], proposal: Proposal) -> Iterator[Mark]:
    said = sa.select(Opinion.meeting_id).where(Opinion.proposal_id.in_(family), Opinion.is_public)
    query = (
        sa.select(Meeting.ref, Meeting.title, Meeting.held_on)
        .where(sa.or_(Meeting.id.in_(said), Meeting.id == proposal.meeting_id))
        .order_by(Meeting.held_on, Meeting.id)
    )
    rows = session.execute(query).all()
    for ref, title, held_on in rows[:MEETINGS]:
        yield Mark("calendrier", date_fr(held_on), title, meeting_address(ref))
    if len(rows) > MEETINGS:
        others = len(rows) - MEETINGS
        yield Mark("calendrier", ngettext("et %(num)s autre rencontre", "et %(num)s autres rencontres", others))


def _voices(session: Session, family: list[int]) -> Iterator[Mark]:
    counted = sa.and_(Opinion.proposal_id.in_(family), Opinion.moderation != REJECTED)
    number = session.scalar(sa.select(sa.func.count()).select_from(Opinion).where(counted)) or 0
    if number:
        yield Mark("parole", ngettext("%(num)s avis d'habitant", "%(num)s avis d'habitants", number), href="#avis")


def _sent(proposal: Proposal) -> Iterator[Mark]:
    step = last_sent(proposal)
    if step:
        to = step.to_body or step.to_recipient
        text = _("Transmise le %(date)s", date=date_fr(step.on_date))
        yield Mark("envoi", text, to.name if to else None, f"#etape-{step.position}")


def _answer(session: Session, proposal: Proposal) -> Iterator[Mark]:
    answer = history.answer_of(proposal)
    if proposal.state in WAITING:
        due = history.due_of(proposal, find_contract(session), clock.today())
        yield Mark("horloge", history.state_sentence(proposal, due))
    elif answer:
        text = _("Réponse du %(date)s.", date=date_fr(answer.on_date))
        yield Mark("document", text, href=f"#etape-{answer.position}", state=answer.kind)


def _done(actions: list[Action]) -> Iterator[Mark]:
    planned = [action for action in actions if action.dropped_on is None]
    if not planned:
        return
    done = sum(action.done_on is not None for action in planned)
    text = ngettext("%(num)s action", "%(num)s actions", len(planned))
    more = ngettext("%(num)s est faite", "%(num)s sont faites", done) if done else _("rien n'est encore fait")
    yield Mark("main", _(", ").join((text, more)), href="#actions")


def _told(proposal: Proposal) -> Iterator[Mark]:
    answer = history.answer_of(proposal)
    if answer is None or proposal.state in WAITING:
        return
    if answer.told_on is None:
        yield Mark("personnes", _("La réponse n'a pas encore été dite aux habitants."))
        return
    meeting = answer.told_meeting
    text = _("Réponse dite aux habitants le %(date)s", date=date_fr(answer.told_on))
    yield Mark("personnes", text, meeting.title if meeting else None, meeting_address(meeting.ref) if meeting else None)


def _of_proposal(proposal: Proposal) -> Markup:
    values: dict[str, Any] = {"marks": road(db.session(), proposal), "french": french}
    return Markup(render_template("pages/_trace.html", **values))  # noqa: S704  # our own template, escaped


provide("proposal.trace.public", _of_proposal)
