"""A meeting that ends without a network goes on to its minutes once all is sent; nothing is published by itself."""

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from participation.extensions import db
from participation.meetings.models import Meeting
from tests.live.hand import PREPARE, SCREEN, Hand, prepare, says
from tests.support import factory
from tests.support.accessibility import assert_accessible
from tests.support.browser import PHONE, assert_no_sideways_scroll

QUEUE = "/equipe/a-envoyer"
WRITE, CHECK, PUBLISH = (f"/equipe/rencontres/cafe/{page}" for page in ("compte-rendu", "avant-de-publier", "publier"))
WAITS = "cette page ouvrira le compte rendu quand tout sera envoyé"


def _ended(telephone: BrowserContext) -> Page:
    """Return the screen of a meeting with one opinion, ended without a network."""
    page = telephone.new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    page.goto(PREPARE)
    prepare(Hand(page))
    telephone.set_offline(True)
    page.goto(SCREEN)
    hand = Hand(page)
    hand.tap("Commencer")
    hand.opinion("Il faut des bancs.")
    hand.tap("Terminer")
    says(page, "Gardé ici : 3")
    return page


def test_the_minutes_open_once_all_is_sent(telephone: BrowserContext, hall: Flask) -> None:
    page = _ended(telephone)
    page.get_by_role("link", name="Écrire le compte rendu").click()
    expect(page.locator("#suite")).to_contain_text(WAITS)
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.goto(QUEUE)
    lines = page.locator("#a-envoyer li")
    expect(lines).to_have_count(4)
    expect(lines.last).to_contain_text("En dernier")  # the wish comes after all that was recorded
    expect(lines.last.get_by_role("link", name="Continuer")).to_be_hidden()
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.goto(SCREEN)  # kept through a new page
    expect(page.locator("#suite")).to_contain_text(WAITS)
    telephone.set_offline(False)
    page.wait_for_url("**" + WRITE)
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile("Il faut des bancs"))
    assert _published(hall) is None
    page.goto(QUEUE)
    expect(page.get_by_text("Rien n'attend dans cet appareil.")).to_be_visible()
    expect(page.locator("#ensuite li")).to_have_count(0)


def test_what_waits_is_said_on_the_teams_first_page(telephone: BrowserContext, hall: Flask) -> None:
    page = _ended(telephone)
    page.get_by_role("link", name="Écrire le compte rendu").click()
    expect(page.locator("#suite")).to_contain_text(WAITS)
    telephone.route("**/en-direct/evenements", lambda route: route.abort())  # the page opens, the notes do not leave
    page.goto("about:blank")
    telephone.set_offline(False)
    page.goto("/equipe")
    kept = page.locator("#reste-ici")
    expect(kept.locator("li")).to_have_text(
        [re.compile(r"cafe|Rencontre.* : 3 notes pas encore envoyées"), re.compile("compte rendu à finir")]
    )
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    telephone.unroute("**/en-direct/evenements")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(kept.locator("li")).to_have_count(1)
    kept.get_by_role("link").click()
    page.get_by_role("link", name="Continuer").click()
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile("Il faut des bancs"))
    page.goto("/equipe")
    expect(page.get_by_role("heading", name="Mes rencontres")).to_be_visible()
    expect(kept).to_be_hidden()


@pytest.fixture
def checked(hall: Flask) -> None:
    """The meeting was held, its minutes are written and the five checks are done."""
    with hall.app_context():
        meeting = db.session.scalars(sa.select(Meeting)).one()
        meeting.status, meeting.minutes = "tenue", "On a parlé des bancs."
        factory.declare_checks(meeting)
        db.session.commit()


def _published(app: Flask) -> object:
    with app.app_context():
        return db.session.scalars(sa.select(Meeting.minutes_published_on)).one()


def test_publishing_waits_for_the_network_and_for_a_person(
    telephone: BrowserContext, hall: Flask, checked: None
) -> None:
    page = telephone.new_page()
    page.goto(PUBLISH)
    telephone.set_offline(True)
    page.get_by_role("button", name="Publier le compte rendu").click()
    expect(page.locator("#suite")).to_contain_text("Pas de réseau : rien n'est parti")
    assert page.url.endswith(PUBLISH)
    assert_accessible(page)
    telephone.set_offline(False)
    expect(page.locator("#suite")).to_contain_text("touchez de nouveau")
    assert _published(hall) is None, "nothing is published by itself"
    page.get_by_role("button", name="Publier le compte rendu").click()
    expect(page.get_by_text("Le compte rendu est publié.")).to_be_visible()
    assert _published(hall)
    page.goto(QUEUE)
    expect(page.locator("#ensuite li")).to_have_count(0)


def test_what_this_device_holds_leaves_before_anything_is_published(
    telephone: BrowserContext, hall: Flask, checked: None
) -> None:
    screen, page = telephone.new_page(), telephone.new_page()
    screen.goto(SCREEN)
    page.goto(PUBLISH)
    telephone.route("**/en-direct/evenements", lambda route: route.abort())
    Hand(screen).opinion("Une dernière chose.")
    says(screen, "Gardé ici : 1")
    page.get_by_role("button", name="Publier le compte rendu").click()
    expect(page.locator("#suite")).to_contain_text("Cet appareil garde encore des notes de cette rencontre")
    assert _published(hall) is None
    telephone.unroute("**/en-direct/evenements")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#suite")).to_contain_text("tout est envoyé")
    assert _published(hall) is None


@pytest.mark.parametrize("typed", [WRITE, CHECK])
def test_what_was_typed_stays_on_the_page(telephone: BrowserContext, hall: Flask, checked: None, typed: str) -> None:
    page = telephone.new_page()
    page.goto(typed)
    telephone.set_offline(True)
    if typed == WRITE:
        page.locator("textarea[name=text]").fill("On a parlé des bancs et du square.")
    page.locator("form[data-suite] button.button-main").click()
    expect(page.locator("#suite")).to_contain_text("Gardez cette page ouverte")
    telephone.set_offline(False)
    expect(page.locator("#suite")).to_contain_text("touchez de nouveau")
    page.locator("form[data-suite] button.button-main").click()
    page.wait_for_url(re.compile("avant-de-publier|publier$"))
    with hall.app_context():
        told = db.session.scalars(sa.select(Meeting.minutes)).one()
    assert told == ("On a parlé des bancs et du square." if typed == WRITE else "On a parlé des bancs.")
