"""From definitions to figures and rows: for each relation one select of aggregates, and one of references if asked.

The number of queries is the same whatever the number of rows. Statements are built once for each kind of scope.
"""

import datetime as dt
import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.frame import Frame, find_frame
from participation.assessment.indicators import INDICATORS, RELATIONS, WHATEVER_THE_PERIOD, Indicator
from participation.assessment.period import Period
from participation.assessment.relations import Relation, Rows
from participation.assessment.results import Assessment, Figure
from participation.assessment.scope import Scope
from participation.assessment.shapes import Shape
from participation.assessment.sql import by_code_point

ROWS, OF_ROWS, MISSING = "rows", "of_rows", "missing"
"""Lists of rows behind a figure: counted, counted among, and left out by its coverage. The last is in no export."""


@dataclass(frozen=True)
class _Described:
    """An indicator as it stands for one kind of scope. `asked`: where its aggregates' values are in the answer."""

    indicator: Indicator
    shape: Shape
    asked: tuple[int, ...]

    def parts(self) -> list[tuple[str, Any]]:
        """Return the conditions of its rows, and of those it counts among if it has any."""
        rows, of_rows = self.shape.conditions()
        return [(ROWS, rows), *([] if of_rows is None else [(OF_ROWS, of_rows)])]


@dataclass(frozen=True)
class _Plan:
    """What is asked of one relation: a select of every aggregate, each once, and a select of every row."""

    relation: Relation
    described: tuple[_Described, ...]
    figures: Rows
    rows: Rows


def assess(
    session: Session, period: Period, scope: Scope, as_of: dt.date | None = None, *, rows: bool = True
) -> Assessment:
    """Return the assessment of `period` in `scope`, read at `as_of` (R; default: today in Europe/Paris).

    With `rows`, each figure carries the sorted references of what it counted and how it is told apart (`by`); without,
    the figures alone, for pages. Raises UnknownPlace. The same data and inputs always give the same figures.
    """
    return assess_frame(session, find_frame(session, period, scope, as_of), rows=rows)


def assess_frame(session: Session, frame: Frame, *, rows: bool = True, beside: Assessment | None = None) -> Assessment:
    """Return the assessment of a frame that was found already.

    `beside`: the assessment, by the same reader, of another period of the same place, read at the same date. What does
    not depend on the period is the same there and is not asked again.
    """
    known = _whatever_the_period(beside, frame) if beside and not rows else {}
    figures: dict[str, Figure] = {}
    for name in RELATIONS:
        figures |= known.get(name) or figures_of(session, name, frame)
        if rows:
            figures |= _with_rows(session, _plan(name, frame.place.scope.kind), frame, figures)
    ordered = {code: figures[code] for code in INDICATORS}
    return Assessment(frame.contract_slug, frame.period, frame.place, frame.as_of, ordered)


def _whatever_the_period(beside: Assessment, frame: Frame) -> dict[str, dict[str, Figure]]:
    assert (beside.place, beside.as_of) == (frame.place, frame.as_of)
    of = {name: [one.code for one in INDICATORS.values() if one.relation == name] for name in WHATEVER_THE_PERIOD}
    return {name: {code: beside.figures[code] for code in codes} for name, codes in of.items()}


def assess_relation(session: Session, code: str, frame: Frame) -> Assessment:
    """Return the figures of one indicator and of those over the same relation, without their rows, in one query.

    Raises KeyError on an unknown code.
    """
    figures = figures_of(session, INDICATORS[code].relation, frame)
    return Assessment(frame.contract_slug, frame.period, frame.place, frame.as_of, figures)


def figures_of(session: Session, relation: str, frame: Frame) -> dict[str, Figure]:
    """Return the figures over one relation, without their rows, in one query."""
    plan = _plan(relation, frame.place.scope.kind)
    values = session.connection().execute(plan.figures, frame.parameters()).one()  # no mapped class: nothing to load
    return {
        one.indicator.code: one.shape.figure([values[place] for place in one.asked], frame) for one in plan.described
    }


@functools.cache
def _plan(name: str, kind: str) -> _Plan:
    relation = RELATIONS[name](kind)
    columns: dict[tuple[str, str], Any] = {}
    described = []
    for indicator in INDICATORS.values():
        if indicator.relation == name:
            shape = indicator.describe(relation.c)
            keys = [_key(column) for column in shape.aggregates()]
            columns |= dict(zip(keys, shape.aggregates(), strict=True))
            places = {key: place for place, key in enumerate(columns)}
            described.append(_Described(indicator, shape, tuple(places[key] for key in keys)))
    conditions = [condition for one in described for _, condition in one.parts()]
    marks = [sa.case((condition, 1), else_=0).label(f"m{number}") for number, condition in enumerate(conditions)]
    labelled = [column.label(f"a{number}") for number, column in enumerate(columns.values())]
    return _Plan(
        relation,
        tuple(described),
        sa.select(*labelled).select_from(relation.facts),
        sa.select(relation.ref, *marks).select_from(relation.source),
    )


def _key(column: Any) -> tuple[str, str]:
    """Return what tells two aggregates apart: several indicators ask for the same one."""
    compiled = column.compile()
    return str(compiled), str(sorted(compiled.params.items()))


def _with_rows(session: Session, plan: _Plan, frame: Frame, figures: Mapping[str, Figure]) -> dict[str, Figure]:
    """Return the figures with their rows: one pass over the relation, with a mark for each condition a row meets."""
    wanted = [(one.indicator.code, part) for one in plan.described for part, _ in one.parts()]
    lists: list[list[str]] = [[] for _ in wanted]
    for row in session.execute(plan.rows, frame.parameters()):
        for refs, mark in zip(lists, row[1:], strict=True):
            if mark:
                refs.append(row[0])
    found: dict[str, dict[str, Any]] = {one.indicator.code: {} for one in plan.described}
    for (code, part), refs in zip(wanted, lists, strict=True):
        found[code][part] = tuple(sorted(refs))
    for one in plan.described:
        if one.shape.by:
            found[one.indicator.code]["by"] = _told_apart(session, plan, one, frame)
    return {code: replace(figures[code], **parts) for code, parts in found.items()}


def told_apart(session: Session, code: str, frame: Frame) -> Mapping[str, Any]:
    """Return `by` of one indicator; empty where it has none. Raises KeyError on an unknown code."""
    plan = _plan(INDICATORS[code].relation, frame.place.scope.kind)
    return _told_apart(session, plan, _one(plan, code), frame)


def _told_apart(session: Session, plan: _Plan, one: _Described, frame: Frame) -> Mapping[str, Any]:
    """Return {grouping: {key: number}}, or {key: {part: number}} where the grouping has several numbers."""
    condition, of = one.shape.conditions()
    told: dict[str, Any] = {}
    for name in one.shape.by:
        query = plan.relation.groupings[name](condition if of is None else of)
        result = session.execute(query, frame.parameters())
        labels = list(result.keys())[1:]
        rows = sorted(result.all(), key=lambda row: str(row[0]))
        if len(labels) == 1:
            told[name] = {row[0]: row[1] for row in rows}
        else:
            told |= {row[0]: dict(zip(labels, row[1:], strict=True)) for row in rows}
    return told


def _one(plan: _Plan, code: str) -> _Described:
    return next(one for one in plan.described if one.indicator.code == code)


def rows_of(
    session: Session, code: str, frame: Frame, part: str = ROWS, *, after: str = "", limit: int | None = None
) -> list[str]:
    """Return the references that a figure counted (`rows`), counted among (`of_rows`), or could not count (`missing`),
    by code point.

    `after` and `limit` give a page of a long list: the rows that come after that reference. Empty where the indicator
    has no such list. Raises KeyError on an unknown code.
    """
    plan = _plan(INDICATORS[code].relation, frame.place.scope.kind)
    described = _one(plan, code)
    condition = described.shape.missing() if part == MISSING else dict(described.parts()).get(part)
    if condition is None:
        return []
    ref = by_code_point(plan.relation.ref)
    query = sa.select(plan.relation.ref).select_from(plan.relation.source).where(condition)
    if after:
        query = query.where(ref > after)
    return list(session.scalars(query.order_by(ref).limit(limit), frame.parameters()))
