"""Who is given a byte of a recording or a photo, and how."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from participation.database import now
from participation.extensions import db
from participation.media import storage
from participation.media.models import Media
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_media, make_opinion
from tests.support.town import Town

VOICE, PHOTO = b"octets d'une voix", b"octets d'une photo"
Enter = Callable[[Account], CheckedClient]


@pytest.fixture
def voice(town: Town) -> Media:
    return make_media("voix", "audio", VOICE, opinion=make_opinion(meeting=town.cafe, moderation="en_attente"))


@pytest.fixture
def photo(town: Town) -> Media:
    """Published, with an opinion that is published."""
    opinion = make_opinion(meeting=town.cafe)
    return make_media("photo", "photo", PHOTO, opinion=opinion, description="Un banc", published_at=now())


def statuses(enter: Enter, town: Town, client: CheckedClient, address: str) -> dict[str, int]:
    """Return what each person is answered."""
    elsewhere = make_account("animateur", ("instance", "conseil-du-sud"))
    people = {name: getattr(town, name) for name in ("admin", "animator", "elu", "representative")}
    found = {name: enter(account).get(address).status_code for name, account in people.items()}
    found["animator elsewhere"] = enter(elsewhere).get(address).status_code
    found["anyone"] = client.get(address).status_code
    return found


NOBODY = dict.fromkeys(("admin", "animator", "elu", "representative", "animator elsewhere", "anyone"), 404)
TEAM = NOBODY | {"admin": 200, "animator": 200}
ALL = dict.fromkeys(NOBODY, 200)


def test_a_voice_is_for_the_team_of_its_place(town: Town, voice: Media, enter: Enter, client: CheckedClient):
    assert statuses(enter, town, client, "/medias/voix") == TEAM
    voice.opinion.text, voice.opinion.moderation = "Écrit", "publie"
    assert statuses(enter, town, client, "/medias/voix") == TEAM, "never published"


def test_a_photo_is_for_all_once_it_and_its_opinion_are_published(
    town: Town, photo: Media, enter: Enter, client: CheckedClient
):
    assert statuses(enter, town, client, "/medias/photo") == ALL
    photo.opinion.moderation = "en_attente"
    assert statuses(enter, town, client, "/medias/photo") == TEAM
    photo.opinion.moderation, photo.opinion.withdrawal_asked_at = "publie", now()
    assert statuses(enter, town, client, "/medias/photo") == TEAM
    photo.opinion.withdrawal_asked_at, photo.published_at = None, None
    assert statuses(enter, town, client, "/medias/photo") == TEAM


def test_what_is_erased_or_gone_exists_for_nobody(
    town: Town, photo: Media, voice: Media, enter: Enter, client: CheckedClient
):
    voice.erased_at = now()
    storage.find(photo.stored_name).unlink()
    for address in ("/medias/voix", "/medias/photo", "/medias/nulle-part", f"/medias/{photo.stored_name}"):
        assert statuses(enter, town, client, address) == NOBODY


def test_a_voice_is_kept_by_no_browser_and_runs_nothing(as_animator: CheckedClient, voice: Media):
    answer = as_animator.get("/medias/voix")
    assert answer.data == VOICE
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.mimetype == "audio/mp4"
    assert answer.headers["Content-Disposition"] == "attachment; filename=voix.m4a"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy


def test_a_published_photo_may_be_shown_again_for_a_while(client: CheckedClient, photo: Media):
    answer = client.get("/medias/photo")
    assert answer.data == PHOTO
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    again = client.get("/medias/photo", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_part_of_a_voice_may_be_asked_for(as_animator: CheckedClient, voice: Media):
    """Players ask for parts; Safari plays nothing where they are not given."""
    part = as_animator.get("/medias/voix", headers={"Range": "bytes=7-10"})
    assert part.status_code == 206
    assert part.data == VOICE[7:11]
    assert part.headers["Content-Range"] == f"bytes 7-10/{len(VOICE)}"
    assert part.headers["Cache-Control"] == "private, no-store"
    assert as_animator.get("/medias/voix", headers={"Range": "bytes=999-"}).status_code == 416


def test_a_stranger_gets_no_part_either(app: Flask, voice: Media):
    db.session.commit()
    client: FlaskClient = app.test_client()
    assert client.get("/medias/voix", headers={"Range": "bytes=0-3"}).status_code == 404
    assert client.head("/medias/voix").status_code == 404
    assert client.post("/medias/voix").status_code in {400, 405}
