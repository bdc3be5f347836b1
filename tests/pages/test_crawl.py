"""Every internal link of every public page leads to a page that is sound, and to the part of it that it names."""

import datetime as dt
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import time_machine
from flask import Flask
from werkzeug.test import TestResponse

from participation.bodies.load import load_contract
from participation.clock import today
from participation.contract.file import read_contract
from participation.extensions import db
from participation.simulation.generate import Sizes, simulate
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.checked_client import CheckedClient

NOW = dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC)
MOST = 1500
"""More pages than so few rows can have: beyond, links beget links."""
ONE_PLACE = "quartier:le-moulin"
OTHER_PLACES = re.compile(rf"^/bilan/.*/.*perimetre=(?!{ONE_PLACE})|^/signaler/.*[02468]$")
"""The figures of each place are the same pages: each day those of one are opened. Of reports, about one in two."""
LANGUAGE = re.compile(r"^/langue/|[?&]l=")


class _Page(HTMLParser):
    """The links and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag in {"a", "link"} and given.get("href"):
            self.links.append(given["href"])


class Crawl:
    """A walk over the site, each address once."""

    def __init__(self, client: CheckedClient, without: re.Pattern[str] | None = None) -> None:
        self.client = client
        self.without = without
        self.faults: list[str] = []
        self.ids: dict[str, set[str]] = {}
        self._anchors: list[tuple[str, str, str]] = []

    def walk(self, start: str) -> None:
        """Open `start` and all that it leads to."""
        waiting = [(start, "")]
        while waiting and len(self.ids) <= MOST:
            address, source = waiting.pop()
            if address not in self.ids:
                waiting += [(found, address) for found in self._open(address, source)]
        assert len(self.ids) <= MOST, list(self.ids)[-20:]
        for address, anchor, source in self._anchors:
            if anchor not in self.ids.get(address, {anchor}):
                self.faults.append(f"{source}: {address} has no #{anchor}")

    def _open(self, address: str, source: str) -> Iterator[str]:
        self.ids[address] = set()
        response = self.client.get(address, follow_redirects=True)  # the client checks the HTML
        if response.status_code != 200:
            self.faults.append(f"{source}: {address} answers {response.status}")
        elif response.mimetype == "text/html":
            page = _Page(response.get_data(as_text=True))
            self.ids[address] = page.ids
            yield from self._links(page, response, address)

    def _links(self, page: _Page, response: TestResponse, address: str) -> Iterator[str]:
        for link in page.links:
            parts = urlsplit(urljoin(response.request.url, link))
            if parts.netloc not in {"", "localhost"} or parts.scheme not in {"http", ""}:
                continue
            found = parts.path + (f"?{parts.query}" if parts.query else "")
            if parts.fragment:
                self._anchors.append((found, parts.fragment, address))
            if not (LANGUAGE.search(found) or (self.without and self.without.search(found))):
                yield found


@pytest.fixture
def filled(app_context: Flask) -> None:
    """A generated year on the fictitious contract."""
    load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
    simulate(db.session(), Sizes(years=1, meetings=14, proposals=24, opinions=40), 7, until=today())
    db.session.commit()


@time_machine.travel(NOW, tick=False)
@pytest.mark.usefixtures("filled")
def test_every_link_of_the_public_site_leads_somewhere(client: CheckedClient) -> None:
    crawl = Crawl(client, without=OTHER_PLACES)
    crawl.walk("/")
    assert not crawl.faults
    assert f"/bilan/2026/PC1.active?perimetre={ONE_PLACE}" in crawl.ids
    seen = {urlsplit(address).path.split("/")[1] for address in crawl.ids}
    assert {"rencontres", "propositions", "reponses", "contrat", "quartiers", "communes", "instances", "aide"} <= seen


@pytest.mark.full
@time_machine.travel(NOW, tick=False)
@pytest.mark.usefixtures("filled")
def test_every_link_leads_somewhere_for_each_place(client: CheckedClient) -> None:
    crawl = Crawl(client)
    crawl.walk("/")
    assert not crawl.faults


@time_machine.travel(NOW, tick=False)
@pytest.mark.usefixtures("app_context")
def test_every_link_leads_somewhere_on_an_empty_site(client: CheckedClient) -> None:
    crawl = Crawl(client)
    crawl.walk("/")
    assert not crawl.faults


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.usefixtures("filled")
def test_links_of_languages_lead_back_to_the_page(client: CheckedClient, language: str) -> None:
    page = _Page(client.get("/rencontres?quand=passees").get_data(as_text=True))
    link = next(link for link in page.links if link.startswith(f"/langue/{language}"))
    assert dict(parse_qsl(urlsplit(link).query))["suite"] == "/rencontres?quand=passees"
    answer = client.get(link)
    assert answer.headers["Location"] == f"/rencontres?quand=passees&l={language}"
    assert f'<html lang="{language}"' in client.get("/").get_data(as_text=True)
