"""`participation assess` (interfaces.md): the assessment of a year on the command line, with every figure and row.

Exit status: 0 done, 1 the place is unknown or no contract is loaded, 2 wrong usage.
"""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from participation.assessment.document import as_html
from participation.assessment.engine import assess_frame
from participation.assessment.frame import Frame, find_frame
from participation.assessment.outputs import as_csv, as_json
from participation.assessment.period import Period, read_day
from participation.assessment.results import Assessment
from participation.assessment.scope import Scope
from participation.errors import Refusal
from participation.extensions import db

FORMATS: dict[str, Callable[[Assessment, Frame], str]] = {
    "json": lambda assessment, _frame: as_json(assessment),
    "csv": lambda assessment, _frame: as_csv(assessment),
    "html": as_html,
}


class _Read(click.ParamType[object]):
    """A value read by a function that says in French what is wrong with it."""

    def __init__(self, name: str, read: Callable[[str], object]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:
        """Return what the text says, or fail with the sentence."""
        if not isinstance(value, str):
            return value
        try:
            return self._read(value)
        except ValueError as fault:
            self.fail(str(fault), param, ctx)


@click.command("assess")
@click.option(
    "--year", "period", required=True, metavar="ANNÉE", type=_Read("year", Period.parse),
    help="Une année, ou 2024-2026, ou 2027-2030.",
)  # fmt: skip
@click.option(
    "--scope", default=Scope(), metavar="PÉRIMÈTRE", type=_Read("scope", Scope.parse),
    help="contract (par défaut), commune:SLUG, quartier:SLUG ou instance:SLUG.",
)  # fmt: skip
@click.option(
    "--as-of", metavar="DATE", type=_Read("date", read_day),
    help="La date à laquelle la situation est lue, par exemple 2026-01-31 (par défaut : aujourd'hui).",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json", show_default=True)
@click.option(
    "-o", "--output", metavar="FICHIER", type=click.Path(dir_okay=False, path_type=Path),
    help="Où écrire (par défaut : la sortie standard).",
)  # fmt: skip
@with_appcontext
def assess_command(period: Period, scope: Scope, as_of: dt.date | None, form: str, output: Path | None) -> None:
    """Le bilan d'une année : chaque indicateur, et les lignes qu'il compte."""
    try:
        with db.engine.connect() as connection, Session(connection.execution_options(only_reads=True)) as session:
            frame = find_frame(session, period, scope, as_of)
            text = FORMATS[form](assess_frame(session, frame), frame)
    except Refusal as refusal:
        _fail(refusal.message)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        if sa.inspect(db.engine).has_table("contract"):
            raise
        _fail("La base n'est pas prête. Lancez d'abord : participation init")
    if output is None:
        sys.stdout.buffer.write(text.encode())
    else:
        _write(output, text)


def _write(output: Path, text: str) -> None:
    """Write the file whole, or not at all."""
    if not output.absolute().parent.is_dir():
        _fail(f"{output} : ce dossier n'existe pas. Créez-le, ou choisissez-en un autre.")
    unfinished = output.with_name(f".{output.name}.tmp")
    try:
        unfinished.write_bytes(text.encode())
        unfinished.replace(output)
    except OSError:
        unfinished.unlink(missing_ok=True)
        _fail(f"{output} : impossible d'y écrire. Choisissez un autre fichier.")


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
