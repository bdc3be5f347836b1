"""`participation check`: what was damaged behind the program's back is named, and nothing is said of what is whole."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from participation import clock, journal
from participation.assessment import closing, signing
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.checking import check_command
from participation.database import now
from participation.extensions import db
from participation.media.models import Media
from participation.people.models import MailReport
from tests.support import factory


@pytest.fixture
def whole(app_context: Flask) -> Path:
    """Everything that is checked: lines of the journal, a closed assessment with a scan, a photo."""
    factory.make_contract()
    for number in range(3):
        journal.record(db.session(), "meeting.edited", f"renc-{number}", "Rencontre corrigée.", by=None)
    factory.make_media("photo", opinion=factory.make_opinion(meeting=factory.make_meeting()))
    admin = factory.make_account()
    closed = closing.close(db.session(), find_frame(db.session(), Period(2025, 2025), Scope(), clock.today()), by=admin)
    signing.sign_on_paper(
        db.session(), closed, "maire", "valide", None, signed_on=clock.today(), scan=b"%PDF-1.7", by=admin
    )
    db.session.commit()
    db.session.remove()
    return Path(app_context.instance_path)


def _say(cli: FlaskCliRunner) -> tuple[int, list[str]]:
    done = cli.invoke(check_command)
    return done.exit_code, done.stderr.splitlines()


@pytest.mark.both_databases
def test_nothing_is_said_of_what_is_whole(whole: Path, cli: FlaskCliRunner) -> None:
    assert _say(cli) == (0, [])


def test_mails_that_may_not_have_arrived_are_told_and_are_no_fault(whole: Path, cli: FlaskCliRunner) -> None:
    db.session.add(MailReport(message_id="abc123", at=now(), why="inconnu", subject="Votre lien de connexion"))
    db.session.commit()
    done = cli.invoke(check_command)
    assert done.exit_code == 0
    assert "Courriels : 1" in done.stdout


@pytest.mark.parametrize(("pattern", "word"), [("*.pdf", "manque"), ("*.xlsx", "manque"), ("signature-*", "scan")])
def test_a_changed_file_is_named(whole: Path, cli: FlaskCliRunner, pattern: str, word: str) -> None:
    file = min((whole / "bilans").glob(pattern))
    file.write_bytes(b"other")
    status, faults = _say(cli)
    assert status == 1
    assert len(faults) == 1
    assert file.name in faults[0]
    assert word in faults[0]


def test_a_photo_that_is_gone_is_named(whole: Path, cli: FlaskCliRunner) -> None:
    name = db.session.scalars(sa.select(Media.stored_name)).one()
    db.session.remove()
    (whole / "uploads" / name).unlink()
    assert _say(cli)[1] == [f"Avis : le fichier {name} (média photo) manque."]


def test_a_changed_line_of_the_journal_is_named(whole: Path, cli: FlaskCliRunner) -> None:
    connection = db.session.connection()
    connection.exec_driver_sql("DROP TRIGGER journal_entry_no_update")
    connection.exec_driver_sql("UPDATE journal_entry SET sentence = 'Autre' WHERE id = 2")
    db.session.commit()
    db.session.remove()
    assert _say(cli) == (1, ["Historique : la ligne 2 a été changée, ou une ligne avant elle manque."])


def test_a_changed_closed_assessment_is_named(whole: Path, cli: FlaskCliRunner) -> None:
    connection = db.session.connection()
    connection.exec_driver_sql("DROP TRIGGER closed_assessment_no_update")
    connection.exec_driver_sql("UPDATE closed_assessment SET canonical = replace(canonical, '2025', '2024')")
    db.session.commit()
    db.session.remove()
    assert _say(cli) == (
        1,
        [
            "Bilan 2025-v1 : son contenu n'a plus l'empreinte de sa fermeture.",
            "Bilan 2025-v1 : les chiffres de ses pages ne sont plus ceux de sa fermeture.",
        ],
    )


def test_a_reference_to_nothing_is_named(whole: Path, cli: FlaskCliRunner) -> None:
    raw = db.engine.raw_connection()
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute("DELETE FROM meeting")
    raw.commit()
    raw.execute("PRAGMA foreign_keys=ON")
    raw.close()
    status, faults = _say(cli)
    assert status == 1
    assert any("de « opinion » renvoie à une ligne de « meeting »" in fault for fault in faults)
