"""Figures as interfaces.md writes them in JSON, from what was counted by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

Coverage = tuple[int, int] | None
NOTHING = {"value": None, "why": "denominateur_vide", "numerator": 0, "denominator": 0, "coverage": None}
"""A share among none."""


def count(*rows: str, **more: Any) -> dict[str, Any]:
    """Return a count: its rows' number is the figure."""
    return {"value": len(rows), "rows": sorted(rows), **more}


def share(rows: Sequence[str], of_rows: Sequence[str], coverage: Coverage = None) -> dict[str, Any]:
    """Return a share of rows among others."""
    return {
        "value": len(rows) / len(of_rows),
        "numerator": len(rows),
        "denominator": len(of_rows),
        "coverage": covered(coverage),
        "rows": sorted(rows),
        "of_rows": sorted(of_rows),
    }


def total(value: int, rows: Sequence[str], of: int) -> dict[str, Any]:
    """Return a sum over the meetings where it was counted, of `of` in scope."""
    return {"value": value, "coverage": covered((len(rows), of)), "rows": sorted(rows)}


def quotient(numerator: int, denominator: int, rows: Sequence[str], of: int, times: int = 1) -> dict[str, Any]:
    """Return a share, mean or rate of people, over the meetings where both parts were counted, of `of` in scope."""
    return {
        "value": numerator / denominator * times,
        "numerator": numerator,
        "denominator": denominator,
        "coverage": covered((len(rows), of)),
        "rows": sorted(rows),
    }


def covered(coverage: Coverage) -> dict[str, int] | None:
    """Return (counted, of) as JSON has it."""
    return None if coverage is None else {"counted": coverage[0], "of": coverage[1]}


def of(figures: Mapping[str, Any], *codes: str) -> dict[str, Any]:
    """Return the figures of these codes, to be compared with what was counted."""
    return {code: figures[code] for code in codes}


def values(figures: Mapping[str, Any], *codes: str) -> dict[str, Any]:
    """Return the values of these codes."""
    return {code: figures[code]["value"] for code in codes}
