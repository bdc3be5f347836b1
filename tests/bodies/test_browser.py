"""Instances in a real browser: accessible in each language, on a phone too."""

import pytest
from playwright.sync_api import Page

from participation.bodies.load import load_contract
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.people import rules
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll

TEAM = "/equipe/instances"
PUBLIC = (
    "/instances",
    "/instances?commune=arras",
    "/instances/commission-jean-jaures-cheminots",
    "/instances/parole-aux-quartiers-2023",
)
STAFF = tuple(
    f"{TEAM}{rest}"
    for rest in (
        "",
        "/nouvelle",
        *(f"/fabrique-citoyenne{part}" for part in ("", "/modifier", "/fermer", "/mandats", "/mandats/nouveau")),
    )
)


@pytest.fixture
def link(app) -> str:
    with app.app_context():
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        account = rules.create_account(db.session(), "cheffe@exemple.fr", "admin", [], "Cheffe de service", None)
        token = rules.issue_link(db.session(), account, "invitation")
        db.session.commit()
        return f"/equipe/entrer/{token}"


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_everybodys_pages_are_accessible_and_fit_a_phone(live_server: str, phone: Page, link: str, language: str):
    for path in PUBLIC:
        phone.goto(f"{live_server}{path}{'&' if '?' in path else '?'}l={language}")
        assert_accessible(phone)
        assert_no_sideways_scroll(phone)


def test_the_teams_pages_are_accessible_and_fit_a_phone(live_server: str, phone: Page, link: str):
    phone.goto(live_server + link)
    phone.get_by_role("button", name="Entrer").click()
    for path in STAFF:
        phone.goto(live_server + path)
        assert_accessible(phone)
        assert_no_sideways_scroll(phone)
