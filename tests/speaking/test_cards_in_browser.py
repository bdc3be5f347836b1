"""Posters and cards in a real browser: what a browser prints is what paper needs; the pages serve everybody."""

import datetime as dt

import pytest
from playwright.sync_api import Page, expect

from participation.extensions import db
from participation.meetings.models import AskedQuestion
from participation.speaking.models import MeetingCode
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting, make_opinion, make_proposal, sign_in
from tests.support.paper import code_sizes, codes_of, open_pdf
from tests.support.town import Town

CAFE = "/equipe/rencontres/cafe-k7x2p"


@pytest.fixture
def team(town: Town, client: CheckedClient, page: Page, live_server: str) -> Page:
    """A browser in which the team is signed in; there is a café with its question, and answers of the last quarter."""
    meeting = make_meeting("cafe-k7x2p", [town.commission], title="Café du marché", place="Maison de quartier")
    meeting.questions.append(AskedQuestion(position=1, text="Que faut-il changer au marché, et par quoi commencer ?"))
    opening = {
        "opens_at": dt.datetime(2026, 3, 20, tzinfo=dt.UTC),
        "closes_at": dt.datetime(2026, 3, 26, tzinfo=dt.UTC),
    }
    db.session.add(MeetingCode(meeting=meeting, digits="4821", **opening))
    for number in range(20):
        day = dt.date(2025, 11, 1) + dt.timedelta(days=number)
        steps = [
            {"kind": "transmise", "on_date": day},
            {"kind": "retenue", "on_date": day, "short_answer": "Oui. " * 30},
        ]
        proposal = make_proposal(steps=steps, received_on=day, body=town.commission, title="Des bancs " * 8)
        make_opinion(meeting=town.cafe, text="On attend debout. " * 9, proposal_id=proposal.id)
    make_proposal(steps=[{"kind": "transmise", "due_on": dt.date(2026, 3, 1)}], body=town.commission)
    sign_in(client, town.admin)
    cookie = client.get_cookie("equipe")
    assert cookie
    page.context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])
    return page


def printed(page: Page) -> bytes:
    """Return what the browser prints, on the paper that the page asks for."""
    return page.pdf(prefer_css_page_size=True, print_background=True)


@pytest.mark.parametrize(
    ("address", "codes", "side", "paper"),
    [
        (f"{CAFE}/affiche", 1, 120, (297, 420)),
        ("/equipe/quartiers/le-quai/affiche", 1, 120, (297, 420)),
        (f"{CAFE}/cartes", 4, 40, (210, 297)),
        ("/reponses/affiche", 1, 30, (297, 420)),
        ("/reponses/affiche?l=ar&quartier=le-quai", 1, 30, (297, 420)),
    ],
)
def test_a_page_prints_on_one_sheet(
    team: Page, live_server: str, address: str, codes: int, side: int, paper: tuple[int, int]
):
    team.goto(live_server + address)
    content = printed(team)
    document = open_pdf(content)
    assert len(document) == 1
    assert [round(points / 72 * 25.4) for points in document[0].get_size()] == list(paper)
    assert len(codes_of(content)) == codes
    assert min(code_sizes(content)) >= side


def test_opinion_cards_print_eight_on_a_sheet(team: Page, live_server: str):
    team.goto(f"{live_server}{CAFE}/cartes-avis")
    team.get_by_label("Nombre de feuilles").select_option("2")
    team.get_by_role("button", name="Faire une page à imprimer").click()
    expect(team.get_by_text("Imprimez maintenant.")).to_be_visible()
    assert_accessible(team)
    content = printed(team)
    assert len(open_pdf(content)) == 2
    assert len(set(codes_of(content))) == 16


def test_the_pages_serve_everybody(team: Page, live_server: str):
    for address in (
        "/reponses", "/reponses?l=ar", "/reponses/affiche", "/reponses/affiche?l=ar", "/equipe/affiches",
        f"{CAFE}/affiche", f"{CAFE}/cartes", f"{CAFE}/cartes-avis", f"{CAFE}/saisir-carte", CAFE,
    ):  # fmt: skip
        for size in ({"width": 320, "height": 256}, {"width": 1280, "height": 900}):
            team.set_viewport_size(size)  # type: ignore[arg-type]
            team.goto(live_server + address)
            assert_no_sideways_scroll(team)
            assert_accessible(team)


def test_cards_are_typed_in_one_after_the_other_by_keyboard(team: Page, live_server: str):
    team.goto(f"{live_server}{CAFE}/cartes-avis")
    team.get_by_role("button", name="Faire une page à imprimer").click()
    codes = [words.all_inner_texts() for words in [one.locator("li") for one in team.locator(".paper-words").all()]]
    team.goto(f"{live_server}{CAFE}/saisir-carte")
    for number, words in enumerate(codes[:2], start=1):
        team.get_by_label("Les cinq mots de la carte").fill(" ".join(words))
        team.get_by_label("Mots exacts de la personne").fill("Plus de bancs.")
        team.get_by_label("Les cinq mots de la carte").press("Enter")
        expect(team.get_by_text("Carte enregistrée.")).to_be_visible()
        expect(team.get_by_label("Les cinq mots de la carte")).to_have_value("")
        expect(team.get_by_text("pour cette rencontre.")).to_contain_text(str(number))
