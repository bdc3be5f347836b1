"""`participation assess`: what it writes, where, and what it says of a wrong question."""

import csv
import io
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from participation.assessment.commands import assess_command
from participation.assessment.indicators import INDICATORS
from participation.extensions import db
from tests.assessment import naive
from tests.assessment.packages import make_package
from tests.support.html import faults_of
from tests.support.package_rows import insert_package

SEED = 9
ASKED = ["--year", "2025", "--as-of", "2026-01-31"]


@pytest.fixture(autouse=True)
def _year(app_context: Flask) -> None:
    insert_package(db.session.connection(), make_package(SEED))
    db.session.commit()
    db.session.remove()


def test_json_holds_every_figure_and_row(cli: FlaskCliRunner) -> None:
    done = cli.invoke(assess_command, [*ASKED, "--scope", "commune:arras"])
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    day = naive.dt.date(2026, 1, 31)
    assert answer["indicators"] == naive.assess(make_package(SEED), (2025, 2025), "commune", "arras", day)
    assert answer["scope"] == {"kind": "commune", "slug": "arras"}
    assert cli.invoke(assess_command, [*ASKED, "--scope", "commune:arras"]).stdout == done.stdout


def test_csv_has_one_line_an_indicator(cli: FlaskCliRunner) -> None:
    figures = json.loads(cli.invoke(assess_command, ASKED).stdout)["indicators"]
    text = cli.invoke(assess_command, [*ASKED, "--format", "csv"]).stdout
    assert text.startswith("code,libelle,valeur,numerateur,denominateur,comptees,sur,motif\n")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [line["code"] for line in lines] == list(INDICATORS)
    for line in lines:
        figure = figures[line["code"]]
        coverage = figure.get("coverage") or {}
        wanted = [
            figure["value"], figure.get("numerator"), figure.get("denominator"), coverage.get("counted"),
            coverage.get("of"), figure.get("why"),
        ]  # fmt: skip
        found = [line[name] for name in ("valeur", "numerateur", "denominateur", "comptees", "sur", "motif")]
        assert found == ["" if value is None else str(value) for value in wanted]


def test_html_is_one_whole_page(cli: FlaskCliRunner, tmp_path: Path) -> None:
    page = tmp_path / "bilan.html"
    done = cli.invoke(assess_command, [*ASKED, "--format", "html", "-o", str(page)])
    assert (done.exit_code, done.stdout) == (0, "")
    text = page.read_text()
    assert [fault for fault in faults_of(text) if "inline style" not in fault] == []  # a file has its style inside
    assert all(f"({code})" in text for code in INDICATORS)
    assert list(tmp_path.glob("*bilan*")) == [page]


def test_file_that_cannot_be_written_is_a_fault(cli: FlaskCliRunner, tmp_path: Path) -> None:
    done = cli.invoke(assess_command, [*ASKED, "-o", str(tmp_path / "nowhere" / "bilan.json")])
    assert done.exit_code == 1
    assert "ce dossier n'existe pas" in done.stderr


def test_unknown_place_is_a_fault_that_names_the_nearest(cli: FlaskCliRunner) -> None:
    done = cli.invoke(assess_command, [*ASKED, "--scope", "commune:aras"])
    assert done.exit_code == 1
    assert "commune:arras" in done.stderr
    assert not done.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["--year", "2025-2026"],
        ["--year", "l'an dernier"],
        [*ASKED, "--scope", "arras"],
        [*ASKED, "--as-of", "31/01/2026"],
        [*ASKED, "--as-of", "2026-02-30"],
        [*ASKED, "--format", "xlsx"],
        [*ASKED, "--format", "pdf"],
    ],
)
def test_wrong_usage_ends_with_two(cli: FlaskCliRunner, wrong: list[str]) -> None:
    done = cli.invoke(assess_command, wrong)
    assert done.exit_code == 2
    assert not done.stdout
