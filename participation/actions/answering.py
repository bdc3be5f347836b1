"""An élu's answer, in one go: what is decided, why, and what happens next, who does it, by when, with which means."""

import datetime as dt
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.actions import rules
from participation.actions.rules import ActionDraft
from participation.errors import Refusal
from participation.meetings.models import Meeting
from participation.proposals import step_rules
from participation.proposals.models import ACCEPTED, Proposal, Step

DECISIONS = {
    "oui": "retenue",
    "oui-en-partie": "retenue_en_partie",
    "non": "non_retenue",
    "plus-tard": "ajournee",
}
"""What is decided, in the words of the form, and the step that says so."""
MONTHS = {"1-mois": 1, "3-mois": 3, "6-mois": 6}
"""Delays that are chosen in one tap."""


@dataclass(frozen=True)
class Reply:
    """An answer. `decision` is a key of DECISIONS; dates are civil dates in Europe/Paris; None is unknown.

    `next` is what will be done: it becomes an action, with `owner` and `due_on`. `due_on` of « plus tard » is until
    when the answer is promised.
    """

    decision: str
    short_answer: str
    reason: str
    on_date: dt.date
    due_on: dt.date | None = None
    next: str | None = None
    owner: str | None = None
    funding: str | None = None
    amount_cents: int | None = None
    deliberation: str | None = None
    meeting: Meeting | None = None


def answer(session: Session, proposal: Proposal, reply: Reply, *, version: int, by: Any) -> Step:
    """Give the answer: a step of the proposal, and where something is to be done, an action.

    Raises Refusal beside the field at fault, Conflict where `version` is not the proposal's (step_rules.add_step).
    """
    kind = DECISIONS[reply.decision]
    _check(kind, reply)
    yes = kind in ACCEPTED
    draft = step_rules.StepDraft(
        kind=kind,
        on_date=reply.on_date,
        body=step_rules.holder(proposal),
        meeting=reply.meeting,
        reason=reply.reason,
        short_answer=reply.short_answer,
        due_on=reply.due_on,
        funding=reply.funding if yes else None,
        amount_cents=reply.amount_cents if yes else None,
        owner=reply.owner if yes else None,
        deliberation=reply.deliberation if kind != "ajournee" else None,
    )
    step = step_rules.add_step(session, proposal, draft, version=version, by=by)
    if yes and reply.next:
        rules.add(session, proposal, ActionDraft(reply.next, reply.owner, reply.due_on), by=by)
    return step


def _check(kind: str, reply: Reply) -> None:
    """Refuse what contradicts the decision, rather than drop it: nobody would know."""
    if kind == "ajournee" and reply.due_on is None:
        raise Refusal(_("Dites quand la réponse viendra : choisissez un délai ou une date."), field="when")
    if kind in ACCEPTED:
        return
    for name in ("next", "owner", "funding", "amount_cents"):
        if getattr(reply, name) is not None:
            raise Refusal(
                _("La réponse n'est pas oui : rien n'est prévu. Effacez ce champ, ou choisissez « Oui, en partie »."),
                field=name.removesuffix("_cents"),
            )
    if kind == "non_retenue" and reply.due_on:
        raise Refusal(_("La réponse est non : rien n'est prévu. Choisissez « Pas de date »."), field="when")
    if kind == "ajournee" and reply.deliberation:
        raise Refusal(_("Rien n'est encore décidé : effacez la délibération."), field="deliberation")


def months_after(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
