"""`participation backup` and `restore` (interfaces.md): one file that holds the database and the files beside it.

The copy is consistent while the program runs: the database as it stood at one moment (SQLite's online backup;
`pg_dump` of one snapshot on PostgreSQL), then the files. One that was erased in between is missing from the copy, as it
should be. A copied SQLite file would miss rows without saying so (security.md R27).

A .tar holds `database`, `uploads/`, `bilans/` and last `manifest.json`: the SHA-256 of each part, the rows of each
table, the end of the journal. The keys are not in it: whoever finds the file must not be able to try follow-up codes.
"""

import datetime as dt
import hashlib
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from participation.assessment import kept
from participation.checking import faults_of
from participation.exchange.commands import Bar
from participation.exchange.progress import Progress
from participation.extensions import db
from participation.journal import JournalEntry
from participation.keys import keyed_hash, settings
from participation.retention import purge

DATABASE, MANIFEST = "database", "manifest.json"
FOLDERS = ("uploads", kept.FOLDER)
FORMAT = 1
_PART = re.compile(rf"({DATABASE}|{re.escape(MANIFEST)}|({'|'.join(FOLDERS)})/[\w.-]+)")
_BLOCK = 1024 * 1024
_KEY_MARK = "participation"
"""What is hashed with the key of codes, to know it again."""


class BackupError(click.ClickException):
    """A copy that cannot be made or brought back, and what to do."""


@dataclass(frozen=True)
class Ledger:
    """What a database held: rows by table, and the last line of the journal with its hash."""

    tables: dict[str, int]
    journal: tuple[int, str] | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as the manifest has it."""
        return {"tables": self.tables, "journal": list(self.journal) if self.journal else None}


@click.command("backup")
@click.argument("file", metavar="FICHIER", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup_command(file: Path) -> None:
    """Copie la base et les fichiers dans un .tar, programme en marche. Les clés n'y sont pas : gardez-les à part."""
    bar = Bar()
    try:
        ledger = make(file, bar)
    finally:
        bar.end()
    click.echo(f"{file} : {sum(ledger.tables.values())} lignes de {len(ledger.tables)} tables, et les fichiers.")
    click.echo("Gardez à part, en lieu sûr : secret_key.txt et code_key.txt. Chiffrez la copie si elle voyage.")


def make(file: Path, progress: Progress) -> Ledger:
    """Write the copy; it appears whole or not at all. Raises BackupError."""
    if file.exists():
        raise BackupError(f"{file} existe déjà. Choisissez un autre nom.")
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".sauvegarde-") as folder:
        whole = Path(folder) / "whole.tar"
        progress.begin("Base")
        ledger = _copy_database(Path(folder) / DATABASE)
        with whole.open("wb") as opened:
            with tarfile.open(fileobj=opened, mode="w") as archive:
                hashes = {DATABASE: _add(archive, Path(folder) / DATABASE, DATABASE)}
                progress.begin("Fichiers", sum(1 for _file in _files()))
                for path, name in _files():
                    with_hash = _add(archive, path, name)
                    if with_hash:
                        hashes[name] = with_hash
                    progress.advance(1)
                _add_text(archive, MANIFEST, json.dumps(_manifest(ledger, hashes), indent=1))
            opened.flush()
            os.fsync(opened.fileno())
        whole.chmod(0o600)
        whole.replace(file)
    return ledger


def _manifest(ledger: Ledger, hashes: dict[str, str]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "database": db.engine.dialect.name,
        "code_key": keyed_hash(_KEY_MARK, "backup"),
        "files": hashes,
        **ledger.as_dict(),
    }


def _files() -> Iterator[tuple[Path, str]]:
    for name in FOLDERS:
        folder = settings().instance / name
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.is_file() and _PART.fullmatch(f"{name}/{path.name}"):
                yield path, f"{name}/{path.name}"


def _add(archive: tarfile.TarFile, path: Path, name: str) -> str:
    """Add a file and return its SHA-256; nothing and "" where it was erased just now."""
    try:
        with path.open("rb") as opened:
            info = tarfile.TarInfo(name)
            info.size, info.mode = os.fstat(opened.fileno()).st_size, 0o600
            reader = _Hashing(opened)
            archive.addfile(info, reader)
            return reader.digest.hexdigest()
    except FileNotFoundError:
        return ""


def _add_text(archive: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    archive.addfile(info, io.BytesIO(data))


class _Hashing(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


# The database


def _copy_database(target: Path) -> Ledger:
    if db.engine.dialect.name == "sqlite":
        return _copy_sqlite(target)
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        _run("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")
        return _ledger(connection)


def _copy_sqlite(target: Path) -> Ledger:
    source = db.engine.raw_connection()
    copy = sqlite3.connect(target)
    try:
        source.driver_connection.backup(copy, pages=1024)  # type: ignore[union-attr]  # sqlite3's own
        copy.execute("PRAGMA journal_mode=DELETE")  # one file alone
    finally:
        copy.close()
        source.close()
    return _ledger_of_file(target)


def _ledger_of_file(path: Path) -> Ledger:
    engine = sa.create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return _ledger(connection)
    finally:
        engine.dispose()


def _ledger(connection: sa.Connection) -> Ledger:
    tables = {name: _count(connection, name) for name in sorted(sa.inspect(connection).get_table_names())}
    last = sa.select(JournalEntry.id, JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1)
    row = connection.execute(last).one_or_none() if JournalEntry.__tablename__ in tables else None
    return Ledger(tables, (row[0], row[1]) if row else None)


def _count(connection: sa.Connection, table: str) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(sa.table(table))) or 0


def _run(program: str, *words: str) -> None:
    """Run one of PostgreSQL's own programs on our database. Raises BackupError where it is missing or fails."""
    url = db.engine.url.set(drivername="postgresql", password=None)
    environment = {**os.environ, **({"PGPASSWORD": str(db.engine.url.password)} if db.engine.url.password else {})}
    found = shutil.which(program)
    if not found:
        raise BackupError(f"Le programme {program} manque. Installez les outils de PostgreSQL (postgresql-client).")
    address = f"--dbname={url.render_as_string(hide_password=False)}"
    done = subprocess.run([found, address, *words], capture_output=True, text=True, env=environment, check=False)  # noqa: S603  # words of our own
    if done.returncode:
        raise BackupError(f"{program} n'a pas abouti : {done.stderr.strip()[-500:]}")


# Bringing back


@click.command("restore")
@click.argument("file", metavar="FICHIER", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--keys-lost", is_flag=True, help="Accepte que les codes de suivi d'avant ne s'ouvrent plus.")
@with_appcontext
def restore_command(file: Path, keys_lost: bool) -> None:
    """Remet une copie en place, là où il n'y a encore rien. Tout est vérifié avant que rien ne soit écrit."""
    ledger = bring_back(file, keys_lost=keys_lost)
    upgrade(directory=current_app.extensions["migrate"].directory)
    click.echo(f"{sum(ledger.tables.values())} lignes de {len(ledger.tables)} tables, et les fichiers, sont en place.")
    for name, number in purge(db.session()).items():
        click.echo(f"Effacé, son temps étant passé depuis la copie : {name} ({number})")
    faults = list(faults_of(db.session()))
    for fault in faults:
        click.echo(fault, err=True)
    if faults:
        raise SystemExit(1)
    click.echo("Tout est en ordre. Vous pouvez relancer le programme.")


def bring_back(file: Path, *, keys_lost: bool = False) -> Ledger:
    """Put back what a copy holds, into an empty instance. Raises BackupError, and then nothing is there."""
    instance = settings().instance
    _check_empty(instance)
    with tempfile.TemporaryDirectory(dir=instance, prefix=".restauration-") as folder:
        manifest = _unpack(file, Path(folder))
        _check_manifest(manifest, keys_lost=keys_lost)
        for name in FOLDERS:
            if (Path(folder) / name).is_dir():
                (Path(folder) / name).chmod(0o700)
        ledger = _place_database(Path(folder) / DATABASE, manifest)
        for name in FOLDERS:
            if (Path(folder) / name).is_dir():
                shutil.rmtree(instance / name, ignore_errors=True)  # empty: it was looked at
                (Path(folder) / name).replace(instance / name)
    return ledger


def _check_empty(instance: Path) -> None:
    full = [name for name in FOLDERS if any(path.is_file() for path in (instance / name).glob("*"))]
    if full:
        raise BackupError(f"Le dossier {instance / full[0]} contient déjà des fichiers. Rangez-le ailleurs d'abord.")
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        taken = path.exists() and path.stat().st_size > 0
    else:
        with db.engine.connect() as connection:
            taken = bool(sa.inspect(connection).get_table_names())
    if taken:
        raise BackupError("Il y a déjà une base ici. Arrêtez le programme, rangez-la ailleurs, puis recommencez.")


def _unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Take out the parts of a copy, each checked by its hash; return the manifest."""
    found: dict[str, str] = {}
    try:
        with tarfile.open(file, mode="r:") as archive:
            for member in archive:
                if not member.isfile() or not _PART.fullmatch(member.name) or member.name in found:
                    raise BackupError(f"{file} n'est pas une sauvegarde : « {member.name[:80]} » n'y a pas sa place.")
                found[member.name] = _take_out(archive, member, folder / member.name)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) if MANIFEST in found else None
    except (tarfile.TarError, EOFError, ValueError) as error:
        raise BackupError(f"{file} est abîmé, ou n'est pas une sauvegarde. Prenez-en une autre.") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BackupError(f"{file} est incomplet, ou vient d'un autre programme. Prenez une autre sauvegarde.")
    found.pop(MANIFEST)
    if found != manifest["files"]:
        wrong = sorted(name for name, _hash in found.items() ^ manifest["files"].items())
        raise BackupError(f"{file} est abîmé : {wrong[0]} n'est plus ce qui avait été copié. Prenez-en une autre.")
    return manifest


def _take_out(archive: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    source = archive.extractfile(member)
    assert source  # it is a file
    reader = _Hashing(source)
    with target.open("xb") as out:
        target.chmod(0o600)
        while block := reader.read(_BLOCK):
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return reader.digest.hexdigest()


def _check_manifest(manifest: dict[str, Any], *, keys_lost: bool) -> None:
    kind = db.engine.dialect.name
    if manifest["database"] != kind:
        raise BackupError(
            f"Cette sauvegarde vient de {manifest['database']}, et DATABASE_URL nomme {kind}. "
            "Pour passer de l'une à l'autre, utilisez « export » et « import »."
        )
    if manifest["code_key"] != keyed_hash(_KEY_MARK, "backup") and not keys_lost:
        raise BackupError(
            f"La clé des codes de suivi n'est pas celle de la sauvegarde. Remettez d'abord code_key.txt dans "
            f"{settings().instance}. Si elle est perdue, ajoutez --keys-lost : les codes d'avant ne s'ouvriront plus."
        )


def _place_database(copy: Path, manifest: dict[str, Any]) -> Ledger:
    db.session.remove()
    db.engine.dispose()
    if db.engine.dialect.name == "sqlite":
        ledger = _ledger_of_file(copy)
        _check_ledger(ledger, manifest)
        target = Path(str(db.engine.url.database))
        for ending in ("", "-wal", "-shm"):
            Path(f"{target}{ending}").unlink(missing_ok=True)  # empty: it was looked at
        copy.replace(target)
        return ledger
    _run("pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", str(copy))
    with db.engine.connect() as connection:
        ledger = _ledger(connection)
    _check_ledger(ledger, manifest)
    return ledger


def _check_ledger(ledger: Ledger, manifest: dict[str, Any]) -> None:
    told = {"tables": manifest["tables"], "journal": manifest["journal"]}
    if ledger.as_dict() != told:
        raise BackupError("La base copiée n'a pas les lignes que dit la sauvegarde. Prenez-en une autre.")
