"""The home page, help and legal pages, read by axe on a phone and on a wide screen, in French and in Arabic."""

import datetime as dt

import pytest
from flask import Flask
from playwright.sync_api import Page

from participation.bodies.load import load_contract
from participation.contract.file import read_contract
from participation.extensions import db
from participation.simulation.generate import Sizes, simulate
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll

NARROW = 320
PATHS = ("/", "/aide", "/accessibilite", "/donnees-personnelles", "/mentions-legales", "/plan-du-site")


@pytest.fixture
def filled(app: Flask) -> None:
    """A generated year on the fictitious contract, up to today."""
    with app.app_context():
        load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
        simulate(db.session(), Sizes(years=1, meetings=14, proposals=24, opinions=20), 7, until=dt.date(2026, 6, 10))
        db.session.commit()


@pytest.mark.usefixtures("filled")
def test_axe_finds_nothing_and_nothing_overflows(live_server: str, page: Page) -> None:
    for width in (1280, NARROW):
        page.set_viewport_size({"width": width, "height": 568})
        for path in PATHS:
            page.goto(live_server + path)
            assert_accessible(page)
            assert_no_sideways_scroll(page)
    page.goto(f"{live_server}/?l=ar")
    assert_accessible(page)
    assert_no_sideways_scroll(page)


@pytest.mark.usefixtures("filled")
def test_home_page_is_light_and_asks_for_nothing_else(live_server: str, page: Page) -> None:
    """The page, its style and its icon: no script, no font, nothing from elsewhere (ux.md R5, R6)."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(live_server)
    assert len(fetched) <= 3
    assert all(url.startswith(live_server) and not url.endswith(".js") for url in fetched)
