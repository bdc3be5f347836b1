"""Which language a page is in, and that all of it is in that language: texts of the program, marked data, direction."""

import datetime as dt
import gzip
import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
import time_machine
from babel.messages.catalog import Message
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from participation.bodies.load import load_contract
from participation.bodies.models import Body
from participation.contract.file import read_contract
from participation.extensions import db
from participation.language import _with_language
from participation.meetings.models import Meeting
from participation.proposals.models import Proposal, Step
from participation.simulation import demo
from participation.simulation.generate import Sizes
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.checked_client import CheckedClient
from tests.support.html import VOID, Page
from tests.support.residents import add_rare_pages, first_addresses
from tests.support.translations import catalogues, read

NOW = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
EACH = 5
"""Pages opened of each kind: of a kind, one is like the other."""
LONG = 12
"""Shorter texts of the catalogue may be in a longer one, or in somebody's words, by chance."""

# Who reads in which language


def language_of(answer: TestResponse) -> tuple[str, str]:
    html = Page(answer.get_data(as_text=True)).find_all("html")[0]
    return html.get("lang"), html.get("dir")


def test_the_language_travels_without_cookies(app: Flask) -> None:
    browser = app.test_client(use_cookies=False)
    chosen = browser.get("/langue/ar?suite=/aide")
    assert chosen.location == "/aide?l=ar"
    page = browser.get(chosen.location)
    assert language_of(page) == ("ar", "rtl")
    plain = FlaskClient(app, app.response_class, use_cookies=False)  # the checking one reads what is not packed
    packed = plain.get(chosen.location, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.get_data()).decode() == page.text
    links = re.findall(r'href="(/[^"]*)"', page.text)
    elsewhere = [link for link in links if not link.startswith(("/static/", "/langue/", "/equipe"))]
    assert elsewhere
    assert all(re.search(r"[?;]l=ar(#|$)", link) for link in elsewhere)
    assert browser.get("/c?code=0000&l=ar").status_code in {303, 404}
    assert "l=ar" in browser.post("/suivi/chercher?l=ar", data={}).location
    back = browser.get("/langue/fr?suite=/rencontres%3Fl%3Dar%26quand%3Dpassees")
    assert back.location == "/rencontres?quand=passees&l=fr"


def test_with_cookies_no_address_carries_the_language(client: CheckedClient) -> None:
    page = client.get("/langue/ar?suite=/aide%23suite", follow_redirects=True)
    assert language_of(page) == ("ar", "rtl")
    assert "l=ar" not in page.text
    assert client.get("/langue/en?suite=/aide").location == "/aide"
    shared = client.get("/aide?l=fr")
    assert (language_of(shared), "l=fr" in shared.text) == (("fr", "ltr"), False)


@pytest.mark.parametrize(
    ("address", "carried"),
    [
        ("/aide", "/aide?l=ar"),
        ("/aide#suite", "/aide?l=ar#suite"),
        ("/propositions?theme=x#prop-1", "/propositions?theme=x&l=ar#prop-1"),
        ("/aide?l=en", "/aide?l=en"),
    ],
)
def test_an_address_says_its_language_once(address: str, carried: str) -> None:
    assert _with_language(address, "ar") == carried


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ("", ("fr", "ltr")),
        ("ar-MA,ar;q=0.9,fr;q=0.5", ("ar", "rtl")),
        ("en-GB", ("en", "ltr")),
        ("en;q=0.4,fr;q=0.8", ("fr", "ltr")),
        ("tr,ar;q=0.3", ("ar", "rtl")),
        ("de", ("fr", "ltr")),
        ("x;q=y,,,;", ("fr", "ltr")),
    ],
)
def test_the_browser_says_which_language_is_wanted(
    client: CheckedClient, accepted: str, expected: tuple[str, str]
) -> None:
    assert language_of(client.get("/aide", headers={"Accept-Language": accepted})) == expected


def test_the_link_is_kept_and_goes_back(client: CheckedClient) -> None:
    answer = client.get("/langue/ar?suite=/propositions%3Fetat%3Dfait")
    assert (answer.status_code, answer.location) == (303, "/propositions?etat=fait&l=ar")
    cookie = client.get_cookie("langue")
    assert cookie
    assert (cookie.value, cookie.http_only, cookie.same_site) == ("ar", True, "Lax")
    assert language_of(client.get("/propositions", headers={"Accept-Language": "en"})) == ("ar", "rtl")
    client.get("/langue/fr")
    assert language_of(client.get("/propositions", headers={"Accept-Language": "en"})) == ("fr", "ltr")


@pytest.mark.parametrize("elsewhere", ["https://exemple.org/", "//exemple.org/", "/\\exemple.org", "javascript:1", ""])
def test_the_link_leads_to_no_other_site(client: CheckedClient, elsewhere: str) -> None:
    answer = client.get("/langue/en", query_string={"suite": elsewhere})
    assert (answer.status_code, answer.location) == (303, "/?l=en")


def test_a_language_that_does_not_exist_changes_nothing(client: CheckedClient) -> None:
    answer = client.get("/langue/xx?suite=/aide")
    assert (answer.status_code, answer.location) == (303, "/aide")
    assert client.get_cookie("langue") is None


def test_an_address_can_name_its_language(client: CheckedClient) -> None:
    assert language_of(client.get("/aide?l=ar", headers={"Accept-Language": "en"})) == ("ar", "rtl")
    assert client.get_cookie("langue") is None
    client.get("/langue/ar")
    assert language_of(client.get("/aide?l=en")) == ("en", "ltr")
    assert language_of(client.get("/aide?l=xx")) == ("ar", "rtl")


@pytest.mark.parametrize("address", ["/equipe/connexion", "/equipe/avis"])
def test_the_team_reads_french(client: CheckedClient, address: str) -> None:
    client.get("/langue/ar")
    assert language_of(client.get(address, follow_redirects=True)) == ("fr", "ltr")


def test_each_language_has_a_link_in_its_own_words(client: CheckedClient) -> None:
    page = Page(client.get("/aide?l=ar").get_data(as_text=True))
    links = {link.get("lang"): "".join(link.text) for link in page.find_all("a") if link.get("hreflang")}
    assert links == {"fr": "Français", "en": "English", "ar": "العربية"}


# What stands on the pages


class Words(HTMLParser):
    """The words of a page, each with its language and whether they keep their own direction of writing."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str, bool]] = []
        self._open = [("", "", False)]
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        _tag, language, apart = self._open[-1]
        state = (
            tag,
            given.get("lang", language),
            apart or tag in {"bdi", "option"} or (tag != "html" and "dir" in given),
        )
        for name in ("aria-label", "title", "placeholder", "alt"):
            self._note(given.get(name, ""), *state[1:])
        if tag not in VOID:
            self._open.append(state)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty part of a drawing: no words."""

    def handle_endtag(self, tag: str) -> None:
        if self._open[-1][0] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        tag, *state = self._open[-1]
        if tag != "title":  # it mixes words of the site and of the data, and cannot be marked
            self._note(data, *state)

    def _note(self, text: str, language: str, apart: bool) -> None:
        if text.strip():
            self.found.append((" ".join(text.split()), language, apart))


def walk(client: CheckedClient, language: str) -> Iterator[tuple[str, Words]]:
    """Yield the residents' pages in `language`, a few of each kind, and the page that says that one is not there."""
    client.get(f"/langue/{language}")
    routes = client.application.url_map.bind("localhost")
    opened: Counter[str] = Counter()
    waiting = first_addresses(client.application)
    known = set(waiting)
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address, follow_redirects=True)
        if answer.mimetype != "text/html" or answer.status_code not in {200, 404}:
            continue
        text = answer.get_data(as_text=True)
        yield address, Words(text)
        for link in Page(text).find_all("a"):
            parts = urlsplit(urljoin(f"http://localhost{address}", link.get("href")))
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.netloc != "localhost" or found in known or re.match(r"/(langue|equipe|admin)\b", parts.path):
                continue
            known.add(found)
            try:
                kind = routes.match(parts.path)[0] + "?" * bool(parts.query)
            except HTTPException:
                continue
            opened[kind] += 1
            if opened[kind] <= EACH:
                waiting.append(found)


@pytest.fixture
def filled(app_context: Flask) -> None:
    """A generated year on the fictitious contract."""
    load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
    demo.fill(db.session(), Sizes(years=1, meetings=14, proposals=24, opinions=40))
    add_rare_pages()
    db.session.commit()


def french_texts(language: str) -> set[str]:
    """Return the French texts, or parts of them between placeholders, that a page in `language` must not show."""
    found = set()
    for message in read(catalogues()[language]):
        told = " ".join(_forms(message.string))
        for text in _forms(message.id):
            parts = (part.strip() for part in re.split(r"%\(\w+\)[sd]", text))
            found |= {part for part in parts if told and len(part) > LONG and part not in told}
    return found


def _forms(text: Message | str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str | None) else tuple(text)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.usefixtures("filled")
def test_no_text_of_the_site_stays_in_french(client: CheckedClient, language: str) -> None:
    texts = french_texts(language)
    left, addresses = set(), []
    for address, words in walk(client, language):
        addresses.append(address)
        shown = "\n".join(text for text, spoken, _apart in words.found if spoken != "fr")
        left |= {(address, text) for text in texts if text in shown}
    assert not left
    assert len(addresses) > 20


@time_machine.travel(NOW, tick=False)
@pytest.mark.usefixtures("filled")
def test_words_of_the_database_are_marked_as_french(client: CheckedClient) -> None:
    data = set()
    for column in (Meeting.title, Meeting.place, Proposal.title, Proposal.text, Body.name, Step.short_answer):
        data |= {" ".join(text.split()) for text in db.session.scalars(sa.select(column)) if text}
    seen, unmarked = set(), set()
    for address, words in walk(client, "ar"):
        for text, language, apart in words.found:
            if text in data:
                seen.add(text)
                if (language, apart) != ("fr", True):
                    unmarked.add((address, text))
    assert not unmarked
    assert len(seen) > 20
