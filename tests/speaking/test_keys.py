"""The key in a form's address: signed, dated, about one door; nothing else opens a form."""

import datetime as dt
from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings

from participation.errors import NotFound
from participation.speaking.keys import Expired, hash_of, make_key, read_key

pytestmark = pytest.mark.usefixtures("app_context")

NOON = dt.datetime(2026, 3, 12, 12, tzinfo=dt.UTC)


@dataclass
class Door:
    kind: str = "m"
    id: int = 7


def test_a_key_says_its_door_question_and_moment():
    with time_machine.travel(NOON, tick=False):
        key = read_key(make_key(Door("q", 31), question=2))
    assert (key.kind, key.id, key.question, key.issued_at) == ("q", 31, 2, NOON)


def test_two_keys_of_one_moment_differ():
    with time_machine.travel(NOON, tick=False):
        assert make_key(Door()) != make_key(Door())


def test_a_key_lives_a_day_and_still_says_its_door_after():
    with time_machine.travel(NOON, tick=False):
        cle = make_key(Door())
    with time_machine.travel(NOON + dt.timedelta(hours=24), tick=False):
        assert read_key(cle).id == 7
    with time_machine.travel(NOON + dt.timedelta(hours=24, seconds=1), tick=False), pytest.raises(Expired) as refused:
        read_key(cle)
    assert refused.value.status == 410
    assert refused.value.key.kind == "m"


def test_a_changed_key_opens_nothing():
    cle = make_key(Door())
    for place, letter in enumerate(cle):
        other = "1" if letter != "1" else "2"
        if place != len(cle) - 1:  # the last letter of base 64 holds bits that do not count
            with pytest.raises(NotFound):
                read_key(cle[:place] + other + cle[place + 1 :])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_any_other_text_opens_nothing(app_context: Flask, text: str):
    with pytest.raises(NotFound):
        read_key(text)


def test_the_database_knows_a_key_by_a_hash_only():
    cle = make_key(Door())
    assert read_key(cle).hashed == hash_of(cle)
    assert len(hash_of(cle)) == 64
    assert cle not in hash_of(cle)
