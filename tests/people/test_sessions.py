"""Sessions: a captured cookie is refused at the next request once its session has ended (security.md R05)."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine

from participation.database import now
from participation.extensions import db
from participation.people import passwords, rules
from participation.people.models import Account, AccountIdentity, StaffSession
from tests.people.conftest import PASSWORD
from tests.support.filling import fill, send

MOMENT = "2026-03-12T17:00:00Z"
PRIVATE = "/equipe/compte"


@pytest.fixture
def number(make_person):
    return make_person("animatrice@exemple.fr")


@pytest.fixture
def enter(app, client, make_link, number):
    """Sign the account in; gives the cookie, as somebody might copy it."""

    def enter(browser=None):
        browser = browser or client
        path = make_link(number)
        assert send(browser, browser.get(path), path).status_code == 303
        assert browser.get(PRIVATE).status_code == 200
        return browser.get_cookie("equipe").value

    return enter


@pytest.fixture
def replay(app):
    """Tell whether a copied cookie still opens the private page, from another browser."""

    def replay(cookie):
        thief = app.test_client()
        thief.set_cookie("equipe", cookie)
        answer = thief.get(PRIVATE)
        assert answer.status_code in {200, 303}
        return answer.status_code == 200

    return replay


def test_the_control_holds(enter, replay):
    """The replay works while the session lives: a refusal below is the control's doing."""
    assert replay(enter())


def test_logout_ends_the_session(client, enter, replay):
    cookie = enter()
    answer = send(client, client.get(PRIVATE), "/equipe/deconnexion")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert client.get(answer.location).status_code == 200
    assert client.get_cookie("equipe") is None
    assert client.get(PRIVATE).status_code == 303
    assert not replay(cookie)


def test_logout_ends_this_session_alone(app, client, enter, replay):
    cookie, elsewhere = enter(), enter(app.test_client())
    send(client, client.get(PRIVATE), "/equipe/deconnexion")
    assert not replay(cookie)
    assert replay(elsewhere)


def test_a_password_change_ends_every_other_session_and_the_captured_cookie(app, client, enter, replay):
    cookie, elsewhere = enter(), enter(app.test_client())
    assert fill(client, PRIVATE, f"{PRIVATE}/mot-de-passe", new=PASSWORD).status_code == 303
    assert client.get(PRIVATE).status_code == 200, "whoever changed it stays"
    assert not replay(cookie)
    assert not replay(elsewhere)


@pytest.mark.parametrize(
    "change",
    [
        {"role": "elu", "scopes": [], "function": "Adjointe"},
        {"role": "animateur", "scopes": [("commune", "arras")], "function": "Fonction d'essai"},
    ],
    ids=["role", "scopes"],
)
@pytest.mark.both_databases
def test_a_change_of_role_or_scopes_ends_the_session(app, number, enter, replay, change):
    _make_arras(app)
    cookie = enter()
    with app.app_context():
        rules.change_account(db.session(), db.session.get(Account, number), **change, by=None)
        db.session.commit()
    assert not replay(cookie)


def test_a_change_of_function_alone_does_not(app, number, enter, replay):
    _make_arras(app)
    with app.app_context():
        account = db.session.get(Account, number)
        rules.change_account(
            db.session(), account, role="animateur", scopes=[("commune", "arras")], function="A", by=None
        )
        db.session.commit()
    cookie = enter()
    with app.app_context():
        account = db.session.get(Account, number)
        rules.change_account(
            db.session(), account, role="animateur", scopes=[("commune", "arras")], function="B", by=None
        )
        db.session.commit()
    assert replay(cookie)


@pytest.mark.parametrize("verb", [rules.deactivate, rules.erase_identity])
@pytest.mark.both_databases
def test_a_closed_account_has_no_session(app, number, enter, replay, verb):
    cookie = enter()
    with app.app_context():
        verb(db.session(), db.session.get(Account, number), None)
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(StaffSession)) == 0
    assert not replay(cookie)


def test_a_closed_account_is_refused_even_with_a_row(app, number, enter, replay):
    cookie = enter()
    with app.app_context():
        db.session.get(Account, number).active = False
        db.session.commit()
    assert not replay(cookie)


def test_half_an_hour_without_a_request_ends_the_session(client, enter, replay):
    with time_machine.travel(MOMENT, tick=False) as clock:
        cookie = enter()
        clock.shift(29 * 60)
        assert client.get(PRIVATE).status_code == 200
        clock.shift(29 * 60)
        assert client.get(PRIVATE).status_code == 200, "each request counts anew"
        assert not replay(cookie), "the cookie of an hour ago does not"
        clock.shift(30 * 60 + 1)
        assert client.get(PRIVATE).status_code == 303


def test_twelve_hours_end_the_session_whatever_is_done(client, enter):
    with time_machine.travel(MOMENT, tick=False) as clock:
        enter()
        for _ in range(12 * 3 - 1):
            clock.shift(20 * 60)
            assert client.get(PRIVATE).status_code == 200
        clock.shift(20 * 60)
        assert client.get(PRIVATE).status_code == 303


def test_a_clock_that_jumps_back_an_hour_ends_nothing(client, enter):
    with time_machine.travel(MOMENT, tick=False) as clock:
        enter()
        clock.shift(-3600)
        assert client.get(PRIVATE).status_code == 200


def test_reading_writes_nothing(app, client, enter):
    with time_machine.travel(MOMENT, tick=False) as clock:
        enter()
        before = _sessions(app)
        clock.shift(10 * 60)
        answer = client.get(PRIVATE)
        assert any(cookie.startswith("equipe=") for cookie in answer.headers.getlist("Set-Cookie"))
        assert _sessions(app) == before


def test_the_database_holds_a_hash_and_not_the_token(app, enter):
    token = enter().split(".")[0]
    [(hashed, *_rest)] = _sessions(app)
    assert token not in hashed


@pytest.mark.parametrize(
    "change",
    [lambda c: c[:-20] + ("A" if c[-20] != "A" else "B") + c[-19:], lambda c: "x" + c, lambda c: "", lambda c: "é"],
)
def test_a_cookie_that_we_did_not_sign_is_nobody(enter, replay, change):
    assert not replay(change(enter()))


def test_a_session_in_the_database_without_our_signature_is_nobody(enter, replay):
    """A copy of the database, even with the tokens' key, needs the other key too."""
    assert not replay(enter().split(".")[0])


def test_signing_in_again_ends_the_earlier_session_of_this_browser(client, enter, replay):
    first = enter()
    second = enter()
    assert not replay(first)
    assert replay(second)


def test_the_token_of_forms_changes_with_the_session(client, enter):
    client.get("/equipe/connexion")
    before = client.get_cookie("formulaire").value
    enter()
    client.get(PRIVATE)
    assert client.get_cookie("formulaire").value != before


def test_expired_sessions_are_removed(app, number, enter):
    enter()
    with app.app_context():
        db.session.execute(sa.update(StaffSession).values(expires_at=now() - dt.timedelta(seconds=1)))
        db.session.commit()
        rules.purge(db.session())
        db.session.commit()
    assert _sessions(app) == []


def test_a_posted_form_after_the_end_says_to_sign_in(client, enter):
    enter()
    page = client.get(PRIVATE)
    send(client, page, "/equipe/deconnexion")
    client.get("/equipe/connexion")
    answer = fill_stale(client)
    assert answer.status_code == 401
    assert "Connectez-vous" in answer.text


def test_a_password_that_is_known_must_be_typed_to_change_it(app, number, client, enter):
    with app.app_context():
        db.session.get(AccountIdentity, number).password_hash = passwords.hash_password(PASSWORD)
        db.session.commit()
    assert (
        fill(client, "/equipe/connexion/mot-de-passe", email="animatrice@exemple.fr", password=PASSWORD).status_code
        == 303
    )
    refused = fill(client, PRIVATE, f"{PRIVATE}/mot-de-passe", current="autre chose", new="encore un autre mot")
    assert refused.status_code == 422
    assert (
        fill(client, PRIVATE, f"{PRIVATE}/mot-de-passe", current=PASSWORD, new="encore un autre mot").status_code == 303
    )
    send(client, client.get(PRIVATE), "/equipe/deconnexion")
    enter()
    assert fill(client, PRIVATE, f"{PRIVATE}/mot-de-passe", new="le troisième mot").status_code == 303, (
        "forgotten: by link"
    )


def fill_stale(client):
    """Send a form of a page of the team with this browser's own token, but without a session."""
    from tests.support.filling import fields_of

    token = fields_of(client.get("/equipe/connexion"))["csrf_token"]
    return client.post(f"{PRIVATE}/mot-de-passe", data={"csrf_token": token, "new": PASSWORD})


def _make_arras(app):
    from tests.support import factory

    with app.app_context():
        factory.make_commune("arras")
        db.session.commit()


def _sessions(app):
    with app.app_context():
        return list(db.session.execute(sa.select(StaffSession.token_hash, StaffSession.expires_at)).all())
