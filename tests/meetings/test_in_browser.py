"""The pages of meetings in a real browser: accessible, no sideways scroll on a phone, the preview without a reload."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from participation.database import now
from participation.meetings.models import Decision, MeetingInstitution, MinutesVersion
from tests.meetings.conftest import Town
from tests.support.accessibility import assert_accessible
from tests.support.browser import NewContext, assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting, sign_in

MINUTES = "# Bancs\n\nOn veut **des bancs**.\n\n| Qui | Quoi |\n|---|---|\n| Le bailleur | " + "long " * 30 + "|\n"
PUBLIC = ["/rencontres", "/rencontres/renc-a", "/rencontres/renc-b", "/rencontres/renc-a/compte-rendu/1",
          "/rencontres?l=ar", "/rencontres/renc-a?l=ar"]  # fmt: skip
TEAM = ["", "/nouvelle", "/renc-a", "/renc-a/modifier", "/renc-a/tenir", "/renc-a/compte-rendu", "/renc-a/publier",
        "/renc-a/decisions", "/renc-a/decisions/dec-1", "/renc-b", "/renc-b/annuler"]  # fmt: skip


@pytest.fixture
def team_page(town: Town, client: CheckedClient, live_server: str, new_context: NewContext) -> Page:
    """A page in which the team is signed in, 320 pixels wide."""
    held = make_meeting("renc-a", [town.fabric, town.council], status="tenue", participants=25, residents=18, women=11,
                        level="consultation", quartiers=[town.quay], minutes=MINUTES,
                        minutes_published_on=dt.date(2026, 3, 14))  # fmt: skip
    held.minutes_versions = [
        MinutesVersion(number=1, text="Avant", published_at=now()),
        MinutesVersion(number=2, text=MINUTES, reason="Une faute", published_at=now()),
    ]
    held.decisions = [Decision(ref="dec-1", text="Inviter le bailleur", due_on=dt.date(2026, 3, 13))]
    held.institutions = [MeetingInstitution(name="Bailleur d'essai")]
    make_meeting("renc-b", [town.fabric], held_on=dt.date(2026, 4, 2), place="Parvis")
    sign_in(client, town.admin)
    cookie = client.get_cookie("equipe")
    assert cookie
    context = new_context()
    context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 568})
    return page


def test_every_page_is_accessible_on_a_phone(team_page: Page, live_server: str):
    for address in [*PUBLIC, *(f"/equipe/rencontres{page}" for page in TEAM)]:
        team_page.goto(live_server + address)
        assert_accessible(team_page)
        assert_no_sideways_scroll(team_page)
    team_page.goto(f"{live_server}/equipe/rencontres/nouvelle")
    team_page.get_by_role("button", name="Créer la rencontre").click()
    expect(team_page).to_have_title("Erreur : Nouvelle rencontre – Contrat d'essai")
    assert_accessible(team_page)


def test_the_preview_comes_without_a_reload(team_page: Page, live_server: str):
    team_page.goto(f"{live_server}/equipe/rencontres/renc-b/compte-rendu")
    team_page.get_by_label("Compte rendu").fill("**ici**")
    team_page.get_by_role("button", name="Aperçu").click()
    expect(team_page.locator("#apercu strong")).to_have_text("ici")
    expect(team_page.get_by_label("Compte rendu")).to_have_value("**ici**")
    assert_accessible(team_page)
