"""What a person sends about a meeting, as the verbs of rules.py take it."""

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.errors import Refusal
from participation.permissions import Place

LONGEST_NAME = 500
"""Characters of an institution's name."""
MOST_INSTITUTIONS = 200


@dataclass(frozen=True)
class Plan:
    """What is announced of a meeting. Times are Europe/Paris clock times; None is unknown."""

    title: str
    type: str
    held_on: dt.date
    bodies: tuple[Body, ...]
    level: str | None = None
    quartiers: tuple[Quartier, ...] = ()
    place: str | None = None
    start: dt.time | None = None
    end: dt.time | None = None

    def places(self) -> set[Place]:
        """Return the places that the meeting would have (models.py)."""
        own = {("quartier", quartier.slug) for quartier in self.quartiers}
        return own.union(*(body.places() for body in self.bodies))


@dataclass(frozen=True)
class Attendance:
    """Who came, in numbers (by name of HEADCOUNTS; None is unknown), and the institutions present."""

    counts: Mapping[str, int | None]
    institutions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resolution:
    """What a meeting decided about itself. `owner` is a function, not a name."""

    text: str
    owner: str | None = None
    due_on: dt.date | None = None
    done_on: dt.date | None = None


@dataclass(frozen=True)
class Organisers:
    """Bodies alone, seen as far as rights need."""

    bodies: tuple[Body, ...]

    def places(self) -> set[Place]:
        """Return every place of the bodies."""
        return set().union(*(body.places() for body in self.bodies))


def institution_names(texts: Iterable[str], known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names in `texts` (several are separated by line ends or `;`), once each, trimmed, in NFC.

    A name that differs from a known one by capitals alone takes its spelling: G3.count compares names exactly.
    Raises Refusal for a name or a list that is too long.
    """
    spelling = {name.casefold(): name for name in known}
    found: dict[str, str] = {}
    for text in texts:
        for part in text.replace(";", "\n").splitlines():
            readable = "".join(letter if letter.isprintable() else " " for letter in part)
            name = " ".join(unicodedata.normalize("NFC", readable).split())
            if name:
                found.setdefault(name.casefold(), spelling.get(name.casefold(), name))
    if len(found) > MOST_INSTITUTIONS or any(len(name) > LONGEST_NAME for name in found.values()):
        raise Refusal(_("Cette liste est trop longue. Écrivez un nom d'institution par ligne."), field="institutions")
    return tuple(found.values())
