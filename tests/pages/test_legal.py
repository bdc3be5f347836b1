"""Help, legal pages, site map, the contract's name, and the page that survives a dead database."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from participation.clock import today
from participation.extensions import db
from participation.opinions.models import TAKEN_BACK
from participation.pages.site_map import SECTIONS, UNLISTED
from tests.support import factory
from tests.support.apps import dispose, make_app
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.html import faults_of

PAGES = ("/aide", "/accessibilite", "/donnees-personnelles", "/mentions-legales", "/plan-du-site")
SAID = {
    "contact_phone": "03 21 00 00 00",
    "contact_email": "equipe@exemple.fr",
    "dpo_contact": "dpo@exemple.fr",
    "publisher": "Ville d'essai",
    "host_name": "Hébergeur d'essai",
}


def words(client: CheckedClient, path: str) -> str:
    """Return what a person reads of the page's main part."""
    response = client.get(path)
    assert response.status_code == 200, path
    text = response.get_data(as_text=True)
    main = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index("</main>")])
    return " ".join(main.replace("&#39;", "'").replace("&nbsp;", " ").split())


@pytest.mark.parametrize("path", PAGES)
def test_page_answers_on_an_empty_database_and_with_a_contract(app: Flask, client: CheckedClient, path: str) -> None:
    assert words(client, path)
    with app.app_context():
        factory.make_contract(response_days_confirmed=True, response_days=45)
        db.session.commit()
    assert words(client, path)
    with count_queries(app) as count:
        client.get(path)
    assert count.number <= 4


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_page_is_sound_in_other_languages(client: CheckedClient, path: str, language: str) -> None:
    assert client.get(f"{path}?l={language}").status_code == 200


def test_what_the_operator_left_open_is_said(client: CheckedClient) -> None:
    assert words(client, "/mentions-legales").count("à compléter par l'exploitant") == 2
    assert "Délégué à la protection des données : à compléter par l'exploitant" in words(
        client, "/donnees-personnelles"
    )
    assert "ne sont pas encore écrits ici" in words(client, "/aide")


def test_what_the_operator_said_is_shown(tmp_path: Path, new_sqlite_database: Callable[[], str]) -> None:
    app = make_app(new_sqlite_database(), tmp_path / "instance", **SAID)
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    for path in ("/mentions-legales", "/donnees-personnelles"):
        text = words(client, path)
        assert "compléter" not in text
        assert "Ville d'essai" in text
        assert "Hébergeur d'essai" in text
    assert "dpo@exemple.fr" in words(client, "/donnees-personnelles")
    help_page = client.get("/aide").get_data(as_text=True)
    assert 'href="tel:0321000000"' in help_page
    assert 'href="mailto:equipe@exemple.fr"' in help_page
    dispose(app)


def test_declaration_of_accessibility_has_every_part_that_the_law_asks_for(client: CheckedClient) -> None:
    text = words(client, "/accessibilite")
    parts = (
        "Déclaration d'accessibilité",
        "article 47 de la loi n° 2005-102 du 11 février 2005",
        "Schéma pluriannuel",
        "s'applique à http://127.0.0.1:8000",
        "État de conformité",
        "non conforme",
        "Résultats des tests",
        "Contenus non accessibles",
        "Non-conformités",
        "Dérogations pour charge disproportionnée",
        "Contenus non soumis à l'obligation d'accessibilité",
        "Établissement de cette déclaration",
        "établie le 23 novembre 2026",
        "Technologies utilisées",
        "Environnement de test",
        "Outils pour évaluer l'accessibilité",
        "Pages du site ayant fait l'objet de la vérification",
        "Retour d'information et contact",
        "Voies de recours",
        "Défenseur des droits Libre réponse 71120 75342 Paris CEDEX 07",
    )
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_every_page_tells_the_state_of_accessibility_and_leads_to_the_declaration(client: CheckedClient) -> None:
    for path in ("/", *PAGES):
        page = client.get(path).get_data(as_text=True)
        footer = page[page.index("<footer") :]
        assert re.search(r'<a href="/accessibilite"[^>]*>Accessibilité : non conforme</a>', footer)


def test_help_promises_a_delay_only_once_it_is_confirmed(app: Flask, client: CheckedClient) -> None:
    with app.app_context():
        contract = factory.make_contract(response_days=45)
        db.session.commit()
        assert "La réponse est promise" not in words(client, "/aide")
        contract.response_days_confirmed = True
        db.session.commit()
    text = words(client, "/aide")
    assert "La réponse est promise en 45 jours au plus." in text
    assert "On vous demande votre avis. La mairie décide." in text


def test_site_map_names_every_page_for_everybody(app: Flask, client: CheckedClient) -> None:
    """A page that is added gets its words in site_map.py, or its place among those that nobody looks for."""
    served = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and rule.arguments <= set(rule.defaults or ())
        and getattr(app.view_functions[rule.endpoint], "permission", "") == "public"
    }
    named = {path for pages in SECTIONS.values() for path in pages}
    assert served <= named | UNLISTED
    page = client.get("/plan-du-site").get_data(as_text=True)
    listed = set(re.findall(r'href="([^"#]+)"', page[page.index("<main") : page.index("</main>")]))
    assert {path for path in served & named if path != "/plan-du-site"} <= listed
    assert "/sante" not in listed


def test_pages_of_residents_are_short_and_without_acronyms(client: CheckedClient) -> None:
    """Sentences of 15 words at most (ux.md R21); the declaration's wording is the law's own."""
    for path in ("/", "/aide", "/donnees-personnelles", "/mentions-legales", "/plan-du-site"):
        page = client.get(path).get_data(as_text=True)
        main = page[page.index("<main") : page.index("</main>")]
        main = re.sub(r"</(p|li|h\d|dt|dd|td|th|caption|a)>|<br>", ". ", main)
        text = " ".join(re.sub(r"<[^>]+>", " ", main).split())
        assert not re.search(r"\b(QPV|GUSP|TFPB|FTU|EPCI)\b|usager|contribution", text)
        for sentence in re.split(r"[.!?:](?:\s|$)", text):
            assert len(re.findall(r"\w[\w'’-]*", sentence)) <= 15, f"{path}: {sentence}"


def test_every_page_bears_the_name_of_the_contract(app: Flask, client: CheckedClient) -> None:
    assert "<title>Aide – Participation</title>" in client.get("/aide").get_data(as_text=True)
    with app.app_context():
        factory.make_contract(name="Rives de l'Anse")
        db.session.commit()
    assert "<title>Aide – Rives de l&#39;Anse</title>" in client.get("/aide").get_data(as_text=True)
    assert "Rives de l&#39;Anse" in client.get("/nulle-part").get_data(as_text=True)


def test_pages_without_data_need_no_tables(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path}/empty.db", tmp_path / "instance")
    client = app.test_client()
    assert client.get("/plan-du-site").status_code == 200
    assert client.get("/nulle-part").status_code == 404
    dispose(app)


@pytest.mark.parametrize("path", ["/", "/equipe/compte", "/nulle-part"])
def test_dead_database_gives_a_page_that_helps(app: Flask, client: CheckedClient, tmp_path: Path, path: str) -> None:
    """Also to somebody whose cookie has to be looked up: drawing the page must not ask the database again."""
    with app.app_context():
        account = factory.make_account()
        factory.sign_in(client, account)
    cookie = client.get_cookie("equipe")
    assert cookie
    dead = make_app(f"sqlite:///{tmp_path}/no/such/folder/x.db", tmp_path / "instance", contact_phone="03 21 00 00 00")
    dead.testing = False
    dead.config["PROPAGATE_EXCEPTIONS"] = False
    dead.test_client_class = None
    broken = dead.test_client()
    broken.set_cookie("equipe", cookie.value)
    answer = broken.get(path)
    assert answer.status_code == 500
    text = answer.get_data(as_text=True)
    assert "Ça ne marche pas chez nous" in text
    assert 'href="tel:0321000000"' in text
    assert not faults_of(text)
    dispose(dead)


def test_help_counts_what_the_team_did_not_publish(app: Flask, client: CheckedClient) -> None:
    assert "n'a pas publié" not in html.unescape(client.get("/aide").text)
    with app.app_context():
        year = today()
        factory.make_opinion(moderation="rejete", moderation_reason="Une personne est nommée.", received_on=year)
        factory.make_opinion(moderation="rejete", moderation_reason="Une insulte.", received_on=year)
        factory.make_opinion(moderation="rejete", text=TAKEN_BACK, received_on=year)  # its author did, not the team
        factory.make_opinion(moderation="reserve", received_on=year)
        factory.make_opinion(moderation="rejete", received_on=year.replace(year=year.year - 1, day=1))
        db.session.commit()
    page = html.unescape(client.get("/aide").text)
    assert "Cette année, l'équipe n'a pas publié 2 avis." in page
    assert "Une insulte." not in page
