"""The recorder and the photo of a resident's phone: light, hers until she sends, and never in the way without them."""

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, expect

from participation.opinions.models import PHOTO_ALONE, VOICE_PENDING
from tests.speaking.phone import (
    answer,
    dump,
    expect_nothing_kept,
    expect_panel,
    expect_receipt,
    open_form,
    reach_again,
    send,
    texts,
)
from tests.support.accessibility import assert_accessible
from tests.support.browser import FLAGS, PHONE, assert_no_sideways_scroll

BUTTON = "#telephone-bouton"
STATUS = "#telephone-bouton >> xpath=../.. >> [role=status]"
BLOCKED = "Le micro est bloqué. Touchez le cadenas en haut, ou écrivez votre avis."
_FILES = "(input) => Array.from(input.files, (file) => [file.type, file.size])"
_BYTES = "async (input) => Array.from(new Uint8Array(await input.files[0].arrayBuffer()))"


@pytest.fixture(scope="module")
def with_microphone(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser whose microphone beeps, and whose owner says yes."""
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = browser_type.launch(**{**browser_type_launch_args, "args": [*FLAGS, *flags]})
    yield browser
    browser.close()


@pytest.fixture
def speaker(with_microphone: Browser, live_server: str, quay: None) -> Iterator[Page]:
    """The page on which she speaks; no error may go unseen there."""
    context = with_microphone.new_context(base_url=live_server, locale="fr-FR", viewport=PHONE)
    faults: list[str] = []
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    yield context.new_page()
    context.close()
    assert not faults


def record(page: Page, seconds: float) -> None:
    """Record, and stop after so long."""
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(BUTTON)).to_have_text("Arrêter")
    page.wait_for_timeout(seconds * 1000)
    page.locator(BUTTON).click()
    expect(page.locator(BUTTON)).to_have_text("Écouter")


def chosen(page: Page, field: str) -> list[Any]:
    """Return the type and the size of what stands in the form's file field."""
    return page.locator(field).evaluate(_FILES)


# Voice


def test_ten_seconds_of_voice_are_light_and_arrive(speaker: Page, app: Flask) -> None:
    open_form(speaker, "parler")
    expect(speaker.locator("#enregistrement")).to_be_hidden()
    assert_accessible(speaker)
    record(speaker, 10)
    [[kind, size]] = chosen(speaker, "#enregistrement")
    assert kind == "audio/webm"
    assert 5_000 < size <= 40_000
    send(speaker)
    expect_receipt(speaker)
    assert texts(app) == [VOICE_PENDING]
    expect_nothing_kept(speaker)


def test_button_says_what_it_does_next(speaker: Page) -> None:
    open_form(speaker, "parler")
    button = speaker.locator(BUTTON)
    button.focus()
    speaker.keyboard.press("Enter")
    expect(button).to_have_text("Arrêter, 2 secondes")
    assert_accessible(speaker)
    assert_no_sideways_scroll(speaker)
    speaker.keyboard.press("Enter")
    expect(button).to_have_text("Écouter")
    expect(speaker.locator(STATUS)).to_have_text("Votre message est prêt. Écoutez-le ou envoyez-le.")
    assert_accessible(speaker)
    speaker.keyboard.press("Enter")
    expect(button).to_have_text("Arrêter")
    expect(button).to_have_text("Écouter")  # it was heard to its end
    expect(button).to_be_focused()
    speaker.keyboard.press("Tab")
    speaker.keyboard.press("Enter")
    expect(button).to_be_focused()
    expect(button).to_have_text("Arrêter")
    expect(speaker.get_by_role("button", name="Recommencer")).to_be_hidden()


def test_recording_stops_by_itself_after_a_minute_and_tells_the_time_every_ten_seconds(speaker: Page) -> None:
    speaker.clock.install()
    open_form(speaker, "parler")
    speaker.locator(BUTTON).click()
    expect(speaker.locator(BUTTON)).to_have_text("Arrêter")
    said = []
    for _ in range(59):
        speaker.clock.run_for(1000)
        said.append(speaker.locator(STATUS).text_content())
    assert [said[at] for at in (8, 9, 15, 58)] == [
        "",
        "Encore 50 secondes.",
        "Encore 50 secondes.",
        "Encore 10 secondes.",
    ]
    speaker.clock.run_for(1000)
    expect(speaker.locator(BUTTON)).to_have_text("Écouter")
    assert len(chosen(speaker, "#enregistrement")) == 1


def test_sending_while_it_records_stops_and_sends(speaker: Page, app: Flask) -> None:
    open_form(speaker, "parler")
    speaker.locator(BUTTON).click()
    expect(speaker.locator(BUTTON)).to_have_text("Arrêter, 2 secondes")
    send(speaker)
    expect_receipt(speaker)
    assert texts(app) == [VOICE_PENDING]


def test_voice_waits_for_the_network_like_words(speaker: Page, app: Flask) -> None:
    open_form(speaker, "parler")
    record(speaker, 1.5)
    size = chosen(speaker, "#enregistrement")[0][1]
    speaker.context.set_offline(True)
    send(speaker)
    expect_panel(speaker, "Il n'y a pas de réseau.")
    assert dump(speaker)[0]["size"] == size
    assert_accessible(speaker)
    speaker.context.set_offline(False)
    expect_receipt(speaker)
    assert texts(app) == [VOICE_PENDING]
    expect_nothing_kept(speaker)


def test_voice_of_a_form_that_is_too_old_stands_in_the_new_one(speaker: Page, app: Flask) -> None:
    open_form(speaker, "parler")
    record(speaker, 1.5)
    before, old = chosen(speaker, "#enregistrement"), speaker.url
    answer(speaker, 410, json={"faute": "Cette page est ouverte depuis plus d'un jour."})
    send(speaker)
    expect_panel(speaker, "Avis qui ne partent plus tout seuls : 1")
    reach_again(speaker)
    speaker.get_by_role("button", name="Reprendre mon avis").click()
    expect(speaker).not_to_have_url(old)
    expect(speaker.locator(BUTTON)).to_have_text("Écouter")
    assert chosen(speaker, "#enregistrement") == before
    send(speaker)
    expect_receipt(speaker)
    assert texts(app) == [VOICE_PENDING]
    expect_nothing_kept(speaker)


def test_nothing_recorded_leads_to_the_button(speaker: Page) -> None:
    open_form(speaker, "parler")
    send(speaker)
    expect(speaker.locator(".error-summary a")).to_have_text("Enregistrez votre voix, ou choisissez Écrire.")
    assert_accessible(speaker)
    speaker.locator(".error-summary a").click()
    expect(speaker.locator(BUTTON)).to_be_focused()


def test_refused_microphone_says_what_to_do_and_gives_the_field_back(tab: Page) -> None:
    open_form(tab, "parler")
    tab.get_by_role("button", name="Enregistrer").click()
    expect(tab.locator(STATUS)).to_have_text(BLOCKED)
    expect(tab.get_by_label("Dites votre avis avec votre voix")).to_be_visible()
    assert_accessible(tab)


@pytest.mark.parametrize("missing", ["MediaRecorder", "DataTransfer"])
def test_field_stays_where_the_phone_cannot_record(tab: Page, missing: str) -> None:
    tab.add_init_script(f"Object.defineProperty(window, '{missing}', {{value: undefined}});")
    open_form(tab, "parler")
    expect(tab.get_by_label("Dites votre avis avec votre voix")).to_be_visible()
    expect(tab.locator(BUTTON)).to_have_count(0)


def test_only_the_recorder_s_page_may_ask_for_the_microphone(client: Any, quay: None) -> None:
    for mode, allowed in (("parler", True), ("ecrire", False), ("photo", False)):
        page = client.get(f"/quartiers/le-quai/{mode}", follow_redirects=True)
        assert ("microphone=(self)" in page.headers["Permissions-Policy"]) is allowed


# Photo


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make the photo of a phone: heavy, lying on its side, with the place where it was taken inside."""
    folder = tmp_path_factory.mktemp("photos")

    def make(name: str = "photo.jpg", size: tuple[int, int] = (3000, 2000)) -> Path:
        path = folder / name
        grain = Image.effect_noise((size[0] // 4, size[1] // 4), 90).resize(size)
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned by a quarter to the right
        exif.get_ifd(0x8825)[0x0012] = "WGS-84"
        exif[0x010F] = "Marque"
        Image.merge("RGB", (grain, grain.rotate(180), grain)).save(path, quality=92, exif=exif)
        return path

    return make


def sizes_of_sendings(app: Flask) -> list[int]:
    """Note from now on how many bytes each sending brings to the server."""
    sizes: list[int] = []
    inner = app.wsgi_app

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST":
            sizes.append(int(environ["CONTENT_LENGTH"]))
        return inner(environ, start_response)

    app.wsgi_app = noting  # type: ignore[method-assign]  # how Flask's documentation wraps an application
    return sizes


def small_photo(page: Page) -> bytes:
    """Wait until the photo in the form is small; return it."""
    expect(page.locator("#photo")).to_have_value("C:\\fakepath\\photo.jpg")
    page.evaluate("() => document.getElementById('parole').ready")
    return bytes(page.locator("#photo").evaluate(_BYTES))


@pytest.mark.parametrize("old", [False, True], ids=["today", "before-2021"])
def test_photo_is_made_small_and_loses_what_hides_in_it(
    tab: Page, app: Flask, picture: Callable[..., Path], old: bool
) -> None:
    if old:
        tab.add_init_script("window.createImageBitmap = undefined;")
    path = picture()
    assert path.stat().st_size > 1_000_000
    open_form(tab, "photo", words="Le passage.")
    tab.locator("#photo").set_input_files(path)
    data = small_photo(tab)
    assert len(data) <= 250_000
    image = Image.open(io.BytesIO(data))
    assert image.format == "JPEG"
    assert max(image.size) <= 1280
    assert image.height > image.width  # it stands upright
    assert not image.getexif()
    assert b"Marque" not in data
    send(tab)
    expect_receipt(tab)
    assert texts(app) == ["Le passage."]
    expect_nothing_kept(tab)


def test_photo_alone_is_enough(tab: Page, app: Flask, picture: Callable[..., Path]) -> None:
    open_form(tab, "photo")
    assert_accessible(tab)
    tab.locator("#photo").set_input_files(picture())
    send(tab)
    expect_receipt(tab)
    assert texts(app) == [PHOTO_ALONE]


def test_what_the_browser_cannot_read_goes_as_it_is(tab: Page, app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 pas une photo")
    open_form(tab, "photo")
    tab.locator("#photo").set_input_files(path)
    assert small_photo(tab) == path.read_bytes()
    send(tab)
    expect(tab.locator(".error-summary:focus")).to_be_visible()  # the server's own word on it
    assert_accessible(tab)
    expect_nothing_kept(tab)


def test_photo_that_is_too_heavy_for_the_server_is_said_beside_its_field(
    tab: Page, picture: Callable[..., Path]
) -> None:
    open_form(tab, "photo", words="Le banc cassé.")
    tab.locator("#photo").set_input_files(picture())
    answer(tab, 413, json={"faute": "C'est trop lourd. Choisissez une autre photo."})
    send(tab)
    expect(tab.locator(".error-summary a")).to_have_text("C'est trop lourd. Choisissez une autre photo.")
    expect(tab.locator("#photo")).to_have_attribute("aria-invalid", "true")
    expect(tab.locator("#texte")).to_have_value("Le banc cassé.")
    assert_accessible(tab)
    expect_nothing_kept(tab)


def test_photo_that_an_old_browser_cannot_put_back_stays_in_the_phone(tab: Page, picture: Callable[..., Path]) -> None:
    tab.add_init_script("window.DataTransfer = undefined;")
    open_form(tab, "photo", words="Le banc cassé.")
    tab.locator("#photo").set_input_files(picture(size=(400, 300)))
    answer(tab, 410, json={"faute": "Cette page est ouverte depuis plus d'un jour."})
    send(tab)
    expect_panel(tab, "Avis qui ne partent plus tout seuls : 1")
    reach_again(tab)
    old = tab.url
    tab.get_by_role("button", name="Reprendre mon avis").click()
    expect(tab).not_to_have_url(old)
    expect(tab.locator("#parole")).to_be_visible()
    tab.locator("#texte").fill("Le banc cassé, sans photo.")
    send(tab)
    expect_receipt(tab)
    assert len(dump(tab)) == 1


def test_photo_added_on_the_receipt_is_made_small_too(tab: Page, app: Flask, picture: Callable[..., Path]) -> None:
    send(open_form(tab, words="Le banc cassé."))
    expect_receipt(tab)
    tab.get_by_role("link", name="Ajouter une photo").click()
    tab.locator("#photo").set_input_files(picture())
    assert_accessible(tab)
    sizes = sizes_of_sendings(app)
    tab.get_by_role("button", name="Envoyer la photo").click()
    expect(tab).not_to_have_url(re.compile("/photo$"))
    expect(tab.locator(".error-summary")).to_have_count(0)
    assert 5_000 < sizes[0] < 260_000


def test_small_drawing_stays_as_large_as_it_was(tab: Page, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (40, 30), "#0F5C5C").save(path)
    open_form(tab, "photo")
    tab.locator("#photo").set_input_files(path)
    assert Image.open(io.BytesIO(small_photo(tab))).size == (40, 30)


def test_words_are_back_when_the_camera_has_cost_the_page(telephone: BrowserContext, tab: Page) -> None:
    open_form(tab, "photo", words="Le banc cassé.")
    address = tab.url
    with tab.expect_file_chooser():
        tab.locator("#photo").click()
    expect(tab.locator("#texte")).to_have_value("Le banc cassé.")
    assert [row["id"] for row in dump(tab)] == ["brouillon"]
    tab.close()
    again = telephone.new_page()
    again.goto(address)
    expect(again.locator("#texte")).to_have_value("Le banc cassé.")
    expect_nothing_kept(again)


def test_words_are_forgotten_once_the_camera_is_closed(tab: Page, picture: Callable[..., Path]) -> None:
    open_form(tab, "photo", words="Le banc cassé.")
    with tab.expect_file_chooser() as camera:
        tab.locator("#photo").click()
    camera.value.set_files(picture())
    small_photo(tab)
    expect_nothing_kept(tab)
