"""No path outside the table of exchange-format.md and no outcome without its reason, by whatever way in.

Random walks through raw SQL, the rules, hand-made posts of the form and imports, each judged by a second, naive reading
of the table (test_machine.MAY_FOLLOW). Few walks each day, many under `full`.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from participation.database import now
from participation.errors import Refusal
from participation.extensions import db
from participation.idempotency import new_key
from participation.proposals import rules, step_rules
from participation.proposals.held import held
from participation.proposals.models import OUTCOMES, STEP_KINDS, HeldPath, Proposal, Step
from tests.proposals.test_machine import MAY_FOLLOW, PAIRS, draft_of, proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_contract, make_proposal, make_recipient
from tests.support.filling import fields_of
from tests.support.town import Town

DAY = dt.date(2026, 3, 12)
walking = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)


@dataclass
class Walk:
    """The steps of one proposal as the format wants them: (kind, day, voided), judged naively."""

    steps: list[tuple[str, dt.date, bool]] = field(default_factory=lambda: [("recueillie", DAY, False)])

    def is_path(self, steps: list[tuple[str, dt.date, bool]]) -> bool:
        kinds = [kind for kind, _day, voided in steps if not voided]
        days = [day for _kind, day, _voided in steps]
        follows = all(after in MAY_FOLLOW[before].split() for before, after in itertools.pairwise(kinds))
        return bool(kinds) and kinds[0] == "recueillie" and follows and days == sorted(days)

    def takes(self, steps: list[tuple[str, dt.date, bool]]) -> bool:
        """Take these steps if they are a path; return whether they are."""
        if self.is_path(steps):
            self.steps = steps
            return True
        return False

    def voided(self, place: int, *, to: bool) -> list[tuple[str, dt.date, bool]]:
        kind, day, _voided = self.steps[place]
        return [*self.steps[:place], (kind, day, to), *self.steps[place + 1 :]]


added = st.tuples(st.just("add"), st.sampled_from(list(STEP_KINDS)), st.integers(-1, 3))
turned = st.tuples(st.sampled_from(["void", "unvoid"]), st.integers(0, 9), st.just(0))
likely = st.tuples(st.just("follow"), st.integers(0, 6), st.integers(0, 2))
"""A step that the table has after the last one: walks go far."""
moves = st.lists(st.one_of(likely, likely, added, turned), min_size=1, max_size=12)


def wanted(walk: Walk, move: tuple[str, Any, int]) -> list[tuple[str, dt.date, bool]] | None:
    """Return the steps that a move would make, None where there is nothing to move."""
    what, which, days = move
    if what in {"void", "unvoid"}:
        if which >= len(walk.steps) or walk.steps[which][2] == (what == "void"):
            return None
        return walk.voided(which, to=what == "void")
    if what == "follow":
        state = [kind for kind, _day, voided in walk.steps if not voided][-1]
        following = MAY_FOLLOW[state].split()
        if not following:
            return None
        which = following[which % len(following)]
    return [*walk.steps, (which, walk.steps[-1][1] + dt.timedelta(days=days), False)]


# Raw SQL


@contextmanager
def refused_unless(allowed: bool) -> Iterator[None]:
    """Send what the block sends in a savepoint: the database takes it if it is allowed, else refuses."""
    if allowed:
        with db.session.begin_nested():
            yield
    else:
        with pytest.raises(IntegrityError), db.session.begin_nested():
            yield


def write_step(proposal: int, position: int, kind: str, day: dt.date, **values: object) -> None:
    row: dict[str, object] = {"position": position, "on_date": day, "kind": kind, "created_at": now()}
    if kind in OUTCOMES:
        row["reason"] = "Parce que."
    row |= values
    db.session.execute(sa.insert(Step).values(proposal_id=proposal, **row))


def write_void(proposal: int, position: int, *, to: bool) -> None:
    values = (
        {"voided_on": DAY, "voided_reason": "Noté par erreur."} if to else {"voided_on": None, "voided_reason": None}
    )
    where = (Step.proposal_id == proposal, Step.position == position)
    db.session.execute(sa.update(Step).where(*where).values(**values), execution_options={"synchronize_session": False})


def whither(kind: str, recipient: int, other: int) -> dict[str, int]:
    return {"transmise": {"to_recipient_id": recipient}, "regroupee": {"to_proposal_id": other}}.get(kind, {})


def rows_of(number: int) -> list[tuple[str, dt.date, bool]]:
    query = sa.select(Step.kind, Step.on_date, Step.voided_on).where(Step.proposal_id == number).order_by(Step.position)
    return [(kind, day, voided is not None) for kind, day, voided in db.session.execute(query)]


@pytest.mark.both_databases
@walking
@given(moves=moves)
def test_raw_sql_makes_no_path_outside_the_table(app_context: Flask, moves: list[tuple[str, Any, int]]):
    proposal, other, recipient, walk = make_proposal().id, make_proposal().id, make_recipient().id, Walk()
    for move in moves:
        steps = wanted(walk, move)
        if steps is None:
            continue
        grows = len(steps) > len(walk.steps)
        with refused_unless(walk.takes(steps)):
            if grows:
                kind, day, _voided = steps[-1]
                write_step(proposal, len(steps), kind, day, **whither(kind, recipient, other))
            else:
                write_void(proposal, move[1] + 1, to=move[0] == "void")
    assert rows_of(proposal) == walk.steps
    db.session.rollback()


@pytest.mark.both_databases
def test_the_database_knows_every_pair_of_the_table(app_context: Flask):
    other, recipient = make_proposal().id, make_recipient().id
    numbers = {state: proposal_in(state).id for state in STEP_KINDS}
    for before, kind in PAIRS:
        with refused_unless(kind in MAY_FOLLOW[before].split()), db.session.begin_nested() as trial:
            write_step(numbers[before], 9, kind, dt.date(2026, 3, 20), **whither(kind, recipient, other))
            if kind in MAY_FOLLOW[before].split():
                trial.rollback()


@pytest.mark.both_databases
def test_a_proposal_begins_by_being_gathered_and_keeps_a_step(app_context: Flask):
    proposal = make_proposal()
    bare = {
        name: getattr(proposal, name) for name in ("title", "body_id", "received_on", "state", "state_on", "created_at")
    }
    number = db.session.scalar(sa.insert(Proposal).values(ref="nue", **bare).returning(Proposal.id))
    assert number
    for kind in STEP_KINDS:
        if kind not in {"recueillie", "transmise", "regroupee"}:
            with refused_unless(False):
                write_step(number, 1, kind, DAY)
    with refused_unless(True):
        write_step(number, 1, "recueillie", DAY)
    with refused_unless(False):
        write_void(number, 1, to=True)


@pytest.mark.both_databases
def test_a_recorded_step_neither_changes_nor_goes(app_context: Flask):
    proposal, other = proposal_in("ajournee"), make_proposal()
    db.session.commit()
    where = sa.update(Step).where(Step.proposal_id == proposal.id, Step.position == 3)
    changes: list[dict[str, object]] = [
        {"kind": "retenue"},
        {"on_date": dt.date(2026, 3, 19)},
        {"position": 9},
        {"proposal_id": other.id, "position": 2},
    ]
    for change in changes:
        with refused_unless(False):
            db.session.execute(where.values(**change), execution_options={"synchronize_session": False})
    for position in (1, 2, 3):
        with refused_unless(False):
            db.session.execute(sa.delete(Step).where(Step.proposal_id == proposal.id, Step.position == position))
    with refused_unless(True):  # what may be added later
        db.session.execute(where.values(short_answer="Pas tout de suite."))
    with refused_unless(True):  # steps go with their proposal alone
        db.session.execute(sa.delete(Proposal).where(Proposal.id == proposal.id))
    assert rows_of(proposal.id) == []


@pytest.mark.both_databases
def test_no_merger_leads_back_to_where_it_began(app_context: Flask):
    numbers = [make_proposal().id for _ in range(4)]
    first, second, third, fourth = numbers
    for own, other in ((first, second), (second, third), (third, fourth)):
        write_step(own, 2, "regroupee", DAY, to_proposal_id=other)
    for target in numbers:
        with refused_unless(False):
            write_step(fourth, 2, "regroupee", DAY, to_proposal_id=target)
    write_void(second, 2, to=True)
    with refused_unless(True):
        write_step(fourth, 2, "regroupee", DAY, to_proposal_id=first)
    with refused_unless(False):
        write_void(second, 2, to=False)


# Several steps at once


@pytest.mark.both_databases
def test_two_steps_that_hold_only_together_are_voided_together(app_context: Flask):
    proposal = proposal_in("etude")
    for position, kind in enumerate(("transmise", "retenue", "abandonnee"), start=3):
        write_step(proposal.id, position, kind, DAY + dt.timedelta(days=9), **whither(kind, make_recipient().id, 0))
    for position in (3, 4):
        with refused_unless(False):
            write_void(proposal.id, position, to=True)
    with held(db.session.connection(), [proposal.id]):
        write_void(proposal.id, 3, to=True)
        write_void(proposal.id, 4, to=True)
    db.session.commit()
    assert [kind for kind, _day, voided in rows_of(proposal.id) if not voided] == ["recueillie", "etude", "abandonnee"]


@pytest.mark.both_databases
@pytest.mark.parametrize("position", [1, 2, 3])
def test_a_path_is_looked_at_when_it_is_let_go(app_context: Flask, position: int):
    proposal = proposal_in("ajournee")
    db.session.commit()
    allowed = position == 3
    with refused_unless(allowed), held(db.session.connection(), [proposal.id]):
        write_void(proposal.id, position, to=True)
        if position == 1:
            write_void(proposal.id, 2, to=True)
            write_void(proposal.id, 3, to=True)


@pytest.mark.both_databases
def test_no_transaction_ends_with_a_held_path(app_context: Flask):
    proposal = proposal_in("ajournee")
    db.session.commit()
    db.session.execute(sa.insert(HeldPath).values(proposal_id=proposal.id))
    write_void(proposal.id, 2, to=True)
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()
    assert [voided for _kind, _day, voided in rows_of(proposal.id)] == [False, False, False]
    for values in ({"proposal_id": 0}, {"proposal_id": proposal.id, "nobody": proposal.id}):
        with refused_unless(False):
            db.session.execute(sa.insert(HeldPath).values(**values))


def test_two_who_add_at_once_wait_for_each_other(new_postgresql_database: Any, tmp_path: Any):
    """Neither sees the other's step: one must wait, and is refused where the path has gone on."""
    from tests.support.apps import dispose, make_app

    app = make_app(new_postgresql_database(), tmp_path / "instance")
    with app.app_context():
        number = proposal_in("transmise").id
        db.session.commit()
        with db.engine.connect() as one, db.engine.connect() as two:
            _add(one, number, 3, "retenue")
            two.execute(sa.text("SET LOCAL lock_timeout = '300ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                _add(two, number, 4, "non_retenue")
            two.rollback()
            one.commit()
            with pytest.raises(IntegrityError):
                _add(two, number, 4, "non_retenue")
    dispose(app)


def _add(connection: sa.Connection, number: int, position: int, kind: str) -> None:
    row = {"proposal_id": number, "position": position, "kind": kind, "on_date": dt.date(2026, 3, 20)}
    connection.execute(sa.insert(Step).values(**row, reason="Parce que.", created_at=now()))


# The rules, and what a hand-made post sends


@walking
@given(moves=moves)
def test_the_rules_make_no_path_outside_the_table(town: Town, moves: list[tuple[str, Any, int]]):
    proposal, walk = make_proposal(body=town.commission, received_on=DAY), Walk()
    for move in moves:
        steps = wanted(walk, move)
        if steps is None or move[0] == "unvoid":
            continue
        try:
            _ask(town, proposal, walk, move, steps)
        except Refusal:
            assert not walk.is_path(steps) or _is_refused_besides(walk, steps)
        else:
            assert walk.takes(steps), move
        assert rows_of(proposal.id) == walk.steps
    assert rules.path_faults(proposal.steps) == []
    db.session.rollback()


def _ask(town: Town, proposal: Proposal, walk: Walk, move: tuple[str, Any, int], steps: list[Any]) -> None:
    if move[0] == "void":
        step = proposal.steps[move[1]]
        step_rules.void_step(db.session(), proposal, step, "Erreur.", version=proposal.version, by=town.admin)
    else:
        kind, day, _voided = steps[-1]
        draft = draft_of(kind, on_date=day)
        step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
    db.session.flush()


def _is_refused_besides(walk: Walk, steps: list[tuple[str, dt.date, bool]]) -> bool:
    """Whether the rules have another reason: no step is dated after today, 20 March 2026."""
    return steps[-1][1] > dt.date(2026, 3, 20)


@settings(walking, max_examples=8)
@given(
    kinds=st.lists(st.sampled_from(list(STEP_KINDS)), min_size=1, max_size=6), reason=st.sampled_from(["", " ", "Oui."])
)
def test_a_hand_made_post_makes_no_path_outside_the_table(
    as_admin: CheckedClient, town: Town, kinds: list[str], reason: str
):
    proposal, other = make_proposal(body=town.commission), make_proposal(body=town.commission)
    db.session.commit()
    path, state = f"/equipe/propositions/{proposal.ref}", "recueillie"
    token = fields_of(as_admin.get("/equipe/compte"))["csrf_token"]
    for kind in kinds:
        version = db.session.scalar(sa.select(Proposal.version).where(Proposal.id == proposal.id))
        answer = as_admin.post(f"{path}/etapes", data={
            "cle": new_key(), "csrf_token": token, "version": str(version), "genre": kind,
            "on_date": "2026-03-20", "reason": reason, "to": "d:elus-du-nord", "to_proposal": other.ref,
        })  # fmt: skip
        db.session.rollback()
        allowed = kind in MAY_FOLLOW[state].split() and (kind not in OUTCOMES or bool(reason.strip()))
        allowed = allowed and not (kind == state == "transmise")  # to the same once more
        expected = 303 if allowed else 404 if kind == "recueillie" else 422
        assert answer.status_code == expected, (state, kind, reason)
        state = kind if allowed else state
        assert [row[0] for row in rows_of(proposal.id)][-1] == state


# The API


def test_the_api_only_reads(app: Flask, client: CheckedClient):
    rules_of_api = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    assert rules_of_api
    for rule in rules_of_api:
        assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(rule.rule).status_code == 405


# Due dates are civil dates

SPECIAL = [
    dt.date(2024, 2, 28), dt.date(2024, 2, 29), dt.date(2023, 2, 28), dt.date(2025, 2, 28), dt.date(2028, 2, 29),
    dt.date(2026, 3, 28), dt.date(2026, 3, 29), dt.date(2026, 10, 24), dt.date(2026, 10, 25), dt.date(2025, 12, 31),
]  # fmt: skip
"""Around leap days, both clock changes and the turn of the year."""


@pytest.mark.both_databases
@walking
@given(sent=st.sampled_from(SPECIAL) | st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31)), days=st.integers(1, 800))
def test_an_answer_is_due_so_many_days_later_whatever_the_calendar(app_context: Flask, sent: dt.date, days: int):
    make_contract(response_days=days)
    proposal = make_proposal(received_on=sent, steps=[{"kind": "transmise", "on_date": sent}])
    due = db.session.scalar(sa.select(Proposal.answer_due_on).where(Proposal.id == proposal.id))
    assert due == sent + dt.timedelta(days=days)
    assert due.toordinal() == sent.toordinal() + days
    db.session.rollback()
