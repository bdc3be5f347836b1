"""The main job, end to end, in a real browser on the real contract, with and without JavaScript.

The team logs a meeting, what was said and what came of it; then a resident walks from the meeting to the opinion, the
proposal, the decision, the indicator of the year and the rows behind it.
"""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from participation.bodies.load import load_contract
from participation.clock import today
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.people import first
from participation.people.rules import link_url
from tests.support.browser import DESKTOP, PHONE, NewContext, assert_no_sideways_scroll

MEETING = "Café du jeudi, place du marché"
OPINION = "Le soir, l'allée derrière l'école est trop sombre."
PROPOSAL = "Éclairer l'allée de l'école"
REASON = "Le besoin est partagé et le coût est prévu au budget."
SHORT = "Oui, les lampes seront posées au printemps."


@pytest.fixture
def sign_in_path(app: Flask) -> str:
    """The path of the first administrator's link, on a database with the shipped contract."""
    with app.app_context():
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        token = first.first_admin_token(db.session())
        assert token is not None
        db.session.commit()
        return link_url(token).partition("//")[2].partition("/")[2]


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def walker(request: pytest.FixtureRequest, new_context: NewContext) -> Page:
    """A browser, with JavaScript or without."""
    page = new_context(java_script_enabled=request.param).new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    return page


def test_the_team_can_log_and_a_resident_can_walk(walker: Page, live_server: str, sign_in_path: str) -> None:
    walker.goto(f"{live_server}/{sign_in_path}")
    walker.get_by_role("button", name="Entrer").click()
    _log_meeting(walker)
    _log_opinion(walker)
    _make_proposal(walker)
    _transmit(walker)
    _decide(walker)
    _walk_as_resident(walker, live_server)


def _log_meeting(page: Page) -> None:
    page.get_by_role("link", name="Nouvelle rencontre").first.click()
    page.get_by_label("Nom de la rencontre").fill(MEETING)
    page.get_by_label("Date", exact=True).fill(today().isoformat())
    page.get_by_label("Commission citoyenne Jean Jaurès/Cheminots").check()
    page.get_by_label("Fabrique citoyenne").check()
    page.get_by_label("Type de rencontre").select_option(label="Café citoyen")
    page.get_by_role("button", name="Créer la rencontre").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(MEETING)
    page.locator("main a[href$='/tenir']").first.click()
    page.get_by_label("Personnes présentes").fill("14")
    page.get_by_label("Habitants et habitantes", exact=False).first.fill("20")
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_title(re.compile("^Erreur"))  # more residents than people: said, and nothing typed is lost
    expect(page.get_by_label("Personnes présentes")).to_have_value("14")
    page.get_by_label("Habitants et habitantes", exact=False).first.fill("11")
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(MEETING)


def _log_opinion(page: Page) -> None:
    page.get_by_role("link", name="Noter un avis").first.click()
    page.get_by_label("Mots exacts de la personne").fill(OPINION)
    page.get_by_label("Tout le monde, dès maintenant").check()
    page.get_by_role("button", name="Garder cet avis").click()
    expect(page.locator("main")).to_contain_text(OPINION)


def _make_proposal(page: Page) -> None:
    page.goto(page.url.split("/equipe")[0] + "/equipe/avis?moderation=publie")
    page.get_by_label("Choisir cet avis").first.check()
    page.locator("button[name=faire][value=proposer]").click()
    page.get_by_label("Instance qui porte").select_option(label="Commission citoyenne Jean Jaurès/Cheminots")
    page.get_by_label("Titre").fill(PROPOSAL)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROPOSAL)


def _transmit(page: Page) -> None:
    page.get_by_role("link", name="Ajouter une étape").click()
    page.locator("main a[href*='genre=transmise']").click()
    page.get_by_label("À qui est-elle transmise").select_option(index=1)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROPOSAL)


def _decide(page: Page) -> None:
    page.get_by_role("link", name="Ajouter une étape").click()
    page.locator("main a[href*='genre=retenue']").first.click()
    page.get_by_label("La réponse en une phrase simple").fill(SHORT)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_label("La réponse en une phrase simple")).to_have_value(SHORT)  # no reason: nothing is lost
    page.get_by_label("Pourquoi ?").fill(REASON)
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROPOSAL)


def _walk_as_resident(page: Page, address: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/rencontres")
    page.get_by_role("link", name=MEETING).click()
    _look(page)
    expect(page.locator("main")).to_contain_text(OPINION)
    expect(page.locator("main")).to_contain_text("14 personnes")
    page.get_by_role("link", name=PROPOSAL).first.click()
    _look(page)
    for words in (SHORT, REASON, OPINION):
        expect(page.locator("main")).to_contain_text(words)
    proposal = page.url
    page.goto(f"{address}/bilan/{today().year}")
    _look(page)
    page.locator(f"main a[href*='/bilan/{today().year}/PC4.answered_share']").first.click()
    _look(page)
    page.locator("main").get_by_role("link", name=PROPOSAL).first.click()
    assert page.url.partition("?")[0].startswith(proposal.partition("?")[0][:40])
    expect(page.get_by_role("heading", level=1)).to_contain_text(PROPOSAL)


def _look(page: Page) -> None:
    """Assert that the page as it stands fits, on a phone and on a wide screen."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
        assert_no_sideways_scroll(page)
