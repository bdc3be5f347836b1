"""Opinions and proposals in a real browser: accessible on a phone, without JavaScript, in Arabic too."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.people.models import Account
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_ambition, make_objective, make_opinion, make_proposal, sign_in
from tests.support.town import Town

LONG = "Un très long mot : " + "anticonstitutionnellement" * 12
PUBLIC = ["/propositions", "/propositions/prop-1", "/propositions/prop-2", "/reponses", "/avis", "/rencontres/cafe",
          "/propositions?l=ar", "/propositions/prop-1?l=ar", "/reponses?l=en"]  # fmt: skip
TEAM = ["/equipe/avis", "/equipe/avis?moderation=", "/equipe/avis/nouveau?rencontre=cafe", "/equipe/avis/avis-1",
        "/equipe/avis/avis-2", "/equipe/avis/avis-1/modifier", "/equipe/avis/avis-2/repondre", "/equipe/propositions",
        "/equipe/propositions/nouvelle?avis=avis-2", "/equipe/propositions/prop-1", "/equipe/propositions/prop-2/etape",
        "/equipe/propositions/prop-2/etape?genre=retenue", "/equipe/propositions/prop-2/etape?genre=regroupee&q=banc",
        "/equipe/propositions/prop-2/etape?genre=transmise", "/equipe/propositions/prop-1/etapes/3/annuler",
        "/equipe/propositions/prop-1/etapes/3/restituer", "/equipe/propositions/prop-1/modifier",
        "/equipe/propositions/prop-1/avis", "/equipe/suites", "/equipe/rencontres/cafe"]  # fmt: skip


@pytest.fixture
def full(town: Town) -> Town:
    strategic = make_objective("APA-6", make_ambition("APA", name="Quartier apaisé"))
    steps = [
        {"kind": "transmise", "to_body": town.council, "due_on": dt.date(2026, 6, 30), "meeting": town.cafe},
        {"kind": "retenue_en_partie", "short_answer": "Oui pour deux bancs.", "reason": LONG, "body": town.council,
         "owner": "Espaces verts", "funding": "ftu", "amount_cents": 350_050, "votes_for": 12,
         "deliberation": "https://exemple.fr/une-deliberation", "author": "Adjointe de quartier"},
        {"kind": "realisee", "voided_on": dt.date(2026, 3, 19)},
    ]  # fmt: skip
    proposal = make_proposal(
        "prop-1", steps, title="Des bancs au Quai", text=LONG, body=town.commission, theme=town.theme,
        quartiers=[town.quay], objectives=[strategic], meeting=town.cafe,
    )  # fmt: skip
    sent = {"kind": "transmise", "due_on": dt.date(2026, 3, 19)}
    make_proposal("prop-2", [sent], title="نريد مقاعد في الحديقة", body=town.commission)
    make_opinion("avis-1", meeting=town.cafe, text=LONG * 20, moderation="en_attente", proposal_id=proposal.id)
    make_opinion("avis-2", meeting=town.cafe, text="نريد مقاعد", language="ar", question="Que changer ?")
    make_opinion("avis-3", meeting=town.cafe, text="Des bancs !", proposal_id=proposal.id)
    db.session.commit()
    return town


def enter(client: CheckedClient, account: Account, page: Page, address: str) -> Page:
    """Sign the account in, in the page's browser."""
    sign_in(client, account)
    cookie = client.get_cookie("equipe")
    assert cookie
    page.context.add_cookies([{"name": "equipe", "value": cookie.value, "url": address}])
    return page


def test_every_page_is_accessible_on_a_phone(full: Town, client: CheckedClient, live_server: str, page: Page):
    enter(client, full.admin, page, live_server)
    page.set_viewport_size({"width": 320, "height": 568})
    for address in [*PUBLIC, *TEAM]:
        page.goto(live_server + address)
        assert_accessible(page)
        assert_no_sideways_scroll(page)
    page.goto(f"{live_server}/equipe/propositions/prop-2/etape?genre=non_retenue")
    page.get_by_role("button", name="Ajouter l'étape").click()
    expect(page).to_have_title("Erreur : Ajouter une étape : Non retenue – Contrat d'essai")
    assert_accessible(page)
    page.goto(f"{live_server}/propositions")
    page.locator("details.filters summary").click()
    assert_accessible(page)


def test_back_in_a_real_browser_gives_the_words_back_and_makes_no_second(
    full: Town, client: CheckedClient, live_server: str, page: Page
):
    enter(client, full.admin, page, live_server)
    page.goto(f"{live_server}/equipe/avis/nouveau?rencontre=cafe")
    page.get_by_label("Mots exacts de la personne").fill("Une seule fois.")
    page.get_by_role("button", name="Garder cet avis").click()
    expect(page.get_by_text("L'avis est gardé.")).to_be_visible()
    written = page.url
    page.go_back()
    expect(page.get_by_label("Mots exacts de la personne")).to_have_value("Une seule fois.")
    page.get_by_role("button", name="Garder cet avis").click()
    expect(page).to_have_url(written)
