"""One's own account: password, one-time codes."""

import pyotp
import pytest
import time_machine

from participation.extensions import db
from participation.people import totp
from participation.people.models import AccountIdentity
from participation.people.views import ENROLMENT_SECONDS
from tests.people.conftest import PASSWORD
from tests.support.filling import fields_of, fill, send

ACCOUNT = "/equipe/compte"


@pytest.fixture
def enter(client, make_person, make_link):
    def enter(role="animateur", email="animatrice@exemple.fr"):
        number = make_person(email, role)
        path = make_link(number)
        assert send(client, client.get(path), path).status_code == 303
        return number

    return enter


def seed_of(page) -> str:
    return page.text.split('<code dir="ltr">')[1].split("</code>")[0].replace(" ", "")


def enrol(client):
    page = client.get(f"{ACCOUNT}/code")
    return send(client, page, f"{ACCOUNT}/code", code=pyotp.TOTP(seed_of(page)).now())


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("court", "trop court"),
        ("x" * 201, "trop long"),
        ("animatrice@exemple.fr", "pas un mot de passe"),
        ("", "Écrivez"),
    ],
)
def test_a_weak_password_is_refused(client, enter, password, sentence):
    enter()
    answer = fill(client, ACCOUNT, f"{ACCOUNT}/mot-de-passe", new=password)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_any_twelve_characters_will_do(client, enter):
    enter()
    assert fill(client, ACCOUNT, f"{ACCOUNT}/mot-de-passe", new="aaaaaaaaaaaa").status_code == 303


def test_the_team_needs_a_code_before_a_password(client, enter):
    enter("admin")
    assert 'name="new"' not in client.get(ACCOUNT).text
    token = fields_of(client.get(ACCOUNT))["csrf_token"]
    answer = client.post(f"{ACCOUNT}/mot-de-passe", data={"csrf_token": token, "new": PASSWORD})
    assert answer.status_code == 422
    assert "code à usage unique" in answer.text
    assert enrol(client).status_code == 303
    assert fill(client, ACCOUNT, f"{ACCOUNT}/mot-de-passe", new=PASSWORD).status_code == 303


def test_a_code_is_set_only_by_a_right_code(app, client, enter):
    number = enter()
    page = client.get(f"{ACCOUNT}/code")
    assert page.headers["Cache-Control"] == "no-store"
    wrong = send(client, page, f"{ACCOUNT}/code", code="abc")
    assert wrong.status_code == 422
    assert seed_of(wrong) == seed_of(page), "the same drawing: the phone has it already"
    assert send(client, page, f"{ACCOUNT}/code", code=pyotp.TOTP(seed_of(page)).now()).status_code == 303
    with app.app_context():
        assert totp.secret(db.session.get(AccountIdentity, number).totp_secret) == seed_of(page)


def test_a_drawing_left_open_is_made_anew(client, enter):
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False) as clock:
        enter()
        page = client.get(f"{ACCOUNT}/code")
        clock.shift(ENROLMENT_SECONDS + 1)
        answer = send(client, page, f"{ACCOUNT}/code", code=pyotp.TOTP(seed_of(page)).now())
        assert (answer.status_code, answer.location) == (303, f"{ACCOUNT}/code")


def test_a_drawing_made_for_another_is_refused(app, client, enter, make_person, make_link):
    enter()
    page = client.get(f"{ACCOUNT}/code")
    seed = fields_of(page, f"{ACCOUNT}/code")["seed"]
    other = app.test_client()
    path = make_link(make_person("autre@exemple.fr"))
    send(other, other.get(path), path)
    answer = fill(other, f"{ACCOUNT}/code", seed=seed, code=pyotp.TOTP(seed_of(page)).now())
    assert answer.location == f"{ACCOUNT}/code"


def test_dropping_the_code_drops_the_teams_password(app, client, enter):
    number = enter("chef_projet")
    enrol(client)
    fill(client, ACCOUNT, f"{ACCOUNT}/mot-de-passe", new=PASSWORD)
    assert fill(client, ACCOUNT, f"{ACCOUNT}/code/retirer").status_code == 303
    with app.app_context():
        identity = db.session.get(AccountIdentity, number)
        assert (identity.totp_secret, identity.password_hash) == (None, None)


def test_the_current_password_cannot_be_guessed_for_ever(app, client, enter):
    enter()
    fill(client, ACCOUNT, f"{ACCOUNT}/mot-de-passe", new=PASSWORD)
    other = app.test_client()
    fill(other, "/equipe/connexion/mot-de-passe", email="animatrice@exemple.fr", password=PASSWORD)
    with time_machine.travel("2026-03-12T17:00:00Z", tick=False):
        fill(other, "/equipe/connexion/mot-de-passe", email="animatrice@exemple.fr", password=PASSWORD)
        guesses = [fill(other, ACCOUNT, f"{ACCOUNT}/mot-de-passe", current="x", new="y" * 12) for _ in range(11)]
    assert [guess.status_code for guess in guesses] == [422] * 10 + [429]
