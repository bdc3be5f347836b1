"""Floods: how much may come by one door and from one address before it is read apart, or waits (security.md R09).

Nobody is asked to prove anything, and nobody is counted by name: doors and addresses are known here by keyed hashes
that live half an hour (people/rates.py). Windows are of a quarter of an hour.
"""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.database import now
from participation.errors import Refusal
from participation.people import rates
from participation.speaking.doors import Door
from participation.speaking.keys import FormKey

APART = 120
"""Opinions by one door in a quarter of an hour beyond which the next are set apart for the team.

A café of 60 people who each send two: more has not been seen at a meeting, and those that come are still taken.
"""
MOST = 400
"""Opinions by one door in a quarter of an hour beyond which the next wait: nobody could read them."""
CEILING = 360
"""Sendings from one address in a quarter of an hour beyond which the next wait, good or not.

A whole neighbourhood may share an address (security.md 0.8), so it is six for each of 60 phones; it is below MOST, so
that one address alone never closes a door to everybody else.
"""
PAUSE = 300
"""Seconds to wait where too much came at once."""
SHORTEST = 2
"""Seconds between a form and its sending; nobody reads a question, answers it and sends in less."""


class Wait(Refusal):
    """Not now: the same may be sent again after `seconds`."""

    status = 429
    seconds = PAUSE


class TooMany(Wait):
    """Too much came at once."""

    def __init__(self) -> None:
        super().__init__(_("Beaucoup d'avis arrivent en ce moment. Attendez cinq minutes, puis envoyez de nouveau."))


class AddressFull(TooMany):
    """Too much came from one address: not even a draft is kept, for that would fill the disk."""


class TooFast(Wait):
    """It came back faster than anybody fills it in; a person who did needs only to send again."""

    seconds = SHORTEST

    def __init__(self) -> None:
        super().__init__(_("C'est allé trop vite. Votre texte est gardé : envoyez-le encore une fois."))


def check_time(key: FormKey) -> None:
    """Raise TooFast for a form that comes back at once. A clock that was put back accuses nobody."""
    if 0 <= (now() - key.issued_at).total_seconds() < SHORTEST:
        raise TooFast


def count_address(session: Session, address: str) -> None:
    """Count one more sending from a network address; the caller commits. Raises AddressFull beyond CEILING.

    What is refused here is not counted, so that it costs one read and nobody waits longer for having tried.
    """
    if rates.tries(session, "parole.adresse", address) >= CEILING:
        raise AddressFull
    rates.note(session, "parole.adresse", address)


def is_flooded(session: Session, door: Door) -> bool:
    """Whether one more opinion by this door is to be set apart. Raises TooMany beyond MOST."""
    already = rates.tries(session, "parole.porte", _name(door))
    if already >= MOST:
        raise TooMany
    return already >= APART


def count_opinion(session: Session, door: Door) -> None:
    """Count one more opinion by a door, in the transaction that adds it.

    To be called last: on PostgreSQL the others by this door wait from here to the commit.
    """
    rates.note(session, "parole.porte", _name(door))


def _name(door: Door) -> str:
    return f"{door.kind}{door.id}"
