"""From definitions to figures and rows: one select of aggregates for each relation, one of references if rows are asked.

The number of queries is the same whatever the number of rows.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.frame import Frame, find_frame
from participation.assessment.indicators import INDICATORS, RELATIONS, Indicator
from participation.assessment.period import Period
from participation.assessment.relations import Relation, Rows
from participation.assessment.results import Assessment, Figure
from participation.assessment.scope import Scope
from participation.assessment.shapes import Shape
from participation.assessment.sql import by_code_point

ROWS, OF_ROWS = "rows", "of_rows"


@dataclass(frozen=True)
class _Described:
    """An indicator as it stands for one frame."""

    indicator: Indicator
    relation: Relation
    shape: Shape


def assess(
    session: Session, period: Period, scope: Scope, as_of: dt.date | None = None, *, rows: bool = True
) -> Assessment:
    """Return the assessment of `period` in `scope`, read at `as_of` (R; default: today in Europe/Paris).

    With `rows`, each figure carries the sorted references of what it counted; without, the figures alone, for pages.
    Raises UnknownPlace. The same data and inputs always give the same figures.
    """
    return assess_frame(session, find_frame(session, period, scope, as_of), rows=rows)


def assess_frame(session: Session, frame: Frame, *, rows: bool = True) -> Assessment:
    """Return the assessment of a frame that was found already."""
    figures: dict[str, Figure] = {}
    for relation, described in _by_relation(frame):
        figures |= _figures(session, relation, described)
        if rows:
            figures |= _with_rows(session, relation, described, figures)
    ordered = {code: figures[code] for code in INDICATORS}
    return Assessment(frame.contract_slug, frame.period, frame.place, frame.as_of, ordered)


def _by_relation(frame: Frame) -> Iterator[tuple[Relation, list[_Described]]]:
    for name, build in RELATIONS.items():
        relation = build(frame)
        members = (indicator for indicator in INDICATORS.values() if indicator.relation == name)
        yield relation, [_Described(one, relation, one.describe(relation.c, frame)) for one in members]


def _describe(code: str, frame: Frame) -> _Described:
    indicator = INDICATORS[code]
    relation = RELATIONS[indicator.relation](frame)
    return _Described(indicator, relation, indicator.describe(relation.c, frame))


def _figures(session: Session, relation: Relation, described: list[_Described]) -> dict[str, Figure]:
    columns = [one.shape.aggregates() for one in described]
    flat = [column.label(f"a{number}") for number, column in enumerate(sum(columns, []))]
    values = iter(session.execute(sa.select(*flat).select_from(relation.facts)).one())
    figures = {}
    for one, asked in zip(described, columns, strict=True):
        figure = one.shape.figure([next(values) for _ in asked])
        figures[one.indicator.code] = replace(figure, by=_told_apart(session, one)) if one.shape.by else figure
    return figures


def _told_apart(session: Session, one: _Described) -> Mapping[str, Any]:
    """Return `by`: {grouping: {key: number}}, or {key: {part: number}} where the grouping has several numbers."""
    condition, of = one.shape.conditions()
    told: dict[str, Any] = {}
    for name in one.shape.by:
        result = session.execute(one.relation.groupings[name](condition if of is None else of))
        labels = list(result.keys())[1:]
        rows = sorted(result.all(), key=lambda row: str(row[0]))
        if len(labels) == 1:
            told[name] = {row[0]: row[1] for row in rows}
        else:
            told |= {row[0]: dict(zip(labels, row[1:], strict=True)) for row in rows}
    return told


def _with_rows(
    session: Session, relation: Relation, described: list[_Described], figures: Mapping[str, Figure]
) -> dict[str, Figure]:
    """Return the figures with their rows: one pass over the relation, with a mark for each condition a row meets."""
    wanted = [(one.indicator.code, part, condition) for one in described for part, condition in _parts(one)]
    marks = [sa.case((condition, 1), else_=0).label(f"m{number}") for number, (_, _, condition) in enumerate(wanted)]
    lists: list[list[str]] = [[] for _ in wanted]
    query: Rows = sa.select(relation.ref, *marks).select_from(relation.source)
    for row in session.execute(query):
        for refs, mark in zip(lists, row[1:], strict=True):
            if mark:
                refs.append(row[0])
    found: dict[str, dict[str, Any]] = {}
    for (code, part, _), refs in zip(wanted, lists, strict=True):
        found.setdefault(code, {})[part] = tuple(sorted(refs))
    return {code: replace(figures[code], **parts) for code, parts in found.items()}


def _parts(one: _Described) -> list[tuple[str, Any]]:
    rows, of_rows = one.shape.conditions()
    return [(ROWS, rows), *([] if of_rows is None else [(OF_ROWS, of_rows)])]


def rows_of(
    session: Session, code: str, frame: Frame, part: str = ROWS, *, after: str = "", limit: int | None = None
) -> list[str]:
    """Return the references that a figure counted (`rows`) or counted among (`of_rows`), by code point.

    `after` and `limit` give a page of a long list: the rows that come after that reference. Empty where the indicator
    has no such list. Raises KeyError on an unknown code.
    """
    one = _describe(code, frame)
    conditions = dict(_parts(one))
    if part not in conditions:
        return []
    ref = by_code_point(one.relation.ref)
    query = sa.select(one.relation.ref).select_from(one.relation.source).where(conditions[part])
    if after:
        query = query.where(ref > after)
    return list(session.scalars(query.order_by(ref).limit(limit)))
