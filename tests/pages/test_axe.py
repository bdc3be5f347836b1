"""Every page of residents, in each language, on a narrow screen and on a wide one: axe, one h1, no sideways scroll.

320 x 256 is a screen of 1280 x 1024 enlarged four times (WCAG 1.4.10). Every day axe reads one page of each kind, the
languages in turn; `make test-full` has it read more of each, in all languages on both screens. Each page must also
bear larger and wider text, and have targets for a thumb and a link to report what residents and the team wrote.
"""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.residents import MISSING, demonstration, resident_pages
from tests.support.screen import (
    assert_bears_large_text,
    assert_bears_spaced_text,
    assert_targets_fit_a_thumb,
    assert_texts_can_be_reported,
)
from tests.support.server import serving

__all__ = ["demonstration"]

LANGUAGES = ["fr", "en", "ar"]
NARROW = {"width": 320, "height": 256}
WIDE = {"width": 1280, "height": 900}
HALF = {"width": 640, "height": 900}
"""As wide as WIDE with text twice as large."""
OWN = re.compile(r"/(suivi|signaler|bilan)/")
"""Pages of one's own words, and of the élus' in a signed assessment: nobody reports them there."""


def look(page: Page, base: str, address: str, language: str, *, axe: bool) -> None:
    """Assert what a page owes on the screen as it is."""
    answer = page.goto(base + address)
    assert answer
    assert answer.status == (404 if address == MISSING else 200), address
    html = page.locator("html")
    assert (html.get_attribute("lang"), html.get_attribute("dir")) == (language, "rtl" if language == "ar" else "ltr")
    assert page.locator("h1").count() == 1, address
    assert_no_sideways_scroll(page)
    assert_targets_fit_a_thumb(page)
    if not OWN.match(address):
        assert_texts_can_be_reported(page)
    if axe:
        assert_accessible(page)
    _enlarge(page)


def _enlarge(page: Page) -> None:
    """Look at the page with spaced text on a narrow screen, with text twice as large on a wide one."""
    if page.viewport_size == NARROW:
        assert_bears_spaced_text(page)
        return
    page.set_viewport_size(HALF)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    assert_bears_large_text(page)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # the same


def look_at_all(app: Flask, page: Page, language: str, screens: list[dict[str, int]], *, whole: bool) -> None:
    """Look at the pages of residents; say every fault, not the first alone."""
    addresses = [found.address for found in resident_pages(app, 3 if whole else 1)]
    turn = LANGUAGES.index(language)
    faults = []
    with serving(app) as base:
        page.context.add_cookies([{"name": "langue", "value": language, "url": base}])
        for screen in screens:
            page.set_viewport_size(screen)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
            for number, address in enumerate(addresses):
                try:
                    look(page, base, address, language, axe=whole or number % len(LANGUAGES) == turn)
                except AssertionError as fault:
                    faults.append(f"{language}, {screen['width']} pixels: {address}\n{fault}")
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize(("language", "screen"), [("fr", NARROW), ("en", WIDE), ("ar", NARROW)])
def test_a_page_of_each_kind_is_accessible(
    demonstration: Flask, page: Page, language: str, screen: dict[str, int]
) -> None:
    look_at_all(demonstration, page, language, [screen], whole=False)


@pytest.mark.full
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible(demonstration: Flask, page: Page, language: str) -> None:
    look_at_all(demonstration, page, language, [NARROW, WIDE], whole=True)
