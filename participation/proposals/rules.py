"""What can happen to a proposal: the machine of exchange-format.md, and how one is made and changed.

The verbs that move it along the machine are in step_rules.py. Pure where it can be (`path_faults`, `settle`): forms,
import and tests share the same rules. A verb changes the rows of the session and writes the journal; the caller has
locked the proposal (`queries.lock`) and commits. `by` is the acting account.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from participation import journal
from participation.bodies.models import Body
from participation.contract.models import Objective, Quartier, Theme
from participation.database import now
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.opinions.models import REJECTED, Opinion
from participation.opinions.rules import LONGEST_TEXT, check_day, check_version
from participation.permissions import PERMISSIONS
from participation.proposals import search
from participation.proposals.models import (
    ACCEPTED,
    DECIDED,
    DECISIONS,
    OUTCOMES,
    STEP_KINDS,
    TRANSMITTED,
    WAITING,
    Proposal,
    Step,
)
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
    """Write again what the proposal repeats of its steps: dates, state, how far it came, and `superseded_on` of each.

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
    waits = last.kind in WAITING
    proposal.due_on = last.due_on if waits else None
    sent = [step.on_date for step in valid if step.kind == "transmise"]
    proposal.sent_on = max(sent, default=None) if waits else None
    decisions = [step for step in valid if step.kind in DECISIONS]
    proposal.answered_on = decisions[0].on_date if decisions else None
    proposal.road = _road(valid, decisions)


def _road(valid: Sequence[Step], decisions: Sequence[Step]) -> int:
    if decisions:
        return DECIDED + (decisions[-1].kind in ACCEPTED)
    return TRANSMITTED if any(step.kind == "transmise" for step in valid) else 0


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
    check_open(body, on_date, "body")
    check_meeting(meeting, on_date)
    check_text(draft.title, None, "title", LONGEST_TITLE)
    check_text(draft.text, None)
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
        steps=[
            Step(
                position=1,
                kind=FIRST,
                on_date=on_date,
                body=body,
                meeting=meeting,
                author=str(by.function) if by else None,
                created_at=now(),
            )
        ],
    )
    session.add(proposal)
    settle(proposal)
    search.index(session, proposal)
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
    check_text(draft.title, proposal.title, "title", LONGEST_TITLE)
    check_text(draft.text, proposal.text)
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
        touch(proposal)
        sentence = _("Proposition modifiée : %(what)s.", what=", ".join(str(LABELS[name]) for name in changed))
        journal.record(session, "proposal.edited", proposal.ref, sentence, by=by)
    if {"title", "text"}.intersection(changed):
        search.index(session, proposal)
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
        if not opinion.is_public and not PERMISSIONS["opinion.read"](by, opinion):
            raise Refusal(_("Un de ces avis n'est pas publié et n'appartient pas à vos instances."))
        opinion.proposal_id = proposal.id
        journal.record(
            session,
            "opinion.attached",
            opinion.ref,
            _("Cet avis a nourri la proposition %(ref)s.", ref=proposal.ref),
            by=by,
        )


# What both proposals and steps must meet


def check_meeting(meeting: Meeting | None, on_date: dt.date) -> None:
    """Raise Refusal for a meeting that is cancelled, or takes place after the day."""
    if meeting is None:
        return
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Choisissez-en une autre."), field="meeting")
    if meeting.held_on > on_date:
        raise Refusal(
            _("La rencontre a lieu le %(date)s, après cette étape. Vérifiez la date.", date=date_fr(meeting.held_on)),
            field="on_date",
        )


def check_text(text: str | None, before: str | None, field: str = "text", most: int = LONGEST_TEXT) -> None:
    """Raise Refusal for a new text that is too long; one that an import brought may stay as it is."""
    if text and len(text) > most and text != before:
        raise Refusal(
            _("Ce texte est trop long : %(n)s caractères, %(max)s au plus.", n=len(text), max=most), field=field
        )


def check_open(body: Body, day: dt.date, field: str) -> None:
    """Raise Refusal for a body that was closed before the day."""
    if body.closed_on and body.closed_on < day:
        raise Refusal(
            _("Cette instance est fermée depuis le %(date)s. Choisissez-en une autre.", date=date_fr(body.closed_on)),
            field=field,
        )


def touch(proposal: Proposal) -> None:
    """Give the proposal its next version also where only rows around it changed (steps, objectives)."""
    flag_modified(proposal, "state")
