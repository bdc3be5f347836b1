"""A closed assessment never changes, says by its hash whether somebody changed it, and is served as it was."""

import datetime as dt
import hashlib
import json
from pathlib import Path

import openpyxl
import pytest
import rfc8785
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from participation import checking
from participation.assessment import closed_counts, closing
from participation.assessment.commands import assess_command
from participation.assessment.engine import assess
from participation.assessment.models import ClosedAssessment, ClosedFigures
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.extensions import db
from participation.journal import JournalEntry
from participation.meetings.models import Meeting
from tests.assessment.packages import make_package
from tests.support.database import count_queries
from tests.support.package_rows import insert_package

SEED = 9
YEAR = ["--year", "2025"]
DAY = ["--as-of", "2026-01-31"]


@pytest.fixture(autouse=True)
def _year(app_context: Flask) -> None:
    insert_package(db.session.connection(), make_package(SEED))
    db.session.commit()
    db.session.remove()


def _run(cli: FlaskCliRunner, *words: str) -> str:
    done = cli.invoke(assess_command, list(words))
    assert done.exit_code == 0, done.output
    return done.stdout


def _close(cli: FlaskCliRunner, *words: str) -> ClosedAssessment:
    _run(cli, "close", *YEAR, *DAY, *words)
    db.session.remove()
    closed = db.session.scalar(sa.select(ClosedAssessment).order_by(ClosedAssessment.id.desc()).limit(1))
    assert closed is not None
    return closed


def _hold_one_more() -> None:
    meeting = db.session.scalars(
        sa.select(Meeting).where(Meeting.status == "tenue", Meeting.held_on.between("2025-01-01", "2025-12-31"))
    ).first()
    assert meeting is not None
    meeting.status, meeting.participants = "annulee", None
    db.session.commit()
    db.session.remove()


def test_the_json_of_a_closed_year_is_what_was_computed_then(cli: FlaskCliRunner) -> None:
    live = json.loads(_run(cli, *YEAR, *DAY))
    closed = _close(cli)
    told = json.loads(_run(cli, *YEAR))
    assert told["closed"] == {
        "version": 1,
        "closed_at": closed.closed_at.isoformat(),
        "by": "Administration du site",
        "sha256": closed.sha256,
    }
    assert {**told, "closed": None} == live


def test_the_hash_is_of_the_canonical_json_without_closed(cli: FlaskCliRunner) -> None:
    closed = _close(cli)
    told = json.loads(_run(cli, *YEAR))
    del told["closed"]
    assert hashlib.sha256(rfc8785.dumps(told)).hexdigest() == closed.sha256


def test_what_changes_afterwards_leaves_the_closed_year_alone(cli: FlaskCliRunner, tmp_path: Path) -> None:
    _close(cli)
    before = {form: _file(cli, form, tmp_path) for form in ("json", "csv", "html", "xlsx")}
    _hold_one_more()
    assert {form: _file(cli, form, tmp_path) for form in before} == before
    live = json.loads(_run(cli, *YEAR, "--live"))
    assert live["closed"] is None
    assert live["indicators"]["G1.total"]["value"] == json.loads(before["json"])["indicators"]["G1.total"]["value"] - 1
    assert json.loads(_run(cli, *YEAR, *DAY))["closed"] is None  # a date asked for is computed


def _file(cli: FlaskCliRunner, form: str, folder: Path) -> bytes:
    path = folder / f"bilan.{form}"
    _run(cli, *YEAR, "--format", form, "-o", str(path))
    return path.read_bytes()


def test_closing_again_makes_a_version_beside_the_first(cli: FlaskCliRunner) -> None:
    first = _close(cli).sha256
    _hold_one_more()
    second = _close(cli)
    assert (second.version, second.sha256 != first) == (2, True)
    assert json.loads(_run(cli, *YEAR))["closed"]["version"] == 2
    assert _close(cli, "--scope", "commune:arras").version == 1
    sentences = db.session.scalars(sa.select(JournalEntry.sentence).where(JournalEntry.action == "assessment.closed"))
    assert list(sentences)[:2] == ["Bilan 2025 fermé, version 1.", "Bilan 2025 fermé, version 2."]


@pytest.mark.both_databases
@pytest.mark.parametrize("change", ["UPDATE closed_assessment SET canonical = '{}'", "DELETE FROM closed_assessment"])
def test_the_database_refuses_to_change_a_closed_year(cli: FlaskCliRunner, change: str) -> None:
    _close(cli)
    with pytest.raises(sa.exc.DBAPIError, match="never changes"):
        db.session.execute(sa.text(change))
    db.session.rollback()


def test_verify_finds_any_change(cli: FlaskCliRunner, tmp_path: Path) -> None:
    _close(cli)
    file = tmp_path / "bilan.json"
    file.write_text(_run(cli, *YEAR), encoding="utf-8")
    assert "l'empreinte est juste" in _run(cli, "verify", str(file))
    told = json.loads(file.read_text(encoding="utf-8"))
    for name, value in (("as_of", "2026-02-01"), ("rules", "2"), ("year", 2024)):
        file.write_text(json.dumps({**told, name: value}), encoding="utf-8")
        done = cli.invoke(assess_command, ["verify", str(file)])
        assert done.exit_code == 1
        assert "a été modifié depuis sa fermeture" in done.stderr


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"closed": {"sha256": 3}}', b'{"closed": []}'])
def test_verify_says_what_is_no_closed_assessment(cli: FlaskCliRunner, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "autre.json"
    file.write_bytes(content)
    done = cli.invoke(assess_command, ["verify", str(file)])
    assert done.exit_code == 1
    assert str(file) in done.stderr


def test_nobody_closes_a_year_at_a_date_to_come(cli: FlaskCliRunner) -> None:
    for day in ("2999-01-01", "2024-12-31"):
        done = cli.invoke(assess_command, ["close", *YEAR, "--as-of", day])
        assert done.exit_code == 1
        assert "date de lecture" in done.stderr
    assert db.session.scalar(sa.select(sa.func.count(ClosedAssessment.id))) == 0


def test_a_kept_workbook_that_was_damaged_is_not_served(
    cli: FlaskCliRunner, app_context: Flask, tmp_path: Path
) -> None:
    closed = _close(cli)
    name = closing.file_name(closed, "xlsx")
    kept = Path(app_context.instance_path) / "bilans" / name
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == closed.xlsx_sha256
    kept.write_bytes(b"other")
    asked = tmp_path / "bilan.xlsx"
    done = cli.invoke(assess_command, [*YEAR, "--format", "xlsx", "-o", str(asked)])
    assert done.exit_code == 1
    assert not asked.exists()
    assert "sauvegarde" in done.stderr


def test_the_workbook_holds_every_figure_and_row(cli: FlaskCliRunner, tmp_path: Path) -> None:
    told = json.loads(_run(cli, *YEAR, *DAY))["indicators"]
    _run(cli, *YEAR, *DAY, "--format", "xlsx", "-o", str(tmp_path / "bilan.xlsx"))
    book = openpyxl.load_workbook(tmp_path / "bilan.xlsx")
    found = {
        row[0].value: [cell.value for cell in row[2:]]
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=2)
        if row[0].value in told
    }
    for code, figure in told.items():
        coverage = figure.get("coverage") or {}
        wanted = [
            figure["value"], figure.get("numerator"), figure.get("denominator"), coverage.get("counted"),
            coverage.get("of"), figure.get("why"),
        ]  # fmt: skip
        assert found[code] == [pytest.approx(one, rel=1e-15) if isinstance(one, float) else one for one in wanted]
        refs = [row[0].value for row in book[code[:31]].iter_rows(min_row=2)]
        assert refs == figure["rows"]
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_pages_of_a_closed_year_read_its_figures_alone(cli: FlaskCliRunner) -> None:
    closed = _close(cli)
    for everybody, text in ((False, closed.canonical), (True, closed.public_canonical)):
        whole, figures = json.loads(text or ""), closing.read_figures(db.session(), closed, everybody=everybody)
        assert figures.pop("closed")["sha256"] == closed.sha256
        for figure in whole["indicators"].values():
            for name in ("rows", "of_rows", "by"):
                figure.pop(name, None)
        assert figures == whole


def test_figures_of_pages_that_somebody_changed_are_found(cli: FlaskCliRunner) -> None:
    closed = _close(cli)
    assert list(checking.faults_of(db.session())) == []
    db.session.execute(sa.update(ClosedFigures).where(ClosedFigures.everybody).values(document="{}"))
    db.session.commit()
    faults = list(checking.faults_of(db.session()))
    assert faults == [
        f"Bilan {closing.ref_of_closed(closed)} : les chiffres de ses pages ne sont plus ceux de sa fermeture."
    ]


# Read without its texts


def test_a_version_is_found_without_its_long_texts(cli: FlaskCliRunner, app: Flask) -> None:
    _close(cli)
    db.session.remove()
    with count_queries(app) as asked:
        assert closing.find_closed(db.session(), Period(2025, 2025), Scope(), 1)
        assert closed_counts.list_published(db.session(), Period(2025, 2025))
    found, listed, text = asked.statements  # the text last, once in the life of the program
    assert "public_canonical" in text
    for statement in (found, listed):
        values = ("x",) * statement.count("?")
        plan = str(db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())
        assert "COVERING INDEX ix_closed_assessment_without_texts" in plan, plan


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_year_is_planned_as_a_year_however_often_it_is_asked(app: Flask) -> None:
    for _time in range(12):  # prepared from the sixth on
        assess(db.session(), Period(2025, 2025), Scope("commune", "arras"), dt.date(2026, 1, 31), rows=False)
    prepared = "SELECT SUM(generic_plans), SUM(custom_plans) FROM pg_prepared_statements"
    generic, custom = db.session.execute(sa.text(prepared)).one()
    assert custom > 10
    assert generic == 0
