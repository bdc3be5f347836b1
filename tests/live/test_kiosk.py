"""The kiosk: a resident speaks on the team's device, in her language, with a network or without."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from participation.extensions import db
from participation.following import visits
from participation.live.models import LiveEvent, RecordedOpinion
from participation.media.models import Media
from participation.meetings.models import AskedQuestion, Meeting
from participation.opinions.models import VOICE_PENDING, Opinion
from tests.live.device import Device
from tests.live.hand import PREPARE, SCREEN, Hand, prepare, says
from tests.media.made import PHONES, sound
from tests.support import factory
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.screen import assert_targets_fit_a_thumb

KIOSK = "/equipe/rencontres/cafe/borne"


def _opinions(app: Flask) -> list[Opinion]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Opinion).order_by(Opinion.id)))


def _ready(telephone: BrowserContext) -> Page:
    """A device that was prepared and has no network any more, with the kiosk open."""
    page = telephone.new_page()
    page.goto(PREPARE)
    prepare(Hand(page))
    telephone.set_offline(True)
    page.goto(KIOSK)
    return page


def _write(page: Page, words: str) -> str:
    """Write and send; return the five words."""
    page.get_by_role("link", name="Écrire").click()
    page.get_by_label("Écrivez votre avis").fill(words)
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.get_by_role("heading", name="Merci. Votre avis est gardé.")).to_be_focused()
    return "-".join(page.locator(".code-words li").all_inner_texts())


def test_a_resident_speaks_without_a_network_and_finds_it_later(telephone: BrowserContext, hall: Flask) -> None:
    page = _ready(telephone)
    code = _write(page, "Il manque des bancs.")
    expect(page.locator(".code-drawing .qr path")).to_have_count(1)
    page.get_by_role("link", name="J'ai gardé mon code").click()
    expect(page.locator(".code-words li")).to_have_count(0)
    page.get_by_role("link", name="Écrire").click()
    expect(page.get_by_label("Écrivez votre avis")).to_have_value("")  # whoever comes next sees nothing
    page.get_by_role("link", name="Retour").click()
    page.get_by_role("link", name="revenir à la rencontre").click()
    says(page, "Gardé ici : 1")
    expect(page.get_by_text("Il manque des bancs.")).to_have_count(0)
    page.goto("/equipe/a-envoyer")
    expect(page.get_by_text("Avis d'un habitant, à la borne")).to_be_visible()
    expect(page.get_by_text("Il manque des bancs.")).to_have_count(0)
    assert _opinions(hall) == []
    telephone.set_offline(False)
    expect(page.get_by_text("Rien n'attend dans cet appareil.")).to_be_visible()
    opinion = _opinions(hall)[0]
    assert (opinion.text, opinion.moderation, opinion.channel) == ("Il manque des bancs.", "en_attente", "telephone")
    assert (opinion.reserve_asked, opinion.language, opinion.question) == (False, "fr", None)
    with hall.app_context():
        found = visits.find(db.session(), code)
        assert found
        assert found.opinion_id == opinion.id
        assert "texte" not in db.session.scalars(sa.select(LiveEvent.data)).one()


def test_the_drawn_code_is_the_one_of_the_receipt(telephone: BrowserContext, hall: Flask) -> None:
    from participation.following.addresses import qr_url
    from participation.qr import qr_svg

    page = _ready(telephone)
    code = _write(page, "Il manque des bancs.")
    dark = page.locator(".code-drawing path").get_attribute("d") or ""
    with hall.app_context():
        wanted = qr_svg(qr_url(code))
    lines = page.evaluate(
        """([drawn, whole]) => {
          const pixels = (svg) => new Promise((resolve) => {
            const picture = new Image();
            picture.onload = () => {
              const canvas = document.createElement('canvas');
              canvas.width = canvas.height = 410;
              const pen = canvas.getContext('2d');
              pen.fillStyle = '#fff';
              pen.fillRect(0, 0, 410, 410);
              pen.drawImage(picture, 0, 0, 410, 410);
              resolve(Array.from({length: 41 * 41}, (_, at) =>
                pen.getImageData(at % 41 * 10 + 5, Math.floor(at / 41) * 10 + 5, 1, 1).data[0] < 128 ? 1 : 0).join(''));
            };
            picture.src = 'data:image/svg+xml,' + encodeURIComponent(svg);
          });
          return Promise.all([pixels(drawn), pixels(whole)]);
        }""",
        [_document(page, dark), _sized(str(wanted))],
    )
    assert lines[0] == lines[1]
    assert "1" in lines[0]


def _document(page: Page, dark: str) -> str:
    box = page.locator(".code-drawing svg").get_attribute("viewBox")
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="410" height="410" viewBox="{box}"><path d="{dark}"/></svg>'


def _sized(drawing: str) -> str:
    return drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" width="410" height="410" ', 1)


@pytest.mark.parametrize("language", ["", "/ar"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_screen_is_accessible(telephone: BrowserContext, hall: Flask, language: str, width: int) -> None:
    page = telephone.new_page()
    page.set_viewport_size({"width": width, "height": 740})
    page.goto(KIOSK + language)
    assert page.locator("html").get_attribute("dir") == ("rtl" if language else "ltr")
    _sound(page)
    for way in ("parler", "photo", "ecrire"):
        page.locator(f"[data-moyen={way}]").click()
        _sound(page)
        page.locator("#parole button[type=submit]").click()
        expect(page.locator("#borne-statut")).not_to_be_empty()  # nothing was said: what to do
        _sound(page)
        if way != "ecrire":
            page.locator("[data-vers=moyens]").click()
    page.locator("#texte").fill("لا توجد مقاعد" if language else "Il manque des bancs.")
    page.locator("#parole button[type=submit]").click()
    expect(page.locator(".code-words li")).to_have_count(5)
    _sound(page)


def _sound(page: Page) -> None:
    assert_no_sideways_scroll(page)
    assert_targets_fit_a_thumb(page)
    assert_accessible(page)
    assert page.locator("h1").count() == 1


def test_by_the_keyboard_in_her_language_for_the_team_alone(telephone: BrowserContext, hall: Flask) -> None:
    with hall.app_context():
        meeting = db.session.scalars(sa.select(Meeting)).one()
        for number, text in enumerate(("Quels arbres ?", "Quels bancs ?")):
            meeting.questions.append(AskedQuestion(text=text, position=number))
        db.session.commit()
    page = telephone.new_page()
    page.goto(f"{KIOSK}/ar")
    _reach(page, "[data-question='Quels bancs ?']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_accessible_name("Quels bancs ?")
    _reach(page, "[data-moyen=ecrire]")
    page.keyboard.press("Enter")
    expect(page.locator("#texte")).to_be_focused()
    page.keyboard.insert_text("لا توجد مقاعد")
    _reach(page, "[name=lecture]")
    page.keyboard.press("ArrowDown")
    _reach(page, "#parole button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator(".code-words")).to_have_attribute("dir", "ltr")
    expect(page.locator(".code-words li")).to_have_count(5)
    page.goto("/equipe/a-envoyer")
    expect(page.get_by_text("Rien n'attend dans cet appareil.")).to_be_visible()
    opinion = _opinions(hall)[0]
    assert (opinion.question, opinion.language, opinion.reserve_asked) == ("Quels bancs ?", "ar", True)


def _reach(page: Page, selector: str) -> None:
    for _press in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the tabulator never reaches {selector}")


def test_a_photo_waits_with_its_words(telephone: BrowserContext, hall: Flask) -> None:
    page = _ready(telephone)
    page.get_by_role("link", name="Photo").click()
    page.locator("#photo").set_input_files({"name": "banc.png", "mimeType": "image/png", "buffer": _picture()})
    page.get_by_label("Ajoutez quelques mots").fill("Le banc cassé.")
    page.get_by_role("button", name="Envoyer mon avis").click()
    expect(page.locator(".code-words li")).to_have_count(5)
    telephone.set_offline(False)
    page.goto(SCREEN)
    says(page, "Tout est envoyé")
    with hall.app_context():
        media = db.session.scalars(sa.select(Media)).one()
        assert (media.kind, media.opinion.text, media.opinion.meeting.ref) == ("photo", "Le banc cassé.", "cafe")


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "green").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def with_microphone(browser_type_launch_args, playwright, live_server, sign_in) -> Iterator[BrowserContext]:
    """A device of the animator whose microphone hears something."""
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    options = {**browser_type_launch_args, "args": [*browser_type_launch_args["args"], *flags]}
    browser = playwright.chromium.launch(**options)
    context = browser.new_context(base_url=live_server, locale="fr-FR")
    sign_in(context)
    yield context
    browser.close()


def test_a_voice_waits_for_the_network(with_microphone: BrowserContext, hall: Flask) -> None:
    page = _ready(with_microphone)
    page.get_by_role("link", name="Parler").click()
    page.get_by_role("button", name="Enregistrer ma voix").click()
    expect(page.get_by_role("button", name="Arrêter, 2 secondes")).to_be_visible()
    page.get_by_role("button", name="Envoyer mon avis").click()  # ends the recording, too
    expect(page.locator(".code-words li")).to_have_count(5)
    with_microphone.set_offline(False)
    page.goto(SCREEN)
    says(page, "Tout est envoyé")
    with hall.app_context():
        media = db.session.scalars(sa.select(Media)).one()
        assert (media.kind, media.opinion.text) == ("audio", VOICE_PENDING)


def test_a_page_that_needs_a_network_says_so(telephone: BrowserContext, hall: Flask) -> None:
    page = _ready(telephone)
    page.goto("/equipe/obligations")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de réseau")
    page.get_by_role("link", name="Voir ce qui attend").click()
    expect(page).to_have_url(re.compile("/equipe/a-envoyer$"))


def test_without_scripts_it_leads_to_the_public_page(no_script_page: Page, hall: Flask, sign_in, live_server) -> None:
    sign_in(no_script_page.context)
    no_script_page.goto(live_server + KIOSK)
    no_script_page.get_by_role("link", name="Donner mon avis").click()
    expect(no_script_page).to_have_url(f"{live_server}/m/cafe")


# What the server takes


def _send(client: FlaskClient, device: Device, event: dict[str, object], file: bytes | None = None) -> dict[str, dict]:
    answer = client.post(
        "/equipe/rencontres/cafe/en-direct/evenements",
        data={"evenement": json.dumps(event), **({"photo": (io.BytesIO(file), "f")} if file else {})},
        headers={"X-Appareil": device.name},
    )
    return answer.get_json()


@pytest.mark.usefixtures("app_context")
@pytest.mark.both_databases
def test_what_comes_twice_is_taken_once(recorder: Device, client: FlaskClient, tmp_path: Path) -> None:
    voice = sound(PHONES["webm-opus"], tmp_path)
    event = recorder.event("habitant", fichier="voix", lecture="reserve", langue="fr")
    for _time in range(2):
        assert _send(client, recorder, event, voice)["recus"] == [event["id"]]
    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.reserve_asked, opinion.moderation) == (True, "en_attente")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Media)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(RecordedOpinion)) == 0


@pytest.mark.usefixtures("app_context")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"lecture": "publie"}, "Cet avis est vide."),
        ({"lecture": "publie", "fichier": "voix"}, "Le message n'est pas arrivé."),
        ({"lecture": "le monde", "texte": "Des bancs."}, "n'est pas complet"),
    ],
)
def test_what_is_not_whole_is_refused(recorder: Device, client: FlaskClient, data: dict[str, str], said: str) -> None:
    event = recorder.event("habitant", **data)
    assert said in _send(client, recorder, event)["refus"][event["id"]]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == 0


@pytest.mark.usefixtures("app_context")
def test_only_for_whoever_records_the_meeting(meeting: Meeting, client: FlaskClient, app: Flask) -> None:
    assert client.get(KIOSK).status_code == 303
    other = factory.make_body("autre")
    stranger = app.test_client()
    factory.sign_in(stranger, factory.make_account("animateur", ("instance", other.slug)))
    db.session.commit()
    assert stranger.get(KIOSK).status_code == 404
    factory.sign_in(client, factory.make_account("animateur", ("instance", "commission")))
    db.session.commit()
    assert client.get(KIOSK).status_code == 200
    assert client.get(f"{KIOSK}/de").status_code == 404
