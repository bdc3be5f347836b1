"""The forms of residents in a real browser: accessible in three languages and two widths, after a fault too."""

import os

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.speaking.doors import Door, quartier_door
from tests.speaking.sending import key
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.factory import make_contract, make_quartier

WIDTHS = (320, 1280)
PAGES = ("ecrire", "parler", "photo")


@pytest.fixture
def door(app_context: Flask) -> Door:
    """A quartier's door, on the real clock."""
    make_contract()
    quartier = make_quartier("le-quai", name="Le Quai")
    db.session.commit()
    door = quartier_door(db.session(), quartier)
    db.session.rollback()
    return door


def _shot(page: Page, name: str) -> None:
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/{name}.png", full_page=True)


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_forms_are_accessible_and_fit_before_and_after_a_fault(live_server: str, page: Page, door: Door, language: str):
    for name in PAGES:
        cle = key(door)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server}/{name}/{cle}?l={language}")
            _shot(page, f"{name}-{language}-{width}")
            assert_accessible(page)
            assert_no_sideways_scroll(page)
        page.request.post(
            f"{live_server}/envoi/{cle}?l={language}", form={"page": name, "lecture": "reserve"}, max_redirects=0
        )
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{live_server}/{name}/{cle}?l={language}")
            expect(page.locator(".error-summary")).to_be_visible()
            _shot(page, f"{name}-faute-{language}-{width}")
            assert_accessible(page)
            assert_no_sideways_scroll(page)
