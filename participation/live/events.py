"""What a device may send: each kind of event, and what it must hold.

Pure: `read` turns what came into an Event or refuses it with a sentence; what it does is in effects.py.
"""

import datetime as dt
import re
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from participation.errors import Refusal
from participation.following.forms import EVERYBODY, TEAM

BANDS = ("moins_18", "18_25", "26_39", "40_59", "plus_60", "inconnue")
"""Age bands of the five counters, and one for who only adds a number."""
VOICE, PHOTO = "voix", "photo"
"""The file that may come with what a resident says at the kiosk."""
UNDER_26 = ("moins_18", "18_25")
OVER_60 = ("plus_60",)
COUNTS = ("qpv_residents", "first_timers", "women", "men", "elus", "agents")
MOST_AT_ONCE = 500
"""People that one event may add or take away."""
LONGEST_TEXT = 20_000
LONGEST_LINE = 500
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")

Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class Event:
    """One thing recorded. `recorded_at` is by the device's clock, in UTC; `data` holds the fields of its kind."""

    id: str
    device: str
    number: int
    kind: str
    recorded_at: dt.datetime
    data: dict[str, Any]


def read(raw: Any) -> Event:
    """Return the event that was sent. Raises Refusal, in words for whoever records."""
    if not isinstance(raw, Mapping):
        raise _damaged()
    kind = raw.get("genre")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Refusal(_("Ce geste n'est pas connu. Rechargez la page, puis recommencez."))
    return Event(
        id=_identifier(raw.get("id")),
        device=_identifier(raw.get("appareil")),
        number=_whole(raw.get("numero"), 0, 10**9),
        kind=kind,
        recorded_at=_moment(raw.get("quand")),
        data=_fields(KINDS[kind], raw.get("donnees")),
    )


def _fields(readers: Mapping[str, Reader], given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _damaged()
    return {name: reader(given.get(name)) for name, reader in readers.items()}


def _damaged() -> Refusal:
    return Refusal(_("Ce qui est arrivé n'est pas complet. Envoyez de nouveau."))


def _identifier(value: Any) -> str:
    try:
        return str(uuid.UUID(str(value)))
    except ValueError:
        raise _damaged() from None


def _whole(value: Any, least: int, most: int) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise _damaged() from None
    if isinstance(value, float) or not least <= number <= most:
        raise Refusal(_("Ce nombre ne peut pas être compté. Vérifiez-le."))
    return number


def _moment(value: Any) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise _damaged() from None
    return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


# What a field holds


def _people(value: Any) -> int:
    number = _whole(value, -MOST_AT_ONCE, MOST_AT_ONCE)
    if number == 0:
        raise Refusal(_("Écrivez combien de personnes."))
    return number


def _one_of(*allowed: str) -> Reader:
    def reader(value: Any) -> str:
        if value not in allowed:
            raise _damaged()
        return str(value)

    return reader


def _optional(*allowed: str) -> Reader:
    reader = _one_of(*allowed)
    return lambda value: reader(value) if value else None


def _text(most: int, empty: str | None = None) -> Reader:
    """Return the reader of a text; `empty` is the sentence that refuses an empty one, None where it may be empty."""

    def reader(value: Any) -> str | None:
        text = unicodedata.normalize("NFC", str(value or "")).replace("\r\n", "\n").replace("\0", "").strip()
        if not text and empty is not None:
            raise Refusal(str(_(empty)), field="texte")
        if len(text) > most:
            raise Refusal(_("Ce texte est trop long : %(max)s caractères au plus.", max=most), field="texte")
        return text or None

    return reader


def _day(value: Any) -> str | None:
    if not value:
        return None
    try:
        return dt.date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise Refusal(_("Écrivez la date ainsi : 12/03/2026."), field="echeance") from None


def _language(value: Any) -> str | None:
    tag = str(value or "")
    return tag if _TAG.match(tag) and len(tag) <= 35 else None


def _present(value: Any) -> int:
    return 1 if _whole(value, -1, 1) >= 0 else -1


def _event(value: Any) -> str:
    return _identifier(value)


_LINE = _text(LONGEST_LINE)
KINDS: dict[str, dict[str, Reader]] = {
    "commence": {},
    "termine": {},
    "arrivee": {"tranche": _one_of(*BANDS), "n": _people},
    "compte": {"champ": _one_of(*COUNTS), "n": _people},
    "point": {"point": _LINE},
    "point_ajoute": {"titre": _text(LONGEST_LINE, "Écrivez le point de l'ordre du jour.")},
    "note": {"point": _LINE, "texte": _text(LONGEST_TEXT)},
    "avis": {
        "texte": _text(LONGEST_TEXT, "Écrivez ce qui est dit."),
        "theme": _LINE,
        "question": _LINE,
        "langue": _language,
        "carte": _text(20),
        "code": _text(100),
        "point": _LINE,
    },
    "avis_change": {"avis": _event, "texte": _text(LONGEST_TEXT, "Écrivez ce qui est dit."), "theme": _LINE},
    "proposition": {"avis": _event, "titre": _text(300, "Écrivez la proposition en une phrase.")},
    "mains": {"proposition": _event, "n": _people},
    "decision": {
        "texte": _text(2000, "Écrivez la décision."),
        "responsable": _text(200),
        "echeance": _day,
        "reponse_de": _text(200),
    },
    "habitant": {
        "texte": _text(LONGEST_TEXT),
        "fichier": _optional(VOICE, PHOTO),
        "lecture": _one_of(EVERYBODY, TEAM),
        "question": _LINE,
        "langue": _language,
        "code": _text(100),
    },
    "institution": {"nom": _text(LONGEST_LINE, "Écrivez le nom de l'institution."), "n": _present},
    "photo": {"description": _text(300, "Dites ce que montre la photo.")},
    "annule": {"evenement": _event},
}
"""The fields of each kind."""
SECRET = {"avis": ("code",), "habitant": ("texte", "lecture", "code")}
"""Fields that are used and never kept, by kind: five words open somebody's opinion, and what residents write at the
kiosk stands in their opinion alone, which they may take back."""
