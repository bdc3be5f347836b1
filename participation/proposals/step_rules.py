"""How a proposal moves along: add a step, void a mistaken one, say that an answer was told back to residents.

A verb changes the rows of the session and writes the journal; the caller has locked the proposal (`queries.lock`) and
commits. `by` is the acting account.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.bodies.models import Body
from participation.contract.models import Recipient
from participation.database import now
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.opinions.rules import check_day, check_past, check_version
from participation.permissions import PERMISSIONS
from participation.proposals.models import DECISIONS, OUTCOMES, STEP_KINDS, Circuit, Proposal, Step
from participation.proposals.rules import (
    check_meeting,
    check_open,
    check_text,
    needs_reason,
    next_kinds,
    path_faults,
    settle,
    touch,
)

# Move along


@dataclass(frozen=True)
class StepDraft:
    """A step to add. Dates are civil dates in Europe/Paris; `amount_cents` is in euro cents; None is unknown."""

    kind: str
    on_date: dt.date
    body: Body | None = None
    meeting: Meeting | None = None
    reason: str | None = None
    short_answer: str | None = None
    to_body: Body | None = None
    to_recipient: Recipient | None = None
    to_proposal: Proposal | None = None
    due_on: dt.date | None = None
    funding: str | None = None
    amount_cents: int | None = None
    owner: str | None = None
    votes_for: int | None = None
    votes_against: int | None = None
    abstentions: int | None = None
    deliberation: str | None = None
    carrier: str | None = None
    """Who carries a transmission: a function, not a name."""
    carried_to: Meeting | None = None
    """The meeting to which it is carried."""


Follower = Callable[[Session, Step, StepDraft], None]
_followers: list[Follower] = []


def when_added(follow: Follower) -> None:
    """Let a feature above keep, in the same transaction, what it wants of each step that is added; it may refuse."""
    if follow not in _followers:
        _followers.append(follow)


_VOTES = ("votes_for", "votes_against", "abstentions")
ASKED: dict[str, tuple[str, ...]] = {
    "etude": ("body", "meeting", "reason"),
    "transmise": ("to", "carrier", "carried_to", "due_on", "body", "meeting", "reason"),
    "ajournee": ("short_answer", "reason", "due_on", "body", "meeting", *_VOTES),
    "retenue": (
        "short_answer", "reason", "owner", "due_on", "funding", "amount", "body", "meeting", *_VOTES, "deliberation",
    ),
    "retenue_en_partie": (
        "short_answer", "reason", "owner", "due_on", "funding", "amount", "body", "meeting", *_VOTES, "deliberation",
    ),
    "non_retenue": ("short_answer", "reason", "body", "meeting", *_VOTES, "deliberation"),
    "en_cours": ("short_answer", "reason", "owner", "due_on", "funding", "amount", "body", "meeting"),
    "realisee": ("short_answer", "reason", "owner", "funding", "amount", "body", "meeting"),
    "abandonnee": ("short_answer", "reason", "body", "meeting", *_VOTES, "deliberation"),
    "regroupee": ("to_proposal", "reason", "body", "meeting"),
    "retiree": ("reason", "meeting"),
}  # fmt: skip
"""What each kind of step asks besides its date."""

_RIGHTS = {
    **dict.fromkeys(("etude", "transmise", "regroupee", "retiree"), "proposal.edit"),
    **dict.fromkeys(("en_cours", "realisee"), "proposal.step"),
    **dict.fromkeys(OUTCOMES, "proposal.decide"),
}
"""The right that each kind of step needs (security.md 2); an outcome may also be recorded for a meeting in scope."""


def possible_kinds(proposal: Proposal, by: Any) -> list[str]:
    """Return the kinds that may follow and that the account may record; an outcome, if only for meetings in scope."""
    circuit = Circuit(proposal)
    return [
        kind
        for kind in next_kinds(proposal.state)
        if PERMISSIONS[_RIGHTS[kind]](by, circuit)
        or (kind in OUTCOMES and PERMISSIONS["proposal.decide_at_meeting"](by, None))
    ]


def may_record(kind: str, proposal: Proposal, meeting: Meeting | None, by: Any) -> bool:
    """Whether the account may record a step of this kind: an animator's outcome needs a meeting in scope."""
    if PERMISSIONS[_RIGHTS[kind]](by, Circuit(proposal)):
        return True
    return kind in OUTCOMES and meeting is not None and PERMISSIONS["proposal.decide_at_meeting"](by, meeting)


def add_step(session: Session, proposal: Proposal, draft: StepDraft, *, version: int, by: Any) -> Step:
    """Add a step at the end of the path.

    Raises Refusal, beside the field at fault: a kind that may not follow, no right, no reason for an outcome, a date
    to come or before the last step, a transmission to nobody, a merger in a circle; Conflict where `version` is not
    the proposal's.
    """
    check_version(proposal.version, version)
    _check_kind(proposal, draft.kind)
    if not may_record(draft.kind, proposal, draft.meeting, by):
        _refuse_right(draft.kind)
    _check_dates(session, proposal, draft)
    _check_words(draft)
    _check_destination(session, proposal, draft)
    step = _step(max(step.position for step in proposal.steps) + 1, draft, by)
    proposal.steps.append(step)
    settle(proposal)
    touch(proposal)
    session.flush()
    for follow in _followers:
        follow(session, step, draft)
    journal.record(
        session,
        "proposal.step_added",
        proposal.ref,
        _("Étape « %(kind)s » ajoutée, le %(date)s.", kind=STEP_KINDS[step.kind], date=date_fr(step.on_date)),
        by=by,
        details={"position": [None, step.position], "kind": [None, step.kind]},
    )
    if step.to_proposal:
        sentence = _("La proposition %(ref)s est regroupée avec celle-ci.", ref=proposal.ref)
        journal.record(session, "proposal.merged_in", step.to_proposal.ref, sentence, by=by)
    return step


def _refuse_right(kind: str) -> None:
    if kind in OUTCOMES:
        raise Refusal(
            _("Choisissez la rencontre où c'est décidé : vous notez ce que décident les rencontres de vos instances."),
            field="meeting",
        )
    raise Refusal(_("Vous ne pouvez pas ajouter cette étape. Demandez à l'équipe du contrat."))


def _check_kind(proposal: Proposal, kind: str) -> None:
    allowed = next_kinds(proposal.state)
    if kind in allowed:
        return
    names = ", ".join(f"« {STEP_KINDS[one]} »" for one in allowed)
    if not allowed:
        raise Refusal(
            _("La proposition est « %(state)s » : aucune étape ne peut suivre.", state=STEP_KINDS[proposal.state])
        )
    raise Refusal(
        _(
            "Cette étape ne peut pas suivre « %(state)s ». Étapes possibles : %(allowed)s.",
            state=STEP_KINDS[proposal.state],
            allowed=names,
        )
    )


def _check_dates(session: Session, proposal: Proposal, draft: StepDraft) -> None:
    check_day(session, draft.on_date, "on_date")
    last = max(step.on_date for step in proposal.steps)
    if draft.on_date < last:
        raise Refusal(
            _("Une étape est déjà notée le %(date)s : celle-ci ne peut pas être datée avant.", date=date_fr(last)),
            field="on_date",
        )
    if draft.due_on and draft.due_on < draft.on_date:
        raise Refusal(_("Cette échéance est avant l'étape. Vérifiez la date."), field="due_on")
    check_meeting(draft.meeting, draft.on_date)


def _check_words(draft: StepDraft) -> None:
    if needs_reason(draft.kind) and not (draft.reason or "").strip():
        raise Refusal(_("Dites pourquoi, en mots simples : toute réponse a sa raison."), field="reason")
    check_text(draft.reason, None, "reason")
    for name in (*_VOTES, "amount_cents"):
        value = getattr(draft, name)
        if value is not None and value < 0:
            raise Refusal(_("Un nombre ne peut pas être négatif."), field=name.removesuffix("_cents"))


def _check_destination(session: Session, proposal: Proposal, draft: StepDraft) -> None:
    if draft.kind == "transmise":
        _check_transmission(proposal, draft)
    if draft.kind == "regroupee":
        _check_merger(session, proposal, draft.to_proposal)


def _check_transmission(proposal: Proposal, draft: StepDraft) -> None:
    if (draft.to_body is None) == (draft.to_recipient is None):
        raise Refusal(_("Choisissez à qui la proposition est transmise."), field="to")
    if draft.to_body:
        check_open(draft.to_body, draft.on_date, "to")
    last = last_step(proposal)
    if last.kind == "transmise" and (last.to_body, last.to_recipient) == (draft.to_body, draft.to_recipient):
        raise Refusal(_("La proposition lui est déjà transmise. Choisissez un autre destinataire."), field="to")


def _check_merger(session: Session, proposal: Proposal, other: Proposal | None) -> None:
    if other is None:
        raise Refusal(_("Choisissez la proposition avec laquelle celle-ci est regroupée."), field="to_proposal")
    if other.id == proposal.id or proposal.id in merged_after(session, other.id):
        raise Refusal(
            _("Une proposition ne peut pas être regroupée avec elle-même, même par une autre."), field="to_proposal"
        )
    if other.state in {"regroupee", "retiree"}:
        raise Refusal(
            _("Cette proposition est elle-même « %(state)s ». Choisissez-en une autre.", state=STEP_KINDS[other.state]),
            field="to_proposal",
        )


def merged_after(session: Session, proposal_id: int) -> list[int]:
    """Return the identifiers of the proposals into which this one was merged, one after the other."""
    chain: list[int] = []
    following: int | None = proposal_id
    while following is not None:
        following = session.scalar(
            sa.select(Step.to_proposal_id).where(
                Step.proposal_id == following, Step.kind == "regroupee", Step.voided_on.is_(None)
            )
        )
        if following is None or following in chain:
            break
        chain.append(following)
    return chain


def _step(position: int, draft: StepDraft, by: Any) -> Step:
    return Step(
        position=position,
        kind=draft.kind,
        on_date=draft.on_date,
        body=draft.body,
        meeting=draft.meeting,
        reason=draft.reason,
        short_answer=draft.short_answer,
        to_body=draft.to_body,
        to_recipient=draft.to_recipient,
        to_proposal=draft.to_proposal,
        due_on=draft.due_on,
        funding=draft.funding,
        amount_cents=draft.amount_cents,
        owner=draft.owner,
        votes_for=draft.votes_for,
        votes_against=draft.votes_against,
        abstentions=draft.abstentions,
        deliberation=draft.deliberation,
        author=str(by.function) if by else None,
        created_at=now(),
    )


# Correct


def void_step(session: Session, proposal: Proposal, step: Step, reason: str | None, *, version: int, by: Any) -> bool:
    """Void a mistaken step, for a reason that everybody may read; return whether it was not voided yet.

    It keeps its place and number. Raises Refusal without a reason, and where the steps that remain would be no path:
    then it says which later one to void first.
    """
    if step.voided_on is not None:
        return False
    check_version(proposal.version, version)
    if not reason:
        raise Refusal(_("Dites pourquoi cette étape est annulée : tout le monde pourra le lire."), field="reason")
    _check_without(proposal, step)
    step.voided_on, step.voided_reason = clock.today(), reason
    settle(proposal)
    touch(proposal)
    session.flush()  # before a step that is added in its place: the database looks at each change
    journal.record(
        session,
        "proposal.step_voided",
        proposal.ref,
        _("Étape %(n)s (« %(kind)s ») annulée, avec un motif.", n=step.position, kind=STEP_KINDS[step.kind]),
        by=by,
        details={"position": [step.position, step.position]},
    )
    return True


def _check_without(proposal: Proposal, voided: Step) -> None:
    """Raise Refusal where the path without this step is not one, naming the later step to void first."""
    remaining = [step for step in proposal.steps if step.voided_on is None and step is not voided]
    if not remaining:
        raise Refusal(_("C'est la seule étape : une proposition en garde au moins une."))
    faults = path_faults(remaining)
    if not faults:
        return
    broken, last = remaining[faults[0][0]], remaining[-1]
    if broken.position < voided.position:  # cannot be: what comes before is a path already
        raise Refusal(faults[0][1])
    raise Refusal(
        _(
            "Sans elle, l'étape %(broken)s (« %(broken_kind)s ») ne tient plus. "
            "Annulez d'abord l'étape %(last)s (« %(last_kind)s »).",
            broken=broken.position,
            broken_kind=STEP_KINDS[broken.kind],
            last=last.position,
            last_kind=STEP_KINDS[last.kind],
        )
    )


# Tell back


def tell(
    session: Session, proposal: Proposal, step: Step, told_on: dt.date | None, meeting: Meeting | None, *, by: Any
) -> bool:
    """Say when, and at which meeting if any, a decision was told back to residents; return whether that changes it.

    With a meeting alone the date is the meeting's. Raises Refusal for a step that is no decision, or dates that
    cannot be.
    """
    _check_decision(step)
    day = told_on or (meeting.held_on if meeting else None)
    if day is None:
        raise Refusal(_("Indiquez quand la réponse a été donnée aux habitants."), field="told_on")
    check_past(day, "told_on")
    if day < step.on_date:
        raise Refusal(
            _("La réponse date du %(date)s : on n'a pas pu la donner avant.", date=date_fr(step.on_date)),
            field="told_on",
        )
    if meeting and meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Choisissez-en une autre."), field="meeting")
    if meeting and meeting.held_on > day:
        raise Refusal(
            _("La rencontre a lieu le %(date)s. Vérifiez la date.", date=date_fr(meeting.held_on)), field="told_on"
        )
    if (step.told_on, step.told_meeting) == (day, meeting):
        return False
    step.told_on, step.told_meeting = day, meeting
    touch(proposal)
    sentence = _("Réponse donnée aux habitants le %(date)s.", date=date_fr(day))
    journal.record(session, "proposal.told", proposal.ref, sentence, by=by, details={"position": [None, step.position]})
    return True


def tell_by_mail(session: Session, proposal: Proposal, step: Step, addresses: int, *, by: Any) -> None:
    """Say that a decision was mailed today to so many addresses that had asked; told at a meeting before, it stays so.

    Raises Refusal for a step that is no decision.
    """
    _check_decision(step)
    step.told_on, step.told_addresses = step.told_on or clock.today(), addresses
    touch(proposal)
    sentence = _("Réponse donnée aux habitants par courriel le %(date)s.", date=date_fr(clock.today()))
    journal.record(session, "proposal.told", proposal.ref, sentence, by=by, details={"position": [None, step.position]})


def _check_decision(step: Step) -> None:
    if step.kind not in DECISIONS or step.voided_on is not None:
        raise Refusal(_("Seule une réponse (oui, en partie, non) est donnée aux habitants."))


def untell(session: Session, proposal: Proposal, step: Step, *, by: Any) -> bool:
    """Take back a restitution noted by mistake; return whether there was one."""
    if step.told_on is None:
        return False
    step.told_on, step.told_meeting, step.told_addresses = None, None, None
    touch(proposal)
    journal.record(
        session,
        "proposal.untold",
        proposal.ref,
        _("Restitution aux habitants retirée : elle était notée par erreur."),
        by=by,
    )
    return True


def last_step(proposal: Proposal) -> Step:
    """Return the last step that is not voided."""
    return [step for step in proposal.steps if step.voided_on is None][-1]


def last_sent(proposal: Proposal) -> Step | None:
    """Return the last transmission, None where there was none."""
    sent = [step for step in proposal.steps if step.voided_on is None and step.kind == "transmise"]
    return sent[-1] if sent else None


def holder(proposal: Proposal) -> Body | None:
    """Return the body that has the proposal now: the one it was last passed to, else the one that carries it.

    None where it was passed to a recipient that is no body.
    """
    sent = last_sent(proposal)
    return sent.to_body if sent else proposal.body
