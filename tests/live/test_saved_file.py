"""The file that a device saves of what waits in it is sent from another one, without scripts, and counts once."""

import base64
import io
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from participation.extensions import db
from participation.live.models import LiveEvent, MeetingPhoto
from participation.opinions.models import Opinion
from tests.live.device import Device
from tests.support import factory
from tests.support.filling import fields_of

pytestmark = pytest.mark.usefixtures("app_context")
PAGE = "/equipe/a-envoyer/fichier"


def _picture() -> str:
    picture = io.BytesIO()
    Image.effect_noise((300, 200), 40).convert("RGB").save(picture, "JPEG")
    return base64.b64encode(picture.getvalue()).decode()


def _saved(*events: dict[str, Any]) -> bytes:
    rows = [{"rencontre": "cafe", "le": 1, "vieux": False, **event} for event in events]
    return json.dumps({"evenements": rows}).encode()


def _send(client: FlaskClient, data: bytes) -> TestResponse:
    fields = fields_of(client.get(PAGE), PAGE)
    return client.post(PAGE, data={**fields, "fichier": (io.BytesIO(data), "rencontre-a-envoyer.json")})


def test_each_event_of_the_file_counts_once(recorder: Device) -> None:
    first, second = recorder.event("avis", texte="Un"), recorder.event("avis", texte="Deux")
    photo = {**recorder.event("photo", description="Le tableau"), "photo": _picture()}
    recorder.send(first)
    answer = _send(recorder.client, _saved(photo, second, first))
    assert answer.status_code == 200
    assert "2 gestes sont notés." in answer.text
    assert "1 était déjà arrivé" in answer.text
    assert db.session.scalars(sa.select(Opinion.text).order_by(Opinion.id)).all() == ["Un", "Deux"]
    assert db.session.scalars(sa.select(MeetingPhoto.description)).all() == ["Le tableau"]
    again = _send(recorder.client, _saved(photo, second, first))
    assert "3 étaient déjà arrivés" in again.text
    assert recorder.send(second)["recus"] == [second["id"]], "its device may still send it"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LiveEvent)) == 3


def test_what_is_refused_is_said_and_the_rest_is_taken(recorder: Device) -> None:
    factory.make_meeting("ailleurs", [factory.make_body("autre")])
    db.session.commit()
    good, empty, elsewhere = (recorder.event("avis", texte=text) for text in ("Bien.", "", "Chez d'autres."))
    answer = _send(recorder.client, _saved(good, empty, {**elsewhere, "rencontre": "ailleurs"}))
    assert "1 geste est noté." in answer.text
    assert "Écrivez ce qui est dit." in answer.text
    assert "Cette rencontre n&#39;est pas une des vôtres." in answer.text
    assert db.session.scalars(sa.select(Opinion.text)).all() == ["Bien."]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"pas du JSON",
        b"[]",
        b'{"evenements": 3}',
        b'{"evenements": []}',
        b'{"evenements": [1]}',
        b'{"evenements": [{"numero": "un", "rencontre": "cafe"}]}',
        b'{"evenements": [{"numero": 1, "rencontre": "cafe", "photo": "?"}]}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_another_file_is_explained(recorder: Device, data: bytes) -> None:
    answer = _send(recorder.client, data)
    assert answer.status_code == 422
    assert "Choisissez « rencontre-a-envoyer.json »." in answer.text


def test_a_stranger_sends_nothing(client: FlaskClient, hall: Flask) -> None:
    assert client.get(PAGE).status_code == 303
    assert client.post(PAGE).status_code == 409
