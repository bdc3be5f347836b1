"""The journal's chain: what is changed behind the database's back is found."""

import datetime as dt
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_migrate import downgrade, upgrade

from participation import journal
from participation.database import now
from participation.extensions import db
from participation.journal import FIRST, JournalEntry
from tests.support.apps import dispose, make_app
from tests.support.factory import make_account

pytestmark = pytest.mark.both_databases


def _lines(number: int) -> list[JournalEntry]:
    return [
        journal.record(
            db.session(),
            "meeting.edited",
            f"renc-{n}",
            f"Ligne n° {n} : l'été",
            by=None,
            details={"b": [None, n], "a": "é"},
        )
        for n in range(number)
    ]


def _change(sql: str) -> None:
    """Write as somebody does who has the file or the server in hand: the triggers are taken off first."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER journal_entry_no_{verb}")
    else:
        connection.exec_driver_sql("ALTER TABLE journal_entry DISABLE TRIGGER ALL")
    connection.exec_driver_sql(sql)
    db.session.commit()
    db.session.remove()


def test_lines_are_chained_in_their_order(app_context: Flask) -> None:
    _lines(3)
    db.session.commit()
    _lines(2)
    db.session.flush()
    journal.record(db.session(), "body.closed", "instance", "Fermée", by=make_account())
    db.session.commit()
    db.session.remove()
    found = list(db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.id)))
    assert [line.sentence for line in found][:3] == [f"Ligne n° {n} : l'été" for n in range(3)]
    assert len({line.hash for line in found} | {FIRST}) == len(found) + 1
    assert journal.first_broken(db.session()) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal_entry SET sentence = 'Autre chose' WHERE object_ref = 'renc-2'",
        "UPDATE journal_entry SET actor = 'quelqu''un' WHERE object_ref = 'renc-2'",
        "UPDATE journal_entry SET details = '{\"a\": \"e\"}' WHERE object_ref = 'renc-2'",
        "UPDATE journal_entry SET account_id = 12 WHERE object_ref = 'renc-2'",
    ],
)
def test_a_changed_line_is_found(app_context: Flask, change: str) -> None:
    numbers = _numbers(5)
    _change(change)
    assert journal.first_broken(db.session()) == numbers[2]


def test_a_removed_line_is_found_at_the_next_one(app_context: Flask) -> None:
    numbers = _numbers(5)
    _change(f"DELETE FROM journal_entry WHERE id = {numbers[2]}")
    assert journal.first_broken(db.session()) == numbers[3]


def test_two_lines_that_change_places_are_found(app_context: Flask) -> None:
    numbers = _numbers(5)
    _change(f"UPDATE journal_entry SET id = 0 WHERE id = {numbers[1]}")
    assert journal.first_broken(db.session()) == 0


def _numbers(number: int) -> list[int]:
    lines = _lines(number)
    db.session.commit()
    return [line.id for line in lines]


def test_writers_at_once_make_one_chain(app: Flask) -> None:
    start = threading.Barrier(4)

    def write() -> None:
        with app.app_context():
            start.wait()
            for _turn in range(5):
                _lines(2)
                db.session.commit()
            db.session.remove()

    writers = [threading.Thread(target=write) for _writer in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(JournalEntry.id))) == 40
        assert journal.first_broken(db.session()) is None


def test_the_moment_counts(app_context: Flask) -> None:
    values = {
        "at": now(),
        "actor": "programme",
        "action": "a.b",
        "object_kind": "a",
        "object_ref": "x",
        "sentence": "s",
    }
    later = {**values, "at": values["at"] + dt.timedelta(microseconds=1)}
    assert journal.digest(FIRST, values) != journal.digest(FIRST, later)
    elsewhere = {**values, "at": values["at"].astimezone(dt.timezone(dt.timedelta(hours=2)))}
    assert journal.digest(FIRST, values) == journal.digest(FIRST, elsewhere)


def test_lines_written_before_the_chain_get_their_place_in_it(tmp_path: Path, db_url: str) -> None:
    app = make_app(db_url, tmp_path)
    with app.app_context():
        _lines(3)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
        downgrade(revision="0004")
        upgrade()
        assert journal.first_broken(db.session()) is None
        db.session.remove()
    dispose(app)
