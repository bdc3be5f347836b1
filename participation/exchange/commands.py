"""`participation import` and `participation export` (interfaces.md).

Exit status: 0 done, 1 the package or the data is at fault (each fault a line on standard error), 2 wrong usage.
"""

import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from tqdm import tqdm

from participation.errors import Refusal
from participation.exchange import exporting, importing, plan, sources, writing
from participation.exchange.faults import BadPackage, Faults
from participation.exchange.progress import Progress
from participation.extensions import db
from participation.keys import settings


class Bar(Progress):
    """A progress bar on a terminal, nothing in a pipe."""

    def __init__(self) -> None:
        self._bar: Any = None

    def begin(self, what: str, total: int | None = None) -> None:
        """Show a new bar."""
        self.end()
        # A terminal that does not tell its size has none for tqdm, which would then show nothing.
        width, height = shutil.get_terminal_size()
        self._bar = tqdm(
            desc=what, total=total, unit=" lignes", disable=None, leave=False, ncols=width - 1, nrows=height
        )

    def advance(self, rows: int) -> None:
        """Move it."""
        if self._bar is None:
            self.begin("Lecture")
        self._bar.update(rows)

    def end(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@click.command("import")
@click.argument("path", metavar="CHEMIN", type=click.Path(exists=True, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Vérifie et dit ce qui changerait, sans rien écrire.")
@with_appcontext
def import_command(path: Path, dry_run: bool) -> None:
    """Importe des tables : un dossier, un .zip ou un .xlsx. Tout, ou rien."""
    _saying_faults(lambda: _import(path, dry_run=dry_run))


def _import(path: Path, *, dry_run: bool) -> None:
    bar = Bar()
    faults = Faults()
    try:
        source = sources.from_path(path, faults)
        with db.engine.connect() as connection:
            connection.execution_options(only_reads=dry_run)
            done = plan.make(connection, source, faults, writes=not dry_run, progress=bar)
            if not dry_run:
                importing.carry_out(connection, done, by=None, progress=bar)
                connection.commit()
    finally:
        bar.end()
    click.echo(f"{'Essai' if dry_run else 'Import'} : {done.sentence()}.")


@click.command("export")
@click.argument("path", metavar="CHEMIN", type=click.Path(path_type=Path))
@click.option("--open-data", is_flag=True, help="Sans rien de personnel ni de non publié.")
@with_appcontext
def export_command(path: Path, open_data: bool) -> None:
    """Exporte tout, vers un dossier, un .zip ou un .xlsx selon le nom donné."""
    _saying_faults(lambda: _export(path, open_data=open_data))


def _export(path: Path, *, open_data: bool) -> None:
    bar = Bar()
    try:
        with exporting.contents(db.engine, small_count=settings().small_count, open_data=open_data) as contents:
            bar.begin("Export")
            writing.write(contents, path, bar)
    finally:
        bar.end()
    click.echo(f"Export : {path}")


def _saying_faults(work: Callable[[], None]) -> None:
    """Run `work`; say in French what stops it, and end with 1."""
    try:
        work()
    except BadPackage as bad:
        beyond = bad.total - len(bad.faults)
        _fail([*map(str, bad.faults), *([f"… et {beyond} autres défauts."] if beyond else [])])
    except Refusal as refusal:
        _fail([refusal.message])
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):  # SQLite's and PostgreSQL's word for a missing table
        if sa.inspect(db.engine).has_table("contract"):
            raise
        _fail(["La base n'est pas prête. Lancez d'abord : participation init"])


def _fail(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(1)
