"""Guessing codes: slowed, never locked out (security.md R06; docs/decisions/0015).

Whoever types codes that lead nowhere has a few tries at once, then waits some seconds before each further one. The
wait is carried by a sealed ticket for the very words that were typed, so nobody behind the same address is shut out:
another phone there waits its seconds once, and is served. Addresses are known by keyed hashes that live half an hour.
"""

import datetime as dt
import json
import threading
import time
from collections import deque
from dataclasses import dataclass

from sqlalchemy.orm import Session

from participation.database import now
from participation.errors import NotFound
from participation.following import codes, seals
from participation.keys import keyed_hash
from participation.people import rates

FREE = 5
"""Failures from one address in a quarter of an hour after which the next try waits SHORT_WAIT seconds."""
MANY = 10
"""Failures after which it waits LONG_WAIT seconds."""
FREE_EVERYWHERE = 300
"""Failures from all addresses in a quarter of an hour after which everybody's try waits SHORT_WAIT seconds."""
SHORT_WAIT, LONG_WAIT = 10, 30
LIFE = dt.timedelta(minutes=30)
"""How long what was typed is kept for its page to show again: in the page's address, sealed, and nowhere else."""

_PURPOSE = "essai"
_MISSED, _FOUND = "suivi.perdu", "suivi.trouve"
_EVERYWHERE = "*"


@dataclass(frozen=True)
class Attempt:
    """Words that were typed and did not lead to a page: they are shown again. `ready_at`: seconds of the epoch."""

    typed: str
    ready_at: int = 0
    """When these words may be tried; 0 where they were tried."""

    @property
    def seconds_left(self) -> int:
        """Seconds to wait still."""
        return max(0, self.ready_at - int(now().timestamp()))


def seal(attempt: Attempt) -> str:
    """Return the attempt as a token for the address of the page that shows it again."""
    content = json.dumps([attempt.typed[: codes.LONGEST], attempt.ready_at]).encode()
    return seals.seal(content, _PURPOSE, LIFE)


def unseal(token: str) -> Attempt | None:
    """Return the attempt of a token; None for what is not ours, or too old."""
    try:
        typed, ready_at = json.loads(seals.unseal(token, _PURPOSE))
    except NotFound:
        return None
    return Attempt(typed, ready_at)


def must_wait(session: Session, address: str, typed: str, ticket: str) -> Attempt | None:
    """Return the attempt that has to wait, None where the words may be tried now.

    `ticket` is the token of an earlier attempt: it serves for the same words, once its time has come.
    """
    wait = wait_of(session, address)
    if not wait:
        return None
    earlier = unseal(ticket) if ticket else None
    if earlier and earlier.ready_at and codes.split(earlier.typed) == codes.split(typed):
        return earlier if earlier.seconds_left else None
    return Attempt(typed, int(now().timestamp()) + wait)


def wait_of(session: Session, address: str) -> int:
    """Return how many seconds a try from this address waits now."""
    failures = rates.tries(session, _MISSED, address)
    if failures >= MANY:
        return LONG_WAIT
    return SHORT_WAIT if failures >= FREE or rates.tries(session, _MISSED, _EVERYWHERE) >= FREE_EVERYWHERE else 0


def note(session: Session, address: str, *, found: bool) -> None:
    """Count a try; the caller commits. One that found something costs as much time, and counts for nothing."""
    what = _FOUND if found else _MISSED
    rates.note(session, what, address)
    rates.note(session, what, _EVERYWHERE)


class Misses:
    """Codes read from QRs that led nowhere, counted in memory: the request is a GET, which writes nothing.

    Beyond MANY in ten minutes from one address, its QRs lead to the form with the words in it: one tap more.
    """

    WINDOW = 600.0
    """Seconds."""
    MOST_ADDRESSES = 20_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, deque[float]] = {}

    def note(self, address: str) -> None:
        """Count one more."""
        with self._lock:
            if len(self._seen) >= self.MOST_ADDRESSES:
                self._seen.clear()
            self._seen.setdefault(keyed_hash(address, "qr"), deque(maxlen=MANY)).append(time.monotonic())

    def many(self, address: str) -> bool:
        """Whether there were many lately."""
        seen = self._seen.get(keyed_hash(address, "qr"))
        return bool(seen) and len(seen or ()) == MANY and time.monotonic() - (seen or [0.0])[0] < self.WINDOW
