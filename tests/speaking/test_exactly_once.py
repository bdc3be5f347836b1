"""Whatever is lost on the way, one opinion: sent twice at once, Back, reload, two tabs (ux.md R8)."""

import http.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Error, Page, Route, expect

from participation.extensions import db
from participation.following import visits
from participation.following.models import FollowCode
from participation.idempotency import SentForm
from participation.opinions.models import Opinion
from participation.speaking.doors import Door, quartier_door
from participation.speaking.keys import hash_of, read_key
from participation.speaking.rules import code_of
from tests.speaking.sending import CODE, OTHER_CODE, WORDS, followed, key, opinions, post
from tests.support.browser import NewContext
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_contract, make_quartier

AT_ONCE = 8
"""Phones that send at the same time."""
KEYS = 12
"""Forms; each is sent three times."""


@pytest.fixture
def door(app_context: Flask) -> Door:
    """A quartier's door, on the real clock."""
    make_contract()
    quartier = make_quartier("le-quai", name="Le Quai")
    db.session.commit()
    door = quartier_door(db.session(), quartier)
    db.session.rollback()
    return door


# Sent again


def test_the_same_sending_again_gets_a_fresh_way_to_its_receipt(client: CheckedClient, door: Door):
    cle = key(door)
    first, second = (post(client, cle) for _ in range(2))
    assert followed(first) == followed(second)
    assert first.headers["Location"] != second.headers["Location"]
    assert len(opinions()) == 1


@pytest.mark.parametrize(
    "other", [{"texte": "Autre chose."}, {"code": OTHER_CODE}, {"lecture": "reserve"}, {"texte": ""}]
)
def test_something_else_by_the_same_key_learns_nothing_and_loses_nothing(
    client: CheckedClient, door: Door, other: dict[str, str]
):
    cle = key(door)
    post(client, cle)
    answer = post(client, cle, **other)
    assert answer.status_code == 409
    assert "Retrouvez-le avec votre code." in answer.text
    assert CODE not in answer.text
    assert (WORDS.split("'")[0] in answer.text) == ("texte" not in other)
    assert "/suivi/" not in answer.text
    assert len(opinions()) == 1


def test_a_second_opinion_from_the_same_page_goes_by_a_fresh_one(client: CheckedClient, door: Door):
    cle = key(door)
    post(client, cle)
    answer = post(client, cle, texte="Et des arbres.")
    fresh = next(link for link in answer.text.split('"') if link.startswith("/ecrire/"))
    assert "Et des arbres." in client.get(fresh).text
    assert cle not in answer.text


def test_a_page_shown_again_holds_the_same_words_for_as_long_as_a_receipt(client: CheckedClient, door: Door):
    cle = key(door)
    code = code_of(read_key(cle), 0)
    assert code in client.get(f"/ecrire/{cle}").text
    post(client, cle, code=code)
    page = client.get(f"/ecrire/{cle}").text
    assert code in page
    assert "Le même ne compte pas deux fois." in page
    db.session.get_one(SentForm, hash_of(cle)).sent_at -= visits.LIFE
    page = client.get(f"/ecrire/{cle}").text
    assert code not in page
    assert "Un avis est déjà arrivé" in page


@pytest.mark.both_databases
def test_sent_at_once_by_several_it_stands_once(app: Flask, live_server: str, door: Door):
    forms = [_form(door) for _ in range(KEYS)] * 3
    answers = _send_at_once(live_server, forms)
    assert Counter(status for status, _location in answers) == {303: len(forms)}
    receipts: dict[str, int] = {}
    for (cle, _body), (_status, location) in zip(forms, answers, strict=True):
        opinion = visits.read(db.session(), location.removeprefix("/suivi/")).opinion
        assert receipts.setdefault(cle, opinion.id) == opinion.id
    assert len(set(receipts.values())) == KEYS
    assert _count(Opinion) == KEYS
    assert _count(FollowCode) == KEYS


@pytest.mark.both_databases
def test_of_two_contents_at_once_by_one_key_one_stands(app: Flask, live_server: str, door: Door):
    cle, _body = _form(door)
    forms = [(cle, {"texte": f"Texte {number % 2}.", "code": CODE}) for number in range(AT_ONCE)]
    answers = _send_at_once(live_server, forms)
    assert {status for status, _location in answers} == {303, 409}
    assert _count(Opinion) == 1


@pytest.mark.both_databases
def test_of_two_phones_with_one_code_one_gets_another(app: Flask, live_server: str, door: Door):
    forms = [(_form(door)[0], {"texte": WORDS, "code": CODE}) for _ in range(AT_ONCE)]
    answers = _send_at_once(live_server, forms)
    assert sorted(location[:7] for _status, location in answers) == ["/ecrire"] * (AT_ONCE - 1) + ["/suivi/"]
    assert _count(Opinion) == 1


def _form(door: Door) -> tuple[str, dict[str, str]]:
    cle = key(door)
    return cle, {"texte": WORDS, "code": code_of(read_key(cle), 0), "langue": "fr"}


def _send_at_once(address: str, forms: list[tuple[str, dict[str, str]]]) -> list[tuple[int, str]]:
    db.session.commit()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda form: _post(address, *form), forms))


def _post(address: str, cle: str, body: dict[str, str]) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", f"/envoi/{cle}", urlencode(body), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.headers.get("Location", "")


def _count(model: type) -> int:
    db.session.rollback()
    number = db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
    db.session.rollback()  # what the test reads would keep the server from writing
    return number


# In a browser without scripts


def _lose(route: Route) -> None:
    """Let the server do its work, and lose its answer."""
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


def _lost(page: Page, address: str, cle: str) -> None:
    """Fill the form in and send it; the answer does not arrive."""
    page.goto(f"{address}/ecrire/{cle}")
    page.get_by_label("Écrivez votre avis").fill(WORDS)
    page.route("**/envoi/**", _lose)
    with pytest.raises(Error), page.expect_navigation():
        page.get_by_role("button", name="Envoyer mon avis").click()
    page.unroute("**/envoi/**")
    assert _count(Opinion) == 1


def _sent(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name="Envoyer mon avis").click()
    assert "/suivi/" in page.url
    assert _count(Opinion) == 1


def test_lost_answer_then_back_and_send_again(live_server: str, no_script_page: Page, door: Door):
    _lost(no_script_page, live_server, key(door))
    no_script_page.go_back()
    expect(no_script_page.get_by_label("Écrivez votre avis")).to_have_value(WORDS)
    _sent(no_script_page)


def test_lost_answer_then_reload(live_server: str, no_script_page: Page, door: Door):
    _lost(no_script_page, live_server, key(door))
    no_script_page.reload()
    assert "/suivi/" in no_script_page.url
    assert _count(Opinion) == 1


def test_the_page_loaded_anew_and_the_same_words_typed_again(live_server: str, no_script_page: Page, door: Door):
    cle = key(door)
    _lost(no_script_page, live_server, cle)
    no_script_page.goto(f"{live_server}/ecrire/{cle}")
    no_script_page.get_by_label("Écrivez votre avis").fill(WORDS)
    _sent(no_script_page)


def test_two_tabs_of_one_form(live_server: str, new_context: NewContext, door: Door):
    cle = key(door)
    context = new_context(java_script_enabled=False)
    tabs = [context.new_page(), context.new_page()]
    for tab in tabs:
        tab.goto(f"{live_server}/ecrire/{cle}")
        tab.get_by_label("Écrivez votre avis").fill(WORDS)
    for tab in tabs:
        _sent(tab)


def test_back_from_the_receipt_and_send_again(live_server: str, no_script_page: Page, door: Door):
    no_script_page.goto(f"{live_server}/ecrire/{key(door)}")
    no_script_page.get_by_label("Écrivez votre avis").fill(WORDS)
    _sent(no_script_page)
    no_script_page.go_back()
    expect(no_script_page.get_by_label("Écrivez votre avis")).to_have_value(WORDS)
    _sent(no_script_page)
