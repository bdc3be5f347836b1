"""The steps of a proposal, or of those of an instance or a quartier, as an Atom feed: followed without an address."""

import datetime as dt

import sqlalchemy as sa
from flask import Response
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session, selectinload

from participation import atom, clock
from participation.bodies.models import Body
from participation.database import now
from participation.proposals import history
from participation.proposals.models import Proposal, Step
from participation.proposals.queries import find_contract, of_quartier
from participation.subscriptions.subjects import Subject

LONG_AGO = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
"""When a feed without entries last changed, where no contract says."""


def feed_of(session: Session, subject: Subject) -> Response:
    """Return the answer of the feed of a subject: its latest steps, voided ones too, with what they say."""
    contract = find_contract(session)
    frame = atom.Feed(
        slug=contract.slug if contract else "",
        name=("etapes", subject.kind, subject.ref),
        title=_("Suivre : %(what)s", what=subject.name),
        author=contract.holder if contract else _("Participation"),
        own_path=f"{subject.path}/flux.atom",
        page_path=subject.path,
        beginning=contract.loaded_at if contract else LONG_AGO,
    )
    return atom.answer_with(frame, [_entry(step) for step in _latest(session, subject)])


def concerning(subject: Subject) -> sa.ColumnElement[bool]:
    """Return the condition that a proposal is, or belongs to, what is followed: by its instance, those it went to."""
    if subject.kind == "proposal":
        return Proposal.ref == subject.ref
    if subject.kind == "quartier":
        return of_quartier(subject.ref)
    body = sa.select(Body.id).where(Body.slug == subject.ref)
    passed = sa.select(Step.proposal_id).where(Step.to_body_id.in_(body), Step.voided_on.is_(None))
    return sa.or_(Proposal.body_id.in_(body), Proposal.id.in_(passed))


def _latest(session: Session, subject: Subject) -> list[Step]:
    query = (
        sa.select(Step)
        .where(Step.proposal_id.in_(sa.select(Proposal.id).where(concerning(subject))))
        .order_by(Step.on_date.desc(), Step.id.desc())
        .limit(atom.MOST)
    )
    parts = (Step.body, Step.meeting, Step.to_body, Step.to_recipient, Step.told_meeting)
    proposals = (
        selectinload(Step.proposal).load_only(Proposal.ref, Proposal.title),
        selectinload(Step.to_proposal).load_only(Proposal.ref, Proposal.title),
    )
    return list(session.scalars(query.options(*(selectinload(part) for part in parts), *proposals)))


def _entry(step: Step) -> atom.Entry:
    proposal = Subject("proposal", step.proposal.ref, step.proposal.title)
    return atom.Entry(
        name=f"etape/{step.proposal.ref}/{step.position}",
        title=" ".join(step.proposal.title.split()),
        updated=max([step.created_at, *(_midnight(day) for day in (step.told_on, step.voided_on) if day)]),
        path=f"{proposal.path}#etape-{step.position}",
        text="\n".join(_lines(history.tell_step(step))),
    )


def _lines(line: history.Line) -> list[str]:
    """Return what the page says of a step, as plain text."""
    found = [*line.sentences, line.short_answer, line.reason, line.told]
    if line.voided:
        found.append(_("Étape annulée : %(why)s", why=line.voided))
    return [text.striptags() if isinstance(text, Markup) else text for text in found if text]


def _midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day; never later than now, whatever an import brought."""
    return min(clock.from_local(day, dt.time()), now())
