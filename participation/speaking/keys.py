"""The key in the address of a resident's form: it says by which door she speaks, and makes the form safe to send twice.

It is self-contained and signed, so that showing a form writes nothing. The database knows it, once it has served, by
its keyed hash alone (idempotency.py, models.Draft).
"""

import datetime as dt
import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Protocol

from flask_babel import gettext as _
from itsdangerous import BadSignature, Signer

from participation.database import now
from participation.errors import NotFound, Refusal
from participation.keys import keyed_hash, settings

LIFE = dt.timedelta(hours=24)
"""How long a form may stay open (ux.md 2.1: no time-out; a draft lasts a day). A meeting may end meanwhile."""
IN_A_PHONE = dt.timedelta(days=7)
"""How much longer what waits in a phone for the network is taken in, as it was sent (security.md 0.7)."""

_PARTS = re.compile(r"([mq])(\d{1,15})-(\d{1,3})-([0-9a-f]{1,12})-([A-Za-z0-9_-]{16})", re.ASCII)


class Behind(Protocol):
    """What a key needs to know of a door (doors.py)."""

    @property
    def kind(self) -> str:
        """`m` or `q`."""
        ...

    @property
    def id(self) -> int:
        """Of its row."""
        ...


@dataclass(frozen=True)
class FormKey:
    """What a key says. `question` counts from 0; `issued_at` is a moment in UTC, to the millisecond."""

    text: str
    kind: str
    """`m` for a meeting, `q` for a quartier."""
    id: int
    question: int
    issued_at: dt.datetime

    @property
    def hashed(self) -> str:
        """The keyed hash under which the database knows this key."""
        return hash_of(self.text)


class Expired(Refusal):
    """The key is ours, and more than a day old; `key` still says by which door its form was opened."""

    status = 410

    def __init__(self, key: FormKey) -> None:
        super().__init__(_("Cette page est ouverte depuis plus d'un jour. Ouvrez-la de nouveau."))
        self.key = key


def make_key(door: Behind, question: int = 0) -> str:
    """Return a fresh key for a form of this door, about its question number `question` (from 0)."""
    milliseconds = int(now().timestamp() * 1000)
    return _signer().sign(f"{door.kind}{door.id}-{question}-{milliseconds:x}-{secrets.token_urlsafe(12)}").decode()


def read_key(cle: str) -> FormKey:
    """Return what the key says.

    Raises NotFound for what we did not sign, and Expired a day after it was issued. A key is only given by an open
    door, so that what was begun while a meeting was open may still be sent after it.
    """
    key = _read(cle)
    if now() - key.issued_at > LIFE:
        raise Expired(key)
    return key


def read_old_key(cle: str) -> tuple[FormKey, Expired | None]:
    """Return what the key says, and what `read_key` would have raised of it where it is too old. Raises NotFound."""
    try:
        return read_key(cle), None
    except Expired as late:
        return late.key, late


def is_taken_from_phones(key: FormKey) -> bool:
    """Whether what a phone has kept since may still be taken in, nobody being there to open a fresh form."""
    return now() - key.issued_at <= LIFE + IN_A_PHONE


def hash_of(cle: str) -> str:
    """Return the keyed hash of a key: 64 hexadecimal digits."""
    return keyed_hash(cle, "parole")


def _read(cle: str) -> FormKey:
    try:
        said = _PARTS.fullmatch(_signer().unsign(cle).decode())
    except (BadSignature, UnicodeError):
        said = None
    if said is None:
        raise NotFound(_("Cette page n'existe pas. Scannez le code de la rencontre, ou choisissez votre quartier."))
    issued_at = dt.datetime.fromtimestamp(int(said[4], 16) / 1000, dt.UTC)
    return FormKey(cle, said[1], int(said[2]), int(said[3]), issued_at)


def _signer() -> Signer:
    return Signer(settings().secret_key, salt="parole", key_derivation="hmac", digest_method=hashlib.sha256)
