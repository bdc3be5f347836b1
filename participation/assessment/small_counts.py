"""What the public may not read: the one place of the rule on small counts (interfaces.md; security.md R18).

A breakdown of the residents present (D1 to D4) that would tell of 1 to 4 people (`Settings.small_count` less one) has
no public value. Who was there can be recognised in such a count; and so can those who are NOT in it, hence the rule
holds for the rest as well (residents who had come before, men, people of 26 and over).

Nor may anybody work such a count out. What the public has of one year, beside the figure:

* the same figure of every other public scope: the contract, each commune, each quartier. Scopes overlap, so their sums
  can be added and taken away from each other. All of them together are a system of linear equations whose unknowns
  are the cells: the meetings that belong to exactly the same public scopes, since nothing tells two meetings of one
  cell apart;
* for each meeting, the headcounts that its page and the open data show: all but those of 1 to 4 and those that leave
  1 to 4 of the residents. They are taken out of each cell: what is left to protect is the sum over its meetings with
  a hidden count;
* for a period, the same figures of each of its years.

So a set of figures is safe to publish when no combination of its equations gives a sum of cells that is a small count.
A combination that does holds small cells only (empty ones are taken as known), so the space of all combinations in
which every large cell disappears is searched: however many pages are put together. Two things more are looked at:
hidden counts of which the sum is the least or the most that it can be (three that make 3, or 12) are as good as
published; and the people of 26 to 59, who are what the two figures of D4 leave where both run over the same meetings.

Figures are published in a fixed order, widest scope first: the contract, communes, quartiers; each year before the
period. One is withheld if it would give a small count away together with those before it: the same data always give
the same answer, and no page depends on who asked for what before.

Withheld: value, numerator and denominator. Meetings, coverage and lists stay: they are public and tell no headcount.
Only the current state is protected so: a page kept from yesterday tells what a meeting recorded today adds.
"""

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.indicators import INDICATORS
from participation.assessment.linear import small_sum, span_without
from participation.assessment.period import Period
from participation.assessment.results import SMALL_COUNT, Assessment, Figure
from participation.assessment.scope import Scope
from participation.assessment.scoping import Condition, meeting_counts
from participation.assessment.shapes import Part
from participation.bodies.models import body_commune, body_quartier
from participation.contract.models import Commune, Quartier
from participation.meetings.models import Meeting, meeting_body, meeting_quartier

UNDER, OVER = "D4.under26_share", "D4.over60_share"
_BETWEEN = "people of 26 to 59"
_ONE_ONLY = "meetings where only one of the two was counted"
_BITS = 60
"""Scopes told apart by one integer column."""


@dataclass(frozen=True)
class Measure:
    """A number of people of a meeting that must not be found small, over the meetings where nobody is shown it.

    `bounded`: each of those numbers is known to be between 1 and the threshold less one.
    """

    unknown: Condition
    people: Any
    bounded: bool = False


@dataclass(frozen=True)
class Cell:
    """The meetings of one year that belong to the same public scopes.

    `scopes`: one bit for each. `numbers`: for each measure, its meetings and their people.
    """

    year: int
    scopes: int
    numbers: tuple[tuple[int, int], ...]


Label = tuple[Scope, Period]
Sum = frozenset[int]
"""What a figure runs over: cells, by their place in the list."""


def for_public(session: Session, assessment: Assessment, threshold: int) -> Assessment:
    """Return the assessment as anybody may read it: breakdowns that tell of 1 to `threshold` - 1 people withheld.

    Three queries, whatever the number of rows; none where the assessment holds no breakdown.
    """
    if assessment.figures.keys().isdisjoint(breakdowns()):
        return assessment
    held_back = withheld(session, assessment.period, assessment.as_of, threshold)
    codes = {code for code, scopes in held_back.items() if assessment.place.scope in scopes}
    figures = {code: hide(figure) if code in codes else figure for code, figure in assessment.figures.items()}
    return replace(assessment, figures=figures)


def hide(figure: Figure) -> Figure:
    """Return the figure with what it says withheld."""
    if figure.value is None:
        return figure  # there is nothing to withhold, and saying so would be untrue
    return replace(figure, value=None, why=SMALL_COUNT, numerator=None, denominator=None)


def withheld(session: Session, period: Period, as_of: dt.date, threshold: int) -> dict[str, set[Scope]]:
    """Return, for each breakdown, the public scopes of which the period's figure is withheld."""
    communes = list(session.execute(sa.select(Commune.id, Commune.slug).order_by(Commune.position, Commune.id)))
    quartiers = list(session.execute(sa.select(Quartier.id, Quartier.slug).order_by(Quartier.position, Quartier.id)))
    scopes = [*(Scope("commune", slug) for _, slug in communes), *(Scope("quartier", slug) for _, slug in quartiers)]
    measures = _measures(threshold)
    places = [id_ for id_, _ in communes], [id_ for id_, _ in quartiers]
    cells = _cells(session, period, as_of, places, [one for several in measures.values() for one in several])
    return _Review(scopes, cells, measures, threshold, period).withheld()


@functools.cache
def breakdowns() -> dict[str, Part]:
    """Return the indicators that tell residents apart, over the meetings' own columns."""
    of_meetings = {code: one.describe for code, one in INDICATORS.items() if one.block == "D"}
    described = {code: describe(Meeting) for code, describe in of_meetings.items()}
    return {code: shape for code, shape in described.items() if isinstance(shape, Part)}


def _measures(threshold: int) -> dict[str, list[Measure]]:
    """Return what is looked at for each breakdown: the few people where nobody is shown them, and the whole rest."""
    found = {}
    for code, part in breakdowns().items():
        rest_is_counted = len(part.whole) > 1  # women and men are both counted; first-timers' rest is a difference
        ends = [(part.part, part.rest if not rest_is_counted else RESIDENTS - part.part)]
        if rest_is_counted:
            ends.append((part.rest, RESIDENTS - part.rest))
        found[code] = [_few_of(part, *end, threshold) for end in ends]
        found[code] += [
            *(Measure(part.counted & _few(people, threshold), people) for end in ends for people in end),
            Measure(part.counted, part.rest),
        ]
        if rest_is_counted:
            neither = RESIDENTS - part.part - part.rest
            few = part.counted & _few(neither, threshold)
            found[code] += [Measure(few, neither), Measure(part.counted & RESIDENTS.is_not(None), neither)]
    young, old = breakdowns()[UNDER], breakdowns()[OVER]
    between = young.rest - old.part
    counts = (young.part, young.rest, old.part, old.rest, between)
    either_hidden = sa.or_(*(_few(count, threshold) for count in counts))
    found[_BETWEEN] = [
        Measure(young.counted & old.counted & either_hidden, between),
        Measure(young.counted & old.counted, between),
    ]
    only_one = (young.counted & old.part.is_(None)) | (old.counted & young.part.is_(None))
    found[_ONE_ONLY] = [Measure(only_one, sa.literal(0))]
    return found


RESIDENTS: Any = sa.func.coalesce(
    Meeting.residents,
    Meeting.participants - sa.func.coalesce(Meeting.elus, 0) - sa.func.coalesce(Meeting.agents, 0),
)
"""Residents present, or the most there can be by the other counts of the meeting's row, which everybody has."""


def _few(people: Any, threshold: int) -> Condition:
    """Whether a number of people is a small count; where it is unknown, it is not."""
    return sa.func.coalesce(people, 0).between(1, threshold - 1)


def _few_of(part: Part, people: Any, left: Any, threshold: int) -> Measure:
    """Return the measure of a count that open data hide because it is small, or leaves few.

    What is unknown of such a count is a number from 1 to the threshold less one: the count itself, or, where that
    leaves few, how far these are from the threshold. Sums of them tell each where they are the least or the most.
    """
    small, leaves_few = _few(people, threshold), _few(left, threshold)
    unknown = sa.case((small, people), else_=threshold - left)
    return Measure(part.counted & (small | leaves_few), unknown, bounded=True)


def _belonging(communes: Sequence[int], quartiers: Sequence[int]) -> sa.CompoundSelect[Any]:
    """Return a select of (meeting, number of a public scope it is in, the contract aside), each pair once.

    Scopes are numbered in their order, communes first; a meeting belongs as in `scoping.meeting_belongs`.
    """
    number = {id_: place for place, id_ in enumerate(communes)}
    number_of_quartier = {id_: place for place, id_ in enumerate(quartiers, start=len(communes))}
    names_one = sa.select(sa.literal(1)).where(meeting_quartier.c.meeting_id == meeting_body.c.meeting_id).exists()
    return sa.union(
        sa.select(meeting_body.c.meeting_id, _numbered(body_commune.c.commune_id, number)).join(
            body_commune, body_commune.c.body_id == meeting_body.c.body_id
        ),
        sa.select(meeting_quartier.c.meeting_id, _numbered(meeting_quartier.c.quartier_id, number_of_quartier)),
        sa.select(meeting_body.c.meeting_id, _numbered(body_quartier.c.quartier_id, number_of_quartier))
        .join(body_quartier, body_quartier.c.body_id == meeting_body.c.body_id)
        .where(~names_one),
    )


def _numbered(column: Any, numbers: dict[int, int]) -> Any:
    return (sa.case(numbers, value=column) if numbers else sa.literal(None, sa.Integer)).label("number")


def _bits(number: Any, size: int) -> list[Any]:
    """Return integer columns that hold one bit for each of `size` scopes."""
    columns = []
    for start in range(0, max(size, 1), _BITS):
        powers = {start + place: sa.literal(2**place, sa.BigInteger) for place in range(_BITS)}
        bit = sa.case(powers, value=number, else_=sa.literal(0, sa.BigInteger))
        columns.append(sa.cast(sa.func.sum(bit), sa.BigInteger).label(f"bits{start}"))
    return columns


def _cells(
    session: Session,
    period: Period,
    as_of: dt.date,
    places: tuple[Sequence[int], Sequence[int]],
    measures: list[Measure],
) -> list[Cell]:
    """Return the cells of the period's meetings, read at `as_of`, with the numbers of every measure."""
    pairs = _belonging(*places).subquery("pairs")
    bits = _bits(pairs.c.number, sum(map(len, places)))
    scopes = sa.select(pairs.c.meeting_id, *bits).group_by(pairs.c.meeting_id).subquery("scopes")
    groups = [sa.extract("year", Meeting.held_on), *(scopes.c[column.name] for column in bits)]
    numbers = [
        column
        for one in measures
        for column in (sa.func.count().filter(one.unknown), sa.func.sum(one.people).filter(one.unknown))
    ]
    query: sa.Select[*tuple[Any, ...]] = (
        sa.select(*groups, *(column.label(f"n{place}") for place, column in enumerate(numbers)))
        .select_from(sa.outerjoin(Meeting, scopes, scopes.c.meeting_id == Meeting.id))
        .where(meeting_counts())
        .group_by(*groups)
    )
    rows = session.execute(query, {"first": period.first, "end": min(as_of, period.last)})
    return [_cell([int(value or 0) for value in row], len(bits)) for row in rows]


def _cell(values: list[int], columns: int) -> Cell:
    year, bits, numbers = values[0], values[1 : 1 + columns], values[1 + columns :]
    scopes = sum(value << place * _BITS for place, value in enumerate(bits))
    return Cell(year, scopes, tuple(zip(numbers[::2], numbers[1::2], strict=True)))


class _Review:
    """Goes through the figures in order and lets each pass that gives nothing away with those before it."""

    def __init__(
        self,
        scopes: Sequence[Scope],
        cells: Sequence[Cell],
        measures: Mapping[str, Sequence[Measure]],
        threshold: int,
        period: Period,
    ) -> None:
        self.scopes = scopes
        self.cells = cells
        self.threshold = threshold
        self.period = period
        self.places: dict[str, list[tuple[int, bool]]] = {}
        """By code: where the numbers of its measures are in a cell, and whether they are bounded."""
        count = 0
        for code, several in measures.items():
            self.places[code] = [(count + place, one.bounded) for place, one in enumerate(several)]
            count += len(several)

    def withheld(self) -> dict[str, set[Scope]]:
        """Return the scopes withheld of each breakdown, for the period itself."""
        labels = self._labels()
        published = {code: self._pass(code, labels) for code in breakdowns()}
        both = [label for label in labels if label in published[UNDER] and label in published[OVER]]
        both = [label for label in both if not self._counted_apart(label)]
        published[OVER] -= set(both) - self._pass(_BETWEEN, both)
        everywhere = {scope for scope, period in labels if period == self.period}
        return {
            code: everywhere - {scope for scope, period in passed if period == self.period}
            for code, passed in published.items()
        }

    def _labels(self) -> list[Label]:
        years = range(self.period.first_year, self.period.last_year + 1)
        periods = [Period(year, year) for year in years] if len(years) > 1 else []
        return [(scope, period) for period in (*periods, self.period) for scope in (Scope(), *self.scopes)]

    def _sum(self, label: Label) -> Sum:
        scope, period = label
        bit = None if scope == Scope() else 1 << self.scopes.index(scope)
        years = range(period.first_year, period.last_year + 1)
        return frozenset(
            place for place, cell in enumerate(self.cells) if cell.year in years and (bit is None or cell.scopes & bit)
        )

    def _counted_apart(self, label: Label) -> bool:
        """Whether young and old were counted at different meetings: then the two figures leave no group between."""
        (place, _), *_rest = self.places[_ONE_ONLY]
        return any(self.cells[cell].numbers[place][0] for cell in self._sum(label))

    def _pass(self, code: str, labels: Iterable[Label]) -> set[Label]:
        wanted = {label: self._sum(label) for label in labels}
        if not self._reveals(code, list(wanted.values())):
            return set(wanted)
        passed: dict[Label, Sum] = {}
        for label, one in wanted.items():
            if not self._reveals(code, [*passed.values(), one]):
                passed[label] = one
        return set(passed)

    def _reveals(self, code: str, sums: Sequence[Sum]) -> bool:
        return any(self._reveals_measure(place, bounded, sums) for place, bounded in self.places[code])

    def _reveals_measure(self, place: int, bounded: bool, sums: Sequence[Sum]) -> bool:
        """Whether the sums, put together, tell a small number of the measure at `place`."""
        apart: dict[tuple[int, ...], tuple[int, int]] = {}
        for number, cell in enumerate(self.cells):
            pattern = tuple(int(number in one) for one in sums)
            meetings, people = apart.get(pattern, (0, 0))
            apart[pattern] = meetings + cell.numbers[place][0], people + cell.numbers[place][1]
        columns = [(pattern, *apart[pattern]) for pattern in apart if any(pattern)]
        return self._small(columns) or (bounded and self._tight(columns))

    def _small(self, columns: Sequence[tuple[tuple[int, ...], int, int]]) -> bool:
        small = [column for column in columns if 0 < column[2] < self.threshold]
        large = [column for column in columns if column[2] >= self.threshold]
        basis = _span(small, large)
        return small_sum(basis, [people for _, _, people in small], self.threshold)

    def _tight(self, columns: Sequence[tuple[tuple[int, ...], int, int]]) -> bool:
        """Whether hidden counts can be told that are all 1, or all the most that a hidden count is."""
        counted = [column for column in columns if column[1]]
        for each in (1, self.threshold - 1):
            tight = [column for column in counted if column[2] == each * column[1]]
            if _span(tight, [column for column in counted if column not in tight]):
                return True
        return False


def _span(
    wanted: Sequence[tuple[tuple[int, ...], int, int]], unwanted: Sequence[tuple[tuple[int, ...], int, int]]
) -> list[list[int]]:
    """Return the combinations of the sums that hold columns of `wanted` alone."""
    if not wanted:
        return []
    patterns = [pattern for pattern, _, _ in (*unwanted, *wanted)]
    rows = [list(row) for row in zip(*patterns, strict=True)]
    return span_without(rows, range(len(unwanted)), range(len(unwanted), len(patterns)))
