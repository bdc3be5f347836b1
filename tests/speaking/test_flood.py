"""Floods are set apart or wait; a café behind one address is served whole (security.md R09)."""

import datetime as dt
import html
from collections import Counter

import pytest
import sqlalchemy as sa
import time_machine

from participation.database import now
from participation.extensions import db
from participation.following.models import Draft
from participation.people.models import RateWindow
from participation.speaking import flood
from participation.speaking.doors import Door, quartier_door
from participation.speaking.keys import make_key, read_key
from participation.speaking.rules import code_of
from tests.speaking.sending import JSON, WORDS, key, opinions, post
from tests.support.checked_client import CheckedClient
from tests.support.town import Town

ADDRESS = "203.0.113.7"
"""Of the café's network; 203.0.113.0/24 is for documentation (RFC 5737)."""


@pytest.fixture
def door(town: Town) -> Door:
    """The quartier's own door."""
    return quartier_door(db.session(), town.quay)


def send(client: CheckedClient, cle: str, address: str = ADDRESS, **fields: str) -> int:
    """Send a form from an address; return 303 for what was taken, 429 for what is to wait."""
    data = {"texte": WORDS, "code": code_of(read_key(cle), 0)} | fields
    answer = client.post(f"/envoi/{cle}", data=data, headers=JSON, environ_overrides={"REMOTE_ADDR": address})
    return answer.status_code


def fill(what: str, who: str, number: int) -> None:
    """Put `number` tries in the current window, as if they had come."""
    from participation.people import rates

    db.session.add(RateWindow(key_hash=rates._key(what, who), window_start=rates._window(), count=number))
    db.session.commit()


# People


def test_sixty_phones_behind_one_address_are_served(client: CheckedClient, door: Door):
    start = now()
    for phone in range(60):
        with time_machine.travel(start + dt.timedelta(seconds=10 * phone), tick=False):
            assert send(client, key(door)) == 201
    assert len(opinions()) == 60
    assert not any(opinion.from_flood for opinion in opinions())


def test_sixty_phones_that_err_and_repeat_are_served(client: CheckedClient, door: Door):
    for _phone in range(60):
        cle = key(door)
        assert [send(client, cle, texte=text) for text in ("", WORDS, WORDS)] == [422, 201, 200]
    assert len(opinions()) == 60


# Programs


def test_beyond_the_first_limit_opinions_are_kept_apart(client: CheckedClient, door: Door):
    fill("parole.porte", f"q{door.id}", flood.APART - 1)
    assert [send(client, key(door)) for _ in range(3)] == [201, 201, 201]
    assert [opinion.from_flood for opinion in opinions()] == [False, True, True]


def test_beyond_the_second_limit_the_words_wait_in_the_form(client: CheckedClient, door: Door):
    fill("parole.porte", f"q{door.id}", flood.MOST)
    cle = key(door)
    answer = post(client, cle)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/ecrire/{cle}")
    assert answer.headers["Retry-After"] == "300"
    page = html.unescape(client.get(f"/ecrire/{cle}").text)
    assert WORDS in page
    assert "Attendez cinq minutes" in page
    answer = post(client, cle, headers=JSON)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert opinions() == []
    with time_machine.travel(now() + 2 * dt.timedelta(minutes=15), tick=False):
        assert post(client, cle).headers["Location"].startswith("/suivi/")


def test_another_door_stays_open(client: CheckedClient, town: Town, door: Door):
    fill("parole.porte", f"q{door.id}", flood.MOST)
    assert send(client, key(quartier_door(db.session(), town.hill))) == 201


def test_one_address_cannot_close_a_door(client: CheckedClient, door: Door):
    assert flood.CEILING < flood.MOST
    fill("parole.adresse", ADDRESS, flood.CEILING)
    cle = key(door)
    answer = client.post(f"/envoi/{cle}", data={"texte": WORDS}, environ_overrides={"REMOTE_ADDR": ADDRESS})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
    assert WORDS in html.unescape(answer.text)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0
    assert send(client, cle, address="203.0.113.8") == 201


def test_faster_than_anybody_is_kept_and_goes_the_second_time(client: CheckedClient, door: Door):
    cle = make_key(door)
    answer = post(client, cle)
    assert (answer.headers["Location"], answer.headers["Retry-After"]) == (f"/ecrire/{cle}", "2")
    page = html.unescape(client.get(f"/ecrire/{cle}").text)
    assert WORDS in page
    assert "envoyez-le encore une fois" in page
    with time_machine.travel(now() + dt.timedelta(seconds=2), tick=False):
        assert post(client, cle).headers["Location"].startswith("/suivi/")


def test_a_clock_put_back_accuses_nobody(client: CheckedClient, door: Door):
    assert send(client, key(door, age=-dt.timedelta(hours=1))) == 201


def test_a_hidden_field_filled_in_is_emptied_and_goes_the_second_time(client: CheckedClient, door: Door):
    cle = key(door)
    post(client, cle, site="https://exemple.fr")
    page = html.unescape(client.get(f"/ecrire/{cle}").text)
    assert WORDS in page
    assert "exemple.fr" not in page
    assert opinions() == []
    assert send(client, cle) == 201


def test_of_a_program_at_fifty_a_second_one_in_a_hundred_stands_among_the_others(town: Town, door: Door):
    """Ten minutes of it. What waits is not counted, so within a second nothing changes after the first that does."""
    start, told = now(), Counter[str]()
    for second in range(600):
        with time_machine.travel(start + dt.timedelta(seconds=second), tick=False):
            for number in range(50):
                answer = _told(door)
                told[answer] += 50 - number if answer == "waits" else 1
                if answer == "waits":
                    break
    assert told.total() == 30_000
    assert told["taken"] <= 0.01 * told.total()


def _told(door: Door) -> str:
    """What the program is told, one address and a form that is old enough each time."""
    session = db.session()
    try:
        flood.count_address(session, ADDRESS)
        apart = flood.is_flooded(session, door)
        flood.count_opinion(session, door)
    except flood.TooMany:
        return "waits"
    finally:
        session.commit()
    return "apart" if apart else "taken"


def test_a_program_sends_what_it_can(client: CheckedClient, door: Door):
    """The same over HTTP, with forms of its own: most of what a minute of it brings is refused or stands apart."""
    statuses = Counter(send(client, key(door)) for _ in range(500))
    assert statuses == {201: flood.CEILING, 429: 500 - flood.CEILING}
    assert sum(not opinion.from_flood for opinion in opinions()) == flood.APART


def test_counts_say_nothing_of_who_came(client: CheckedClient, door: Door):
    send(client, key(door))
    for row in db.session.scalars(sa.select(RateWindow)):
        assert ADDRESS not in row.key_hash
        assert len(row.key_hash) == 64
