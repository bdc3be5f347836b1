"""A file and its row stand or fall together: whatever happens to the transaction, on both databases."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError, OperationalError

from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.media import rules, storage, tasks
from participation.media.intake import Encoded
from participation.media.models import Media
from participation.opinions.models import Opinion
from tests.support.factory import make_media, make_opinion

PHOTO = Encoded("photo", b"octets d'une photo", width=4, height=3)


@pytest.fixture
def opinion(app_context: Flask) -> Opinion:
    opinion = make_opinion("avis-1", moderation="en_attente")
    db.session.commit()
    return opinion


def files() -> list[str]:
    return sorted(storage.stored_names())


def waiting() -> list[Path]:
    return list(storage.waiting_folder().iterdir())


def rows() -> list[str]:
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Media.stored_name)))


@pytest.mark.both_databases
def test_a_commit_has_its_file(opinion: Opinion):
    media = rules.keep(db.session(), opinion, PHOTO)
    db.session.flush()
    assert files() == [], "not in place before"
    assert len(waiting()) == 1
    db.session.commit()
    assert files() == rows() == [media.stored_name]
    assert waiting() == []
    assert storage.find(media.stored_name).read_bytes() == PHOTO.data
    assert (media.size, media.width, media.height, len(media.sha256)) == (len(PHOTO.data), 4, 3, 64)


@pytest.mark.both_databases
def test_a_rollback_leaves_none(opinion: Opinion):
    rules.keep(db.session(), opinion, PHOTO)
    db.session.flush()
    db.session.rollback()
    assert files() == waiting() == rows() == []
    db.session.commit()
    assert files() == []


@pytest.mark.both_databases
def test_a_session_that_is_closed_leaves_none(opinion: Opinion):
    rules.keep(db.session(), opinion, PHOTO)
    db.session.close()
    assert files() == waiting() == rows() == []


@pytest.mark.both_databases
def test_a_row_that_the_database_refuses_leaves_none(opinion: Opinion):
    media = rules.keep(db.session(), opinion, PHOTO)
    media.kind = "film"
    with pytest.raises(IntegrityError):
        db.session.commit()
    db.session.rollback()
    assert files() == waiting() == rows() == []


@pytest.mark.both_databases
def test_a_savepoint_taken_back_leaves_none(opinion: Opinion):
    session = db.session()
    kept = rules.keep(session, opinion, PHOTO)
    session.flush()
    savepoint = session.begin_nested()
    rules.keep(session, opinion, PHOTO)
    session.flush()
    savepoint.rollback()
    with session.begin_nested():
        rules.keep(session, opinion, PHOTO)
    assert files() == [], "a savepoint is no commit"
    session.commit()
    assert files() == rows()
    assert len(rows()) == 2
    assert kept.stored_name in rows()
    assert waiting() == []


def test_a_commit_of_which_nobody_knows_keeps_the_file(opinion: Opinion):
    """A commit that failed is not a commit that did not happen: what the database says later decides."""
    media = rules.keep(db.session(), opinion, PHOTO)
    name = media.stored_name

    def fail(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, OSError(5, "Input/output error"))

    sa.event.listen(db.engine, "commit", fail)
    try:
        with pytest.raises(OperationalError):
            db.session.commit()
    finally:
        sa.event.remove(db.engine, "commit", fail)
    db.session.rollback()
    assert files() == [name]
    assert rows() == []
    tasks.sweep(db.session())
    assert files() == [name], "its transaction may be under way elsewhere"
    age(storage.find(name))
    tasks.sweep(db.session())
    assert files() == []


def test_a_disk_that_refuses_leaves_nothing(opinion: Opinion, monkeypatch: pytest.MonkeyPatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(Refusal) as refused:
        rules.keep(db.session(), opinion, PHOTO)
    assert refused.value.message == "Nous ne pouvons plus garder de fichier pour le moment. Écrivez votre avis."
    assert refused.value.field == "photo"
    db.session.rollback()
    assert files() == waiting() == rows() == []


def test_a_disk_that_refuses_at_the_commit_refuses_the_row(opinion: Opinion, monkeypatch: pytest.MonkeyPatch):
    rules.keep(db.session(), opinion, PHOTO)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_to_disk", _refuse)
        with pytest.raises(OSError, match="Input/output"):
            db.session.commit()
    db.session.rollback()
    assert rows() == []
    for name in files():
        age(storage.find(name))
    tasks.sweep(db.session())
    assert files() == waiting() == []


def _refuse(_path: Path) -> None:
    raise OSError(5, "Input/output error")


@pytest.mark.both_databases
def test_an_erased_file_goes_with_the_commit(opinion: Opinion):
    media = rules.keep(db.session(), opinion, PHOTO)
    db.session.commit()
    assert rules.erase(db.session(), media, by=None)
    db.session.flush()
    assert len(files()) == 1
    db.session.rollback()
    assert len(files()) == 1, "taken back"
    assert rules.erase(db.session(), media, by=None)
    db.session.commit()
    assert files() == []
    assert not rules.erase(db.session(), media, by=None)
    db.session.commit()


def test_the_machine_stops_between_the_commit_and_the_erasure(opinion: Opinion, monkeypatch: pytest.MonkeyPatch):
    media = rules.keep(db.session(), opinion, PHOTO)
    db.session.commit()
    with monkeypatch.context() as patch:
        patch.setattr(storage, "_remove", lambda _path: None)
        rules.erase(db.session(), media, by=None)
        db.session.commit()
    assert len(files()) == 1
    tasks.sweep(db.session())
    assert files() == [], "at once: its row says so"


def test_sweeping_takes_only_what_nobody_names(opinion: Opinion):
    kept = make_media(opinion=opinion)
    db.session.commit()
    orphan, fresh = storage.folder() / storage.new_name("photo"), storage.folder() / storage.new_name("audio")
    stranger, cut = storage.folder() / "notice.txt", storage.waiting_folder() / "tmpcut"
    for path in (orphan, fresh, stranger):
        path.write_bytes(b"octets")
    cut.mkdir()
    (cut / "sent").write_bytes(b"octets")
    for path in (orphan, stranger, cut, storage.folder() / kept.stored_name):
        age(path)
    tasks.sweep(db.session())
    assert set(files()) == {kept.stored_name, fresh.name}
    assert stranger.exists(), "not ours"
    assert not cut.exists()
    tasks.sweep(db.session())
    assert set(files()) == {kept.stored_name, fresh.name}


def age(path: Path) -> None:
    """Make a file two hours old."""
    then = time.time() - 7200
    os.utime(path, (then, then))


def test_only_the_program_reads_the_folder(opinion: Opinion):
    before = os.umask(0)
    try:
        media = rules.keep(db.session(), opinion, PHOTO)
        db.session.commit()
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in (storage.folder(), storage.waiting_folder())}
    assert set(modes.values()) == {0o700}
    assert storage.find(media.stored_name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["../participation.db", "/etc/passwd", "tmp", "", "a.jpg", "0" * 32 + ".jpg\n", "é"])
def test_a_name_that_we_did_not_make_is_not_opened(opinion: Opinion, name: str):
    (storage.folder() / ("0" * 32 + ".jpg")).write_bytes(b"octets")
    with pytest.raises(NotFound):
        storage.find(name)


@pytest.fixture
def little_room(app: Flask) -> None:
    settings = app.extensions["participation.settings"]
    app.extensions["participation.settings"] = replace(settings, max_media_bytes=2 * len(PHOTO.data))


@pytest.mark.usefixtures("little_room")
def test_all_files_together_have_a_limit(opinion: Opinion):
    first = rules.keep(db.session(), opinion, PHOTO)
    rules.keep(db.session(), opinion, PHOTO)
    with pytest.raises(Refusal, match="Nous ne pouvons plus garder de fichier"):
        rules.keep(db.session(), opinion, PHOTO)
    rules.erase(db.session(), first, by=None)
    assert rules.keep(db.session(), opinion, PHOTO), "what is erased leaves room"


def test_the_database_keeps_some_of_the_disk(opinion: Opinion, monkeypatch: pytest.MonkeyPatch):
    usage = storage.shutil.disk_usage(storage.folder())
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _path: usage._replace(free=storage.RESERVE))
    with pytest.raises(Refusal, match="Nous ne pouvons plus garder de fichier"):
        rules.keep(db.session(), opinion, PHOTO)
