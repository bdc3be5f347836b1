"""Files sent for an import, kept between the summary and its confirmation: of one account, a day at most.

They lie in `instance/imports`, readable by the program alone, under names that it chose. The folder's name is a keyed
hash of who sent them, with what form and what they hold: sending the same form twice makes one upload, not two.
"""

import datetime as dt
import hashlib
import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from participation.database import now
from participation.errors import NotFound
from participation.keys import keyed_hash, settings

KEPT = dt.timedelta(hours=24)
_ABOUT = "envoi.json"
_BYTES = 1024 * 1024
_TOKEN = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Upload:
    """Files kept: each one's own name, and where it lies."""

    token: str
    account_id: int
    files: tuple[tuple[str, Path], ...]
    summary: Any = None
    """What was shown to whoever will confirm."""


def keep(files: Sequence[FileStorage], account_id: int, key: str) -> Upload:
    """Keep the files sent by an account with the form of that one-use key; those of others past their time go."""
    sweep()
    digests = [_digest(file.stream) for file in files]
    names = [Path(file.filename or "").name or "fichier" for file in files]
    token = keyed_hash(json.dumps([account_id, key, names, digests]), "import")
    folder = _folder() / token
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = []
    for number, (name, file) in enumerate(zip(names, files, strict=True)):
        path = folder / f"{number}"
        file.stream.seek(0)
        file.save(path)
        kept.append((name, path))
    upload = Upload(token, account_id, tuple(kept))
    remember(upload, None)
    return upload


def remember(upload: Upload, summary: Any) -> None:
    """Write down what is shown of the upload."""
    about = {
        "account": upload.account_id,
        "sent_at": now().isoformat(),
        "names": [name for name, _path in upload.files],
        "summary": summary,
    }
    (_folder() / upload.token / _ABOUT).write_text(json.dumps(about), encoding="utf-8")


def find(token: str, account_id: int) -> Upload:
    """Return an account's own upload. Raises NotFound: never there, another's, used, or past its time."""
    folder = _folder() / token
    try:
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8")) if _TOKEN.fullmatch(token) else {}
    except (OSError, ValueError):
        about = {}
    if about.get("account") != account_id or _age(about) > KEPT:
        raise NotFound(
            _("Ces fichiers ne sont plus là : ils ont servi, ou datent de plus d'un jour. Envoyez-les de nouveau.")
        )
    files = tuple((name, folder / f"{number}") for number, name in enumerate(about["names"]))
    return Upload(token, account_id, files, about["summary"])


def forget(token: str) -> None:
    """Erase an upload, if it is there."""
    if _TOKEN.fullmatch(token):
        shutil.rmtree(_folder() / token, ignore_errors=True)


def sweep() -> None:
    """Erase the uploads past their time, and what is left of those that were cut short."""
    folder = _folder()
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            about = json.loads((path / _ABOUT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            about = {"sent_at": dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC).isoformat()}
        if _age(about) > KEPT:
            shutil.rmtree(path, ignore_errors=True)


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _folder() -> Path:
    return settings().instance / "imports"


def _age(about: dict[str, Any]) -> dt.timedelta:
    return now() - dt.datetime.fromisoformat(about["sent_at"])
