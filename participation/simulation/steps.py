"""The steps of fictitious proposals: every state, by every kind of road."""

import datetime as dt
import random
from collections.abc import Sequence
from types import SimpleNamespace

from participation.bodies.models import Body
from participation.proposals.models import DECISIONS, OUTCOMES
from participation.simulation import texts
from participation.simulation.ground import Days, Ground, MadeProposal

PATHS: tuple[tuple[str, ...], ...] = (
    ("recueillie",),
    ("recueillie", "etude"),
    ("recueillie", "etude", "transmise"),
    ("recueillie", "transmise", "transmise"),
    ("recueillie", "transmise", "ajournee"),
    ("recueillie", "etude", "transmise", "retenue"),
    ("recueillie", "transmise", "retenue", "en_cours"),
    ("recueillie", "transmise", "ajournee", "retenue", "en_cours", "en_cours", "realisee"),
    ("recueillie", "etude", "transmise", "retenue_en_partie"),
    ("recueillie", "transmise", "retenue_en_partie", "realisee"),
    ("recueillie", "transmise", "non_retenue"),
    ("recueillie", "transmise", "non_retenue", "transmise"),
    ("recueillie", "transmise", "retenue", "abandonnee"),
    ("recueillie", "retiree"),
    ("recueillie", "etude", "regroupee"),
)
"""Every state that a proposal can be in (exchange-format.md, the machine)."""


def make_steps(
    path: Sequence[str],
    day: dt.date,
    body: Body,
    ground: Ground,
    made: Sequence[MadeProposal],
    days: Days,
    chance: random.Random,
) -> list[SimpleNamespace]:
    """Return the steps of one proposal, first on `day`, none after the last day."""
    steps = []
    holder: int | None = body.id
    for kind in path:
        step = _step(kind, day, holder, ground, made, days, chance)
        if kind == "transmise":
            holder = step.to_body_id  # who received it says what comes next
        steps.append(step)
        day = days.after(day, 45)
    return steps


def _step(
    kind: str,
    day: dt.date,
    holder: int | None,
    ground: Ground,
    made: Sequence[MadeProposal],
    days: Days,
    chance: random.Random,
) -> SimpleNamespace:
    step = SimpleNamespace(
        kind=kind,
        on_date=day,
        body_id=holder,
        meeting_id=None,
        reason=None,
        short_answer=texts.SHORT_ANSWERS.get(kind),
        to_body_id=None,
        to_recipient_id=None,
        to_proposal_id=None,
        due_on=None,
        funding=None,
        amount_cents=None,
        owner=None,
        votes_for=None,
        votes_against=None,
        abstentions=None,
        deliberation=None,
        told_on=None,
        told_meeting_id=None,
        voided_on=None,
        voided_reason=None,
        superseded_on=None,
        author="Animateur GUSP",
    )
    if kind in OUTCOMES:
        step.reason = chance.choice(texts.REASONS[kind])
    if kind == "transmise":
        _send(step, ground, chance)
    if kind == "regroupee":
        step.to_proposal_id = chance.choice(made).id
    if kind == "en_cours":
        step.reason = chance.choice(texts.NOTES)
    if kind in DECISIONS:
        _decide(step, days, chance)
    return step


def _send(step: SimpleNamespace, ground: Ground, chance: random.Random) -> None:
    if ground.recipients and chance.random() < 0.5:
        step.to_recipient_id = chance.choice(ground.recipients).id
    else:
        step.to_body_id = chance.choice(ground.governance or ground.bodies).id
    if chance.random() < 0.7:
        step.due_on = step.on_date + dt.timedelta(days=chance.choice((20, 45, 60, 90)))


def _decide(step: SimpleNamespace, days: Days, chance: random.Random) -> None:
    step.author = "Adjointe de quartier"
    if chance.random() < 0.4:
        step.votes_for, step.votes_against, step.abstentions = (
            chance.randint(5, 20),
            chance.randint(0, 5),
            chance.randint(0, 3),
        )
    if step.kind != "non_retenue":
        step.funding, step.amount_cents = (
            chance.choice(("ftu", "pic", "p147", "bailleur")),
            chance.randint(3, 200) * 10_000,
        )
        step.owner = chance.choice(texts.OWNERS)
        step.due_on = step.on_date + dt.timedelta(days=120)
    if chance.random() < 0.6:
        step.told_on = days.after(step.on_date, 30)


def with_mistake(steps: list[SimpleNamespace]) -> list[SimpleNamespace]:
    """Add a step that was recorded by mistake and voided with its reason."""
    last = steps[-1]
    kept = {"on_date": last.on_date, "body_id": last.body_id, "author": last.author, "superseded_on": None}
    empty = dict.fromkeys(vars(last).keys() - kept.keys())
    mistake = {"kind": "etude", "voided_on": last.on_date, "voided_reason": "Saisie sur la mauvaise proposition."}
    return [*steps, SimpleNamespace(**empty | kept | mistake)]
