"""`user add` and `work` on the command line."""

import datetime as dt

import pytest
import sqlalchemy as sa

from participation.database import now
from participation.extensions import db
from participation.people.commands import user_cli, work_command
from participation.people.models import Account, AccountIdentity, StaffSession
from tests.support import factory
from tests.support.filling import send

EMAIL = "Premiere@exemple.fr"


@pytest.fixture
def add(cli):
    return lambda *words: cli.invoke(user_cli, ["add", *words])


def path_in(result) -> str:
    return "/equipe/entrer/" + result.stdout.strip().rpartition("/")[2]


@pytest.mark.both_databases
def test_the_operator_adds_an_administrator_who_signs_in(app, client, add):
    result = add(EMAIL, "--role", "admin")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Compte créé" in result.stdout
    path = path_in(result)
    assert send(client, client.get(path), path).status_code == 303
    assert client.get("/admin/personnes").status_code == 200
    with app.app_context():
        assert db.session.scalar(sa.select(AccountIdentity.email)) == "premiere@exemple.fr"
        assert db.session.scalar(sa.select(Account.function)) == "Équipe du contrat"


def test_a_known_address_gets_a_fresh_link_and_is_told_so(app, client, add):
    first = add(EMAIL, "--role", "admin")
    second = add(EMAIL.lower(), "--role", "elu")
    assert second.exit_code == 0
    assert "existe déjà" in second.stdout
    assert client.get(path_in(first)).status_code == 410
    path = path_in(second)
    assert send(client, client.get(path), path).status_code == 303
    third = add(EMAIL, "--role", "admin")
    assert client.get(path_in(third)).status_code == 200
    with app.app_context():
        assert [account.role for account in db.session.scalars(sa.select(Account))] == ["admin"]


def test_scopes_are_given(app, add):
    with app.app_context():
        arras = factory.make_commune("arras")
        factory.make_body("fabrique", [arras])
        db.session.commit()
    result = add(
        EMAIL,
        "--role",
        "animateur",
        "--scope",
        "commune:arras",
        "--scope",
        "instance:fabrique",
        "--function",
        "Animatrice",
    )
    assert result.exit_code == 0, result.stderr
    with app.app_context():
        account = db.session.scalar(sa.select(Account))
        assert [(scope.kind, scope.slug) for scope in account.scopes] == [
            ("commune", "arras"),
            ("instance", "fabrique"),
        ]
        assert account.function == "Animatrice"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ((EMAIL,), 2),
        ((EMAIL, "--role", "empereur"), 2),
        ((EMAIL, "--role", "animateur", "--scope", "arras"), 2),
        ((EMAIL, "--role", "animateur", "--scope", "pays:france"), 2),
        ((EMAIL, "--role", "animateur", "--scope", "commune:nulle-part"), 1),
        ((EMAIL, "--role", "animateur"), 1),
        (("pas une adresse", "--role", "admin"), 1),
    ],
)
def test_what_is_wrong_is_said(app, add, words, status):
    result = add(*words)
    assert result.exit_code == status
    assert result.stderr.strip()
    assert "Traceback" not in result.output
    with app.app_context():
        assert db.session.scalars(sa.select(Account)).all() == []


def test_a_closed_account_gets_no_link(app, add):
    add(EMAIL, "--role", "admin")
    with app.app_context():
        db.session.scalar(sa.select(Account)).active = False
        db.session.commit()
    result = add(EMAIL, "--role", "admin")
    assert result.exit_code == 1
    assert "désactivé" in result.stderr


def test_one_round_of_work_tidies_up(app, cli, make_person):
    number = make_person()
    with app.app_context():
        past = now() - dt.timedelta(hours=1)
        db.session.add(StaffSession(token_hash="x" * 64, account_id=number, created_at=past, expires_at=past))
        db.session.commit()
    result = cli.invoke(work_command, ["--once"])
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert db.session.scalars(sa.select(StaffSession)).all() == []
