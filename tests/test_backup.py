"""A copy made while people write comes back whole, elsewhere; what is damaged or in the way is said."""

import datetime as dt
import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from participation import journal
from participation.backup import backup_command, restore_command
from participation.checking import faults_of
from participation.extensions import db
from participation.journal import JournalEntry
from participation.media import storage
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from tests.support import factory, postgres
from tests.support.apps import SECRETS, dispose, make_app

WORDS = "Une phrase qui doit revenir."


@pytest.fixture(autouse=True)
def _postgresql_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put pg_dump and pg_restore where an operator's are."""
    monkeypatch.setenv("PATH", f"{postgres.programs()}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def written(app_context: Flask, tmp_path: Path) -> str:
    """A meeting with an opinion and a photo, and lines of the journal; the photo's stored name."""
    factory.make_contract()
    opinion = factory.make_opinion("avis-garde", meeting=factory.make_meeting("renc-gardee"), text=WORDS)
    media = factory.make_media("photo-gardee", opinion=opinion, data=b"octets de la photo")
    journal.record(db.session(), "meeting.edited", "renc-gardee", "Rencontre corrigée.", by=None)
    name = media.stored_name
    db.session.commit()
    db.session.remove()
    return name


@pytest.fixture
def elsewhere(empty_db_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The program on another machine: an empty folder, an empty database, the same keys."""
    other = make_app(empty_db_url, tmp_path / "ailleurs")
    yield other
    dispose(other)


def copy(cli: FlaskCliRunner, folder: Path) -> Path:
    file = folder / "copie.tar"
    done = cli.invoke(backup_command, [str(file)])
    assert done.exit_code == 0, done.output
    return file


def restore(app: Flask, file: Path, *words: str) -> tuple[int, str]:
    with app.app_context():
        done = app.test_cli_runner().invoke(restore_command, [str(file), *words])
        db.session.remove()
    return done.exit_code, done.output


@pytest.mark.both_databases
def test_a_copy_comes_back_elsewhere_and_serves(
    written: str, cli: FlaskCliRunner, elsewhere: Flask, tmp_path: Path
) -> None:
    file = copy(cli, tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    status, said = restore(elsewhere, file)
    assert status == 0, said
    assert "Tout est en ordre" in said
    with elsewhere.app_context():
        assert db.session.scalar(sa.select(Opinion.text).where(Opinion.ref == "avis-garde")) == WORDS
        assert storage.find(written).read_bytes() == b"octets de la photo"
        assert list(faults_of(db.session())) == []
        db.session.remove()
    assert elsewhere.test_client().get("/rencontres/renc-gardee", follow_redirects=True).status_code == 200


@pytest.mark.both_databases
def test_a_copy_made_while_people_write_holds_one_moment(
    written: str, app: Flask, cli: FlaskCliRunner, elsewhere: Flask, tmp_path: Path
) -> None:
    stop, done = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                line = len(done)
                journal.record(db.session(), "meeting.edited", f"renc-{line}", "Corrigée.", by=None)
                db.session.execute(sa.update(Meeting).values(participants=line))
                db.session.commit()
                done.append(line)
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(done) < 20:
            stop.wait(0.01)
        before = len(done)
        file = copy(cli, tmp_path)
        after = len(done)
    finally:
        stop.set()
        writer.join()
    assert restore(elsewhere, file)[0] == 0
    with elsewhere.app_context():
        lines = sa.select(sa.func.count()).where(
            JournalEntry.object_ref.like("renc-%"), JournalEntry.sentence == "Corrigée."
        )
        copied = db.session.scalar(lines) or 0
        assert before <= copied <= after + 1
        assert db.session.scalar(sa.select(Meeting.participants)) == copied - 1  # line and headcount are of one moment
        assert journal.first_broken(db.session()) is None
        db.session.remove()


def test_nothing_is_written_over(written: str, app: Flask, cli: FlaskCliRunner, tmp_path: Path) -> None:
    file = copy(cli, tmp_path)
    again = cli.invoke(backup_command, [str(file)])
    assert again.exit_code == 1
    assert "existe déjà" in again.output
    status, said = restore(app, file)
    assert (status, "Il y a déjà" in said or "contient déjà" in said) == (1, True)
    assert db.session.scalar(sa.select(Opinion.text)) == WORDS


def changed(file: Path, target: Path, change: Callable[[str, bytes], bytes | None], *more: tuple[str, bytes]) -> Path:
    """Write a copy with some of its parts changed, left out or added."""
    with tarfile.open(file) as source, tarfile.open(target, "w") as out:
        parts = [(member.name, source.extractfile(member).read()) for member in source]  # type: ignore[union-attr]
        for name, data in [(name, change(name, data)) for name, data in parts] + list(more):
            if data is not None:
                info = tarfile.TarInfo(name)
                info.size = len(data)
                out.addfile(info, io.BytesIO(data))
    return target


@pytest.mark.parametrize(
    ("change", "more", "words"),
    [
        (lambda name, data: data + b"x" if name == "database" else data, (), "est abîmé"),
        (lambda name, data: None if name.startswith("uploads/") else data, (), "est abîmé"),
        (lambda name, data: None if name == "manifest.json" else data, (), "incomplet"),
        (lambda name, data: b"{" if name == "manifest.json" else data, (), "abîmé"),
        (lambda name, data: data, (("../dehors", b"x"),), "n'y a pas sa place"),
        (lambda name, data: data, (("uploads/../../dehors", b"x"),), "n'y a pas sa place"),
        (
            lambda name, data: data.replace(b'"opinion": 1', b'"opinion": 2') if name == "manifest.json" else data,
            (),
            "n'a pas les lignes",
        ),
    ],
)
def test_a_damaged_copy_is_refused_and_leaves_nothing(  # fixtures
    written: str, cli: FlaskCliRunner, elsewhere: Flask, tmp_path: Path, change: Callable, more: tuple, words: str
) -> None:
    file = changed(copy(cli, tmp_path), tmp_path / "changee.tar", change, *more)
    status, said = restore(elsewhere, file)
    assert (status, words in said) == (1, True), said
    left = [path.name for path in (tmp_path / "ailleurs").rglob("*") if path.is_file() and path.suffix != ".txt"]
    assert not [name for name in left if not name.startswith("participation") and name != "dehors"]
    assert not (tmp_path / "dehors").exists()
    assert restore(elsewhere, copy(cli, tmp_path / "autre"))[0] == 0  # and a good one still can


def test_a_cut_file_and_another_file_are_refused(
    written: str, cli: FlaskCliRunner, elsewhere: Flask, tmp_path: Path
) -> None:
    file = copy(cli, tmp_path)
    for data in (file.read_bytes()[: file.stat().st_size // 2], b"", b"PK\x03\x04 rien", os.urandom(4096)):
        other = tmp_path / "autre.tar"
        other.write_bytes(data)
        status, said = restore(elsewhere, other)
        assert status == 1, said
        assert "Traceback" not in said


def test_the_keys_are_not_in_it_and_are_asked_for(written: str, cli: FlaskCliRunner, tmp_path: Path) -> None:
    file = copy(cli, tmp_path)
    content = file.read_bytes()
    assert not [secret for secret in SECRETS.values() if secret.encode() in content]
    other = make_app(f"sqlite:///{tmp_path / 'neuve.db'}", tmp_path / "neuf", code_key="another-key-" + "k" * 30)
    status, said = restore(other, file)
    assert (status, "code_key.txt" in said) == (1, True)
    assert restore(other, file, "--keys-lost")[0] == 0
    dispose(other)


def test_a_plain_copy_of_the_file_would_not_do(written: str, app: Flask, cli: FlaskCliRunner, tmp_path: Path) -> None:
    """What the last writes added is in the log beside the file; our copy has it in one file."""
    file = copy(cli, tmp_path)
    with tarfile.open(file) as archive:
        archive.extract("database", tmp_path)
        manifest = json.loads(archive.extractfile("manifest.json").read())  # type: ignore[union-attr]
    alone = sqlite3.connect(tmp_path / "database")
    assert alone.execute("SELECT COUNT(*) FROM opinion").fetchone() == (manifest["tables"]["opinion"],) == (1,)
    alone.close()
    shutil.rmtree(tmp_path / "database", ignore_errors=True)


@pytest.mark.both_databases
def test_what_was_due_to_be_erased_is_erased_when_an_old_copy_comes_back(
    written: str, cli: FlaskCliRunner, elsewhere: Flask, tmp_path: Path
) -> None:
    voice = factory.make_media(
        kind="audio", opinion=factory.make_opinion(), created_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    )
    name = voice.stored_name
    db.session.commit()
    db.session.remove()
    status, said = restore(elsewhere, copy(cli, tmp_path))
    assert status == 0, said
    assert "enregistrements (1)" in said
    with elsewhere.app_context():
        assert not storage.is_there(name)
