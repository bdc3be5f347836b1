"""How many taps each way to speak costs after the scan, with scripts and without (ux.md R17)."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from participation.contract.models import Quartier
from participation.extensions import db
from participation.opinions.models import PHOTO_ALONE, VOICE_PENDING
from participation.proposals.models import Support
from tests.media.made import picture, saved, sound
from tests.speaking.phone import DOOR, expect_receipt, quay, texts
from tests.speaking.test_phone_media import BUTTON, speaker, with_microphone
from tests.support.browser import PHONE, NewContext
from tests.support.factory import make_body, make_proposal

__all__ = ["quay", "speaker", "with_microphone"]

TEXT, VOICE, PHOTO, SUPPORT = 3, 4, 3, 2
"""The most taps of each way; what is typed or spoken is not counted."""


class Thumb:
    """A thumb that counts what it taps."""

    def __init__(self) -> None:
        self.taps = 0

    def tap(self, what: Locator) -> None:
        """Tap on something."""
        what.click()
        self.taps += 1

    def choose(self, field: Locator, path: Path) -> None:
        """Tap on a file field and take what the phone offers: its recorder or its camera."""
        with field.page.expect_file_chooser() as chooser:
            self.tap(field)
        chooser.value.set_files(path)


@pytest.fixture(params=[True, False], ids=["with-scripts", "without-scripts"])
def landed(request: pytest.FixtureRequest, new_context: NewContext, live_server: str, quay: None) -> Page:
    """The page to which the scan leads."""
    page = new_context(base_url=live_server, java_script_enabled=request.param).new_page()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # the type is a TypedDict of the library's own
    page.goto(DOOR)
    return page


def send(thumb: Thumb, page: Page) -> None:
    """Send the form."""
    thumb.tap(page.locator("#parole .button-main"))
    expect_receipt(page)


def test_words(landed: Page, app: Flask) -> None:
    thumb = Thumb()
    thumb.tap(landed.get_by_role("link", name="Écrire"))
    thumb.tap(landed.get_by_role("textbox"))
    landed.keyboard.type("Des bancs.")
    send(thumb, landed)
    assert (texts(app), thumb.taps) == (["Des bancs."], TEXT)


def test_voice_that_the_page_records(speaker: Page, app: Flask) -> None:
    thumb = Thumb()
    speaker.goto(DOOR)
    thumb.tap(speaker.get_by_role("link", name="Parler"))
    thumb.tap(speaker.locator(BUTTON))
    expect(speaker.locator(BUTTON)).to_have_text("Arrêter, 2 secondes")
    thumb.tap(speaker.locator(BUTTON))
    expect(speaker.locator(BUTTON)).to_have_text("Écouter")
    send(thumb, speaker)
    assert (texts(app), thumb.taps) == ([VOICE_PENDING], VOICE)


def test_voice_that_the_phone_records(
    new_context: NewContext, live_server: str, quay: None, app: Flask, tmp_path: Path
):
    page, thumb = new_context(base_url=live_server, java_script_enabled=False).new_page(), Thumb()
    (tmp_path / "voix.wav").write_bytes(sound("-c:a pcm_s16le -f wav", tmp_path))
    page.goto(DOOR)
    thumb.tap(page.get_by_role("link", name="Parler"))
    thumb.choose(page.locator("#enregistrement"), tmp_path / "voix.wav")
    send(thumb, page)
    assert texts(app) == [VOICE_PENDING]
    assert thumb.taps <= VOICE


def test_photo(landed: Page, app: Flask, tmp_path: Path) -> None:
    thumb = Thumb()
    (tmp_path / "photo.jpg").write_bytes(saved(picture(), "JPEG"))
    thumb.tap(landed.get_by_role("link", name="Photo"))
    thumb.choose(landed.locator("#photo"), tmp_path / "photo.jpg")
    send(thumb, landed)
    assert (texts(app), thumb.taps) == ([PHOTO_ALONE], PHOTO)


def test_support(landed: Page, app: Flask) -> None:
    with app.app_context():
        quay = db.session.query(Quartier).one()
        make_proposal("prop-1", title="Des bancs au Quai", body=make_body("conseil", quartiers=[quay]))
        db.session.commit()
    thumb = Thumb()
    thumb.tap(landed.get_by_role("link", name="Soutenir une proposition"))
    thumb.tap(landed.get_by_role("button", name="Je soutiens cette proposition"))
    expect(landed.get_by_text("Votre soutien est compté.")).to_be_visible()
    with app.app_context():
        assert db.session.query(Support).count() == 1
    assert thumb.taps == SUPPORT
