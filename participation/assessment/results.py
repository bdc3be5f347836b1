"""What an assessment is once computed: figures, and the rows behind each."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from participation.assessment.period import Period
from participation.assessment.scope import Place

RULES = "1"
"""Version of the definitions (indicators.md): a changed definition is another version, closed years keep theirs."""

NO_MEETING = "aucune_rencontre"
NOT_COUNTED = "non_renseigne"
NOTHING_TO_COUNT = "denominateur_vide"
NO_POPULATION = "population_inconnue"
SMALL_COUNT = "petit_effectif"
"""Why an indicator has no value (interfaces.md, `why`)."""

Number = int | float


@dataclass(frozen=True)
class Coverage:
    """Meetings where the thing was counted, of the meetings where it was to be."""

    counted: int
    of: int


@dataclass(frozen=True)
class Figure:
    """One indicator's value; None is unknown, never zero, and then `why` says why.

    `parts`: whether it is a quotient, with a numerator and a denominator (either may be unknown).
    `rows`, `of_rows`: references of what was counted, sorted by code point; None where they were not asked for, and
    `of_rows` where the indicator has none. `by`: the count told apart.
    """

    value: Number | None
    why: str | None = None
    parts: bool = False
    numerator: int | None = None
    denominator: int | None = None
    covered: bool = False
    coverage: Coverage | None = None
    rows: tuple[str, ...] | None = None
    of_rows: tuple[str, ...] | None = None
    by: Mapping[str, Any] | None = None

    @property
    def is_share(self) -> bool:
        """Whether the value is a part of a whole, between 0 and 1."""
        return self.parts and self.value is not None and self.numerator is not None and 0 <= self.value <= 1


@dataclass(frozen=True)
class Assessment:
    """The figures of one period, place and date of reading, by code, in the order of indicators.md."""

    contract: str
    period: Period
    place: Place
    as_of: dt.date
    figures: Mapping[str, Figure]
    rules: str = RULES
