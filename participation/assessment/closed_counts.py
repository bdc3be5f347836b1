"""What closed versions tell everybody for ever: sums that today's figures must give nothing away with.

A closed version never changes, and today's figures do: what a meeting recorded late adds to them is their difference.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.models import ClosedAssessment
from participation.assessment.period import Period
from participation.assessment.scope import PUBLIC_KINDS, Scope
from participation.assessment.small_count_measures import breakdowns


@dataclass(frozen=True)
class Published:
    """A breakdown that a closed version shows: over which meetings, how many people, of how many.

    `version`: what tells one closed version from another.
    """

    version: int
    code: str
    period: Period
    scope: Scope
    meetings: frozenset[str]
    people: int
    whole: int


_Key = tuple[str, int, str]
_MOST_KEPT = 200
_kept: dict[_Key, list[Published]] = {}
"""Closed versions never change: those read once need not be read again. By database, number and hash."""


def list_published(session: Session, period: Period) -> list[Published]:
    """Return what public closed versions show of the years of `period` and of years told together with them.

    The first closed comes first. Reads one index; the text of each version once in the life of the program.
    """
    query = sa.select(
        ClosedAssessment.id,
        ClosedAssessment.sha256,
        ClosedAssessment.period,
        ClosedAssessment.scope_kind,
        ClosedAssessment.scope_slug,
    ).where(ClosedAssessment.scope_kind.in_(PUBLIC_KINDS))
    # sorted here: by the order of the rows SQLite would read the table, with its long texts
    rows = [(row, Period.parse(row.period)) for row in sorted(session.execute(query), key=lambda row: row.id)]
    span = span_of(period, [one for _, one in rows])
    found: list[Published] = []
    for row, one in rows:
        if _overlap(span, one):
            found += _read(session, row, one)
    return found


def span_of(period: Period, others: Iterable[Period]) -> Period:
    """Return the years of `period`, of the others that share one with it, of those that share one with them..."""
    span, left = period, list(others)
    while near := [one for one in left if _overlap(span, one)]:
        left = [one for one in left if one not in near]
        years = [span, *near]
        span = Period(min(one.first_year for one in years), max(one.last_year for one in years))
    return span


def _overlap(one: Period, other: Period) -> bool:
    return one.first_year <= other.last_year and other.first_year <= one.last_year


def _read(session: Session, row: Any, period: Period) -> list[Published]:
    key = (str(session.get_bind().engine.url), row.id, row.sha256)
    if key not in _kept:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        text = session.scalar(sa.select(ClosedAssessment.public_canonical).where(ClosedAssessment.id == row.id))
        _kept[key] = list(_published(json.loads(text or "{}"), row, period))
    return _kept[key]


def _published(document: dict[str, Any], row: Any, period: Period) -> Iterable[Published]:
    scope = Scope(row.scope_kind, row.scope_slug or None)
    for code in breakdowns():
        figure = document["indicators"].get(code, {})
        if figure.get("value") is not None:
            meetings = frozenset(figure["rows"])
            yield Published(row.id, code, period, scope, meetings, figure["numerator"], figure["denominator"])
