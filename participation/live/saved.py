"""The file that a device saves of what waits in it (static/a-envoyer.js): a way out where it can send no more."""

import base64
import binascii
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from flask_babel import gettext as _

from participation.errors import Refusal

MOST = 5000
"""Events of one file: many times what a long meeting makes."""


@dataclass(frozen=True)
class SavedEvent:
    """One event of the file as its device kept it, for whom it is, and its photo."""

    meeting: str
    raw: dict[str, Any]
    photo: IO[bytes] | None


def read(data: bytes) -> list[SavedEvent]:
    """Return the events of a saved file, in the order of their devices. Raises Refusal for another kind of file."""
    try:
        rows = json.loads(data)["evenements"]
        found = sorted(_events(rows), key=lambda one: (str(one.raw.get("appareil")), one.raw["numero"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _other_file() from None
    if not found or len(found) > MOST:
        raise _other_file()
    return found


def _events(rows: list[Any]) -> Iterator[SavedEvent]:
    for row in rows:
        row["numero"] += 0  # a number, or this is no such file
        yield SavedEvent(str(row["rencontre"]), row, _photo(row.get("photo")))


def _photo(encoded: str | None) -> IO[bytes] | None:
    if not encoded:
        return None
    try:
        return io.BytesIO(base64.b64decode(encoded, validate=True))
    except binascii.Error:
        raise ValueError from None


def _other_file() -> Refusal:
    return Refusal(
        _("Ce fichier ne vient pas de la page « À envoyer ». Choisissez « rencontre-a-envoyer.json »."),
        field="fichier",
    )
