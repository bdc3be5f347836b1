"""`participation contract check` and `contract load`: a contract file from the command line (interfaces.md).

They stand here and not in contract/, because loading a contract also writes its instances.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from participation.bodies.load import load_contract
from participation.contract.file import BadContract, ContractFile, read_contract
from participation.errors import Refusal
from participation.extensions import db

_file = click.argument("file", metavar="FICHIER", type=click.Path(path_type=Path))


@click.group("contract")
def contract_cli() -> None:
    """Le contrat de ville : vérifier ou charger son fichier."""


@contract_cli.command("check")
@_file
def check_command(file: Path) -> None:
    """Dit tout ce qui ne va pas dans un fichier de contrat."""
    contract = _read(file)
    click.echo(f"{file} : rien à corriger. {_summary(contract)}")


@contract_cli.command("load")
@_file
@with_appcontext
def load_command(file: Path) -> None:
    """Charge un fichier de contrat ; relancée, ne change rien."""
    contract = _read(file)
    if not sa.inspect(db.engine).has_table("contract"):
        _fail(["La base n'est pas prête ; lancez d'abord : participation init"])
    try:
        report = load_contract(db.session(), contract)
    except Refusal as refusal:
        db.session.rollback()
        _fail(getattr(refusal, "lines", None) or [refusal.message])
    db.session.commit()
    click.echo(report.sentence())
    for line in report.kept:
        click.echo(f"  {line}")


def _read(file: Path) -> ContractFile:
    try:
        return read_contract(file)
    except BadContract as bad:
        _fail(map(str, bad.faults))


def _fail(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)


def _summary(contract: ContractFile) -> str:
    counts = (
        (contract.communes, "communes"),
        (contract.quartiers, "quartiers"),
        (contract.ambitions, "ambitions"),
        (contract.strategic_objectives, "objectifs stratégiques"),
        (contract.operational_objectives, "objectifs opérationnels"),
        (contract.instances, "instances"),
        (contract.cadences, "cadences"),
    )
    return f"{contract.contract.name} : {', '.join(f'{len(items)} {name}' for items, name in counts)}."
