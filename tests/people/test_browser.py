"""Sign-in and people's administration in a real browser: accessible, on a phone too, and without JavaScript."""

import pytest
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.people import rules
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll

PAGES = (
    "/equipe/connexion",
    "/equipe/connexion/mot-de-passe",
    "/equipe/connexion/envoye",
    "/equipe/au-revoir",
    "/equipe/compte",
    "/equipe/compte/code",
    "/admin/personnes",
    "/admin/personnes/inviter",
)


@pytest.fixture
def link(app) -> str:
    with app.app_context():
        account = rules.create_account(db.session(), "cheffe@exemple.fr", "admin", [], "Cheffe de service", None)
        token = rules.issue_link(db.session(), account, "invitation")
        db.session.commit()
        return f"/equipe/entrer/{token}"


def enter(page: Page, live_server: str, link: str) -> None:
    page.goto(live_server + link)
    page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes rencontres")


def test_the_pages_are_accessible(live_server: str, page: Page, link: str):
    for path in ("/equipe/connexion", link):
        page.goto(live_server + path)
        assert_accessible(page)
    enter(page, live_server, link)
    for path in PAGES:
        page.goto(live_server + path)
        assert_accessible(page)


def test_the_pages_fit_a_phone(live_server: str, phone: Page, link: str):
    enter(phone, live_server, link)
    for path in PAGES:
        phone.goto(live_server + path)
        assert_no_sideways_scroll(phone)


def test_the_team_invites_without_javascript(live_server: str, no_script_page: Page, link: str):
    page = no_script_page
    enter(page, live_server, link)
    page.get_by_role("link", name="Inviter une personne").click()
    page.get_by_role("button", name="Inviter").click()
    expect(page.get_by_role("heading", name="Il y a un problème")).to_be_visible()
    assert page.title().startswith("Erreur :")
    page.get_by_label("Adresse de courriel").fill("elue@exemple.fr")
    page.get_by_label("Rôle").select_option("elu")
    page.get_by_label("Fonction").fill("Adjointe de quartier")
    page.get_by_role("button", name="Inviter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Adjointe de quartier")
    expect(page.get_by_text("/equipe/entrer/")).to_be_visible()
    page.reload()
    expect(page.get_by_text("/equipe/entrer/")).to_have_count(0)
    page.get_by_role("button", name="Se déconnecter").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La connexion est fermée")
    page.goto(f"{live_server}/admin/personnes")
    expect(page.get_by_role("heading", level=1)).to_have_text("Connexion de l'équipe")
