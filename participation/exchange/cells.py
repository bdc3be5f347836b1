"""Kinds of cells: how the text of a cell is read into a value, and a value written as text (exchange-format.md).

A kind's `parse` gets a text that is not empty, without blanks around it, and raises BadCell with what would be right.
Values: str, `datetime.date`, `datetime.time`, int (also for cents), or a sorted tuple of str for a list.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from participation.refs import REF_PATTERN, SLUG_PATTERN

LARGEST_NUMBER = 999_999_999
"""Of a headcount or of votes: what every database keeps in an integer."""
LARGEST_CENTS = 10**13
LONGEST_NAME = 500
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FRENCH_DAY = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?")
_FRENCH_CLOCK = re.compile(r"([0-9]{1,2}) ?[hH] ?([0-9]{2})?")
_EUROS = re.compile(r"([0-9]{1,15})(?:[.,]([0-9]{1,2}))?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class BadCell(Exception):
    """The cell cannot be read; the message goes on from the quoted value."""


class Kind:
    """A text with a meaning; subclasses read other things."""

    schema: Mapping[str, Any] = {"type": "string"}
    """Its Table Schema field."""
    free = False
    """Whether any text will do: kept as it was written, blanks included."""
    many = False
    """Whether the value is a tuple."""

    def parse(self, text: str) -> Any:
        """Return the value."""
        return text

    def write(self, value: Any) -> str:
        """Return the text of a value that is not empty."""
        return str(value)

    def hint(self) -> str:
        """Return in French what may be written, for the blank templates."""
        return "texte"


class Text(Kind):
    """Words of people: kept as they were written."""

    free = True


class Ref(Kind):
    """The identifier of a row, chosen by whoever wrote the file."""

    schema = {"type": "string", "constraints": {"pattern": REF_PATTERN.pattern}}

    def parse(self, text: str) -> str:
        """Return the reference."""
        if REF_PATTERN.fullmatch(text):
            return text
        raise BadCell(
            _(
                "n'est pas une référence ; attendu : une lettre ou un chiffre d'abord, puis des lettres sans accent, "
                "chiffres, « - », « _ » ou « . », 64 caractères au plus"
            )
        )

    def hint(self) -> str:
        """Return what may be written."""
        return "référence : lettres sans accent, chiffres, « - », « _ », « . » (64 au plus)"


class Slug(Kind):
    """The short name of an instance, a commune, a quartier or a theme."""

    schema = {"type": "string", "constraints": {"pattern": SLUG_PATTERN.pattern}}

    def parse(self, text: str) -> str:
        """Return the slug."""
        if len(text) <= 64 and SLUG_PATTERN.fullmatch(text):
            return text
        raise BadCell(
            _("n'est pas un nom court ; attendu : minuscules sans accent, chiffres et tirets, 64 caractères au plus")
        )

    def hint(self) -> str:
        """Return what may be written."""
        return "nom court : minuscules sans accent, chiffres, tirets"


class Name(Kind):
    """A name of one line that is known elsewhere: an objective's code, a recipient, an institution."""

    def parse(self, text: str) -> str:
        """Return the name, trimmed and in NFC (indicators.md, G3.count)."""
        name = unicodedata.normalize("NFC", text).strip()
        if len(name) > LONGEST_NAME:
            raise BadCell(_("est trop long ; attendu : %(n)s caractères au plus", n=LONGEST_NAME))
        return name


class Code(Kind):
    """A word of an open list (a kind of instance)."""

    schema = {"type": "string", "constraints": {"pattern": _CODE.pattern}}

    def parse(self, text: str) -> str:
        """Return the code."""
        if _CODE.fullmatch(text):
            return text
        raise BadCell(
            _("n'est pas un genre ; attendu : minuscules sans accent, chiffres et « _ », comme « table_ronde »")
        )

    def hint(self) -> str:
        """Return what may be written."""
        return "minuscules sans accent et « _ »"


class Language(Kind):
    """A BCP 47 tag."""

    def parse(self, text: str) -> str:
        """Return the tag as it was written."""
        if len(text) <= 35 and _LANGUAGE.fullmatch(text):
            return text
        raise BadCell(_("n'est pas un code de langue ; attendu : fr, ar, en, pt-BR…"))

    def hint(self) -> str:
        """Return what may be written."""
        return "code de langue : fr, ar, en…"


class Day(Kind):
    """A civil date in Europe/Paris."""

    schema = {"type": "date"}

    def parse(self, text: str) -> dt.date:
        """Return the date of `2025-03-14`."""
        if _DAY.fullmatch(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                raise BadCell(_("n'existe pas dans le calendrier ; attendu : une date comme 2025-03-14")) from None
        found = _FRENCH_DAY.fullmatch(text)
        if found:
            likely = f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
            raise BadCell(_("n'est pas une date de la forme année-mois-jour ; attendu : %(likely)s", likely=likely))
        raise BadCell(_("n'est pas une date ; attendu : année-mois-jour, comme 2025-03-14"))

    def write(self, value: dt.date) -> str:
        """Return `2025-03-14`."""
        return value.isoformat()

    def hint(self) -> str:
        """Return what may be written."""
        return "date : 2025-03-14"


class Clock(Kind):
    """A clock time in Europe/Paris."""

    schema = {"type": "time", "format": "%H:%M"}

    def parse(self, text: str) -> dt.time:
        """Return the time of `18:30`."""
        found = _CLOCK.fullmatch(text)
        if found and int(found[1]) < 24 and int(found[2]) < 60:
            return dt.time(int(found[1]), int(found[2]))
        french = _FRENCH_CLOCK.fullmatch(text)
        likely = f"{french[1]:0>2}:{french[2] or '00'}" if french and int(french[1]) < 24 else "18:30"
        raise BadCell(_("n'est pas une heure ; attendu : heures:minutes, comme %(likely)s", likely=likely))

    def write(self, value: dt.time) -> str:
        """Return `18:30`."""
        return f"{value:%H:%M}"

    def hint(self) -> str:
        """Return what may be written."""
        return "heure : 18:30"


class Count(Kind):
    """A number of people or of votes."""

    schema = {"type": "integer", "constraints": {"minimum": 0}}

    def parse(self, text: str) -> int:
        """Return the number."""
        if not (text.isascii() and text.isdigit()):
            raise BadCell(_("n'est pas un nombre ; attendu : un nombre entier, 0 ou plus, ou rien si on ne sait pas"))
        if len(text) > 18 or int(text) > LARGEST_NUMBER:
            raise BadCell(_("est un nombre trop grand ; vérifiez-le"))
        return int(text)

    def hint(self) -> str:
        """Return what may be written."""
        return "nombre entier ; vide si on ne sait pas, jamais 0 à la place"


class Euros(Kind):
    """An amount in euros; the value is in cents."""

    schema = {"type": "number", "constraints": {"minimum": 0}}

    def parse(self, text: str) -> int:
        """Return the cents of `1500`, `1500.50` or `1500,5`."""
        found = _EUROS.fullmatch(text)
        if not found:
            raise BadCell(_("n'est pas un montant ; attendu : des euros, comme 1500 ou 1500.50, sans espace ni « € »"))
        cents = int(found[1]) * 100 + int(f"{found[2] or '0':0<2}")
        if cents > LARGEST_CENTS:
            raise BadCell(_("est un montant trop grand ; vérifiez-le"))
        return cents

    def write(self, value: int) -> str:
        """Return `1500` or `1500.50`."""
        euros, cents = divmod(value, 100)
        return f"{euros}.{cents:02}" if cents else str(euros)

    def hint(self) -> str:
        """Return what may be written."""
        return "euros : 1500 ou 1500.50"


class Choice(Kind):
    """One word of a closed list; `noun` names it in a fault ("un niveau connu")."""

    def __init__(self, values: Mapping[str, Any] | tuple[str, ...], noun: str) -> None:
        self.values = tuple(values)
        self.noun = noun
        self.schema = {"type": "string", "constraints": {"enum": list(self.values)}}

    def parse(self, text: str) -> str:
        """Return the word."""
        if text in self.values:
            return text
        raise BadCell(_("n'est pas %(noun)s ; attendu : %(values)s", noun=self.noun, values=", ".join(self.values)))

    def hint(self) -> str:
        """Return the list."""
        return ", ".join(self.values)


class ListOf(Kind):
    """Several values separated by `;`: no order of their own, each once."""

    many = True

    def __init__(self, item: Kind) -> None:
        self.item = item

    def parse(self, text: str) -> tuple[str, ...]:
        """Return the values in code-point order."""
        parts = (part.strip() for part in text.split(";"))
        return tuple(sorted({self.item.parse(part) for part in parts if part}))

    def write(self, value: tuple[str, ...]) -> str:
        """Return the values in code-point order; a name's own `;` would make two of it."""
        return ";".join(sorted(part.replace(";", ",") for part in value))

    def hint(self) -> str:
        """Return what may be written."""
        return f"{self.item.hint()} ; plusieurs séparés par « ; »"
