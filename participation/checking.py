"""`participation check` (interfaces.md): integrity of the data, the references, the hashes and the files kept beside.

Each fault is one sentence; nothing is mended. A backup that was brought back is checked the same way.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session, undefer

from participation import journal
from participation.assessment import closing, kept
from participation.assessment.models import ClosedAssessment, ClosedFigures, Signature
from participation.extensions import db
from participation.media.models import Media
from participation.media.queries import holders
from participation.media.storage import is_there
from participation.people import outbox

_BATCH = 500


@click.command("check")
@with_appcontext
def check_command() -> None:
    """Vérifie la base, l'historique, les bilans fermés et les fichiers gardés ; ne change rien."""
    faults = 0
    with db.engine.connect() as connection, Session(connection.execution_options(only_reads=True)) as session:
        for fault in faults_of(session):
            click.echo(fault, err=True)
            faults += 1
        mails = outbox.state(session)
    if mails.reported:  # no fault of the data: nothing is left to mend
        click.echo(f"Courriels : {mails.reported} ne sont peut-être pas arrivés ; voir « Réglages » (/admin).")
    if faults:
        raise SystemExit(1)
    click.echo("Tout est en ordre : base, historique, bilans fermés, fichiers.")


def faults_of(session: Session) -> Iterator[str]:
    """Yield what is wrong, as French sentences. Reads everything, a part at a time."""
    yield from _of_database(session)
    broken = journal.first_broken(session)
    if broken is not None:
        yield f"Historique : la ligne {broken} a été changée, ou une ligne avant elle manque."
    yield from _of_closed(session)
    yield from _of_files(session)


def _of_database(session: Session) -> Iterator[str]:
    """Ask SQLite whether its pages and references hold; PostgreSQL enforces both by itself."""
    if session.get_bind().dialect.name != "sqlite":
        return
    for (sentence,) in session.execute(sa.text("PRAGMA integrity_check")):
        if sentence != "ok":
            yield f"Base : {sentence}"
    for table, row, other, *_rest in session.execute(sa.text("PRAGMA foreign_key_check")):
        yield f"Base : la ligne {row} de « {table} » renvoie à une ligne de « {other} » qui n'existe pas."


def _of_closed(session: Session) -> Iterator[str]:
    query = sa.select(ClosedAssessment).options(undefer(ClosedAssessment.canonical)).order_by(ClosedAssessment.id)
    for closed in session.scalars(query.execution_options(yield_per=_BATCH)):
        name = closing.ref_of_closed(closed)
        if hashlib.sha256(closed.canonical.encode()).hexdigest() != closed.sha256:
            yield f"Bilan {name} : son contenu n'a plus l'empreinte de sa fermeture."
        for bare in closing.figures_alone(closed):
            found = session.get(ClosedFigures, (closed.id, bare.everybody))
            if found and found.document != bare.document:
                yield f"Bilan {name} : les chiffres de ses pages ne sont plus ceux de sa fermeture."
        for ending in ("xlsx", "pdf"):
            if closing.find_file(closed, ending) is None:
                yield f"Bilan {name} : le fichier {closing.file_name(closed, ending)} manque ou a été changé."
    for signature in session.scalars(sa.select(Signature).where(Signature.scan_name.is_not(None)).order_by("id")):
        if kept.find(str(signature.scan_name), str(signature.scan_sha256)) is None:
            yield f"Signature {signature.id} : le scan {Path(str(signature.scan_name)).name} manque ou a été changé."


def _of_files(session: Session) -> Iterator[str]:
    for table in holders():
        query = sa.select(table.ref, table.stored_name).where(table.erased_at.is_(None)).order_by(table.id)
        for ref, name in session.execute(query.execution_options(yield_per=_BATCH)):
            if not is_there(name):
                yield f"{'Avis' if table is Media else 'Photos'} : le fichier {name} (média {ref}) manque."
