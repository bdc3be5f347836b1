"""The folder of uploads, `instance/uploads`: readable by the program alone, outside anything that is served by itself.

A file and its row stand or fall together, though one is on a disk and the other in a database:

- `put` writes the file under `uploads/tmp` and has it on the disk (fsync) while the transaction is open;
- just before the transaction's COMMIT the file is moved to its place: a row that is committed has its file;
- where the transaction ends otherwise before that, the file is erased; where the COMMIT itself fails, nobody knows
  whether it happened (security.md 0.2), so the file stays and `sweep` decides later by what the database says;
- `erase` removes the file after the COMMIT that says so, and `sweep` again if the machine stopped in between.

So a file without a row may stay for an hour, and no row ever lacks its file.
"""

import contextlib
import logging
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, SessionTransaction

from participation.errors import NotFound
from participation.keys import settings

ENDINGS = {"audio": ".m4a", "photo": ".jpg"}
_NAME = re.compile(r"[0-9a-f]{32}\.(m4a|jpg)")
RESERVE = 200 * 1024 * 1024
"""Bytes left free on the disk: the database needs them more than a photo does."""
ORPHAN_AGE = 3600
"""Seconds after which a file that no row names belongs to no transaction under way."""
_WAITING, _ERASED = "media.waiting", "media.erased"
_log = logging.getLogger(__name__)


def folder() -> Path:
    """Return the folder of uploads, made at the first call."""
    return _private(settings().instance / "uploads")


def waiting_folder() -> Path:
    """Return the folder of what is being read or waits for its transaction; in the same file system."""
    return _private(folder() / "tmp")


def find(name: str) -> Path:
    """Return where a stored file lies. Raises NotFound where it is not there, or `name` is none that we made."""
    if not is_there(name):
        raise NotFound(_("Ce fichier n'est plus là."))
    return _place(name)


def is_there(name: str) -> bool:
    """Whether a stored file is in its place; it may be missing where a backup was brought back without its files."""
    return bool(_NAME.fullmatch(name)) and _place(name).is_file()


def _place(name: str) -> Path:
    return settings().instance / "uploads" / name


def has_space(needed: int) -> bool:
    """Whether the disk takes `needed` more bytes and keeps RESERVE free."""
    return shutil.disk_usage(folder()).free >= RESERVE + needed


# In and out, with the transaction


def secret() -> str:
    """Return something that nobody can guess, for an address: a file of the team's has no other name."""
    return secrets.token_hex(16)


def new_name(kind: str) -> str:
    """Return a fresh name for a file of that kind; it tells nothing."""
    return secrets.token_hex(16) + ENDINGS[kind]


def put(session: Session, row: Any, data: bytes) -> None:
    """Write the file of `row` (already added to the session; it has a `stored_name`), to be in place at the commit.

    Raises OSError where the disk refuses.
    """
    _write(waiting_folder() / row.stored_name, data)
    _join(session)
    session.info.setdefault(_WAITING, {})[row.stored_name] = row


def erase(session: Session, name: str) -> None:
    """Remove a file once the session's transaction is committed."""
    _join(session)
    session.info.setdefault(_ERASED, set()).add(name)


def _join(session: Session) -> None:
    """Have this session tell how its transactions end."""
    if not sa.event.contains(session, "before_commit", _before_commit):
        sa.event.listen(session, "before_commit", _before_commit)
        sa.event.listen(session, "after_commit", _after_commit)
        sa.event.listen(session, "after_transaction_end", _after_end)


def _before_commit(session: Session) -> None:
    waiting = session.info.get(_WAITING)
    if not waiting or session.in_nested_transaction():
        return
    session.flush()  # what the database refuses, it refuses now
    for name, row in list(waiting.items()):
        if sa.inspect(row).persistent:  # not taken back with a savepoint
            (waiting_folder() / name).replace(folder() / name)
            del waiting[name]
    _to_disk(folder())


def _after_commit(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for name in session.info.pop(_ERASED, ()):
        _remove(folder() / name)


def _after_end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    for name in session.info.pop(_WAITING, ()):
        _remove(waiting_folder() / name)
    session.info.pop(_ERASED, None)


# What is left over


def sweep(rows: Mapping[str, bool], names: Iterable[str]) -> None:
    """Remove those of the stored files `names` that no row keeps: `rows` says of each name it has whether it is kept.

    A file without any row goes when it is older than ORPHAN_AGE: a transaction under way may be about to name it.
    """
    for name in names:
        path = folder() / name
        if rows.get(name) is False or (name not in rows and _age(path) > ORPHAN_AGE):
            _remove(path)


def sweep_waiting() -> None:
    """Remove what was being read when the machine stopped."""
    for path in waiting_folder().iterdir():
        if _age(path) > ORPHAN_AGE:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else _remove(path)


def stored_names() -> Iterator[str]:
    """Give the names of the files in place; what is not ours in that folder is left alone."""
    return (entry.name for entry in os.scandir(folder()) if _NAME.fullmatch(entry.name))


# The disk


def _private(path: Path) -> Path:
    if not path.is_dir():
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)  # whatever the umask
    return path


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        _remove(path)
        raise


def _to_disk(path: Path) -> None:
    """Have the names of a folder on the disk: a move is not, until then."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    """Remove a file; one that cannot be removed now is left to `sweep`."""
    with contextlib.suppress(FileNotFoundError):
        try:
            path.unlink()
        except PermissionError:
            _log.exception("an erased file could not be removed")


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
