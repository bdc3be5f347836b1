"""Files of closed assessments, kept beside the database and served as the same bytes for ever."""

import hashlib
import os
import secrets
from pathlib import Path

from participation.keys import settings

FOLDER = "bilans"


def put(name: str, content: bytes) -> str:
    """Write a file whole and return its SHA-256. An unfinished closing of the same version may be replaced."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{secrets.token_hex(8)}.tmp"
    with unfinished.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    unfinished.replace(folder / name)
    return hashlib.sha256(content).hexdigest()


def find(name: str, sha256: str) -> bytes | None:
    """Return the bytes of a kept file; None where it is gone or is not what was kept."""
    path = _folder() / name
    content = path.read_bytes() if path.is_file() else None
    return content if content is not None and hashlib.sha256(content).hexdigest() == sha256 else None


def _folder() -> Path:
    return settings().instance / FOLDER
