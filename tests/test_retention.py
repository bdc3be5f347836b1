"""What is past its time goes, and leaves no trace in the files; what is not stays; twice does no more."""

import datetime as dt
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from participation.database import now
from participation.extensions import db
from participation.following.models import Contact
from participation.media import storage
from participation.media.models import Media
from participation.opinions.models import Opinion
from participation.people.models import OneTimeLink, StaffSession
from participation.retention import KINDS, purge, purge_command
from tests.support import factory

CANARY = "canari-a-effacer"


@pytest.fixture
def past(app_context: Flask) -> Opinion:
    """A person's address two years old, a recording of last month, a session of yesterday; and newer ones."""
    factory.make_contract()
    opinion = factory.make_opinion("avis-ancien", meeting=factory.make_meeting())
    other = factory.make_opinion("avis-neuf", meeting=factory.make_meeting())
    for of, address, asked in ((opinion, f"{CANARY}@exemple.fr", days(800)), (other, "neuve@exemple.fr", days(1))):
        db.session.add(
            Contact(opinion=of, address=address, language="fr", token_hash=address, asked_at=asked, confirmed_at=asked)
        )
    factory.make_media(kind="audio", opinion=opinion, created_at=days(31))
    factory.make_media(kind="audio", opinion=other, created_at=days(29))
    db.session.commit()
    return opinion


def days(number: int) -> dt.datetime:
    return now() - dt.timedelta(days=number)


def say(cli: FlaskCliRunner, *words: str) -> list[str]:
    done = cli.invoke(purge_command, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout.splitlines()


@pytest.mark.both_databases
@pytest.mark.usefixtures("past")
def test_a_trial_says_and_erases_nothing_then_all_goes_once(cli: FlaskCliRunner) -> None:
    wanted = ["adresses qui suivent un avis : 1", "enregistrements : 1"]
    assert say(cli, "--dry-run") == [*wanted, "Rien n'est effacé : c'était un essai."]
    assert db.session.scalar(sa.select(sa.func.count(Contact.id))) == 2
    names = list(db.session.scalars(sa.select(Media.stored_name).order_by(Media.id)))
    db.session.rollback()
    assert all(map(storage.is_there, names))
    assert say(cli) == wanted
    assert [storage.is_there(name) for name in names] == [False, True]
    assert db.session.scalars(sa.select(Contact.address)).all() == ["neuve@exemple.fr"]
    assert db.session.scalar(sa.select(sa.func.count(Opinion.id))) == 2  # opinions stay, and their counts
    db.session.rollback()
    assert say(cli) == ["Rien à effacer."]


@pytest.mark.usefixtures("past")
def test_no_byte_of_the_person_is_left_in_the_files(tmp_path: Path) -> None:
    def holding() -> list[str]:
        return [path.name for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]

    assert holding()
    purge(db.session())
    assert holding() == []


@pytest.mark.usefixtures("past")
def test_sessions_and_links_past_their_time_go(app_context: Flask) -> None:
    account = factory.make_account()
    for ends in (days(1), now() + dt.timedelta(hours=1)):
        db.session.add(
            StaffSession(token_hash=ends.isoformat(), account_id=account.id, created_at=days(2), expires_at=ends)
        )
    db.session.commit()
    assert purge(db.session())["connexions"] == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OneTimeLink)) == 0


def test_every_kind_has_a_name_of_its_own() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
