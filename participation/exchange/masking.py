"""Small headcounts, hidden in what anybody may read (exchange-format.md; security.md R18).

Hidden as well is what a subtraction makes of the counts of one row: with 20 residents, 18 first-timers tell of 2 who
had come before. The same conditions, in SQL, guard the figures of the assessment (assessment/small_counts.py).
"""

from collections.abc import Mapping
from typing import Any

BREAKDOWNS = ("habitants_qpv", "primo_participants", "femmes", "hommes", "moins_26", "plus_60")
"""Columns that describe the residents present."""
_SHARES = (("femmes", "hommes"), ("moins_26", "plus_60"))
"""Columns that divide the residents between them, so that one may be read off the other and the whole."""


def masked(values: Mapping[str, Any], small: int) -> dict[str, Any]:
    """Return the headcounts of a meeting, emptied where they tell of 1 to `small` - 1 people.

    Emptied is a count that is small, one that leaves few of the residents, and a pair that leaves few between them
    (those of 26 to 59, those counted neither as women nor as men). Nobody (0) and everybody tell of no few people.
    """
    whole = residents_at_most(values)
    shown: dict[str, int | None] = {name: values.get(name) for name in BREAKDOWNS}
    hidden = {name for name, count in shown.items() if count is not None and _tells_of_few(count, whole, small)}
    for one, other in _SHARES:
        first, second = shown[one], shown[other]
        if whole is None or first is None or second is None:
            continue
        if 0 < whole - first - second < small or _read_off(hidden, {one: first, other: second}, whole, small):
            hidden |= {one, other}
    return {**values, **dict.fromkeys(hidden)}


def _tells_of_few(count: int, whole: int | None, small: int) -> bool:
    return 0 < count < small or (whole is not None and 0 < whole - count < small)


def _read_off(hidden: set[str], pair: Mapping[str, int], whole: int, small: int) -> bool:
    """Whether what is shown of a pair leaves so few that the hidden one follows."""
    shown = [count for name, count in pair.items() if name not in hidden]
    return len(shown) == 1 and whole - shown[0] < small


def residents_at_most(values: Mapping[str, Any]) -> int | None:
    """Return the residents present, or the most there can be by the other counts; None where nothing tells."""
    if values.get("habitants") is not None:
        return int(values["habitants"])
    if values.get("participants") is None:
        return None
    return int(values["participants"]) - int(values.get("elus") or 0) - int(values.get("agents") or 0)
