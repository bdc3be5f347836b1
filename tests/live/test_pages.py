"""Every page of a live meeting, in each of its states, on a small phone and a wide screen: axe, reflow, keyboard."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from participation.extensions import db
from participation.live.models import LiveEvent
from participation.meetings.models import Decision
from participation.opinions.models import Opinion
from tests.live.hand import PREPARE, SCREEN, Hand, prepare, says
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll

WIDTHS = (320, 1280)
QUEUE = "/equipe/a-envoyer"
CHECKS = "/equipe/rencontres/cafe/avant-de-publier"
REGIONS = "[role=status], [role=alert], [role=log], [aria-live]:not([aria-live=off])"


def _sound(page: Page) -> None:
    """The page as it stands: nothing for axe to object to, one heading, one region read out, at both widths."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 740})
        assert_no_sideways_scroll(page)
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": height + 200})  # what a bar covers, scrolling uncovers
        assert_accessible(page)
    assert page.locator("h1").count() == 1
    assert page.locator(REGIONS).count() == 1, "exactly one region is read out"


def _unfold(page: Page, opened: bool = True) -> None:
    page.evaluate(
        "(open) => document.querySelectorAll('main details').forEach((fold) => { fold.open = open; })", opened
    )


def _arrive(page: Page, number: int) -> None:
    page.locator("#arrivee-n").fill(str(number))
    page.locator("#presents .live-line").get_by_role("button", name="Ajouter").first.click()


def test_the_screen_in_each_of_its_states(telephone: BrowserContext) -> None:
    page = telephone.new_page()
    hand = Hand(page)
    page.goto(SCREEN)
    _sound(page)  # not begun
    hand.tap("Commencer")
    _arrive(page, 14)
    hand.opinion("Il faudrait des bancs.", theme="Propreté")
    _unfold(page)
    _sound(page)  # below fifteen
    _unfold(page, False)
    hand.tap("26 à 39 ans")
    hand.proposal("Il faudrait des bancs.", 7)
    hand.decision("Inviter le bailleur", "l'animatrice", "le bailleur")
    hand.write(page.locator("#titre"), "Le square")
    hand.tap("Ajouter ce point")
    hand.write(page.locator("#nom"), "Bailleur d'essai")
    hand.tap(page.locator("#institutions").get_by_role("button", name="Ajouter"))
    expect(page.locator("button[name=tranche][value='26_39'] [data-etat]")).to_have_text("1")
    _unfold(page)
    _sound(page)  # fifteen and more
    hand.tap("Garder cet avis")
    expect(page.locator("#direct-statut")).to_have_text("Écrivez d'abord quelques mots.")
    _sound(page)  # a fault
    hand.tap("Terminer")
    expect(page.get_by_role("link", name="Écrire le compte rendu")).to_be_visible()
    says(page, "Tout est envoyé (")
    _sound(page)  # over
    hand.tap(page.get_by_role("link", name="Écrire le compte rendu"))
    expect(page.locator("textarea[name=text]")).to_have_value(re.compile("Il faudrait des bancs"))
    hand.tap("Garder, puis relire avant de publier")
    page.wait_for_url("**" + CHECKS)
    _sound(page)


def test_what_waits_in_each_of_its_states(telephone: BrowserContext, sign_in: Callable[[BrowserContext], None]) -> None:
    page = telephone.new_page()
    hand = Hand(page)
    page.goto(QUEUE)
    _sound(page)  # nothing waits
    page.goto(PREPARE)
    _sound(page)  # not ready
    prepare(hand)
    _sound(page)  # ready
    telephone.set_offline(True)
    page.goto(SCREEN)
    hand.opinion("Sans réseau.")
    hand.tap("Moins de 18 ans")
    says(page, "Gardé ici : 2")
    _sound(page)  # two wait
    page.goto(QUEUE)
    expect(page.locator("#a-envoyer ol > li")).to_have_count(2)
    _sound(page)
    telephone.clear_cookies()
    telephone.set_offline(False)
    says(page, "À faire : reconnectez-vous")
    _sound(page)  # signed out
    sign_in(telephone)
    page.goto("/equipe/a-envoyer/fichier")
    _sound(page)
    page.goto("/equipe/rencontres/cafe/cle")
    _sound(page)


def test_every_counter_says_what_it_counts(telephone: BrowserContext) -> None:
    page = telephone.new_page()
    page.goto(SCREEN)
    _unfold(page)
    names = [
        button.evaluate("(button) => button.textContent.trim()")
        for button in page.locator("[name=n][type=submit]").all()
    ]
    assert len(names) == len({" ".join(name.split()) for name in names}), names
    page.get_by_role("button", name="40 à 59 ans").click()
    expect(page.locator("#direct-statut")).to_have_text("1 habitants présents")
    page.get_by_role("button", name="Un de plus : Femmes").click()
    expect(page.locator("#direct-statut")).to_have_text("Femmes : 1")


# The keyboard alone


class Keys:
    """A keyboard: it goes from one thing to the next, and the focus is always on something that is seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def reach(self, selector: str) -> None:
        """Press the tabulator until the first of these has the focus."""
        for _press in range(200):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"the tabulator never reaches {selector}")

    def press(self, key: str) -> None:
        """Press a key; the focus is not lost by it."""
        self.page.keyboard.press(key)
        self.page.wait_for_timeout(100)
        assert self.page.evaluate(
            "document.activeElement !== document.body && document.activeElement.getClientRects().length > 0"
        ), f"the focus is lost after {key}"


def test_a_meeting_by_the_keyboard_alone(telephone: BrowserContext, hall: Flask) -> None:
    page = telephone.new_page()
    page.goto(SCREEN)
    keys = Keys(page)
    keys.reach("[data-evenement=commence] button")
    keys.press("Enter")
    expect(page.get_by_text("La rencontre est commencée.")).to_be_visible()
    keys.reach("[name=tranche][value='26_39']")
    keys.press("Enter")
    keys.press("Space")
    expect(page.locator("[data-etat=habitants]")).to_have_text("2")
    keys.reach("[data-si=derniere-arrivee] button")
    keys.press("Enter")
    keys.press("Enter")
    expect(page.locator("[data-etat=habitants]")).to_have_text("0")
    keys.reach("#titre")
    page.keyboard.insert_text("Le square")
    keys.press("Enter")
    page.keyboard.press("Shift+Tab")
    keys.reach("#avis-texte")
    page.keyboard.insert_text("Au clavier.")
    keys.reach("[data-evenement=avis] button")
    keys.press("Enter")
    assert page.evaluate("document.activeElement.id") == "avis-texte", "ready for the next"
    keys.reach("[data-si='sans-proposition'] summary")
    keys.press("Enter")
    keys.reach("[data-evenement=proposition] button")
    keys.press("Enter")
    expect(page.locator("[data-champ=proposition]").first).to_have_text("Au clavier.")
    keys.reach("#decision-texte")
    page.keyboard.insert_text("Décidé au clavier.")
    keys.reach("[data-evenement=decision] button")
    keys.press("Enter")
    keys.reach("[data-evenement=termine] button")
    keys.press("Enter")
    says(page, "Tout est envoyé (")
    with hall.app_context():
        assert db.session.scalars(sa.select(Opinion.text)).all() == ["Au clavier."]
        assert db.session.scalars(sa.select(Decision.text)).all() == ["Décidé au clavier."]
        assert db.session.scalar(sa.select(sa.func.count()).where(LiveEvent.kind == "arrivee")) == 2
