"""The few shapes that an indicator can have: a count, a share, a sum, a mean, a part of a headcount, a rate, a median.

A shape holds conditions and columns of a relation. It gives the aggregates to ask for, the figure that they make, and
the conditions of its rows: the same ones, so a figure and its rows cannot disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.sql import operators

from participation.assessment.frame import Frame
from participation.assessment.results import (
    NO_MEETING,
    NO_POPULATION,
    NOT_COUNTED,
    NOTHING_TO_COUNT,
    Coverage,
    Figure,
    Number,
)
from participation.assessment.scoping import Condition

Column = Any
Conditions = tuple[Condition, Condition | None]
"""(which rows were counted, of which rows or None)."""


class Shape(Protocol):
    """What the engine asks of every shape."""

    @property
    def by(self) -> tuple[str, ...]:
        """The relation's groupings by which it is told apart."""
        ...

    def aggregates(self) -> list[Column]:
        """Return what to ask of the relation in one select."""
        ...

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the figure that the aggregates' values make."""
        ...

    def conditions(self) -> Conditions:
        """Return the conditions of `rows` and `of_rows`."""
        ...

    def missing(self) -> Condition | None:
        """Return the condition of the rows that coverage leaves out; None for a figure without coverage."""
        ...


def count(condition: Condition | None = None) -> Column:
    """Return the number of rows that meet the condition. That a column is known is counted the cheapest way."""
    rows = sa.func.count()
    if isinstance(condition, sa.BinaryExpression) and condition.operator is operators.is_not and _is_null(condition):
        return sa.func.count(condition.left)
    return rows if condition is None or isinstance(condition, sa.True_) else rows.filter(condition)


def _is_null(condition: sa.BinaryExpression[bool]) -> bool:
    return isinstance(condition.right, sa.sql.elements.Null)


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)


def _total(summed: Any, rows: int) -> int | None:
    """Return a sum over a headcount: 0 where there is no meeting, unknown where there are and none was counted."""
    return 0 if not rows else _whole(summed)


def _unknown(rows: int) -> str:
    return NOT_COUNTED if rows else NO_MEETING


def _all_known(columns: Sequence[Column]) -> Condition:
    return sa.and_(*(column.is_not(None) for column in columns))


@dataclass(frozen=True)
class Count:
    """The number of rows that meet `where`. `known`: where this could be told (coverage)."""

    where: Condition
    known: Condition | None = None
    by: tuple[str, ...] = ()

    def aggregates(self) -> list[Column]:
        """Return the count, and the two parts of its coverage."""
        return [count(self.where), *([] if self.known is None else [count(self.known), count()])]

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the count."""
        if self.known is None:
            return Figure(int(values[0]))
        return Figure(int(values[0]), covered=True, coverage=Coverage(int(values[1]), int(values[2])))

    def conditions(self) -> Conditions:
        """Return the counted rows."""
        return self.where, None

    def missing(self) -> Condition | None:
        """Return the rows where this could not be told."""
        return None if self.known is None else sa.not_(self.known)


@dataclass(frozen=True)
class Share:
    """Of the rows that meet `of`, those that also meet `where`.

    `among`: for a share of meetings, those it is asked of: there being none is said apart from none of them being
    counted. `covered`: its coverage is `of` among `among`.
    """

    where: Condition
    of: Condition
    among: Condition | None = None
    covered: bool = False
    by: tuple[str, ...] = ()

    def aggregates(self) -> list[Column]:
        """Return numerator, denominator, and how many it is asked of."""
        return [count(self._met()), count(self.of), count(self.of if self.among is None else self.among)]

    def _met(self) -> Condition:
        return sa.and_(self.where, self.of)

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the share, unknown where there is nothing to count."""
        numerator, denominator, asked = map(int, values)
        why = None
        if not denominator:
            why = NOTHING_TO_COUNT
            if self.among is not None and (self.covered or not asked):
                why = _unknown(asked)
        return Figure(
            numerator / denominator if denominator else None,
            why,
            parts=True,
            numerator=numerator,
            denominator=denominator,
            covered=self.covered,
            coverage=Coverage(denominator, asked) if self.covered else None,
        )

    def conditions(self) -> Conditions:
        """Return the numerator's rows and the denominator's."""
        return self._met(), self.of

    def missing(self) -> Condition | None:
        """Return the rows that it is asked of and that are not in its denominator."""
        return sa.and_(sa.true() if self.among is None else self.among, sa.not_(self.of)) if self.covered else None


@dataclass(frozen=True)
class Sum:
    """The sum of a headcount over the meetings where it was taken."""

    column: Column
    by: tuple[str, ...] = ()

    def aggregates(self) -> list[Column]:
        """Return the sum, the meetings where it was counted, and all meetings."""
        return [sa.func.sum(self.column), sa.func.count(self.column), count()]

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the sum: 0 without a meeting, unknown where none was counted."""
        counted, rows = int(values[1]), int(values[2])
        total = _total(values[0], rows)
        why = None if total is not None else NOT_COUNTED
        return Figure(total, why, covered=True, coverage=Coverage(counted, rows))

    def conditions(self) -> Conditions:
        """Return the meetings it runs over."""
        return self.column.is_not(None), None

    def missing(self) -> Condition | None:
        """Return the meetings where it was not counted."""
        return sa.and_(self.column.is_(None))


@dataclass(frozen=True)
class Mean(Sum):
    """A headcount's sum over the number of meetings where it was taken."""

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the mean, unknown where none was counted."""
        counted, rows = int(values[1]), int(values[2])
        total = _total(values[0], rows)
        mean = total / counted if counted and total is not None else None
        why = None if counted else _unknown(rows)
        coverage = Coverage(counted, rows)
        return Figure(mean, why, parts=True, numerator=total, denominator=counted, covered=True, coverage=coverage)


@dataclass(frozen=True)
class Rate(Sum):
    """A headcount's sum for each 1,000 residents of the place."""

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the rate; without a known population it is unknown, whatever was counted."""
        total = super().figure(values, frame)
        population = frame.place.population
        rate: Number | None = None
        why = NO_POPULATION if not population else total.why
        if population and total.value is not None:
            rate = total.value / population * 1000
        numerator = _whole(total.value)
        return Figure(
            rate,
            why,
            parts=True,
            numerator=numerator,
            denominator=population,
            covered=True,
            coverage=total.coverage,
        )


@dataclass(frozen=True)
class Part:
    """A headcount out of the sum of `whole`, over the meetings where all of them were counted."""

    part: Column
    whole: tuple[Column, ...]
    by: tuple[str, ...] = ()

    @property
    def counted(self) -> Condition:
        """The meetings where both parts of the share are known."""
        return _all_known((self.part, *self.whole))

    @property
    def rest(self) -> Column:
        """The people of a meeting who are in the whole and not in the part."""
        return self._sum_of_whole() - self.part

    def _sum_of_whole(self) -> Column:
        total = self.whole[0]
        for column in self.whole[1:]:
            total = total + column
        return total

    def aggregates(self) -> list[Column]:
        """Return numerator, denominator, counted meetings, all meetings."""
        part, whole = sa.func.sum(self.part), sa.func.sum(self._sum_of_whole())
        return [part.filter(self.counted), whole.filter(self.counted), count(self.counted), count()]

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the share, unknown where nothing was counted or nobody was there."""
        counted, rows = int(values[2]), int(values[3])
        numerator, denominator = _total(values[0], rows), _total(values[1], rows)
        why = None
        if not denominator:
            why = NOTHING_TO_COUNT if counted else _unknown(rows)
        return Figure(
            None if why or numerator is None or denominator is None else numerator / denominator,
            why,
            parts=True,
            numerator=numerator,
            denominator=denominator,
            covered=True,
            coverage=Coverage(counted, rows),
        )

    def conditions(self) -> Conditions:
        """Return the meetings it runs over."""
        return self.counted, None

    def missing(self) -> Condition | None:
        """Return the meetings where one of its parts was not counted."""
        return sa.not_(self.counted)


@dataclass(frozen=True)
class Median:
    """The median of a column, of rows that stand for several: `number` of each, `until` counts those up to it.

    `total`: how many there are in all.
    """

    column: Column
    number: Column
    until: Column
    total: Column
    by: tuple[str, ...] = ()

    def aggregates(self) -> list[Column]:
        """Return the two middle values (the same one twice where their number is odd), and how many there are."""
        before, until = 2 * (self.until - self.number), 2 * self.until
        lower = sa.and_(before < self.total, self.total <= until)
        upper = sa.and_(before <= self.total, self.total < until)
        values = [sa.func.sum(self.column).filter(middle) for middle in (lower, upper)]
        return [*values, sa.func.max(self.total)]

    def figure(self, values: Sequence[Any], frame: Frame) -> Figure:
        """Return the median, as a whole number where it is one."""
        if not values[2]:
            return Figure(None, NOTHING_TO_COUNT)
        median = (int(values[0]) + int(values[1])) / 2
        return Figure(int(median) if median.is_integer() else median)

    def conditions(self) -> Conditions:
        """Return all rows."""
        return sa.true(), None

    def missing(self) -> Condition | None:
        """Return nothing: it has no coverage."""
        return None
