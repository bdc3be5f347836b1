"""The way in, in a real browser: from the digits or the address of a poster to each of the four ways to speak."""

import datetime as dt
import itertools

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from participation.clock import today
from participation.database import now
from participation.extensions import db
from participation.meetings.models import AskedQuestion, Meeting
from participation.speaking.models import MeetingCode
from tests.support.accessibility import assert_accessible
from tests.support.browser import PHONE, NewContext, assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import (
    make_account,
    make_body,
    make_commune,
    make_contract,
    make_meeting,
    make_proposal,
    make_quartier,
    sign_in,
)

HOUR = dt.timedelta(hours=1)
DEFAULT = "Que voulez-vous dire sur votre quartier ?"
WAYS = {"Parler": "/parler/", "Écrire": "/ecrire/", "Photo": "/photo/", "Soutenir": "/propositions?quartier=le-quai"}
TAPS_TO_A_FORM = 1
"""After the scan; the field and the button are the two others of ux.md 2.1."""


@pytest.fixture
def places(app_context: Flask) -> None:
    """Meetings of today: open (4821), open with two questions (4822), to come (4823), over (4824)."""
    make_contract()
    commune = make_commune("nord", name="Nord")
    quay = make_quartier("le-quai", [commune], name="Le Quai")
    body = make_body("commission", [commune], [quay], name="Commission citoyenne du Quai")
    make_proposal(body=body)

    def prepare(digits: str, opens: int, closes: int, *questions: str, **values: object) -> Meeting:
        meeting = make_meeting(f"cafe-{digits}", [body], title="Café du Quai", held_on=today(), **values)
        code = {"opens_at": now() + opens * HOUR, "closes_at": now() + closes * HOUR}
        db.session.add(MeetingCode(meeting_id=meeting.id, digits=digits, **code))
        meeting.questions = [AskedQuestion(position=at, text=text) for at, text in enumerate(questions)]
        return meeting

    prepare("4821", -1, 5, level="consultation", answer_due_on=today() + dt.timedelta(days=60), place="Parvis")
    prepare("4822", -1, 5, "Où mettre des bancs ?", "Que changer au parc ?")
    prepare("4823", 1, 5)
    prepare("4824", -3, -1, status="tenue", minutes="# Bancs\n\nDes bancs.", minutes_published_on=today())
    db.session.commit()


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def handset(request: pytest.FixtureRequest, new_context: NewContext) -> Page:
    """A small phone that runs scripts, and one that does not."""
    page = new_context(java_script_enabled=request.param).new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict of the library's own
    return page


@pytest.mark.usefixtures("places")
def test_from_the_digits_to_each_way_and_back(handset: Page, live_server: str):
    handset.goto(f"{live_server}/c")
    handset.get_by_label("Les quatre chiffres").fill("48 21")
    handset.get_by_role("button", name="Entrer dans la rencontre").click()
    for name, address in WAYS.items():
        expect(handset.get_by_role("heading", level=1)).to_have_text(DEFAULT)
        handset.get_by_role("link", name=name).click()
        assert address in handset.url
        expect(handset.get_by_role("heading", level=1)).to_be_visible()
        handset.go_back()


@pytest.mark.usefixtures("places")
def test_from_a_poster_one_tap_leads_to_a_form(handset: Page, live_server: str):
    handset.goto(f"{live_server}/M/CAFE-4821")
    taps = 0
    handset.get_by_role("link", name="Écrire").click()
    taps += 1
    expect(handset.locator("form#parole textarea")).to_be_visible()
    assert taps == TAPS_TO_A_FORM


@pytest.mark.usefixtures("places")
def test_with_several_questions_one_is_picked_first(handset: Page, live_server: str):
    handset.goto(f"{live_server}/c/4822")
    handset.get_by_role("link", name="Que changer au parc ?").click()
    expect(handset.get_by_role("heading", level=1)).to_have_text("Que changer au parc ?")
    handset.get_by_role("link", name="Écrire").click()
    expect(handset.get_by_text("Que changer au parc ?")).to_be_visible()


@pytest.mark.usefixtures("places")
def test_after_the_meeting_the_quartier_still_listens(handset: Page, live_server: str):
    handset.goto(f"{live_server}/M/CAFE-4824")
    expect(handset.get_by_role("heading", level=1)).to_have_text("Cette rencontre est finie")
    expect(handset.get_by_text("Des bancs.")).to_be_visible()
    handset.get_by_role("link", name="Écrire").click()
    assert "/ecrire/" in handset.url


@pytest.mark.usefixtures("places")
def test_wrong_digits_keep_what_was_typed_and_take_the_focus(handset: Page, live_server: str):
    handset.goto(f"{live_server}/c")
    handset.get_by_label("Les quatre chiffres").fill("482")
    handset.get_by_role("button", name="Entrer dans la rencontre").click()
    expect(handset).to_have_title("Erreur : Donner mon avis – Contrat d'essai")
    expect(handset.locator("#errors")).to_be_focused()
    expect(handset.get_by_label("Les quatre chiffres")).to_have_value("482")


@pytest.mark.usefixtures("places")
def test_keyboard_alone_goes_from_the_digits_to_a_form(page: Page, live_server: str):
    page.goto(f"{live_server}/c")
    _tab_to(page, "code")
    page.keyboard.type("4821")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(DEFAULT)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # « Aller au contenu »
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Parler")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("form#parole textarea")).to_be_visible()


def _tab_to(page: Page, identifier: str) -> None:
    for _step in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == identifier:
            return
    pytest.fail(f"no way to #{identifier} by the keyboard")


ADDRESSES = ["/c", "/c?code=12", "/c/9999", "/c/4821", "/c/4822", "/c/4822?question=1", "/c/4823", "/c/4824",
             "/quartiers/le-quai", "/rencontres/cafe-4821", "/rencontres/cafe-4824"]  # fmt: skip


@pytest.mark.usefixtures("places")
@pytest.mark.parametrize("language", ["fr", "en", "ar"])
def test_pages_are_accessible_and_fit_in_small_screens(page: Page, live_server: str, language: str):
    for address in ADDRESSES:
        sign = "&" if "?" in address else "?"
        for width, height in ((1280, 900), (320, 256)):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(f"{live_server}{address}{sign}l={language}")
            assert_no_sideways_scroll(page)
            assert_accessible(page)


@pytest.mark.usefixtures("places")
def test_choices_are_large_and_apart(phone: Page, live_server: str):
    phone.goto(f"{live_server}/c/4821")
    boxes = [choice.bounding_box() for choice in phone.locator(".choices a").all()]
    assert len(boxes) == len(WAYS)
    assert all(box and box["height"] >= 72 for box in boxes)
    gaps = [after["y"] - before["y"] - before["height"] for before, after in itertools.pairwise(boxes)]  # type: ignore[index]
    assert min(gaps) >= 8


@pytest.mark.usefixtures("places")
def test_the_first_page_asks_for_little_and_nothing_from_elsewhere(phone: Page, live_server: str):
    fetched: dict[str, int] = {}
    phone.on("response", lambda answer: fetched.update({answer.url: answer.request.sizes()["responseBodySize"]}))
    phone.goto(f"{live_server}/M/CAFE-4821", wait_until="networkidle")
    assert all(url.startswith(live_server) for url in fetched)
    assert not [url for url in fetched if "htmx" in url or "font" in url]
    assert fetched[f"{live_server}/M/CAFE-4821"] < 8 * 1024, "compressed"


@pytest.fixture
def team_page(places: None, client: CheckedClient, live_server: str, new_context: NewContext) -> Page:
    """A page in which the team is signed in, 320 pixels wide."""
    sign_in(client, make_account())
    cookie = client.get_cookie("equipe")
    assert cookie
    context = new_context()
    context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])
    page = context.new_page()
    page.set_viewport_size({"width": 320, "height": 568})
    return page


def test_the_teams_pages_are_accessible(team_page: Page, live_server: str):
    for address in ("rencontres/cafe-4821/parole", "rencontres/cafe-4821", "quartiers", "quartiers/le-quai/question"):
        team_page.goto(f"{live_server}/equipe/{address}")
        assert_accessible(team_page)
        assert_no_sideways_scroll(team_page)


def test_team_asks_a_question_and_closes(team_page: Page, live_server: str):
    team_page.goto(f"{live_server}/equipe/rencontres/cafe-4821")
    team_page.get_by_role("link", name="Chiffres, ouverture, questions").click()
    team_page.get_by_label("Question 1").fill("Où mettre des bancs ?")
    team_page.get_by_label("Jour de fermeture").fill("2020-01-01")
    team_page.get_by_role("button", name="Enregistrer").click()
    expect(team_page).to_have_title("Erreur : Parole des habitants – Contrat d'essai")
    assert_accessible(team_page)
    team_page.get_by_label("Jour de fermeture").fill((today() + dt.timedelta(days=1)).isoformat())
    team_page.get_by_role("button", name="Enregistrer").click()
    expect(team_page.get_by_text("Enregistré.")).to_be_visible()
    team_page.get_by_role("link", name="Voir la page des habitants").click()
    expect(team_page.get_by_role("heading", level=1)).to_have_text("Où mettre des bancs ?")
    team_page.go_back()
    team_page.get_by_role("button", name="Fermer maintenant").click()
    expect(team_page.get_by_role("button", name="Rouvrir")).to_be_visible()
