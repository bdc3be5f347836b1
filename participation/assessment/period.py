"""The time of an assessment: a civil year, or one of the contract's two periods of whole years (contract l.2208)."""

import datetime as dt
import re
from dataclasses import dataclass

from flask_babel import gettext as _

PERIODS = {"2024-2026": (2024, 2026), "2027-2030": (2027, 2030)}
"""From signature to mid-term, read in 2027, and from mid-term to the end; indicators.md knows only these two."""

_YEAR = re.compile(r"[12]\d{3}", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Whole civil years of Europe/Paris, first and last included."""

    first_year: int
    last_year: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Return the period named `2025`, `2024-2026` or `2027-2030`. Raises ValueError with a French sentence."""
        if _YEAR.fullmatch(text):
            return cls(int(text), int(text))
        if text in PERIODS:
            return cls(*PERIODS[text])
        raise ValueError(
            _("« %(text)s » n'est pas une année. Écrivez une année comme 2025, ou 2024-2026, ou 2027-2030.", text=text)
        )

    @property
    def first(self) -> dt.date:
        """The first day."""
        return dt.date(self.first_year, 1, 1)

    @property
    def last(self) -> dt.date:
        """The last day."""
        return dt.date(self.last_year, 12, 31)

    @property
    def years(self) -> int:
        """How many years: a cadence's number is multiplied by it."""
        return self.last_year - self.first_year + 1

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    @property
    def name(self) -> str:
        """`2025` or `2024-2026`: in addresses, commands and file names."""
        return str(self.first_year) if self.years == 1 else f"{self.first_year}-{self.last_year}"

    @property
    def before(self) -> "Period | None":
        """The period whose figures stand beside: the year before; the first period for the second; else None."""
        if self.years == 1:
            return Period(self.first_year - 1, self.last_year - 1) if self.first_year > 1000 else None
        earlier = [years for years in PERIODS.values() if years[1] == self.first_year - 1]
        return Period(*earlier[0]) if earlier else None

    def __str__(self) -> str:
        return self.name


DAY = r"(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
"""A date as it is written; which of them exist is the calendar's business."""


def read_day(text: str) -> dt.date:
    """Return the date written `2025-03-14`. Raises ValueError with a French sentence."""
    if re.fullmatch(DAY, text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(_("« %(text)s » n'est pas une date. Écrivez une date comme 2026-01-31.", text=text))
