"""What became of an opinion, as its author reads it: Reçu, Lu, Transmis, Réponse, Fait (ux.md 4.6 and 5, R8).

It tells only what the public may know of proposals, by the same rules (proposals/history.py), and what the team said to
the author. Dates are those that were announced; where none was, none is shown.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload, undefer

from participation import clock
from participation.formatting import date_fr
from participation.journal import JournalEntry
from participation.opinions.masking import why_masked
from participation.opinions.models import REJECTED, TAKEN_BACK, Opinion
from participation.proposals import history
from participation.proposals.history import opinion_state, tell
from participation.proposals.models import DECISIONS, WAITING, Proposal, Step
from participation.proposals.queries import find_contract
from participation.proposals.step_rules import merged_after

WITHDRAWN, ASKED_BACK = "retire", "retrait_demande"
"""States besides those of components/status.html: its author has taken it back, or asks for it."""
_READ = ("opinion.published", "opinion.kept", "opinion.rejected")
_SHOWN_STEPS = ("transmise", "ajournee", *DECISIONS, "en_cours", "realisee", "abandonnee", "retiree", "regroupee")


@dataclass(frozen=True)
class Moment:
    """One point of the line. `state` is as in Story; texts of the database are in French."""

    state: str
    on: dt.date | None
    sentences: list[str] = field(default_factory=list)
    short_answer: str | None = None
    reason: str | None = None
    proposal: Proposal | None = None
    """The proposal that the moment leads to."""
    told: str | None = None
    """When an answer was told back to residents, if it was."""


@dataclass(frozen=True)
class Story:
    """What is told of one opinion. `state`: that of opinion_state, WITHDRAWN or ASKED_BACK."""

    state: str
    sentence: str
    late: bool
    moments: list[Moment]
    proposal: Proposal | None
    """The one it fed, or into which that was merged in the end."""
    due: dt.date | None
    """Until when an answer was announced, while one is owed."""
    masked: list[str]
    """What the team masked in its words, and why."""


def tell_story(session: Session, opinion: Opinion) -> Story:
    """Return what became of an opinion, as of today in Europe/Paris."""
    chain = _proposals(session, opinion)
    final = chain[-1] if chain else None
    state = state_of(opinion, final)
    due = _due(session, opinion, final, state)
    late = bool(due and due < clock.today())
    return Story(
        state=state,
        sentence=_sentence(session, state, final, due, late=late),
        late=late,
        moments=_moments(session, opinion, chain, state),
        proposal=final,
        due=due,
        masked=why_masked(opinion.text),
    )


def state_of(opinion: Opinion, final: Proposal | None) -> str:
    """Return the state of an opinion; `final` is the proposal it fed, followed through mergers."""
    if opinion.text == TAKEN_BACK:
        return WITHDRAWN
    return ASKED_BACK if opinion.withdrawal_asked_at else opinion_state(opinion, final)


def final_proposal(session: Session, opinion: Opinion) -> Proposal | None:
    """Return the proposal that an opinion fed, or the one into which that was merged in the end."""
    chain = _proposals(session, opinion)
    return chain[-1] if chain else None


def _proposals(session: Session, opinion: Opinion) -> list[Proposal]:
    """Return the proposal it fed and those into which that was merged, in that order, with their steps."""
    if opinion.proposal_id is None:
        return []
    ids = [opinion.proposal_id, *merged_after(session, opinion.proposal_id)]
    steps = selectinload(Proposal.steps).options(
        *(selectinload(part) for part in (Step.body, Step.to_body, Step.to_recipient, Step.meeting, Step.to_proposal))
    )
    query = sa.select(Proposal).where(Proposal.id.in_(ids)).options(steps, undefer(Proposal.answer_due_on))
    found = {proposal.id: proposal for proposal in session.scalars(query)}
    return [found[number] for number in ids if number in found]


# Until when


def _due(session: Session, opinion: Opinion, final: Proposal | None, state: str) -> dt.date | None:
    """Return until when an answer was announced, None where none was, or where it was given.

    A proposal's own date comes before the one announced at the meeting, which covers what nobody has answered yet.
    """
    if final and final.state in WAITING:
        due = history.due_of(final, find_contract(session), clock.today())
        if due and due.public:
            return due.on
    answered = state not in {"en_attente", "publie", "reserve", "recueillie", "etude", "transmise"}
    return None if answered or opinion.meeting is None else opinion.meeting.answer_due_on


# In one sentence


def _sentence(session: Session, state: str, final: Proposal | None, due: dt.date | None, *, late: bool) -> str:
    if late and due:
        return _("En retard : la réponse devait venir avant le %(date)s.", date=date_fr(due))
    if state == "transmise" and due:
        return _("Transmis : la réponse vient avant le %(date)s.", date=date_fr(due))
    own = _own_sentences().get(state)
    if own:
        return own
    assert final  # the other states are a proposal's
    return history.state_sentence(final, history.due_of(final, find_contract(session), clock.today()))


def _own_sentences() -> dict[str, str]:
    return {
        "en_attente": _("Reçu : l'équipe ne l'a pas encore lu."),
        "publie": _("Lu par l'équipe."),
        "reserve": _("Lu par l'équipe."),
        "recueillie": _("Lu par l'équipe. Une proposition en est née."),
        "etude": _("Lu par l'équipe. Une proposition en est née."),
        "transmise": _("Transmis : une réponse est attendue."),
        "reponse": _("Voici la réponse."),
        "retenue": _("Oui, c'est prévu. Voici quand et comment."),
        "realisee": _("C'est fait. Voici ce qui a changé."),
        REJECTED: _("Votre avis n'est pas publié. Voici pourquoi."),
        WITHDRAWN: _("Vous avez retiré cet avis."),
        ASKED_BACK: _("Vous avez demandé le retrait. L'équipe va effacer vos mots."),
    }


# Point by point


def _moments(session: Session, opinion: Opinion, chain: Sequence[Proposal], state: str) -> list[Moment]:
    moments = [Moment("en_attente", opinion.received_on, [_("Votre avis est bien arrivé.")])]
    if state in {WITHDRAWN, ASKED_BACK}:
        return [*moments, _withdrawal(opinion)]
    if opinion.moderation == REJECTED:
        on = read_on(session, opinion)
        return [
            *moments,
            Moment(REJECTED, on, [_("Voici pourquoi il n'est pas publié :")], None, opinion.moderation_reason),
        ]
    if opinion.moderation != "en_attente" or chain:
        moments.append(_read(session, opinion, chain))
    for proposal in chain:
        moments += _steps(proposal)
    if opinion.answer:
        moments.append(Moment("reponse", opinion.answered_on, [], None, opinion.answer))
    return moments


def _withdrawal(opinion: Opinion) -> Moment:
    on = clock.to_local(opinion.withdrawal_asked_at).date() if opinion.withdrawal_asked_at else None
    if opinion.text == TAKEN_BACK:
        return Moment(WITHDRAWN, on, [_("Vos mots sont effacés. Votre avis ne compte plus.")])
    return Moment(ASKED_BACK, on, [_("Personne d'autre que l'équipe ne voit plus votre avis.")])


def _read(session: Session, opinion: Opinion, chain: Sequence[Proposal]) -> Moment:
    sentences = [_("Lu par l'équipe.")]
    if opinion.moderation == "reserve":
        sentences.append(_("L'équipe le garde pour elle : il n'est pas publié."))
    if chain:
        sentences.append(_("Une proposition en est née."))
    return Moment("publie", read_on(session, opinion), sentences, proposal=chain[0] if chain else None)


def read_on(session: Session, opinion: Opinion) -> dt.date | None:
    """Return the day on which the team first read the opinion; None where nobody noted it (an import)."""
    first = sa.select(sa.func.min(JournalEntry.id)).where(
        JournalEntry.object_kind == "opinion", JournalEntry.object_ref == opinion.ref, JournalEntry.action.in_(_READ)
    )
    at = session.scalar(sa.select(JournalEntry.at).where(JournalEntry.id == first.scalar_subquery()))
    return clock.to_local(at).date() if at else None


def _steps(proposal: Proposal) -> list[Moment]:
    """Return the steps that matter to the author, the mistaken ones left out."""
    by_number = {step.position: step for step in proposal.steps}
    return [
        _step(line, by_number[line.number])
        for line in tell(proposal, {})
        if line.kind in _SHOWN_STEPS and not line.voided
    ]


def _step(line: history.Line, step: Step) -> Moment:
    return Moment(line.kind, line.on_date, line.sentences, line.short_answer, line.reason, step.to_proposal, line.told)
