"""The machine of exchange-format.md: every pair of kinds, reasons, destinations; by the form, the rules and raw SQL."""

import datetime as dt
import itertools

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from participation.database import now
from participation.errors import Refusal
from participation.extensions import db
from participation.proposals import rules, step_rules
from participation.proposals.models import DECISIONS, OUTCOMES, STEP_KINDS, Proposal, Step
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_proposal, make_recipient
from tests.support.filling import fill
from tests.support.town import Town

MAY_FOLLOW = {
    "recueillie": "etude transmise regroupee retiree",
    "etude": "transmise regroupee retiree abandonnee",
    "transmise": "transmise retenue retenue_en_partie non_retenue ajournee regroupee retiree",
    "ajournee": "transmise retenue retenue_en_partie non_retenue abandonnee retiree",
    "retenue": "en_cours realisee abandonnee",
    "retenue_en_partie": "en_cours realisee abandonnee",
    "en_cours": "en_cours realisee abandonnee",
    "non_retenue": "transmise",
    "realisee": "",
    "abandonnee": "",
    "regroupee": "",
    "retiree": "",
}
"""Copied from the table of exchange-format.md, not from the code."""
WAYS: dict[str, list[str]] = {
    "recueillie": [],
    "etude": ["etude"],
    "transmise": ["transmise"],
    "ajournee": ["transmise", "ajournee"],
    "retenue": ["transmise", "retenue"],
    "retenue_en_partie": ["transmise", "retenue_en_partie"],
    "en_cours": ["transmise", "retenue", "en_cours"],
    "non_retenue": ["transmise", "non_retenue"],
    "realisee": ["transmise", "retenue", "realisee"],
    "abandonnee": ["etude", "abandonnee"],
    "regroupee": ["regroupee"],
    "retiree": ["retiree"],
}
"""A way from `recueillie` to each state."""
PAIRS = list(itertools.product(STEP_KINDS, STEP_KINDS))


def proposal_in(state: str, **values: object) -> Proposal:
    proposal = make_proposal(steps=[{"kind": kind, "on_date": dt.date(2026, 3, 13)} for kind in WAYS[state]], **values)
    assert proposal.state == state
    return proposal


def draft_of(kind: str, **values: object) -> step_rules.StepDraft:
    said: dict[str, object] = {"kind": kind, "on_date": dt.date(2026, 3, 20)}
    if kind in OUTCOMES:
        said["reason"] = "Parce que."
    if kind == "transmise":
        said["to_recipient"] = make_recipient()
    if kind == "regroupee":
        said["to_proposal"] = make_proposal()
    return step_rules.StepDraft(**(said | values))  # type: ignore[arg-type]


def test_the_table_is_that_of_the_format():
    assert {before: " ".join(after) for before, after in rules.TRANSITIONS.items()} == MAY_FOLLOW


@pytest.mark.parametrize(("before", "kind"), PAIRS)
def test_a_pair_of_kinds_is_a_path_only_if_the_table_has_it(before: str, kind: str):
    allowed = kind in MAY_FOLLOW[before].split()
    assert (rules.path_fault(before, kind) is None) == allowed


def test_every_pair_is_added_only_if_the_table_has_it(town: Town):
    for before, kind in PAIRS:
        if kind == "recueillie":
            continue
        proposal = proposal_in(before)
        draft = draft_of(kind)
        if kind in MAY_FOLLOW[before].split():
            step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
            assert (proposal.state, proposal.steps[-1].kind) == (kind, kind)
        else:
            with pytest.raises(Refusal):
                step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
            assert proposal.state == before


def test_the_form_offers_only_what_may_follow(as_admin: CheckedClient, town: Town):
    for before in STEP_KINDS:
        proposal = proposal_in(before)
        db.session.commit()
        address = f"/equipe/propositions/{proposal.ref}/etape"
        page = as_admin.get(address).text
        for kind in STEP_KINDS:
            allowed = kind in MAY_FOLLOW[before].split()
            assert (f"genre={kind}" + '"' in page) == allowed, (before, kind)
            answer = as_admin.get(f"{address}?genre={kind}", follow_redirects=True)
            assert answer.status_code == (200 if allowed else 404), (before, kind)


@pytest.mark.parametrize("kind", OUTCOMES)
@pytest.mark.parametrize("reason", ["", "   ", "\n\t\n", None])
def test_an_outcome_without_reason_is_refused_by_the_form_and_the_rules(
    as_admin: CheckedClient, town: Town, kind: str, reason: str | None
):
    before = "ajournee" if kind == "abandonnee" else "transmise"
    proposal = proposal_in(before)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    answer = fill(as_admin, f"{path}/etape?genre={kind}", f"{path}/etapes", reason=reason, owner="La voirie")
    assert answer.status_code == 422
    assert "Dites pourquoi, en mots simples" in answer.text
    with pytest.raises(Refusal) as refused:
        step_rules.add_step(
            db.session(), proposal, draft_of(kind, reason=reason), version=proposal.version, by=town.admin
        )
    assert refused.value.field == "reason"
    db.session.rollback()
    assert db.session.get_one(Proposal, proposal.id).state == before


def insert(**values: object) -> None:
    row = {"position": 9, "on_date": dt.date(2026, 3, 20), "created_at": now()} | values
    db.session.execute(sa.insert(Step).values(**row))


@pytest.mark.both_databases
def test_the_database_itself_refuses_what_the_rules_refuse(app_context: Flask):
    proposal, other = make_proposal(), make_proposal()
    body, recipient = make_body(), make_recipient()
    db.session.commit()
    ids = {"proposal_id": proposal.id}
    wrong: list[dict[str, object]] = [
        {"kind": kind, "reason": reason} for kind in OUTCOMES for reason in (None, "", "  ")
    ]
    wrong += [
        {"kind": "transmise"},
        {"kind": "transmise", "to_body_id": body.id, "to_recipient_id": recipient.id},
        {"kind": "etude", "to_body_id": body.id},
        {"kind": "regroupee"},
        {"kind": "regroupee", "to_proposal_id": proposal.id},
        {"kind": "etude", "to_proposal_id": other.id},
        {"kind": "danse"},
        {"kind": "etude", "told_on": dt.date(2026, 3, 20)},
        {"kind": "etude", "voided_on": dt.date(2026, 3, 20)},
        {"kind": "etude", "voided_on": dt.date(2026, 3, 20), "voided_reason": "  "},
        {"kind": "etude", "voided_reason": "Sans date"},
        {"kind": "etude", "funding": "loterie"},
        {"kind": "etude", "amount_cents": -1},
        {"kind": "etude", "votes_for": -1},
        {"kind": "etude", "position": 1},
        {"kind": "etude", "position": 0},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError):
            insert(**ids, **values)
        db.session.rollback()
    insert(**ids, kind="etude")
    insert(**ids, position=10, kind="transmise", to_body_id=body.id)
    insert(**ids, position=11, kind="retenue", reason="Oui.", told_on=dt.date(2026, 3, 20))


@pytest.mark.both_databases
def test_an_outcome_cannot_lose_its_reason_by_an_update(app_context: Flask):
    proposal = proposal_in("non_retenue")
    db.session.commit()
    for reason in (None, "", "   "):
        with pytest.raises(IntegrityError):
            db.session.execute(
                sa.update(Step).where(Step.proposal_id == proposal.id, Step.kind == "non_retenue").values(reason=reason)
            )
        db.session.rollback()


class Plain:
    """A step as far as a path is concerned."""

    def __init__(self, kind: str, on_date: dt.date, voided_on: dt.date | None) -> None:
        self.kind, self.on_date, self.voided_on = kind, on_date, voided_on


@given(st.lists(st.tuples(st.sampled_from(list(STEP_KINDS)), st.integers(0, 3), st.booleans()), min_size=1, max_size=8))
def test_a_path_has_no_fault_only_if_each_step_may_follow_the_last_one_that_holds(rows: list[tuple[str, int, bool]]):
    day = dt.date(2026, 2, 27)  # over the end of a month
    steps = []
    for kind, later, voided in rows:
        day += dt.timedelta(days=later)
        steps.append(Plain(kind, day, day if voided else None))
    holding = [step.kind for step in steps if not step.voided_on]
    expected = bool(holding) and holding[0] == "recueillie"
    expected = expected and all(after in MAY_FOLLOW[before].split() for before, after in itertools.pairwise(holding))
    assert (rules.path_faults(steps) == []) == expected


def test_a_path_that_goes_back_in_time_has_a_fault():
    days = [dt.date(2026, 3, 12), dt.date(2026, 3, 11)]
    steps = [Plain(kind, day, None) for kind, day in zip(("recueillie", "etude"), days, strict=True)]
    assert [index for index, _sentence in rules.path_faults(steps)] == [1]


def test_every_decision_asks_for_its_reason():
    assert all(rules.needs_reason(kind) for kind in (*DECISIONS, "ajournee", "abandonnee"))
    assert not any(rules.needs_reason(kind) for kind in ("recueillie", "etude", "transmise", "en_cours", "realisee"))
