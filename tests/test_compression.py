"""What is sent compressed, and what is never compressed (docs/decisions/0012)."""

import gzip

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from participation import headers
from participation.extensions import db
from participation.permissions import public
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in

UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes}
PHONE = {"Accept-Encoding": "gzip, deflate, br, zstd"}


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.1, gzip", "gzip"),
        ("", "identity"),
        ("zstd", "identity"),
        ("identity, *;q=0", "identity"),
    ],
)
def test_a_page_comes_as_the_browser_can_read_it(app: Flask, accepted: str, sent: str):
    answer = FlaskClient(app).get("/aide", headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding", "identity") == sent
    assert UNPACK[sent](answer.get_data()) == FlaskClient(app).get("/aide").get_data()
    assert "Accept-Encoding" in answer.vary
    assert {"Cookie", "Accept-Language"} <= set(answer.vary.as_set(preserve_casing=True))
    assert answer.headers["Content-Length"] == str(len(answer.get_data()))


def test_asking_for_the_headers_alone_says_the_same(app: Flask):
    whole = FlaskClient(app).get("/aide", headers=PHONE)
    alone = FlaskClient(app).head("/aide", headers=PHONE)
    assert alone.get_data() == b""
    for name in ("Content-Encoding", "Content-Length", "Vary", "Content-Type"):
        assert alone.headers[name] == whole.headers[name]


def test_whoever_carries_the_cookie_of_the_team_gets_pages_as_they_are(client: CheckedClient, app_context: Flask):
    account = make_account("admin")
    db.session.commit()
    sign_in(client, account)
    for address in ("/", "/equipe"):
        answer = client.get(address, headers=PHONE)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
        assert "Accept-Encoding" in answer.vary
    client.set_cookie("equipe", "of-yesterday")
    assert "Content-Encoding" not in client.get("/", headers=PHONE).headers


def test_a_page_with_a_token_against_forged_forms_goes_as_it_is(client: CheckedClient):
    answer = client.get("/equipe/connexion?suite=/equipe", headers=PHONE)
    assert "csrf_token" in answer.get_data(as_text=True)
    assert "Content-Encoding" not in answer.headers


def test_what_the_browser_has_already_is_not_sent_again(app: Flask):
    client = FlaskClient(app)
    tags = set()
    for encoding in ("br", "gzip", ""):
        first = client.get("/rencontres/agenda.ics", headers={"Accept-Encoding": encoding})
        assert first.status_code == 200
        tags.add(first.headers["ETag"])
        again = {"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]}
        assert client.get("/rencontres/agenda.ics", headers=again).status_code == 304
    assert len(tags) == 3, "each form has a tag of its own"


@pytest.mark.parametrize("mimetype", ["audio/mp4", "image/webp", "application/pdf", "application/zip"])
def test_what_is_compressed_already_is_left_alone(app: Flask, mimetype: str):
    app.add_url_rule("/essai", "essai", public(lambda: app.response_class(b"x" * 5000, mimetype=mimetype)))
    answer = FlaskClient(app).get("/essai", headers=PHONE)
    assert answer.get_data() == b"x" * 5000
    assert "Accept-Encoding" not in answer.vary


def test_only_the_recorder_may_ask_for_the_microphone(app: Flask):
    @public
    def recorder() -> str:
        headers.allow_microphone()
        return "Parlez."

    app.add_url_rule("/essai", "essai", recorder)
    client = FlaskClient(app)
    assert "microphone=(self)" in client.get("/essai").headers["Permissions-Policy"]
    for elsewhere in ("/", "/nulle-part", app.extensions["assets"].url("style.css")):
        assert "microphone=()" in client.get(elsewhere, buffered=True).headers["Permissions-Policy"]


def test_a_private_page_is_kept_nowhere_and_told_to_nobody(app: Flask):
    @public
    def receipt() -> str:
        headers.private_page()
        return "Merci."

    app.add_url_rule("/essai", "essai", receipt)
    answer = FlaskClient(app).get("/essai")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert FlaskClient(app).get("/").headers["Cache-Control"] == "private, no-cache"
