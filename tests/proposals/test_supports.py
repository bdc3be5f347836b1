"""One phone, one support; no vote, no account, no way to follow a phone, and the truth where cookies are refused."""

import concurrent.futures
import html
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from participation.extensions import db
from participation.people.models import RateWindow
from participation.proposals import supports
from participation.proposals.models import Proposal, Support
from participation.proposals.phones import DAYS
from tests.proposals.test_machine import proposal_in
from tests.support.apps import dispose, make_app
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_proposal
from tests.support.town import Town

LIST = "/propositions"
THANKS = "Votre soutien est compté."
BACK = "Votre soutien est retiré."
NO_COOKIE = "Votre soutien n'est pas compté. Votre téléphone refuse les témoins"


@pytest.fixture
def bench(town: Town) -> Proposal:
    proposal = make_proposal("prop-1", title="Un banc", body=town.commission, quartiers=[town.quay])
    db.session.commit()
    return proposal


def tap(client: CheckedClient, verb: str = "soutien", ref: str = "prop-1", **sent: str) -> TestResponse:
    """Press a button of support."""
    return client.post(f"/propositions/{ref}/{verb}", data=sent)


def count() -> int:
    """Return how many supports are stored."""
    return db.session.query(Support).count()


def read(client: CheckedClient, answer: TestResponse) -> str:
    """Return the page to which a tap leads, as words and tags."""
    assert (answer.status_code, client.get(answer.location).status_code) == (303, 200)
    return html.unescape(client.get(answer.location).text)


# One phone


def test_one_tap_supports_and_one_tap_takes_it_back(client: CheckedClient, bench: Proposal):
    first = client.get(LIST).text
    assert "Pas encore de soutien par téléphone" in first
    assert "Un soutien n'est pas un vote. Il montre ce qui compte pour les habitants." in html.unescape(first)
    given = tap(client, suite="/propositions?quartier=le-quai")
    assert given.location == "/propositions?quartier=le-quai&soutien=donne&carte=prop-1#carte-prop-1"
    page = read(client, given)
    assert THANKS in page
    assert "1 soutien par téléphone" in page
    assert "Vous soutenez cette proposition" in page
    assert 'id="carte-prop-1"' in page
    page = read(client, tap(client, "soutien/retirer", suite=LIST))
    assert BACK in page
    assert "Pas encore de soutien par téléphone" in page
    assert count() == 0


@pytest.mark.both_databases
def test_a_tap_repeated_counts_once(client: CheckedClient, bench: Proposal):
    client.get(LIST)
    for _n in range(3):
        assert THANKS in read(client, tap(client))
    assert count() == 1
    for _n in range(2):
        assert BACK in read(client, tap(client, "soutien/retirer"))
    assert count() == 0


@pytest.mark.both_databases
def test_sixteen_taps_at_once_count_once(app: Flask, client: CheckedClient, bench: Proposal):
    client.get(LIST)
    cookie = client.get_cookie("telephone")
    assert cookie
    db.session.commit()
    number = cookie.value

    def press(_n: int) -> int:
        other = app.test_client()
        other.set_cookie("telephone", number)
        return other.post("/propositions/prop-1/soutien").status_code

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert set(pool.map(press, range(16))) == {303}
    assert count() == 1


def test_each_phone_has_its_own(app: Flask, client: CheckedClient, bench: Proposal):
    for _n in range(3):
        phone = app.test_client()
        phone.get(LIST)
        phone.post("/propositions/prop-1/soutien")
    page = client.get("/propositions/prop-1").location
    assert "3 soutiens par téléphone" in client.get(page).text
    assert "Je retire mon soutien" not in client.get(page).text


def test_the_page_of_a_proposal_has_the_same_button(client: CheckedClient, bench: Proposal):
    page = client.get("/propositions/prop-1-un-banc").text
    assert 'action="/propositions/prop-1/soutien"' in page
    answer = tap(client)
    assert answer.location == "/propositions/prop-1-un-banc?soutien=donne&carte=prop-1#carte-prop-1"
    assert THANKS in client.get(answer.location).text
    moved = client.get("/propositions/prop-1?soutien=donne&carte=prop-1")
    assert moved.location == "/propositions/prop-1-un-banc?soutien=donne&carte=prop-1"


def test_the_button_has_a_full_name(client: CheckedClient, bench: Proposal):
    words = re.sub(r"<[^>]+>", "", html.unescape(client.get(LIST).text))
    assert "Je soutiens cette proposition : Un banc" in words


# The cookie


def test_the_cookie_is_random_unreadable_by_scripts_and_lasts_a_year(app: Flask, bench: Proposal):
    seen = set()
    for _n in range(5):
        cookie = next(c for c in app.test_client().get(LIST).headers.getlist("Set-Cookie") if "telephone=" in c)
        seen.add(re.match(r"telephone=([\w-]{22});", cookie)[1])  # type: ignore[index]  # it must match
        assert f"Max-Age={DAYS * 24 * 3600}" in cookie
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
    assert len(seen) == 5


def test_over_https_the_cookie_belongs_to_this_host_alone(db_url: str, tmp_path):
    app = make_app(db_url, tmp_path / "https", public_url="https://participation.exemple.fr")
    cookie = app.test_client().get(LIST, base_url="https://participation.exemple.fr").headers["Set-Cookie"]
    assert cookie.startswith("__Host-telephone=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    dispose(app)


def test_the_cookie_is_left_once_and_only_beside_a_button(client: CheckedClient, bench: Proposal):
    assert "Set-Cookie" not in client.get("/aide").headers
    assert "telephone=" in client.get(LIST).headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get(LIST).headers
    assert "Set-Cookie" not in client.get("/propositions/prop-1-un-banc").headers


def test_where_cookies_are_refused_nothing_is_counted_and_the_page_says_so(app: Flask, bench: Proposal):
    refusing = app.test_client(use_cookies=False)
    refusing.get(LIST)
    for verb in ("soutien", "soutien/retirer"):
        answer = refusing.post(f"/propositions/prop-1/{verb}", data={"suite": LIST})
        page = html.unescape(refusing.get(answer.location).text)
        assert NO_COOKIE in page
        assert "Pas encore de soutien par téléphone" in page
    assert count() == 0
    assert db.session.query(RateWindow).count() == 0


@pytest.mark.parametrize("number", ["", "court", "x" * 23, "é" * 22, "' OR 1=1 --aaaaaaaaaaaa"])
def test_a_number_that_is_not_ours_is_none(client: CheckedClient, bench: Proposal, number: str):
    client.set_cookie("telephone", number)
    assert "soutien=sans-temoin" in tap(client).location
    assert count() == 0


def test_an_address_that_was_sent_on_says_nothing_untrue(app: Flask, client: CheckedClient, bench: Proposal):
    client.get(LIST)
    told = [tap(client, suite=LIST).location, tap(client, "soutien/retirer", suite=LIST).location]
    told.append(f"{LIST}?soutien=sans-temoin&carte=prop-1")
    fresh = html.unescape(app.test_client().get(told[0]).text + app.test_client().get(told[1]).text)
    assert THANKS not in fresh
    assert BACK not in fresh
    tap(client)
    assert not any(sentence in html.unescape(client.get(told[2]).text) for sentence in (NO_COOKIE, THANKS, BACK))
    assert "soutien=" not in re.sub(r"/soutien", "", client.get(told[0]).text.split("<main")[1])


# Privacy


def test_a_phone_cannot_be_followed_from_a_proposal_to_the_next(client: CheckedClient, town: Town):
    make_proposal("prop-1", body=town.commission)
    make_proposal("prop-2", body=town.commission)
    client.get(LIST)
    tap(client)
    tap(client, ref="prop-2")
    cookie = client.get_cookie("telephone")
    assert cookie
    hashes = [row.phone_hash for row in db.session.query(Support)]
    assert len(set(hashes)) == 2
    assert not any(cookie.value in value for value in hashes)


def test_supports_are_in_no_figure(client: CheckedClient, bench: Proposal):
    before = client.get("/api/v1/indicateurs?periode=2026").text
    client.get(LIST)
    tap(client)
    assert client.get("/api/v1/indicateurs?periode=2026").text == before


# What may be supported


@pytest.mark.parametrize("kind", sorted(supports.CLOSED))
def test_what_is_at_the_end_of_its_road_is_no_longer_supported(client: CheckedClient, town: Town, kind: str):
    proposal = proposal_in(kind, title="Finie", body=town.commission)
    db.session.commit()
    page = html.unescape(client.get("/propositions?q=finie").text)
    assert "Je soutiens" not in page
    assert "Pas encore de soutien par téléphone" in page
    assert ("Elle continue avec une autre" in page) == (kind == "regroupee")
    assert "soutien=terminee" in tap(client, ref=proposal.ref).location
    assert count() == 0


def test_a_support_of_what_was_finished_since_can_be_taken_back(client: CheckedClient, bench: Proposal):
    client.get(LIST)
    tap(client)
    bench.state = "retiree"
    db.session.commit()
    assert "Je retire mon soutien" in client.get(LIST).text
    assert BACK in read(client, tap(client, "soutien/retirer", suite=LIST))
    assert count() == 0


@pytest.mark.parametrize("kind", ["recueillie", "etude", "transmise", "ajournee", "retenue", "en_cours", "non_retenue"])
def test_every_other_proposal_is_supported(client: CheckedClient, town: Town, kind: str):
    proposal = proposal_in(kind, body=town.commission)
    db.session.commit()
    client.get(LIST)
    assert "soutien=donne" in tap(client, ref=proposal.ref).location


# Abuse


def test_sixty_phones_behind_one_address_are_all_served_and_a_script_is_not(
    app: Flask, bench: Proposal, monkeypatch: pytest.MonkeyPatch
):
    for _n in range(60):
        phone = app.test_client()
        phone.get(LIST)
        assert "soutien=donne" in phone.post("/propositions/prop-1/soutien").location
    assert count() == 60
    monkeypatch.setattr(supports, "MOST_FROM_AN_ADDRESS", 60)
    script = app.test_client()
    script.get(LIST)
    answer = script.post("/propositions/prop-1/soutien")
    assert "soutien=attente" in answer.location
    assert "Réessayez dans un quart d'heure." in html.unescape(script.get(answer.location).text)
    assert count() == 60


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 303),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://ailleurs.exemple.fr"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_another_site_supports_nothing(client: CheckedClient, bench: Proposal, headers: dict[str, str], status: int):
    client.get(LIST)
    assert client.post("/propositions/prop-1/soutien", headers=headers).status_code == status
    assert count() == (status == 303)


@pytest.mark.parametrize("suite", ["//ailleurs.exemple.fr", "https://ailleurs.exemple.fr", "/\\ailleurs", "x", "/\n/a"])
def test_the_way_back_stays_on_this_site(client: CheckedClient, bench: Proposal, suite: str):
    client.get(LIST)
    assert tap(client, suite=suite).location.startswith("/propositions/prop-1-un-banc?")


def test_what_does_not_exist_is_not_supported(client: CheckedClient, bench: Proposal):
    client.get(LIST)
    assert tap(client, ref="prop-9").status_code == 404
    assert client.get("/propositions/prop-1/soutien").status_code == 405


# Lists


def test_the_number_of_queries_does_not_grow(app: Flask, client: CheckedClient, bench: Proposal, town: Town):
    def cost() -> int:
        with count_queries(app) as queries:
            client.get(LIST)
        return queries.number

    few = cost()
    for number in range(19):
        make_proposal(title=f"Une fontaine {number}", body=town.commission)
    numbers = [number for (number,) in db.session.execute(sa.select(Proposal.id))]
    rows = [
        {"proposal_id": n, "phone_hash": f"{n}-{m}", "given_on": town.cafe.held_on} for n in numbers for m in range(9)
    ]
    db.session.execute(sa.insert(Support), rows)
    assert cost() == few
    assert client.get(LIST).text.count("9 soutiens par téléphone") == 20


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_a_page_of_twenty_is_light(client: CheckedClient, town: Town, language: str):
    for number in range(25):
        title = f"Une proposition numéro {number} avec un titre assez long pour la place du Quai"
        steps = [{"kind": "transmise"}, {"kind": "retenue", "short_answer": f"Oui, en mai, avec {number} personnes."}]
        make_proposal(title=title, body=town.commission, theme=town.theme, quartiers=[town.quay], steps=steps)
    phone = FlaskClient(client.application, TestResponse)
    page = phone.get(f"{LIST}?l={language}", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.data) + len(str(page.headers)) <= 14_000
