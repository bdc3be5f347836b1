"""The pages with a voice or a photo in them, in a real browser."""

import io

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page

from participation.extensions import db
from participation.media import rules
from participation.media.models import Media
from participation.opinions.models import VOICE_PENDING
from tests.media.made import picture, saved
from tests.support.accessibility import assert_accessible
from tests.support.browser import assert_no_sideways_scroll
from tests.support.factory import make_media, make_opinion, sign_in
from tests.support.town import Town


@pytest.fixture
def photo(town: Town) -> Media:
    """A photo, taller than it is wide, that is published with its opinion."""
    opinion = make_opinion("avis-photo", meeting=town.cafe, text="Il fait noir le soir.")
    taken = rules.read_photo(io.BytesIO(saved(picture(900, 1600), "JPEG")))
    media = rules.keep(db.session(), opinion, taken)
    rules.publish_photo(db.session(), media, "Une rue sans lampadaire, le soir", by=town.admin)
    return media


@pytest.fixture
def signed_in(app: Flask, town: Town, context: BrowserContext, live_server: str) -> None:
    client = app.test_client()
    sign_in(client, town.animator)
    cookie = client.get_cookie("equipe")
    assert cookie
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server}])


def look(page: Page, address: str) -> None:
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(address)
        assert_no_sideways_scroll(page)
        assert_accessible(page)


@pytest.mark.usefixtures("signed_in")
def test_the_team_listens_and_looks(page: Page, live_server: str, town: Town, photo: Media):
    opinion = make_opinion("avis-vocal", meeting=town.cafe, moderation="en_attente", text=VOICE_PENDING)
    make_media("voix", "audio", opinion=opinion)
    db.session.commit()
    for path in (
        "/equipe/avis",
        "/equipe/avis/avis-vocal",
        "/equipe/avis/avis-photo",
        "/equipe/medias/voix/ecrire",
        f"/equipe/medias/{photo.ref}/decrire",
        f"/equipe/medias/{photo.ref}/effacer",
    ):
        look(page, f"{live_server}{path}")


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_everybody_sees_a_published_photo(
    page: Page, context: BrowserContext, live_server: str, photo: Media, language: str
):
    db.session.commit()
    context.add_cookies([{"name": "langue", "value": language, "url": live_server}])
    for path in ("/avis", "/rencontres/cafe"):
        look(page, f"{live_server}{path}")
        shown = page.get_by_role("img", name="Une rue sans lampadaire, le soir")
        shown.scroll_into_view_if_needed()
        box = shown.bounding_box()
        assert box
        assert abs(box["width"] / box["height"] - 900 / 1600) < 0.02, "its place is kept, in its shape"
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 900
