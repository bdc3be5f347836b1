"""« Vous avez dit, nous avons fait » : an answer as residents read it, on a page, in a feed, on a poster."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.database import now
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.proposals.answers_queries import Answered, Told, tell
from participation.proposals.cards import Card, cards
from participation.proposals.models import Proposal, Step

LONGEST_REASON = 300
"""Characters of a reason in a list; the whole is on the proposal's page."""


@dataclass(frozen=True)
class Answer:
    """One answer: what was said, what was answered, in which state it is now. Texts of the database are French."""

    name: str
    """Unique and lasting: `proposition/<ref>/<step>` or `avis/<ref>`."""
    state: str
    """A state of components/status.html."""
    late: bool
    title: str | None
    """Of the proposal; None for an opinion alone."""
    address: str | None
    """Of the proposal's page, without the host."""
    said: Opinion | None
    """Published words, where there are some."""
    short: str
    reason: str | None
    is_cut: bool
    """Whether the reason goes on elsewhere."""
    on_date: dt.date | None
    """None: an import did not know it."""
    who: str | None
    told_on: dt.date | None
    told_meeting: Meeting | None
    places: str
    theme: str | None
    changed_at: dt.datetime
    """When what is shown last changed, as far as is known."""


def answers_of(session: Session, rows: Iterable[Answered], today: dt.date) -> list[Answer]:
    """Return what is shown of these answers, in their order."""
    told = tell(session, rows)
    proposals = [one.step.proposal for one in told if one.step]
    shown = {card.proposal.id: card for card in cards(session, proposals, today)}
    return [
        _of_proposal(one.step, one.said, shown[one.step.proposal_id]) if one.step else _of_opinion(one) for one in told
    ]


def _of_proposal(answer: Step, said: Opinion | None, card: Card) -> Answer:
    proposal = answer.proposal
    steps = [step for step in proposal.steps if step.voided_on is None]
    # Of an abandoned proposal it is why it stopped: a yes of before would contradict what became of it.
    step = steps[-1] if proposal.state == "abandonnee" else answer
    short, reason = (step.short_answer, step.reason) if step.short_answer else (step.reason, None)
    cut = _cut(reason or short or "")
    return Answer(
        name=f"proposition/{proposal.ref}/{answer.position}",
        state=proposal.state,
        late=card.late,
        title=proposal.title,
        address=card.address,
        said=said,
        short=short or "" if reason else cut,
        reason=cut if reason else None,
        is_cut=cut != (reason or short or ""),
        on_date=step.on_date,
        who=step.body.name if step.body else proposal.body.name,
        told_on=answer.told_on,
        told_meeting=answer.told_meeting,
        places=", ".join(quartier.name for quartier in proposal.quartiers),
        theme=proposal.theme.name if proposal.theme else None,
        changed_at=max(step.created_at for step in proposal.steps),
    )


def _of_opinion(told: Told) -> Answer:
    opinion = told.said
    assert opinion
    text = opinion.answer or ""
    return Answer(
        name=f"avis/{opinion.ref}",
        state="reponse",
        late=False,
        title=None,
        address=None,
        said=opinion,
        short=text,
        reason=None,
        is_cut=False,
        on_date=told.on_date,
        who=opinion.body.name if opinion.body else None,
        told_on=None,
        told_meeting=None,
        places=opinion.quartier.name if opinion.quartier else "",
        theme=opinion.theme.name if opinion.theme else None,
        changed_at=_midnight(told.on_date or opinion.received_on),
    )


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1].rstrip()}…"


def _midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day; never later than now, whatever an import brought."""
    return min(dt.datetime.combine(day, dt.time(), dt.UTC), now())


def late_sentence(proposal: Proposal) -> str:
    """Return, openly, until when the answer was due."""
    assert proposal.answer_due_on
    return _("La réponse devait venir avant le %(date)s.", date=date_fr(proposal.answer_due_on))


# Quarters of a year


@dataclass(frozen=True)
class Quarter:
    """Three months, both ends included."""

    first: dt.date
    last: dt.date


def last_full_quarter(today: dt.date) -> Quarter:
    """Return the last three months (January to March, April to June ...) that are over on the day `today`."""
    month = (today.month - 1) // 3 * 3 + 1
    last = today.replace(month=month, day=1) - dt.timedelta(days=1)
    return Quarter(last.replace(month=last.month - 2, day=1), last)
