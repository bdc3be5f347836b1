"""The assessment in a real browser: accessible, on a phone too, and from figure to record without JavaScript."""

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.people import rules
from tests.assessment.packages import make_package
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.package_rows import insert_package

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
    phone.get_by_label("Lire la situation au").fill("2025-06-30")
    phone.get_by_role("button", name="Afficher").click()
    expect(phone.locator("main")).to_contain_text("30 juin 2025")
    for code in CODES:
        assert_accessible(phone)
        assert_no_sideways_scroll(phone)
        phone.goto(f"{live_server}/elus/bilan/2025/{code}?au=2025-06-30")


def test_anyone_goes_from_a_figure_to_the_record_without_javascript(
    live_server: str, no_script_page: Page, link: str
) -> None:
    page = no_script_page
    page.goto(f"{live_server}/bilan/2025")
    page.locator("main a[href='/bilan/2025/G1.total']").click()
    page.locator("main a[href^='/rencontres/']").first.click()
    expect(page.locator("h1")).to_contain_text("renc-")
