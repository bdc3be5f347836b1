"""The live screen in a telephone: prepared, without a network, sent once, true at every moment."""

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from participation.extensions import db
from participation.live.models import LiveEvent
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll

SCREEN = "/equipe/rencontres/cafe/en-direct"
PREPARE = "/equipe/rencontres/cafe/preparer"


def _pill(page: Page, words: str) -> None:
    expect(page.locator("#etat-envoi")).to_contain_text(words)


def _opinion(page: Page, words: str) -> None:
    page.locator("#avis-texte").fill(words)
    page.get_by_role("button", name="Garder cet avis").click()
    expect(page.locator("[data-etat=avis] blockquote").first).to_have_text(words)


def _texts(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Opinion.text).order_by(Opinion.id)))


def _prepare(telephone: BrowserContext) -> Page:
    page = telephone.new_page()
    page.goto(PREPARE)
    expect(page.get_by_text("Cet appareil n'est pas prêt.")).to_be_visible()
    page.get_by_role("button", name="Préparer cet appareil").click()
    expect(page.get_by_text("Prêt sans réseau jusqu'au")).to_be_visible(timeout=15_000)
    expect(page.locator("[data-champ=codes]")).to_have_text("60")
    return page


def test_recorded_online_is_sent_at_once(telephone: BrowserContext, hall: Flask) -> None:
    page = telephone.new_page()
    page.goto(SCREEN)
    page.get_by_role("button", name="Commencer").click()
    for _time in range(3):
        page.get_by_role("button", name="26 à 39 ans").click()
    expect(page.locator("[data-etat=habitants]")).to_have_text("3")
    _opinion(page, "Il faudrait des bancs.")
    _pill(page, "Tout est envoyé (")
    assert _texts(hall) == ["Il faudrait des bancs."]
    page.reload()
    expect(page.locator("[data-etat=habitants]")).to_have_text("3")
    expect(page.locator("[data-etat=avis] > li")).to_have_count(1)
    assert_accessible(page)
    assert_no_sideways_scroll(page)


def test_a_whole_meeting_without_network(telephone: BrowserContext, hall: Flask) -> None:
    page = _prepare(telephone)
    telephone.set_offline(True)
    page.goto(SCREEN)
    page.get_by_role("button", name="Commencer").click()
    oldest = page.get_by_role("button", name="60 ans et plus")
    oldest.evaluate("(button) => { for (let n = 0; n < 16; n += 1) { button.click(); } }")
    page.get_by_role("button", name="Annuler la dernière arrivée").click()
    expect(page.locator("[data-etat=habitants]")).to_have_text("15")
    page.locator("#titre").fill("Le square")
    page.get_by_role("button", name="Ajouter ce point").click()
    page.get_by_role("button", name="On en parle maintenant").click()
    for number in range(5):
        _opinion(page, f"Avis {number}")
    expect(page.locator("[data-etat=code]")).to_contain_text("Code à donner à la personne :")
    first = page.locator("[data-etat=avis] > li").last
    first.get_by_text("En faire une proposition").click()
    first.get_by_role("button", name="Proposer").click()
    for _time in range(4):
        first.get_by_role("button", name="Une main de plus").click()
    page.locator("#decision-texte").fill("Inviter le bailleur")
    page.get_by_text("Dans 1 mois").click()
    page.get_by_role("button", name="Garder cette décision").click()
    page.get_by_role("button", name="Terminer").click()
    _pill(page, "Gardé ici : 32")
    page.reload()  # from what was prepared: nothing is lost
    expect(page.locator("[data-etat=habitants]")).to_have_text("15")
    expect(page.locator("[data-etat=avis] > li")).to_have_count(5)
    _pill(page, "Gardé ici : 32")
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    assert _texts(hall) == []
    telephone.set_offline(False)
    _pill(page, "Tout est envoyé (")
    assert _texts(hall) == [f"Avis {number}" for number in range(5)]
    with hall.app_context():
        meeting = db.session.scalars(sa.select(Meeting)).one()
        assert (meeting.status, meeting.residents, meeting.over_60) == ("tenue", 15, 15)
        assert db.session.scalars(sa.select(Decision.text)).all() == ["Inviter le bailleur"]
        numbers = db.session.scalars(sa.select(LiveEvent.number).order_by(LiveEvent.received_at, LiveEvent.number))
        assert list(numbers) == sorted(set(db.session.scalars(sa.select(LiveEvent.number))))


def test_an_expired_sign_in_loses_nothing(telephone: BrowserContext, hall: Flask, sign_in) -> None:
    page = _prepare(telephone)
    telephone.set_offline(True)
    page.goto(SCREEN)
    _opinion(page, "Sans session.")
    telephone.clear_cookies()
    telephone.set_offline(False)
    _pill(page, "À faire : reconnectez-vous")
    assert _texts(hall) == []
    page.locator("#etat-envoi").click()
    expect(page.get_by_role("link", name="Se reconnecter")).to_be_visible()
    expect(page.get_by_text("Sans session.")).to_be_visible()
    assert_accessible(page)
    sign_in(telephone)
    page.get_by_role("button", name="Envoyer maintenant").click()
    _pill(page, "Tout est envoyé")
    assert _texts(hall) == ["Sans session."]


def test_ready_is_said_only_where_every_page_answers(telephone: BrowserContext, hall: Flask) -> None:
    page = _prepare(telephone)
    page.evaluate(
        "caches.open('direct').then((cache) => cache.delete(location.pathname.replace('preparer', 'en-direct')))"
    )
    page.reload()
    expect(page.get_by_text("Il manque une page à cet appareil.")).to_be_visible()
    expect(page.get_by_text("Prêt sans réseau jusqu'au")).to_be_hidden()
    assert_accessible(page)


def test_what_waits_can_be_saved_deleted_and_wiped(telephone: BrowserContext, hall: Flask) -> None:
    page = _prepare(telephone)
    telephone.set_offline(True)
    page.goto(SCREEN)
    for words in ("Un", "Deux", "Trois"):
        _opinion(page, words)
    expect(page.get_by_text("Gardé ici, pas encore envoyé").filter(visible=True)).to_have_count(3)
    page.goto("/equipe/a-envoyer")
    page.on("dialog", lambda dialog: dialog.accept())
    lines = page.locator("#a-envoyer ol > li")
    expect(lines).to_have_count(3)
    with page.expect_download() as download:
        page.get_by_role("button", name="Enregistrer dans un fichier").click()
    assert "Deux" in download.value.path().read_text(encoding="utf-8")
    lines.nth(1).get_by_role("button", name="Supprimer").click()
    expect(lines).to_have_count(2)
    assert_accessible(page)
    assert_no_sideways_scroll(page)
    page.get_by_role("button", name="Tout effacer de cet appareil").click()
    expect(page.get_by_text("Rien n'attend dans cet appareil.")).to_be_visible()
    telephone.set_offline(False)
    page.reload()
    assert page.evaluate("caches.open('direct').then((cache) => cache.keys()).then((keys) => keys.length)") == 0
    assert _texts(hall) == []


def test_two_tabs_send_each_once(telephone: BrowserContext, hall: Flask) -> None:
    _prepare(telephone)
    first, second = telephone.new_page(), telephone.new_page()
    for page in (first, second):
        page.goto(SCREEN)
    telephone.set_offline(True)
    for number, page in enumerate((first, second, first, second)):
        _opinion(page, f"Avis {number}")
    telephone.set_offline(False)
    for page in (first, second):
        _pill(page, "Tout est envoyé")
        expect(page.locator("[data-etat=avis] > li")).to_have_count(4)
    assert sorted(_texts(hall)) == [f"Avis {number}" for number in range(4)]


def test_the_same_meeting_without_scripts(no_script_page: Page, hall: Flask, sign_in, live_server: str) -> None:
    page = no_script_page
    sign_in(page.context)
    page.goto(live_server + SCREEN)
    page.get_by_role("button", name="Commencer").click()
    for _time in range(2):
        page.get_by_role("button", name="Moins de 18 ans").click()
    page.locator("#avis-texte").fill("Par un formulaire.")
    page.get_by_role("button", name="Garder cet avis").click()
    page.locator("#decision-texte").fill("Inviter le bailleur")
    page.get_by_role("button", name="Garder cette décision").click()
    page.get_by_role("button", name="Terminer").click()
    expect(page.get_by_text("La rencontre est terminée.")).to_be_visible()
    assert_no_sideways_scroll(page)
    assert _texts(hall) == ["Par un formulaire."]
    with hall.app_context():
        assert db.session.scalars(sa.select(Meeting.residents)).one() == 2
