"""« Voir si c'est déjà proposé »: near proposals beside the form, the words kept, nothing sent by it."""

import html
import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.following.models import Draft
from participation.proposals.models import Support
from tests.speaking.phone import DOOR, SENT
from tests.speaking.sending import CODE, key, open_meeting, opinions, post
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_proposal
from tests.support.town import Town

SENTENCE = "Il manque des bancs près de l'école, la place n'a pas d'ombre."
HEADING = "Est-ce déjà proposé ?"


@pytest.fixture
def cle(town: Town) -> str:
    """A key of the café's form, beside proposals of which two are near to SENTENCE."""
    door = open_meeting(town)
    for number, title in enumerate(("Des bancs devant l'école", "De l'ombre sur la place", "Réparer les vélos")):
        make_proposal(f"prop-{number}", title=title, body=town.commission, quartiers=[town.quay])
    db.session.commit()
    return key(door)


def ask(client: CheckedClient, cle: str, texte: str = SENTENCE, **sent: str):
    """Ask what is near."""
    return client.post(f"/proches/{cle}", data={"texte": texte, "page": "ecrire", "lecture": "reserve"} | sent)


@pytest.mark.both_databases
def test_what_is_near_is_shown_and_the_words_stay(client: CheckedClient, cle: str):
    assert "Voir si c'est déjà proposé" in html.unescape(client.get(f"/ecrire/{cle}").text)
    answer = ask(client, cle)
    assert (answer.status_code, answer.location) == (303, f"/ecrire/{cle}#proches")
    page = html.unescape(client.get(answer.location).text)
    assert HEADING in page
    assert "Des bancs devant l'école" in page
    assert "De l'ombre sur la place" in page
    assert "Réparer les vélos" not in page
    assert SENTENCE in page
    assert re.search(r'value="reserve"[^>]*checked|checked[^>]*value="reserve"', page)
    assert opinions() == []


def test_supporting_one_leads_back_to_the_form_with_the_words(client: CheckedClient, cle: str):
    page = client.get(ask(client, cle).location)
    assert "telephone=" in page.headers["Set-Cookie"]
    assert f'name="suite" value="/ecrire/{cle}"' in page.text
    answer = client.post("/propositions/prop-0/soutien", data={"suite": f"/ecrire/{cle}"})
    assert answer.location == f"/ecrire/{cle}?soutien=donne&carte=prop-0#carte-prop-0"
    page = html.unescape(client.get(answer.location).text)
    assert "Votre soutien est compté." in page
    assert SENTENCE in page
    assert db.session.query(Support).count() == 1


def test_the_opinion_is_sent_afterwards_as_ever(client: CheckedClient, cle: str):
    ask(client, cle)
    assert post(client, cle, texte=SENTENCE, code=CODE).status_code == 303
    assert [opinion.text for opinion in opinions()] == [SENTENCE]


def test_nothing_near_and_nothing_written_are_said(client: CheckedClient, cle: str):
    page = html.unescape(client.get(ask(client, cle, "Une piscine").location).text)
    assert "Personne ne l'a encore proposé." in page
    empty = ask(client, cle, "  ")
    assert empty.location == f"/ecrire/{cle}"
    page = html.unescape(client.get(empty.location).text)
    assert "Écrivez votre avis, ou choisissez Parler." in page
    assert HEADING not in page


def test_what_is_not_a_key_or_comes_from_elsewhere_keeps_nothing(client: CheckedClient, cle: str):
    assert ask(client, "x" * 60).status_code == 404
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"/proches/{cle}", data={"texte": "Des bancs"}, headers=headers).status_code == 403
    assert client.get(f"/proches/{cle}").status_code == 405
    assert db.session.query(Draft).count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_with_and_without_scripts(
    app_context: Flask, quay: None, live_server: str, page: Page, no_script_page: Page, scripts: bool
):
    make_proposal("prop-0", title="Des bancs devant l'école", body=make_body())
    db.session.commit()
    tab = page if scripts else no_script_page
    tab.set_viewport_size({"width": 320, "height": 568})
    tab.goto(f"{live_server}{DOOR}/ecrire")
    tab.locator("#texte").fill(SENTENCE)
    tab.get_by_role("button", name="Voir si c'est déjà proposé").click()
    expect(tab.get_by_role("heading", name=HEADING)).to_be_visible()
    expect(tab.locator("#texte")).to_have_value(SENTENCE)
    tab.get_by_role("button", name="Je soutiens cette proposition : Des bancs devant l'école").click()
    expect(tab.get_by_text("Votre soutien est compté.")).to_be_visible()
    expect(tab.locator("#texte")).to_have_value(SENTENCE)
    assert_no_sideways_scroll(tab)
    if scripts:
        assert_accessible(tab)
    tab.get_by_role("button", name="Envoyer mon avis").click()
    expect(tab).to_have_url(SENT)
    assert [opinion.text for opinion in opinions()] == [SENTENCE]
