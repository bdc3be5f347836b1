"""Fields that read what people really type: dates, clock times, counts, one-line texts, lists of names.

Each keeps what was typed when it cannot read it, and says in French what it can.
"""

import datetime as dt
import re
from typing import Any

from flask_babel import gettext as _
from wtforms import DateField, Field, StringField, TimeField, widgets

LARGEST_COUNT = 100_000
"""More people than any meeting of a contract gathers: beyond, it is a slip of the keyboard."""

_CLOCK = re.compile(r"(\d{1,2})\s*(?:[h:]\s*(\d{2})?)?(?::\d{2})?", re.IGNORECASE)


class DayField(DateField):
    """A civil date (Europe/Paris): what a date picker sends (`2026-03-12`), or `12/03/2026` typed by hand."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the date; empty is None. Raises ValueError with the sentence to show."""
        text = " ".join(valuelist).strip()
        self.data = None
        if not text:
            return
        for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
            try:
                self.data = dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007  # a civil date has no zone
            except ValueError:
                continue
            self.raw_data = [self.data.isoformat()]  # the only form that a date picker shows again
            return
        raise ValueError(_("Cette date n'existe pas. Écrivez une date comme 12/03/2026."))


class ClockField(TimeField):
    """A clock time in Europe/Paris: `18:30`, `18h30`, `18 h`."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the time; empty is None. Raises ValueError with the sentence to show."""
        text = " ".join(valuelist).strip()
        self.data = None
        if not text:
            return
        found = _CLOCK.fullmatch(text)
        if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
            self.data = dt.time(int(found[1]), int(found[2] or 0))
            self.raw_data = [f"{self.data:%H:%M}"]
            return
        raise ValueError(_("Cette heure n'existe pas. Écrivez une heure comme 18:30."))


class CountField(Field):
    """A number of people. Empty is unknown, never zero.

    It is a text box: a number box sends an empty text for what it cannot read, and a mistyped count would be lost.
    """

    widget = widgets.TextInput()

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off", "class": "width-short"})
        super().__init__(label, validators, **kwargs)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the count. Raises ValueError with the sentence to show."""
        text = re.sub(r"\s", "", "".join(valuelist))
        self.data = None
        if not text:
            return
        if not text.isdecimal():
            raise ValueError(_("Écrivez un nombre entier, ou laissez vide si vous ne savez pas."))
        if len(text) > 9 or int(text) > LARGEST_COUNT:
            raise ValueError(_("Ce nombre est trop grand. Vérifiez-le."))
        self.data = int(text)


class LineField(StringField):
    """A text of one line: line ends and repeated blanks become one blank."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the text."""
        if valuelist:
            self.data = " ".join(valuelist[0].split())
