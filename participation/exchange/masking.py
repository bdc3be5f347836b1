"""Small headcounts, hidden in what anybody may read (exchange-format.md; security.md R18)."""

from collections.abc import Mapping
from typing import Any

BREAKDOWNS = ("habitants_qpv", "primo_participants", "femmes", "hommes", "moins_26", "plus_60")
"""Columns that describe the residents present."""
_SHARES = (("femmes", "hommes"), ("moins_26", "plus_60"))
"""Columns that divide the residents between them, so that one may be read off the other and the whole."""


def masked(values: Mapping[str, Any], small: int) -> dict[str, Any]:
    """Return the headcounts of a meeting with those of 1 to `small` - 1 people emptied, and what would give them away.

    With 20 residents, 18 women and 2 men, emptying the 2 alone hides nothing: the 18 goes too. Where the whole leaves
    at least `small` people beside the other share, it tells nothing that the empty cell does not, and stays.
    """
    shown: dict[str, int | None] = {name: values.get(name) for name in BREAKDOWNS}
    hidden = {name for name, count in shown.items() if count is not None and 0 < count < small}
    whole = _residents_at_most(values)
    for pair in _SHARES:
        for one, other in (pair, pair[::-1]):
            beside = shown[other]
            if one in hidden and beside is not None and whole is not None and whole - beside < small:
                hidden.add(other)
    return {**values, **dict.fromkeys(hidden)}


def _residents_at_most(values: Mapping[str, Any]) -> int | None:
    """Return the residents present, or the most there can be by the other counts; None where nothing tells."""
    if values.get("habitants") is not None:
        return int(values["habitants"])
    if values.get("participants") is None:
        return None
    return int(values["participants"]) - int(values.get("elus") or 0) - int(values.get("agents") or 0)
