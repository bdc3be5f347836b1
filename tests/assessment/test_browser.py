"""The assessment in a real browser: accessible, on a phone too, and from figure to record without JavaScript."""

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.people import rules
from tests.assessment.packages import make_package
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.package_rows import insert_package
from tests.support.paper import open_pdf, words_of

A4: dict[str, Any] = {
    "format": "A4",
    "margin": {"top": "15mm", "bottom": "15mm", "left": "15mm", "right": "15mm"},
}
CODES = ("PC1.active", "PC4.answered_share", "PC4.opinions", "G3.count", "R1.cadence", "M1.members")


@pytest.fixture
def link(app: Flask) -> str:
    """The address that signs an élu in, once."""
    with app.app_context():
        insert_package(db.session.connection(), make_package(9))
        account = rules.create_account(db.session(), "elue@exemple.fr", "elu", [], "Adjointe de quartier", None)
        token = rules.issue_link(db.session(), account, "invitation")
        db.session.commit()
    return f"/equipe/entrer/{token}"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_everybodys_pages_are_accessible_and_fit_a_phone(
    live_server: str, phone: Page, link: str, language: str
) -> None:
    for path in ("", "?perimetre=commune:arras", *(f"/{code}" for code in CODES)):
        phone.goto(f"{live_server}/bilan/2025{path}{'&' if '?' in path else '?'}l={language}")
        assert_accessible(phone)
        assert_no_sideways_scroll(phone)


def test_elus_pages_are_accessible_and_read_at_the_date_asked(live_server: str, phone: Page, link: str) -> None:
    phone.goto(live_server + link)
    phone.get_by_role("button", name="Entrer").click()
    phone.goto(f"{live_server}/elus/bilan/2025")
    phone.get_by_text("Autre date de lecture").click()
    phone.get_by_label("Lire la situation au").fill("2025-06-30")
    phone.get_by_role("button", name="Afficher").click()
    expect(phone.locator("main")).to_contain_text("30 juin 2025")
    for code in CODES:
        assert_accessible(phone)
        assert_no_sideways_scroll(phone)
        phone.goto(f"{live_server}/elus/bilan/2025/{code}?au=2025-06-30")


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_first_pages_are_accessible_narrow_and_wide(
    live_server: str, page: Page, link: str, width: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{live_server}/bilan/2025?l={language}")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.locator("main summary").evaluate_all("folds => folds.forEach(fold => fold.click())")
    expect(page.locator("#PC1-active")).to_be_visible()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    if language == "fr":
        page.goto(live_server + link)
        page.get_by_role("button", name="Entrer").click()
        page.goto(f"{live_server}/elus/bilan/2025")
        assert_accessible(page)
        assert_no_sideways_scroll(page)


@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_the_public_page_prints_on_one_side_and_the_elus_with_every_figure(
    live_server: str, page: Page, link: str, language: str
) -> None:
    page.goto(f"{live_server}/bilan/2025?l={language}")
    assert len(open_pdf(page.pdf(**A4))) == 1
    if language == "fr":
        page.goto(live_server + link)
        page.get_by_role("button", name="Entrer").click()
        page.goto(f"{live_server}/elus/bilan/2025")
        assert "Institutions représentées" in words_of(page.pdf(**A4))


def test_elus_go_from_the_first_page_to_a_record_in_three_taps_without_javascript(
    live_server: str, no_script_page: Page, link: str
) -> None:
    page = no_script_page
    page.goto(live_server + link)
    page.get_by_role("button", name="Entrer").click()
    page.goto(f"{live_server}/elus/bilan/2025")
    page.locator("section[aria-labelledby=bloc-G] summary").click()
    page.locator("section[aria-labelledby=bloc-G] table a").last.click()
    page.locator("main a[href^='/rencontres/']").first.click()
    expect(page.locator("h1")).to_contain_text("renc-")


def test_anyone_goes_from_a_figure_to_the_record_without_javascript(
    live_server: str, no_script_page: Page, link: str
) -> None:
    page = no_script_page
    page.goto(f"{live_server}/bilan/2025")
    page.locator("main a[href='/bilan/2025/G1.total']").first.click()
    page.locator("main a[href^='/rencontres/']").first.click()
    expect(page.locator("h1")).to_contain_text("renc-")
