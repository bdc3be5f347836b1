"""`participation assess` (interfaces.md): the assessment of a year on the command line, with every figure and row.

Exit status: 0 done, 1 the place is unknown, no contract is loaded or a file is not what was closed, 2 wrong usage.
"""

import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from participation.assessment import closing, paper, workbook
from participation.assessment.document import as_html
from participation.assessment.engine import assess_frame
from participation.assessment.frame import Frame, find_frame
from participation.assessment.models import ClosedAssessment
from participation.assessment.outputs import as_csv, as_dict, as_json, from_dict
from participation.assessment.period import Period, read_day
from participation.assessment.results import Assessment
from participation.assessment.scope import Scope
from participation.errors import Refusal
from participation.extensions import db


@dataclass(frozen=True)
class _Told:
    """What is to be written: an assessment, as an object and as interfaces.md has it. `closed`: its version."""

    session: Session
    frame: Frame
    assessment: Assessment
    document: Mapping[str, Any]
    closed: ClosedAssessment | None = None


def _as_xlsx(told: _Told) -> bytes:
    return _kept(told.closed, "xlsx") if told.closed else workbook.as_xlsx(told.document)


def _as_pdf(told: _Told) -> bytes:
    return _kept(told.closed, "pdf") if told.closed else paper.as_pdf(told.session, told.assessment, told.frame)


def _kept(closed: ClosedAssessment, ending: str) -> bytes:
    """Return the very bytes that were kept at the closing. Raises Refusal where they are gone or damaged."""
    content = closing.find_file(closed, ending)
    if content is None:
        raise Refusal("Le fichier gardé à la fermeture est introuvable ou abîmé : reprenez-le d'une sauvegarde.")
    return content


FORMATS: dict[str, Callable[[_Told], bytes]] = {
    "json": lambda told: as_json(told.document).encode(),
    "csv": lambda told: as_csv(told.assessment).encode(),
    "xlsx": _as_xlsx,
    "pdf": _as_pdf,
    "html": lambda told: as_html(told.assessment, told.frame).encode(),
}
BINARY = {"xlsx": "Un classeur", "pdf": "Un PDF"}
"""Formats that are not for a terminal."""


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


def _asked(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which assessment: period, scope, date of reading."""
    for option in (
        click.option(
            "--as-of", metavar="DATE", type=_Read("date", read_day),
            help="La date à laquelle la situation est lue, par exemple 2026-01-31 (par défaut : aujourd'hui).",
        ),
        click.option(
            "--scope", default=Scope(), metavar="PÉRIMÈTRE", type=_Read("scope", Scope.parse),
            help="contract (par défaut), commune:SLUG, quartier:SLUG ou instance:SLUG.",
        ),
        click.option(
            "--year", "period", metavar="ANNÉE", type=_Read("year", Period.parse),
            help="Une année, ou 2024-2026, ou 2027-2030.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group("assess", invoke_without_command=True)
@_asked
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="json", show_default=True)
@click.option(
    "-o", "--output", metavar="FICHIER", type=click.Path(dir_okay=False, path_type=Path),
    help="Où écrire (par défaut : la sortie standard).",
)  # fmt: skip
@click.option("--live", is_flag=True, help="Calculer de nouveau, même si le bilan est fermé.")
@click.pass_context
@with_appcontext
def assess_command(
    context: click.Context,
    period: Period | None,
    scope: Scope,
    as_of: dt.date | None,
    form: str,
    output: Path | None,
    live: bool,
) -> None:
    """Le bilan d'une année : chaque indicateur, et les lignes qu'il compte. Fermé, sa dernière version."""
    if context.invoked_subcommand:
        return
    period = _needed(period)
    if output is None and form in BINARY:
        raise click.UsageError(f"{BINARY[form]} s'écrit dans un fichier : ajoutez -o bilan.{form}.")
    with _telling(), _reading() as session:
        frame = find_frame(session, period, scope, as_of)
        closed = None if live or as_of else closing.find_closed(session, period, scope)
        content = FORMATS[form](_closed(session, closed, frame) if closed else _live(session, frame))
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        _write(output, content)


@assess_command.command("close")
@_asked
@with_appcontext
def close_command(period: Period | None, scope: Scope, as_of: dt.date | None) -> None:
    """Ferme un bilan : une version gardée pour toujours, avec son empreinte."""
    period = _needed(period)
    with _telling():
        closed = closing.close(db.session(), find_frame(db.session(), period, scope, as_of))
        db.session.commit()
        click.echo(f"Bilan {closed.period} fermé, version {closed.version}, lu le {closed.as_of.isoformat()}.")
        click.echo(f"Empreinte SHA-256 : {closed.sha256}")


@assess_command.command("verify")
@click.argument("file", metavar="FICHIER", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def verify_command(file: Path) -> None:
    """Vérifie l'empreinte d'un bilan fermé (JSON)."""
    try:
        document = json.loads(file.read_bytes())
    except OSError:
        _fail(f"{file} : ce fichier ne se lit pas. Vérifiez son nom.")
    except ValueError:
        _fail(f"{file} : ce n'est pas un fichier JSON.")
    fault = closing.verify(document) if isinstance(document, dict) else "Ce fichier n'est pas un bilan."
    if fault:
        _fail(f"{file} : {fault}")
    told = document[closing.CLOSED]
    click.echo(f"{file} : l'empreinte est juste (version {told.get('version')}, {told['sha256']}).")


def _needed(period: Period | None) -> Period:
    if period is None:
        raise click.UsageError("Il manque --year, par exemple --year 2025.")
    return period


def _live(session: Session, frame: Frame) -> _Told:
    assessment = assess_frame(session, frame)
    return _Told(session, frame, assessment, as_dict(assessment))


def _closed(session: Session, closed: ClosedAssessment, frame: Frame) -> _Told:
    document = closing.as_closed_dict(closed)
    return _Told(session, frame, from_dict(document, frame), document, closed)


@contextmanager
def _reading() -> Iterator[Session]:
    """Open a session that takes no lock of a writer."""
    with db.engine.connect() as connection, Session(connection.execution_options(only_reads=True)) as session:
        yield session


@contextmanager
def _telling() -> Iterator[None]:
    """Say in a sentence, with exit status 1, what the data or the database do not allow."""
    try:
        yield
    except Refusal as refusal:
        _fail(refusal.message)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        if sa.inspect(db.engine).has_table("contract"):
            raise
        _fail("La base n'est pas prête. Lancez d'abord : participation init")


def _write(output: Path, content: bytes) -> None:
    """Write the file whole, or not at all."""
    if not output.absolute().parent.is_dir():
        _fail(f"{output} : ce dossier n'existe pas. Créez-le, ou choisissez-en un autre.")
    unfinished = output.with_name(f".{output.name}.tmp")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(output)
    except OSError:
        unfinished.unlink(missing_ok=True)
        _fail(f"{output} : impossible d'y écrire. Choisissez un autre fichier.")


def _fail(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
