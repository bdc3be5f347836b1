"""Packages for the tests: small, fictitious, written as text."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from participation.exchange import exporting, importing, plan, sources, writing
from participation.exchange.faults import BadPackage, Faults
from participation.exchange.plan import Plan
from participation.exchange.tables import DESCRIPTOR, TABLES
from participation.extensions import db
from participation.permissions import Acting

BODY = "assemblee-les-quais"
OTHER_BODY = "assemblee-la-colline"
MEETING = {
    "ref": "r1",
    "date": "2026-03-12",
    "instances": BODY,
    "type": "reunion",
    "titre": "Réunion",
    "statut": "tenue",
}
PROPOSAL = {"ref": "p1", "titre": "Un banc", "instance": BODY}
STEP = {"proposition": "p1", "date": "2026-03-12", "etape": "recueillie"}
OPINION = {"ref": "a1", "date": "2026-03-12", "instance": BODY, "texte": "Il manque un banc."}
DECISION = {"ref": "d1", "rencontre": "r1", "texte": "Inviter le bailleur"}
NEW_BODY = {
    "slug": "table-du-port",
    "nom": "Table du port",
    "genre": "table_ronde",
    "famille": "participation",
    "echelle": "communale",
    "communes": "port-lanse",
}
MANDATE = {"ref": "m1", "instance": BODY, "debut": "2026-01-01"}
BASES: dict[str, dict[str, str]] = {
    "rencontres": MEETING,
    "propositions": PROPOSAL,
    "etapes": STEP,
    "avis": OPINION,
    "decisions": DECISION,
    "instances": NEW_BODY,
    "mandats": MANDATE,
}


def table(*rows: Mapping[str, str], separator: str = ",") -> str:
    """Return rows as CSV; the columns are those of all of them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([row.get(name, "") for name in names] for row in rows)]
    return "".join(separator.join(map(_cell, line)) + "\n" for line in lines)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(sign in text for sign in '",;\n\r') else text


def row(name: str, **changes: str) -> dict[str, str]:
    """Return a valid row of a table, with changes."""
    return {**BASES[name], **changes}


def meeting(**changes: str) -> dict[str, str]:
    """Return a valid meeting."""
    return row("rencontres", **changes)


def step(kind: str, date: str = "2026-03-12", **changes: str) -> dict[str, str]:
    """Return a step of p1."""
    return row("etapes", etape=kind, date=date, **changes)


def package(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a package's files to `folder`; a name without a suffix is a table's."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        path = folder / (name if "." in name else f"{name}.csv")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def check(path: Path, by: Acting | None = None) -> Plan:
    """Return what importing would do. Raises BadPackage."""
    faults = Faults()
    return plan.make(db.session.connection(), sources.from_path(path, faults), faults, by=by)


def load(path: Path, by: Acting | None = None) -> Plan:
    """Import, and commit."""
    faults = Faults()
    connection = db.session.connection()
    done = plan.make(connection, sources.from_path(path, faults), faults, by=by, writes=True)
    importing.carry_out(connection, done, by=None)
    db.session.commit()
    return done


def faults_of(path: Path, by: Acting | None = None) -> list[str]:
    """Return the faults, as lines."""
    try:
        check(path, by)
    except BadPackage as bad:
        return [str(fault) for fault in bad.faults]
    finally:
        db.session.rollback()
    return []


def exported(engine: sa.Engine | None = None, **options: bool) -> dict[str, bytes]:
    """Return the files of an export."""
    db.session.commit()
    file = io.BytesIO()
    with exporting.contents(engine or db.engine, small_count=5, **options) as contents:
        writing.write_zip(contents, file)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ALL_FILES = {DESCRIPTOR, *(one.file for one in TABLES)}
