"""An élu answers on a small phone in six taps, with scripts and without; every page is accessible and narrow."""

import datetime as dt

import pytest
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from participation.actions.models import Action
from participation.extensions import db
from participation.proposals.models import Proposal, Step
from tests.support.accessibility import assert_accessible
from tests.support.browser import PHONE, NewContext, assert_no_sideways_scroll
from tests.support.checked_client import CheckedClient
from tests.support.deeds import make_action, make_action_photo, make_note
from tests.support.factory import make_opinion, make_proposal, sign_in
from tests.support.town import Town

MOST_TAPS = 6
LONG = "Un très long mot : " + "anticonstitutionnellement" * 12


class Finger:
    """Taps on a phone's screen, counted: a field that is written in is tapped first."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        """Tap once."""
        self.taps += 1
        what.tap()

    def write(self, field: Locator, text: str) -> None:
        """Tap a field, then write; the keyboard's own taps are the text."""
        self.tap(field)
        field.page.keyboard.insert_text(text)


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def hand(
    request: pytest.FixtureRequest, new_context: NewContext, client: CheckedClient, town: Town, live_server: str
) -> Page:
    """A phone of 360 pixels in the hand of the élu of the north."""
    context = new_context(has_touch=True, java_script_enabled=request.param)
    let_in(context, client, town, live_server)
    page = context.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the library's own type
    return page


def let_in(context: BrowserContext, client: CheckedClient, town: Town, address: str) -> None:
    """Sign the élu in, in this browser."""
    sign_in(client, town.elu)
    cookie = client.get_cookie("equipe")
    assert cookie
    context.add_cookies([{"name": "equipe", "value": cookie.value, "url": address}])


def steps() -> list[Step]:
    db.session.expire_all()
    found = list(db.session.scalars(sa.select(Step).order_by(Step.position)))
    db.session.rollback()
    return found


def test_an_elu_answers_yes_in_six_taps_and_text(hand: Page, owed: Proposal, live_server: str):
    finger, page = Finger(), hand
    page.goto(f"{live_server}/elus")
    finger.tap(page.get_by_role("link", name="Répondre", exact=True))
    finger.tap(page.get_by_label("Oui", exact=True))
    finger.write(page.get_by_label("La réponse en une phrase simple"), "Oui, deux bancs seront posés.")
    finger.write(page.get_by_label("Pourquoi ?"), "La place en manque.")
    finger.tap(page.get_by_label("dans 3 mois"))
    assert_no_sideways_scroll(page)
    finger.tap(page.get_by_role("button", name="Publier la réponse"))
    expect(page.get_by_text("Votre réponse est publiée.")).to_be_visible()
    assert finger.taps <= MOST_TAPS
    db.session.expire_all()
    step = db.session.scalars(sa.select(Step).order_by(Step.position.desc())).first()
    assert step
    assert (step.kind, step.due_on, step.author) == ("retenue", dt.date(2026, 6, 20), "Adjointe de quartier")


def test_an_elu_says_no_in_five_taps_and_text(hand: Page, owed: Proposal, live_server: str):
    finger, page = Finger(), hand
    page.goto(f"{live_server}/elus")
    finger.tap(page.get_by_role("link", name="Répondre", exact=True))
    finger.tap(page.get_by_label("Non", exact=True))
    finger.write(page.get_by_label("La réponse en une phrase simple"), "Non, la place est classée.")
    finger.write(page.get_by_label("Pourquoi ?"), "Les bâtiments de France ont dit non.")
    finger.tap(page.get_by_role("button", name="Publier la réponse"))
    expect(page.get_by_text("Votre réponse est publiée.")).to_be_visible()
    assert finger.taps <= MOST_TAPS - 1
    assert [step.kind for step in steps()] == ["recueillie", "transmise", "non_retenue"]


def test_what_was_written_stays_where_something_is_missing(hand: Page, owed: Proposal, live_server: str):
    page = hand
    page.goto(f"{live_server}/equipe/propositions/prop-1/repondre")
    page.get_by_label("Pourquoi ?").fill("La place en manque.")
    page.get_by_label("à une date").check()
    page.get_by_role("button", name="Publier la réponse").tap()
    expect(page).to_have_title("Erreur : Répondre à une proposition – Contrat d'essai")
    expect(page.get_by_label("Pourquoi ?")).to_have_value("La place en manque.")
    expect(page.get_by_label("à une date")).to_be_checked()
    assert_no_sideways_scroll(page)


def test_an_answer_whose_confirmation_was_lost_is_sent_again_and_is_one(hand: Page, owed: Proposal, live_server: str):
    """The network breaks after the server has written: Back, and the same button again (ux.md R8)."""
    page = hand

    def lose(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    page.goto(f"{live_server}/equipe/propositions/prop-1/repondre")
    page.get_by_label("Non", exact=True).check()
    page.get_by_label("La réponse en une phrase simple").fill("Non.")
    page.get_by_label("Pourquoi ?").fill("La place est classée.")
    page.route("**/reponse", lose)
    with page.expect_event("requestfailed"):
        page.get_by_role("button", name="Publier la réponse").tap(no_wait_after=True)
    page.unroute("**/reponse")
    page.reload()  # sends the same form again
    expect(page.get_by_role("heading", name="Ce qui vous attend")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("Pourquoi ?")).to_have_value("La place est classée.")
    page.get_by_role("button", name="Publier la réponse").tap()
    expect(page.get_by_role("heading", name="Ce qui vous attend")).to_be_visible()
    assert [step.kind for step in steps()] == ["recueillie", "transmise", "non_retenue"]


@pytest.fixture
def full(town: Town, owed: Proposal) -> Town:
    """Every page has something to show, with long words."""
    accepted = make_proposal(
        "prop-2", [{"kind": "transmise"}, {"kind": "retenue", "short_answer": LONG}], title=LONG, body=town.commission
    )
    action = make_action("action-1", accepted, text=LONG, owner=LONG, residents=LONG, due_on=dt.date(2026, 3, 1))
    make_action_photo(make_note(action, LONG), "photo-1")
    make_opinion("avis-1", meeting=town.cafe, text=LONG)
    town.cafe.answer_due_on = dt.date(2026, 3, 18)
    db.session.commit()
    return town


PAGES = (
    "/elus",
    "/equipe/suites",
    "/equipe/suites/avis",
    "/equipe/suites/a-dire",
    "/equipe/actions",
    "/equipe/propositions/prop-1/repondre",
    "/equipe/propositions/prop-2/actions/nouvelle",
    "/equipe/propositions/prop-2/fait",
    "/equipe/actions/action-1",
    "/equipe/actions/action-1/modifier",
    "/equipe/actions/action-1/arreter",
    "/propositions/prop-2",
)


def test_every_page_is_accessible_and_narrow(full: Town, client: CheckedClient, live_server: str, page: Page):
    let_in(page.context, client, full, live_server)
    page.set_viewport_size({"width": 320, "height": 568})
    for address in PAGES:
        page.goto(live_server + address)
        expect(page.locator("h1")).to_have_count(1)
        assert_no_sideways_scroll(page)
        assert_accessible(page)
    page.goto(f"{live_server}/equipe/propositions/prop-1/repondre")
    page.get_by_role("button", name="Publier la réponse").click()
    assert_accessible(page)
    assert db.session.query(Action).count() == 1
