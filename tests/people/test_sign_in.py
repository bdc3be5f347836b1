"""Signing in: by link, by password, with a one-time code; what is refused, and what nobody can learn from it."""

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.extensions import db
from participation.people import credentials, passwords, rules, totp
from participation.people.models import Account, AccountIdentity, OneTimeLink, RateWindow
from tests.people.conftest import PASSWORD, link_in
from tests.support.apps import dispose, make_app
from tests.support.filling import fields_of, fill, send

EMAIL = "animatrice@exemple.fr"
MOMENT = "2026-03-12T17:00:00Z"


def open_link(client, path):
    return send(client, client.get(path), path.partition("?")[0])


def signed_in(client) -> bool:
    return client.get("/equipe/compte").status_code == 200


def give_password(app: Flask, number: int, *, code: bool = False) -> str:
    """Give the account a password and, if asked, a one-time code application; return its seed."""
    seed = totp.new_seed() if code else ""
    with app.app_context():
        identity = db.session.get(AccountIdentity, number)
        identity.password_hash = passwords.hash_password(PASSWORD)
        identity.totp_secret = seed or None
        db.session.commit()
    return seed


def code_of(app: Flask, seed: str) -> str:
    with app.app_context():
        return pyotp.TOTP(totp.secret(seed)).now()


# Links


@pytest.mark.both_databases
def test_a_person_signs_in_by_a_mailed_link(app, client, make_person, mails):
    make_person(EMAIL)
    answer = fill(client, "/equipe/connexion", email=f"  {EMAIL.upper()} ")
    assert (answer.status_code, answer.location) == (303, "/equipe/connexion/envoye")
    assert client.get(answer.location).status_code == 200
    [(to, subject, body)] = mails()
    assert to == EMAIL
    assert "lien" in subject
    assert not signed_in(client)
    path = link_in(body)
    assert client.get(path).status_code == client.get(path).status_code == 200, "looking uses nothing up"
    answer = open_link(client, path)
    assert answer.status_code == 303
    assert signed_in(client)


def test_a_stranger_gets_the_same_answer_and_no_mail(client, make_person, mails):
    make_person(EMAIL)
    known = fill(client, "/equipe/connexion", email=EMAIL)
    unknown = fill(client, "/equipe/connexion", email="inconnue@exemple.fr")
    assert (known.status_code, known.location, known.text) == (unknown.status_code, unknown.location, unknown.text)
    assert [to for to, _subject, _body in mails()] == [EMAIL]


def test_a_closed_account_gets_the_same_answer_and_no_mail(app, client, make_person, mails):
    number = make_person(EMAIL)
    with app.app_context():
        db.session.get(Account, number).active = False
        db.session.commit()
    assert fill(client, "/equipe/connexion", email=EMAIL).status_code == 303
    assert mails() == []


def test_a_mistyped_address_is_kept_and_explained(client):
    answer = fill(client, "/equipe/connexion", email="animatrice@@exemple")
    assert answer.status_code == 422
    assert "animatrice@@exemple" in answer.text
    assert "prenom.nom@exemple.fr" in answer.text


def test_a_link_works_once(app, client, make_person, make_link):
    path = make_link(make_person())
    page = client.get(path)
    assert send(client, page, path).status_code == 303
    other = app.test_client()
    assert other.get(path).status_code == 410
    assert send(app.test_client(), page, path).status_code in {409, 422}, "the form's token is another browser's"
    second = app.test_client()
    second.get("/equipe/connexion")
    token = fields_of(second.get("/equipe/connexion"))["csrf_token"]
    assert second.post(path, data={"csrf_token": token}).status_code == 410


def test_using_a_link_ends_the_others(client, make_person, make_link):
    number = make_person()
    first, second = make_link(number), make_link(number)
    assert open_link(client, second).status_code == 303
    assert client.get(first).status_code == 410


def test_a_link_dies_after_its_time(client, make_person, make_link):
    with time_machine.travel(MOMENT, tick=False) as clock:
        path = make_link(make_person())
        clock.shift(30 * 60 - 1)
        assert client.get(path).status_code == 200
        clock.shift(2)
        assert client.get(path).status_code == 410


def test_a_link_is_kept_as_a_hash_only(app, make_person, make_link):
    token = make_link(make_person()).rpartition("/")[2]
    with app.app_context():
        [link] = db.session.scalars(sa.select(OneTimeLink))
        assert token not in (link.token_hash, str(link.__dict__))
        assert len(link.token_hash) == 64


def test_a_links_page_gives_its_address_to_nobody(client, make_person, make_link):
    path = make_link(make_person())
    page = client.get(path)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    token = path.rpartition("/")[2]
    assert token not in page.text, "no link and no printed address of the page carries it elsewhere"


def test_a_link_works_over_tls_without_referer(db_url, tmp_path):
    app = make_app(db_url, tmp_path / "instance", public_url="https://participation.exemple.fr")
    with app.app_context():
        account = rules.create_account(db.session(), EMAIL, "admin", [], "Cheffe", None)
        path = f"/equipe/entrer/{rules.issue_link(db.session(), account, 'sign_in')}"
        db.session.commit()
    client = app.test_client()
    page = client.get(path, base_url="https://participation.exemple.fr")
    answer = client.post(path, data=fields_of(page), base_url="https://participation.exemple.fr")
    assert answer.status_code == 303
    [cookie] = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith("__Host-equipe=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
    assert "Domain" not in cookie
    dispose(app)


def test_a_forged_form_does_not_use_a_link(client, make_person, make_link):
    path = make_link(make_person())
    assert client.post(path).status_code == 422
    assert open_link(client, path).status_code == 303


def test_links_asked_too_often_stop_but_all_work(app, client, make_person, mails):
    make_person(EMAIL)
    with time_machine.travel(MOMENT, tick=False):
        for _ in range(8):
            assert fill(client, "/equipe/connexion", email=EMAIL).status_code == 303
        paths = [link_in(body) for _to, _subject, body in mails()]
        assert len(paths) == len(set(paths)) == 5
        assert all(client.get(path).status_code == 200 for path in paths)


@pytest.mark.parametrize(
    "suite", ["https://ailleurs.exemple.fr/", "//ailleurs.exemple.fr", "/\\ailleurs.exemple.fr", "x", "/a\nb"]
)
def test_a_link_leads_nowhere_else(client, make_person, make_link, suite):
    path = make_link(make_person())
    client.get(path)
    answer = send(client, client.get(path), path, suite=suite)
    assert answer.status_code == 303
    assert "ailleurs" not in answer.location
    assert answer.location.startswith("/")


def test_a_person_goes_on_where_they_were_going(client, make_person, mails):
    make_person(EMAIL, "admin")
    asked = client.get("/admin/personnes?x=1")
    assert asked.status_code == 303
    fill(client, asked.location, "/equipe/connexion", email=EMAIL)
    path = link_in(mails()[0][2])
    answer = open_link(client, path)
    assert answer.location == "/admin/personnes?x=1"


def test_whoever_is_signed_in_is_not_asked_again(client, make_person, make_link):
    open_link(client, make_link(make_person()))
    assert client.get("/equipe/connexion?suite=/equipe/compte").location == "/equipe/compte"


# Invitations


def test_an_invitation_is_dead_after_seven_days_by_every_path(app, client, make_person, make_link, mails):
    number = make_person(EMAIL)
    with time_machine.travel(MOMENT, tick=False) as clock:
        path = make_link(number, "invitation")
        clock.shift(7 * 24 * 3600 - 60)
        fill(client, "/equipe/connexion", email=EMAIL)
        by_mail = link_in(mails()[0][2])
        assert client.get(path).status_code == client.get(by_mail).status_code == 200
        clock.shift(61)
        assert client.get(path).status_code == 410
        assert client.get(by_mail).status_code == 410, "a link asked in the last minute does not outlive the invitation"
        fill(client, "/equipe/connexion", email=EMAIL)
        assert len(mails()) == 1
        with app.app_context():
            rules.purge(db.session())
            db.session.commit()
        fill(client, "/equipe/connexion", email=EMAIL)
        assert len(mails()) == 1, "tidying up does not revive it"


@pytest.mark.parametrize("path_of", ["invitation", "sign_in"])
def test_whoever_came_once_may_come_again(client, app, make_person, make_link, mails, path_of):
    number = make_person(EMAIL)
    with time_machine.travel(MOMENT, tick=False) as clock:
        invitation = make_link(number, "invitation")
        if path_of == "invitation":
            open_link(client, invitation)
        else:
            fill(client, "/equipe/connexion", email=EMAIL)
            open_link(client, link_in(mails()[0][2]))
            assert client.get(invitation).status_code == 410
        assert signed_in(client)
        clock.shift(30 * 24 * 3600)
        with app.app_context():
            rules.purge(db.session())
            db.session.commit()
        fill(client, "/equipe/connexion", email=EMAIL)
        open_link(client, link_in(mails()[-1][2]))
        assert signed_in(client)


def test_a_new_invitation_replaces_the_old_one(client, make_person, make_link):
    number = make_person()
    old, new = make_link(number, "invitation"), make_link(number, "invitation")
    assert client.get(old).status_code == 410
    assert open_link(client, new).status_code == 303


# Passwords and codes


def try_password(client, password=PASSWORD, code="", email=EMAIL):
    return fill(client, "/equipe/connexion/mot-de-passe", email=email, password=password, code=code)


@pytest.mark.both_databases
def test_a_person_signs_in_by_password(app, client, make_person):
    give_password(app, make_person())
    assert try_password(client).status_code == 303
    assert signed_in(client)


def test_a_wrong_password_an_unknown_address_and_a_wrong_code_look_the_same(app, client, make_person):
    give_password(app, make_person(EMAIL), code=True)
    answers = [
        try_password(client, "un autre mot de passe"),
        try_password(client, email="inconnue@exemple.fr"),
        try_password(client, code="000000"),
        try_password(client),
    ]
    sentences = {answer.text.split("error-summary")[1].split("</ul>")[0] for answer in answers}
    assert {answer.status_code for answer in answers} == {422}
    assert len(sentences) == 1
    assert not signed_in(client)


def test_the_work_is_the_same_for_a_known_and_an_unknown_address(app, client, make_person, monkeypatch):
    give_password(app, make_person(EMAIL))
    make_person("sans-mot-de-passe@exemple.fr")
    done: list[str] = []
    real = passwords.PasswordHasher.verify
    monkeypatch.setattr(
        passwords.PasswordHasher,
        "verify",
        lambda self, stored, given: done.append(stored[:20]) or real(self, stored, given),
    )
    for email in (EMAIL, "inconnue@exemple.fr", "sans-mot-de-passe@exemple.fr"):
        try_password(client, "un autre mot de passe", email=email)
    assert len(done) == 3
    assert len(set(done)) == 1, "same algorithm, same cost"


@pytest.mark.parametrize("role", ["admin", "chef_projet"])
def test_the_team_cannot_use_a_password_without_a_code(app, client, make_person, role):
    number = make_person(EMAIL, role)
    give_password(app, number)
    answer = try_password(client)
    assert answer.status_code == 422
    assert "code à usage unique" in answer.text
    assert not signed_in(client)
    seed = give_password(app, number, code=True)
    assert try_password(client, code=code_of(app, seed)).status_code == 303


def test_a_code_works_once(app, client, make_person):
    seed = give_password(app, make_person(EMAIL), code=True)
    with time_machine.travel(MOMENT, tick=False) as clock:
        code = code_of(app, seed)
        assert try_password(client, code=f"{code[:3]} {code[3:]}").status_code == 303
        assert try_password(app.test_client(), code=code).status_code == 422
        clock.shift(30)
        assert try_password(app.test_client(), code=code_of(app, seed)).status_code == 303


def test_an_old_code_is_refused(app, client, make_person):
    seed = give_password(app, make_person(EMAIL), code=True)
    with time_machine.travel(MOMENT, tick=False) as clock:
        code = code_of(app, seed)
        clock.shift(95)
        assert try_password(client, code=code).status_code == 422


def test_the_databases_copy_gives_no_code(app, make_person):
    seed = give_password(app, make_person(), code=True)
    with app.app_context():
        stored = db.session.scalar(sa.select(AccountIdentity.totp_secret))
        assert stored == seed
        assert totp.secret(seed) not in stored


def test_failures_slow_the_password_and_never_the_link(app, client, make_person, mails):
    give_password(app, make_person(EMAIL))
    with time_machine.travel(MOMENT, tick=False) as clock:
        for _ in range(10):
            assert try_password(client, "un autre mot de passe").status_code == 422
        slowed = try_password(client)
        assert slowed.status_code == 429, "even the right one"
        assert "lien par courriel" in slowed.text
        assert try_password(app.test_client(), email="autre@exemple.fr").status_code == 422, "others are not slowed"
        fill(client, "/equipe/connexion", email=EMAIL)
        open_link(client, link_in(mails()[0][2]))
        assert signed_in(client)
        clock.shift(30 * 60)
        assert try_password(app.test_client()).status_code == 303


def test_success_forgets_the_failures(app, client, make_person):
    give_password(app, make_person(EMAIL))
    with time_machine.travel(MOMENT, tick=False):
        for _ in range(2):
            for _ in range(9):
                try_password(client, "un autre mot de passe")
            assert try_password(client).status_code == 303


def test_failures_are_counted_without_names(app, client, make_person):
    give_password(app, make_person(EMAIL))
    try_password(client, "un autre mot de passe")
    with app.app_context():
        for row in db.session.scalars(sa.select(RateWindow)):
            assert "exemple" not in row.key_hash
            assert len(row.key_hash) == 64


def test_a_hash_of_another_cost_is_made_anew(app, make_person, monkeypatch):
    number = make_person(EMAIL)
    give_password(app, number)
    with app.app_context():
        identity = db.session.get(AccountIdentity, number)
        identity.password_hash = passwords._hasher_of(2, 16).hash(PASSWORD)
        credentials.check_password(db.session(), EMAIL, PASSWORD, "")
        assert not passwords.is_outdated(identity.password_hash)


def test_a_password_is_argon2id_at_the_settled_cost(db_url, tmp_path):
    app = make_app(db_url, tmp_path / "instance", password_memory_kib=19 * 1024, password_rounds=2)
    with app.app_context():
        assert passwords.hash_password(PASSWORD).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    dispose(app)
