"""Codes and their opinions; visits that nothing stores."""

import datetime as dt

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.following import codes, rules, seals, visits
from participation.following.addresses import qr_url, receipt_path
from participation.following.models import FollowCode
from tests.support.factory import make_opinion
from tests.support.town import Town

CODE = "chat-lune-pain-velo-pont"
MINUTE = dt.timedelta(minutes=1)


# Giving a code to an opinion


@pytest.mark.both_databases
def test_code_is_given_once(town: Town):
    opinion = make_opinion()
    row = rules.attach(db.session(), CODE, opinion)
    assert rules.attach(db.session(), CODE, opinion).id == row.id, "the same sending again"
    db.session.commit()
    with pytest.raises(rules.CodeTaken):
        rules.attach(db.session(), CODE, make_opinion())
    db.session.rollback()
    assert db.session.query(FollowCode).count() == 1


@pytest.mark.both_databases
def test_opinion_has_one_code(town: Town):
    opinion = make_opinion()
    rules.attach(db.session(), CODE, opinion)
    with pytest.raises(rules.CodeTaken):
        rules.attach(db.session(), codes.new_code(), opinion)
    db.session.commit()
    assert db.session.query(FollowCode).count() == 1, "what was refused left nothing"


@pytest.mark.parametrize("words", ["", "chat", "chat lune pain velo pont", "CHAT-lune-pain-velo-pont", "x" * 300])
def test_what_is_no_code_is_refused(town: Town, words: str):
    with pytest.raises(Refusal, match="cinq mots"):
        rules.attach(db.session(), words, make_opinion())


@pytest.mark.both_databases
def test_printed_card_is_taken_over(town: Town):
    code, other = rules.print_codes(db.session(), 2, town.cafe)
    db.session.commit()
    assert visits.find(db.session(), code) is None, "nobody has filled it in"
    opinion = make_opinion()
    row = rules.attach(db.session(), code, opinion)
    db.session.commit()
    assert (row.opinion_id, row.meeting_id) == (opinion.id, town.cafe.id)
    assert visits.find(db.session(), other) is None
    with pytest.raises(rules.CodeTaken):
        rules.attach(db.session(), code, make_opinion())


def test_database_knows_no_word(town: Town):
    made = [CODE, *rules.print_codes(db.session(), 8, None)]
    rules.attach(db.session(), CODE, make_opinion())
    kept = db.session.query(FollowCode).all()
    assert len(kept) == 9
    seen = repr([(row.code_hash, row.created_at, row.last_seen_on) for row in kept])
    assert not any(word in seen for code in made for word in code.split("-"))


# Visits


def _follow(town: Town) -> str:
    row = rules.attach(db.session(), CODE, make_opinion("avis-1"))
    token = rules.open_visit(db.session(), row, CODE)
    db.session.commit()
    return token


def test_visit_lasts_half_an_hour(town: Town, today: dt.date):
    start = dt.datetime(2026, 3, 20, 12, tzinfo=dt.UTC)
    with time_machine.travel(start, tick=False):
        token = _follow(town)
    with time_machine.travel(start + 30 * MINUTE - dt.timedelta(seconds=1), tick=False):
        visit = visits.read(db.session(), token)
        assert (visit.code, visit.opinion.ref) == (CODE, "avis-1")
    with time_machine.travel(start + 30 * MINUTE, tick=False), pytest.raises(seals.Expired):
        visits.read(db.session(), token)


@pytest.mark.parametrize("token", ["", "a", "é", "AAAA", "A" * 108, "../etc", "%00", "=" * 9])
def test_made_up_token_is_refused(town: Town, token: str):
    with pytest.raises(NotFound) as refused:
        visits.read(db.session(), token)
    assert refused.value.status == 404


def test_changed_token_is_refused(town: Town):
    token = _follow(town)
    for at in range(0, len(token), 7):
        changed = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(NotFound):
            visits.read(db.session(), changed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # the application keeps nothing of a token
@given(st.binary(max_size=100), st.text(max_size=10))
def test_sealed_is_unsealed(app: Flask, content: bytes, purpose: str):
    with app.app_context():
        token = seals.seal(content, purpose, MINUTE)
        assert seals.unseal(token, purpose) == content
        assert token != seals.seal(content, purpose, MINUTE), "two never look alike"
        with pytest.raises(NotFound):
            seals.unseal(token, purpose + "!")


def test_token_hides_the_code(town: Town):
    tokens = {visits.token_for(CODE) for _ in range(50)} | {visits.token_for("zoo-" + CODE) for _ in range(50)}
    assert len(tokens) == 100
    assert len({len(token) for token in tokens}) == 1, "its length tells nothing"


def test_access_ends_twelve_months_after_the_last_visit(town: Town, today: dt.date):
    _follow(town)
    for day, opens in [(dt.date(2027, 3, 20), True), (dt.date(2027, 3, 21), False)]:
        with time_machine.travel(dt.datetime.combine(day, dt.time(12), dt.UTC)):
            assert bool(visits.find(db.session(), CODE)) == opens
    assert visits.last_day(dt.date(2028, 2, 29)) == dt.date(2029, 2, 28)


def test_addresses(app_context: Flask):
    assert receipt_path("abc") == "/suivi/abc"
    assert qr_url(CODE).endswith("/R/CHAT-LUNE-PAIN-VELO-PONT")
