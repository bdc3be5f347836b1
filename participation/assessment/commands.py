"""`participation assess` (interfaces.md): the assessment of a year. Exit status: 0 done, 1 refused, 2 wrong usage."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from participation.assessment.engine import assess
from participation.assessment.outputs import as_csv, as_json
from participation.assessment.period import Period, read_day
from participation.assessment.scope import Scope
from participation.errors import Refusal
from participation.extensions import db

WRITERS = {"json": as_json, "csv": as_csv}


def _read(parse: Callable[[str], Any]) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    """Return the reading of an option; what `parse` refuses is wrong usage, in its own words."""

    def read(_context: click.Context, _option: click.Parameter, text: str | None) -> Any:
        try:
            return None if text is None else parse(text)
        except ValueError as fault:
            raise click.BadParameter(str(fault)) from fault

    return read


@click.command("assess")
@click.option(
    "--year", required=True, callback=_read(Period.parse), metavar="ANNÉE", help="2025, 2024-2026, 2027-2030."
)
@click.option("--scope", default="contract", callback=_read(Scope.parse), metavar="PÉRIMÈTRE", help="commune:arras…")
@click.option("--as-of", callback=_read(read_day), metavar="DATE", help="Lire la situation à cette date (aujourd'hui).")
@click.option("--format", "kind", type=click.Choice(list(WRITERS)), default="json", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Fichier, au lieu de l'écran.")
@with_appcontext
def assess_command(year: Period, scope: Scope, as_of: dt.date | None, kind: str, output: Path | None) -> None:
    """Calcule le bilan d'une année ou d'une période."""
    try:
        text = WRITERS[kind](assess(db.session(), year, scope, as_of))
    except Refusal as refusal:
        click.echo(refusal.message, err=True)
        sys.exit(1)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as fault:
        click.echo(f"{output} : impossible d'écrire ce fichier ({fault.strerror}).", err=True)
        sys.exit(1)
