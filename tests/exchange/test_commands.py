"""`participation import` and `export`: exit status, standard error, nothing half done."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from participation.exchange.commands import export_command, import_command
from participation.extensions import db
from participation.meetings.models import Meeting
from tests.exchange.conftest import Make
from tests.exchange.helpers import meeting, table
from tests.exchange.test_import import WHOLE


@pytest.mark.usefixtures("contract")
def test_an_import_says_what_it_did(cli: FlaskCliRunner, write: Make) -> None:
    done = cli.invoke(import_command, [str(write(WHOLE))])
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("Import : 1 rencontre ajoutée ; 2 propositions ajoutées")
    assert cli.invoke(import_command, [str(write(WHOLE))]).stdout == "Import : rien ne change.\n"


@pytest.mark.usefixtures("contract")
def test_a_trial_writes_nothing(cli: FlaskCliRunner, write: Make) -> None:
    done = cli.invoke(import_command, [str(write(WHOLE)), "--dry-run"])
    assert done.stdout.startswith("Essai : 1 rencontre ajoutée")
    assert db.session.query(Meeting).count() == 0


@pytest.mark.usefixtures("contract")
def test_each_fault_is_a_line_on_standard_error(cli: FlaskCliRunner, write: Make) -> None:
    done = cli.invoke(import_command, [str(write({"rencontres": table(meeting(niveau="débat", statut="x\ny"))}))])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "rencontres.csv, ligne 2, niveau : « débat » n'est pas un niveau connu ; attendu : information, consultation, "  # noqa: ISC004
        "concertation, coproduction, codecision",
        "rencontres.csv, ligne 2, statut : « x\\ny » n'est pas un statut connu ; attendu : prevue, tenue, annulee",
    ]


@pytest.mark.usefixtures("contract")
def test_a_path_that_is_not_there_is_wrong_usage(cli: FlaskCliRunner) -> None:
    assert cli.invoke(import_command, ["nulle-part"]).exit_code == 2
    assert cli.invoke(import_command, []).exit_code == 2


def test_no_contract_is_said(cli: FlaskCliRunner, write: Make, app: Flask) -> None:
    done = cli.invoke(import_command, [str(write(WHOLE))])
    assert (done.exit_code, done.stderr) == (1, "Aucun contrat n'est chargé. Lancez d'abord : participation init\n")


@pytest.mark.usefixtures("contract")
@pytest.mark.parametrize("name", ["p", "p.zip", "p.xlsx"])
def test_an_export_is_written_by_its_name(cli: FlaskCliRunner, write: Make, tmp_path: Path, name: str) -> None:
    cli.invoke(import_command, [str(write(WHOLE))])
    done = cli.invoke(export_command, [str(tmp_path / name)])
    assert (done.exit_code, done.stderr) == (0, "")
    assert cli.invoke(import_command, [str(tmp_path / name)]).stdout == "Import : rien ne change.\n"


@pytest.mark.usefixtures("contract")
def test_open_data_is_an_option(cli: FlaskCliRunner, write: Make, tmp_path: Path) -> None:
    cli.invoke(import_command, [str(write(WHOLE))])
    assert cli.invoke(export_command, [str(tmp_path / "p"), "--open-data"]).exit_code == 0
    assert "Fictive" not in (tmp_path / "p" / "mandats.csv").read_text(encoding="utf-8")


@pytest.mark.usefixtures("contract")
def test_an_export_that_cannot_be_written_says_why(cli: FlaskCliRunner, tmp_path: Path) -> None:
    done = cli.invoke(export_command, [str(tmp_path / "nulle-part" / "p.zip")])
    assert done.exit_code == 1
    assert "n'existe pas" in done.stderr
