"""`participation contract check` and `contract load`: exit status, and each fault a line on standard error."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskCliRunner

from participation.bodies.commands import contract_cli
from participation.config import SHIPPED_CONTRACT
from tests.contract.helpers import FICTITIOUS, FICTITIOUS_CONTRACT, edited


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A file with two faults."""
    path = tmp_path / "contrat.toml"
    path.write_bytes(edited(FICTITIOUS, ("par_an = 4", "par_an = 0"), ('niveau = "codecision"', 'niveau = "débat"')))
    return path


def test_check_says_what_a_good_file_holds() -> None:
    result = CliRunner().invoke(contract_cli, ["check", str(SHIPPED_CONTRACT)])
    assert result.exit_code == 0
    counts = (
        "5 communes, 7 quartiers, 4 ambitions, 22 objectifs stratégiques, 107 objectifs opérationnels, 35 instances"
    )
    assert counts in result.stdout


def test_check_says_every_fault_on_a_line_of_standard_error(faulty: Path) -> None:
    result = CliRunner().invoke(contract_cli, ["check", str(faulty)])
    assert (result.exit_code, result.stdout) == (1, "")
    assert [line.partition(" ")[0] for line in result.stderr.splitlines()] == [
        "instances[2].niveau",
        "cadences[3].par_an",
    ]


def test_wrong_usage_is_2() -> None:
    assert CliRunner().invoke(contract_cli, ["check"]).exit_code == 2
    assert CliRunner().invoke(contract_cli, ["verify", "a"]).exit_code == 2


def test_missing_file_is_1() -> None:
    result = CliRunner().invoke(contract_cli, ["check", "absent.toml"])
    assert result.exit_code == 1
    assert "n'existe pas" in result.stderr


def test_load_again_and_of_another_contract(cli: FlaskCliRunner) -> None:
    first = cli.invoke(contract_cli, ["load", str(FICTITIOUS_CONTRACT)])
    assert first.exit_code == 0, first.output
    assert "chargé" in first.stdout
    again = cli.invoke(contract_cli, ["load", str(FICTITIOUS_CONTRACT)])
    assert (again.exit_code, again.stdout) == (0, "Contrat « Rives de l'Anse » : rien à changer.\n")
    other = cli.invoke(contract_cli, ["load", str(SHIPPED_CONTRACT)])
    assert (other.exit_code, other.stdout) == (1, "")
    assert "Un autre contrat demande une autre base." in other.stderr


def test_load_of_a_faulty_file_changes_nothing(cli: FlaskCliRunner, faulty: Path) -> None:
    result = cli.invoke(contract_cli, ["load", str(faulty)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 2


def test_load_without_tables_says_what_to_do(empty_app: Flask) -> None:
    result = empty_app.test_cli_runner().invoke(contract_cli, ["load", str(FICTITIOUS_CONTRACT)])
    assert result.exit_code == 1
    assert "participation init" in result.stderr


@pytest.fixture
def empty_app(empty_db_url: str, tmp_path: Path) -> Flask:
    """An application on a database without tables."""
    from tests.support.apps import make_app

    return make_app(empty_db_url, tmp_path / "instance")
