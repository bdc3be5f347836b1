"""What can happen to a proposal: the machine of exchange-format.md, and the verbs that move along it.

Pure where it can be (`path_faults`, `supersede`, `summary`): forms, import and tests share the same rules.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from flask_babel import gettext as _

from participation.proposals.models import OUTCOMES, STEP_KINDS, WAITING, Proposal, Step

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
        return _("la première étape doit être « %(first)s »", first=FIRST)
    if not allowed:
        return _("aucune étape ne peut suivre « %(before)s »", before=before)
    return _("« %(kind)s » ne peut pas suivre « %(before)s » ; attendu : %(allowed)s", kind=kind, before=before, allowed=", ".join(allowed))


def path_faults(steps: Sequence[StepLike]) -> list[tuple[int, str]]:
    """Return every fault of a path as (index, sentence): wrong order of kinds or of dates. Voided steps are passed over.

    `steps` are in their order; dates may be equal but never go back.
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
    for step, following in zip(valid, valid[1:], strict=False):
        step.superseded_on = following.on_date
    last = valid[-1]
    proposal.received_on = valid[0].on_date
    proposal.state = last.kind
    proposal.state_on = last.on_date
    proposal.due_on = last.due_on if last.kind in WAITING else None
