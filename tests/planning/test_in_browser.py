"""The pages of planning in a real browser: two taps, a room's screen that fills by itself, accessible on any width."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from participation import clock
from participation.bodies.models import Cadence
from participation.database import now
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.speaking.models import MeetingCode
from participation.speaking.opening import default_window
from tests.support import factory
from tests.support.accessibility import assert_accessible
from tests.support.browser import NewContext, assert_no_sideways_scroll
from tests.support.plans import make_campaign

WIDTHS = (320, 1280)
TEAM = (
    "/equipe",
    "/equipe/rencontres/cafe/refaire",
    "/equipe/rencontres/cafe/saisie",
    "/equipe/obligations",
    "/equipe/demarches",
    "/equipe/demarches/nouvelle",
    "/equipe/demarches/ete",
    "/equipe/demarches/ete/modifier",
    "/equipe/demarches/ete/rencontres",
)
EVERYBODY = ("/demarches", "/demarches/ete", "/salle/cafe")


@pytest.fixture
def place(app: Flask) -> Flask:
    """A commission with a meeting today at which one may speak, a campaign and a promise."""
    with app.app_context():
        factory.make_contract(starts=2024, ends=clock.today().year + 1)
        quartier = factory.make_quartier("les-essais", [factory.make_commune()])
        body = factory.make_body("commission", quartiers=[quartier])
        meeting = factory.make_meeting("cafe", [body], held_on=clock.today(), title="Café du jour")
        opens, closes = default_window(meeting)
        db.session.add(MeetingCode(meeting_id=meeting.id, digits="4821", opens_at=opens, closes_at=closes))
        asked = [(None, "Que changer ici ?"), (quartier, "Et le jardin ?")]
        make_campaign("ete", body, asked, starts_on=clock.today(), ends_on=None, meetings=[meeting])
        promise = Cadence(key="commission", per_year=12, label="Tous les mois", line=12, bodies=[body])
        db.session.add(promise)
        db.session.commit()
    return app


@pytest.fixture
def enter(place: Flask, live_server: str) -> Callable[[BrowserContext], None]:
    """Sign the animator in."""

    def sign_in(context: BrowserContext) -> None:
        client = place.test_client()
        with place.app_context():
            factory.sign_in(client, factory.make_account("animateur", ("instance", "commission")))
        cookie = client.get_cookie("equipe")
        assert cookie
        context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])

    return sign_in


def test_every_page_is_accessible_and_narrow(
    new_context: NewContext, live_server: str, enter: Callable[[BrowserContext], None]
) -> None:
    context = new_context(base_url=live_server)
    page = context.new_page()
    for address in EVERYBODY:
        _look(page, address)
    enter(context)
    for address in TEAM:
        _look(page, address)
    page.goto("/equipe/rencontres/cafe/saisie")
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
    assert_accessible(page)
    page.get_by_label("Mains levées").first.fill("3")
    page.get_by_role("button", name="Enregistrer la feuille").click()
    expect(page.get_by_role("heading", name="Il y a un problème")).to_be_visible()
    assert_accessible(page)


def _look(page: Page, address: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(address)
        assert_no_sideways_scroll(page)
    assert_accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_meeting_like_the_last_one_takes_two_taps(
    new_context: NewContext, live_server: str, enter: Callable[[BrowserContext], None], place: Flask, scripts: bool
) -> None:
    context = new_context(base_url=live_server, java_script_enabled=scripts, has_touch=True)
    enter(context)
    page = context.new_page()
    page.goto("/equipe")
    page.get_by_role("link", name="Refaire la dernière").tap()
    page.get_by_role("button", name="Créer la rencontre").tap()
    expect(page.get_by_role("heading", name="Café du jour", level=1)).to_be_visible()
    with place.app_context():
        made = db.session.query(Meeting).filter(Meeting.ref != "cafe").one()
        assert (made.held_on - clock.today()).days == 28


def _publish(app: Flask, text: str) -> None:
    with app.app_context():
        meeting = db.session.query(Meeting).filter_by(ref="cafe").one()
        factory.make_opinion(meeting=meeting, text=text, received_on=clock.today(), created_at=now())
        db.session.commit()


def test_the_rooms_screen_fills_by_itself_and_stops(new_context: NewContext, live_server: str, place: Flask) -> None:
    page = new_context(base_url=live_server).new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.clock.install()
    page.goto("/salle/cafe")
    expect(page.get_by_text("Les avis arrivent ici")).to_be_visible()
    _publish(place, "Il faudrait des bancs.")
    page.clock.run_for(9_000)
    expect(page.get_by_text("Il faudrait des bancs.")).to_be_visible()
    expect(page.get_by_text("1 avis publié")).to_be_visible()
    page.context.set_offline(True)
    page.clock.run_for(9_000)
    page.clock.run_for(30_000)
    expect(page.get_by_text("Pas de réseau")).to_be_visible()
    page.context.set_offline(False)
    with place.app_context():
        db.session.query(Meeting).filter_by(ref="cafe").one().status = "tenue"
        db.session.commit()
    page.clock.run_for(60_000)
    expect(page.get_by_text("La rencontre est finie. Merci.")).to_be_visible()
    expect(page.get_by_label("Donner son avis")).to_have_count(0)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(60_000)
    assert asked == []
