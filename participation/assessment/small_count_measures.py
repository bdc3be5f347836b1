"""What must not be found small in each breakdown of the residents: as columns of a meeting (small_counts.py)."""

import functools
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from participation.assessment.indicators import INDICATORS
from participation.assessment.scoping import Condition
from participation.assessment.shapes import Part
from participation.meetings.models import Meeting

UNDER, OVER = "D4.under26_share", "D4.over60_share"
BETWEEN = "people of 26 to 59"
ONLY_UNDER, ONLY_OVER = "people under 26 alone", "people of 60 and over alone"
PART, REST, BOTH = "part", "rest", "both"


@dataclass(frozen=True)
class Measure:
    """A number of people of a meeting that must not be found small, over the meetings where nobody is shown it.

    `of`: with which of the share's two numbers it changes. `bounded`: each of those numbers is known to be between 1
    and the threshold less one.
    """

    unknown: Condition
    people: Any
    of: str
    bounded: bool = False


@functools.cache
def breakdowns() -> dict[str, Part]:
    """Return the indicators that tell residents apart, over the meetings' own columns."""
    of_meetings = {code: one.describe for code, one in INDICATORS.items() if one.block == "D"}
    described = {code: describe(Meeting) for code, describe in of_meetings.items()}
    return {code: shape for code, shape in described.items() if isinstance(shape, Part)}


def measures(threshold: int) -> dict[str, list[Measure]]:
    """Return what is looked at for each breakdown: the few people where nobody is shown them, and the whole rest."""
    found = {code: _of_one(part, threshold) for code, part in breakdowns().items()}
    young, old = breakdowns()[UNDER], breakdowns()[OVER]
    found[BETWEEN] = _of_between(young, old, threshold)
    for name, one, other in ((ONLY_UNDER, young, old), (ONLY_OVER, old, young)):
        hidden = sa.or_(_few(one.part, threshold), _few(one.rest, threshold))
        found[name] = [Measure(one.counted & other.part.is_(None) & hidden, one.part, PART)]
    return found


def _of_between(young: Part, old: Part, threshold: int) -> list[Measure]:
    """Return the people of 26 to 59 of meetings where both ages are hidden, where only the old are, only the young."""
    between = young.rest - old.part
    few = _few(between, threshold)
    of_young, of_old = (sa.or_(_few(one.part, threshold), _few(one.rest, threshold), few) for one in (young, old))
    unknown = (of_young & of_old, ~of_young & of_old, of_young & ~of_old)
    return [Measure(young.counted & old.counted & one, between, BOTH) for one in unknown]


def _of_one(part: Part, threshold: int) -> list[Measure]:
    rest_is_counted = len(part.whole) > 1  # women and men are both counted; first-timers' rest is a difference
    ends = [(PART, part.part, RESIDENTS - part.part if rest_is_counted else part.rest)]
    if rest_is_counted:
        ends.append((REST, part.rest, RESIDENTS - part.rest))
    found = [_few_of(part, *end, threshold) for end in ends]
    for name, people, left in ends:
        found.append(Measure(part.counted & _few(people, threshold), people, name))
        found.append(Measure(part.counted & _few(left, threshold), left, name if rest_is_counted else REST))
    found.append(Measure(part.counted, part.rest, REST))
    if rest_is_counted:
        neither = RESIDENTS - part.part - part.rest
        found.append(Measure(part.counted & _few(neither, threshold), neither, BOTH))
        found.append(Measure(part.counted & RESIDENTS.is_not(None), neither, BOTH))
    return found


RESIDENTS: Any = sa.func.coalesce(
    Meeting.residents,
    Meeting.participants - sa.func.coalesce(Meeting.elus, 0) - sa.func.coalesce(Meeting.agents, 0),
)
"""Residents present, or the most there can be by the other counts of the meeting's row, which everybody has."""


def _few(people: Any, threshold: int) -> Condition:
    """Whether a number of people is a small count; where it is unknown, it is not."""
    return sa.func.coalesce(people, 0).between(1, threshold - 1)


def _few_of(part: Part, name: str, people: Any, left: Any, threshold: int) -> Measure:
    """Return the measure of a count that open data hide because it is small, or leaves few.

    What is unknown of such a count is a number from 1 to the threshold less one: the count itself, or, where that
    leaves few, how far these are from the threshold. Sums of them tell each where they are the least or the most.
    """
    small, leaves_few = _few(people, threshold), _few(left, threshold)
    unknown = sa.case((small, people), else_=threshold - left)
    return Measure(part.counted & (small | leaves_few), unknown, name, bounded=True)
