"""What can happen to a proposal: the machine of exchange-format.md, and the verbs that move along it.

Pure where it can be (`path_faults`, `settle`): forms, import and tests share the same rules. A verb changes the rows
of the session and writes the journal; the caller has locked the proposal (`queries.lock`) and commits. `by` is the
acting account.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from participation import clock, journal
from participation.bodies.models import Body
from participation.contract.models import Objective, Quartier, Recipient, Theme
from participation.database import now
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.opinions.models import PUBLIC_MODERATION, REJECTED, Opinion
from participation.opinions.rules import LONGEST_TEXT, check_day, check_past, check_version
from participation.permissions import PERMISSIONS
from participation.proposals.models import DECISIONS, OUTCOMES, STEP_KINDS, WAITING, Circuit, Proposal, Step
from participation.refs import new_ref

FIRST = "recueillie"
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "recueillie": ("etude", "transmise", "regroupee", "retiree"),
    "etude": ("transmise", "regroupee", "retiree", "abandonnee"),
    "transmise": ("transmise", "retenue", "retenue_en_partie", "non_retenue", "ajournee", "regroupee", "retiree"),
    "ajournee": ("transmise", "retenue", "retenue_en_partie", "non_retenue", "abandonnee", "retiree"),
    "retenue": ("en_cours", "realisee", "abandonnee"),
    "retenue_en_partie": ("en_cours", "realisee", "abandonnee"),
    "en_cours": ("en_cours", "realisee", "abandonnee"),
    "non_retenue": ("transmise",),
    "realisee": (),
    "abandonnee": (),
    "regroupee": (),
    "retiree": (),
}
"""What may follow what (exchange-format.md, etapes.csv)."""


class StepLike(Protocol):
    """A step as far as the path is concerned; a voided one has `voided_on`."""

    kind: str
    on_date: dt.date
    voided_on: dt.date | None


def next_kinds(state: str | None) -> tuple[str, ...]:
    """Return the kinds that may follow `state`; only the first kind where there is none yet."""
    return TRANSITIONS[state] if state else (FIRST,)


def needs_reason(kind: str) -> bool:
    """Whether a step of this kind must say why."""
    return kind in OUTCOMES


def path_fault(before: str | None, kind: str) -> str | None:
    """Return why `kind` may not follow `before` (None: nothing yet), in French with what would be right; or None."""
    allowed = next_kinds(before)
    if kind in allowed:
        return None
    if before is None:
        return str(_("la première étape doit être « %(first)s »", first=FIRST))
    if not allowed:
        return str(_("aucune étape ne peut suivre « %(before)s »", before=before))
    return str(
        _(
            "« %(kind)s » ne peut pas suivre « %(before)s » ; attendu : %(allowed)s",
            kind=kind,
            before=before,
            allowed=", ".join(allowed),
        )
    )


def path_faults(steps: Sequence[StepLike]) -> list[tuple[int, str]]:
    """Return every fault of a path as (index, sentence): wrong order of kinds or of dates.

    `steps` are in their order; dates may be equal but never go back. The machine passes over voided steps.
    """
    faults = []
    state: str | None = None
    day: dt.date | None = None
    for index, step in enumerate(steps):
        if day and step.on_date < day:
            faults.append((index, _("cette étape est datée avant celle qui la précède")))
        day = max(day, step.on_date) if day else step.on_date
        if step.voided_on is not None:
            continue
        fault = path_fault(state, step.kind)
        if fault:
            faults.append((index, fault))
        if step.kind in STEP_KINDS:
            state = step.kind
    if state is None and steps:
        faults.append((0, _("toutes les étapes sont annulées ; une proposition garde au moins « recueillie »")))
    return faults


def settle(proposal: Proposal) -> None:
    """Write again what the proposal repeats of its steps: cohort date, state, due date, and `superseded_on` of each.

    Call after any change to the steps, in the same transaction. The steps must be a valid path.
    """
    valid = [step for step in proposal.steps if step.voided_on is None]
    for step in proposal.steps:
        step.superseded_on = None
    for step, following in pairwise(valid):
        step.superseded_on = following.on_date
    last = valid[-1]
    proposal.received_on = valid[0].on_date
    proposal.state = last.kind
    proposal.state_on = last.on_date
    proposal.due_on = last.due_on if last.kind in WAITING else None


# Make and change


LONGEST_TITLE = 300


@dataclass(frozen=True)
class Draft:
    """What a proposal says and what it serves; None is unknown."""

    title: str
    text: str | None = None
    theme: Theme | None = None
    quartiers: tuple[Quartier, ...] = ()
    objectives: tuple[Objective, ...] = ()


LABELS = {
    "title": _l("titre"),
    "text": _l("texte"),
    "theme": _l("thème"),
    "quartiers": _l("quartiers"),
    "objectives": _l("objectifs du contrat"),
}
"""What may change, as the history of a proposal names it."""


def create(
    session: Session,
    draft: Draft,
    *,
    body: Body,
    on_date: dt.date,
    meeting: Meeting | None = None,
    opinions: Sequence[Opinion] = (),
    by: Any,
) -> Proposal:
    """Add a proposal, gathered (`recueillie`) by `body` on `on_date`, from these opinions.

    Raises Refusal: no right on the body, a date or a meeting that cannot be, an opinion that cannot feed it.
    """
    if not PERMISSIONS["proposal.create"](by, body):
        raise Refusal(_("Choisissez une de vos instances : c'est elle qui portera la proposition."), field="body")
    check_day(session, on_date, "on_date")
    _check_open(body, on_date, "body")
    _check_meeting(meeting, on_date)
    _check_text(draft.title, None, "title", LONGEST_TITLE)
    _check_text(draft.text, None)
    proposal = Proposal(
        ref=new_ref("prop", str(on_date.year)),
        title=draft.title,
        text=draft.text,
        theme=draft.theme,
        quartiers=list(draft.quartiers),
        objectives=list(draft.objectives),
        body=body,
        meeting=meeting,
        created_at=now(),
        received_on=on_date,
        state=FIRST,
        state_on=on_date,
        steps=[_step(1, StepDraft(FIRST, on_date, body=body, meeting=meeting), by)],
    )
    session.add(proposal)
    settle(proposal)
    session.flush()
    if opinions:
        sentence = ngettext(
            "Proposition créée, à partir de %(num)s avis.",
            "Proposition créée, à partir de %(num)s avis.",
            len(opinions),
        )
    else:
        sentence = _("Proposition créée.")
    journal.record(session, "proposal.created", proposal.ref, sentence, by=by)
    _feed(session, proposal, opinions, by)
    return proposal


def edit(session: Session, proposal: Proposal, draft: Draft, *, version: int, by: Any) -> bool:
    """Change what the proposal says; return whether anything changed. Raises Conflict where `version` is not its."""
    check_version(proposal.version, version)
    _check_text(draft.title, proposal.title, "title", LONGEST_TITLE)
    _check_text(draft.text, proposal.text)
    values = {
        "title": draft.title,
        "text": draft.text,
        "theme": draft.theme,
        "quartiers": sorted(draft.quartiers, key=lambda quartier: quartier.position),
        "objectives": sorted(draft.objectives, key=lambda objective: objective.code),
    }
    changed = [name for name, value in values.items() if getattr(proposal, name) != value]
    for name in changed:
        setattr(proposal, name, values[name])
    if changed:
        _touch(proposal)
        sentence = _("Proposition modifiée : %(what)s.", what=", ".join(str(LABELS[name]) for name in changed))
        journal.record(session, "proposal.edited", proposal.ref, sentence, by=by)
    return bool(changed)


def attach(session: Session, proposal: Proposal, opinions: Sequence[Opinion], *, by: Any) -> int:
    """Say that the proposal comes of these opinions too; return how many were not attached yet.

    Raises Refusal for one that feeds another proposal, is not published by decision of the team, or may not be read.
    """
    new = [opinion for opinion in opinions if opinion.proposal_id != proposal.id]
    _feed(session, proposal, new, by)
    if new:
        number = len(new)
        sentence = ngettext("%(num)s avis rattaché.", "%(num)s avis rattachés.", number)
        journal.record(session, "proposal.opinions_attached", proposal.ref, sentence, by=by)
    return len(new)


def detach(session: Session, proposal: Proposal, opinion: Opinion, *, by: Any) -> bool:
    """Take back that the proposal comes of this opinion; return whether it did."""
    if opinion.proposal_id != proposal.id:
        return False
    opinion.proposal_id = None
    journal.record(session, "proposal.opinion_detached", proposal.ref, _("Un avis n'est plus rattaché."), by=by)
    journal.record(session, "opinion.detached", opinion.ref, _("Avis détaché de sa proposition."), by=by)
    return True


def _feed(session: Session, proposal: Proposal, opinions: Iterable[Opinion], by: Any) -> None:
    for opinion in opinions:
        if opinion.proposal_id is not None:
            raise Refusal(_("Un de ces avis a déjà nourri une autre proposition. Détachez-le d'abord de celle-là."))
        if opinion.moderation == REJECTED:
            raise Refusal(_("Un de ces avis n'est pas publié par décision de l'équipe : il ne compte pas."))
        if opinion.moderation != PUBLIC_MODERATION and not PERMISSIONS["opinion.read"](by, opinion):
            raise Refusal(_("Un de ces avis n'est pas publié et n'appartient pas à vos instances."))
        opinion.proposal_id = proposal.id
        journal.record(
            session,
            "opinion.attached",
            opinion.ref,
            _("Cet avis a nourri la proposition %(ref)s.", ref=proposal.ref),
            by=by,
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


_VOTES = ("votes_for", "votes_against", "abstentions")
ASKED: dict[str, tuple[str, ...]] = {
    "etude": ("body", "meeting", "reason"),
    "transmise": ("to", "due_on", "body", "meeting", "reason"),
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
    _touch(proposal)
    session.flush()
    journal.record(
        session,
        "proposal.step_added",
        proposal.ref,
        _("Étape « %(kind)s » ajoutée, le %(date)s.", kind=STEP_KINDS[step.kind], date=date_fr(step.on_date)),
        by=by,
        details={"position": [None, step.position], "kind": [None, step.kind]},
    )
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
    _check_meeting(draft.meeting, draft.on_date)


def _check_meeting(meeting: Meeting | None, on_date: dt.date) -> None:
    if meeting is None:
        return
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Choisissez-en une autre."), field="meeting")
    if meeting.held_on > on_date:
        raise Refusal(
            _("La rencontre a lieu le %(date)s, après cette étape. Vérifiez la date.", date=date_fr(meeting.held_on)),
            field="on_date",
        )


def _check_words(draft: StepDraft) -> None:
    if needs_reason(draft.kind) and not (draft.reason or "").strip():
        raise Refusal(_("Dites pourquoi, en mots simples : toute réponse a sa raison."), field="reason")
    _check_text(draft.reason, None, "reason")
    for name in (*_VOTES, "amount_cents"):
        value = getattr(draft, name)
        if value is not None and value < 0:
            raise Refusal(_("Un nombre ne peut pas être négatif."), field=name.removesuffix("_cents"))


def _check_text(text: str | None, before: str | None, field: str = "text", most: int = LONGEST_TEXT) -> None:
    """Raise Refusal for a new text that is too long; one that an import brought may stay as it is."""
    if text and len(text) > most and text != before:
        raise Refusal(
            _("Ce texte est trop long : %(n)s caractères, %(max)s au plus.", n=len(text), max=most), field=field
        )


def _check_open(body: Body, day: dt.date, field: str) -> None:
    if body.closed_on and body.closed_on < day:
        raise Refusal(
            _("Cette instance est fermée depuis le %(date)s. Choisissez-en une autre.", date=date_fr(body.closed_on)),
            field=field,
        )


def _check_destination(session: Session, proposal: Proposal, draft: StepDraft) -> None:
    if draft.kind == "transmise":
        _check_transmission(proposal, draft)
    if draft.kind == "regroupee":
        _check_merger(session, proposal, draft.to_proposal)


def _check_transmission(proposal: Proposal, draft: StepDraft) -> None:
    if (draft.to_body is None) == (draft.to_recipient is None):
        raise Refusal(_("Choisissez à qui la proposition est transmise."), field="to")
    if draft.to_body:
        _check_open(draft.to_body, draft.on_date, "to")
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
    _touch(proposal)
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
    if step.kind not in DECISIONS or step.voided_on is not None:
        raise Refusal(_("Seule une réponse (oui, en partie, non) est donnée aux habitants."))
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
    _touch(proposal)
    sentence = _("Réponse donnée aux habitants le %(date)s.", date=date_fr(day))
    journal.record(session, "proposal.told", proposal.ref, sentence, by=by, details={"position": [None, step.position]})
    return True


def untell(session: Session, proposal: Proposal, step: Step, *, by: Any) -> bool:
    """Take back a restitution noted by mistake; return whether there was one."""
    if step.told_on is None:
        return False
    step.told_on, step.told_meeting = None, None
    _touch(proposal)
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


def _touch(proposal: Proposal) -> None:
    """Give the proposal its next version also where only rows around it changed (steps, objectives)."""
    flag_modified(proposal, "state")
