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
* for a period, the same figures of each of its years;
* closed versions, which stay as they were: their figures come first, and are never taken back.

So a set of figures is safe to publish when no combination of its equations gives a sum of cells that is a small count.
A combination that does holds small cells only (empty ones are taken as known), so the space of all combinations in
which every large cell disappears is searched: however many pages are put together. Two things more are looked at:
hidden counts of which the sum is the least or the most that it can be (three that make 3, or 12) are as good as
published; and the people of 26 to 59, who are what sums of the two figures of D4 leave over the same meetings.

Figures are published in a fixed order, widest scope first: the contract, communes, quartiers; each year before the
period. One is withheld if it would give a small count away together with those before it: the same data always give
the same answer, and no page depends on who asked for what before.

Of a closed version, the meetings that it counted and today's figure does not, and the other way round, are cells of
their own. So are those that it counted and that were cancelled since: they may come back, with the counts that their
pages show; what else makes the two differ, such as a count put right since, is one more unknown, in that sum alone.

Withheld: value, numerator and denominator. Meetings, coverage and lists stay: they are public and tell no headcount.
A page that somebody kept from yesterday still tells what a meeting recorded today adds.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from participation.assessment.closed_counts import Published, list_published, span_of
from participation.assessment.period import Period
from participation.assessment.results import SMALL_COUNT, Assessment, Figure
from participation.assessment.scope import Scope
from participation.assessment.small_count_cells import Cell, Held, Places, find_places, list_cells, list_gone, list_held
from participation.assessment.small_count_measures import (
    BETWEEN,
    BOTH,
    ONLY_OVER,
    ONLY_UNDER,
    OVER,
    PART,
    REST,
    UNDER,
    Measure,
    breakdowns,
    measures,
)
from participation.assessment.small_count_sums import Sum, columns, let_through, tell_between, tell_of_few

Label = tuple[Scope, Period]
Check = Callable[[Sequence[Sum]], bool]


def for_public(session: Session, assessment: Assessment, threshold: int) -> Assessment:
    """Return the assessment as anybody may read it: breakdowns that tell of 1 to `threshold` - 1 people withheld.

    Four queries, whatever the number of rows, and one more where something is closed; none where the assessment holds
    no breakdown.
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
    published = list_published(session, period)
    span = span_of(period, [one.period for one in published])
    places, looked_at = find_places(session), measures(threshold)
    end = span.last if published else as_of  # what was closed may count meetings after the day of reading
    held = list_held(session, span, end, places) if published else {}
    gone = list_gone(session, {ref for one in published for ref in one.meetings} - held.keys(), places)
    later = {ref for ref, one in held.items() if one.day > as_of}
    alone = later.union(gone, *(_differing(one, held, places) for one in published))
    flat = [one for several in looked_at.values() for one in several]
    cells = list_cells(session, span, end, places, flat, alone=alone, gone=gone)
    review = _Review(places, cells, looked_at, threshold, held | gone)
    labels = _labels(period, span, places)
    now = {label: review.sum_of(label, without=later.union(gone)) for label in labels}
    passed = review.passed(now, published)
    everywhere = {scope for scope, one in labels if one == period}
    return {code: everywhere - {scope for scope, one in labels if one == period} for code, labels in passed.items()}


def _labels(period: Period, span: Period, places: Places) -> list[Label]:
    """Return the figures in the order in which they are let through: widest scope first, years before a period."""
    years = [Period(year, year) for year in range(span.first_year, span.last_year + 1)]
    periods = years if period in years else [*years, period]
    return [(scope, one) for one in periods for scope in (Scope(), *places.scopes)]


def _differing(one: Published, held: Mapping[str, Held], places: Places) -> set[str]:
    """Return the meetings that a closed version counted and that would not count now, and the other way round."""
    now = {
        ref
        for ref, meeting in held.items()
        if one.code in meeting.people and _is_in((one.scope, one.period), meeting.day.year, meeting.scopes, places)
    }
    return (now ^ one.meetings) & held.keys()


def _is_in(label: Label, year: int, scopes: int, places: Places) -> bool:
    scope, period = label
    bit = places.bit(scope)
    return period.first_year <= year <= period.last_year and (bit is None or bool(scopes & bit))


class _Review:
    """Goes through the figures in order and lets each pass that gives nothing away with those before it."""

    def __init__(
        self,
        places: Places,
        cells: Sequence[Cell],
        looked_at: Mapping[str, Sequence[Measure]],
        threshold: int,
        held: Mapping[str, Held],
    ) -> None:
        self.places = places
        self.cells = list(cells)
        self.threshold = threshold
        self.held = held
        self.numbers: dict[str, list[tuple[int, Measure]]] = {}
        """By code: where the numbers of its measures are in a cell."""
        count = 0
        for code, several in looked_at.items():
            self.numbers[code] = list(enumerate(several, start=count))
            count += len(several)
        self.size = count

    def sum_of(self, label: Label, *, without: set[str]) -> Sum:
        """Return what a figure of today runs over; `without`: meetings of later days."""
        return frozenset(
            place
            for place, cell in enumerate(self.cells)
            if cell.ref not in without and not cell.changed and _is_in(label, cell.year, cell.scopes, self.places)
        )

    def passed(self, now: Mapping[Label, Sum], published: Sequence[Published]) -> dict[str, set[Label]]:
        """Return the figures that may be shown of each breakdown."""
        closed = {code: [self._closed_sum(one) for one in published if one.code == code] for code in breakdowns()}
        found = {code: self._pass(code, now, closed[code]) for code in breakdowns()}
        found[UNDER], found[OVER] = self._pass_between(found[UNDER], found[OVER], closed[UNDER], closed[OVER])
        return {code: set(labels) for code, labels in found.items()}

    def _pass(self, code: str, now: Mapping[Label, Sum], closed: Sequence[Sum]) -> dict[Label, Sum]:
        checks = [
            self._check(place, measure, closed, changes=changes)
            for place, measure in self.numbers[code]
            for changes in ((True, False) if any(cell.changed for cell in self.cells) else (True,))
        ]
        return let_through(now, lambda sums: any(check(sums) for check in checks))

    def _check(self, place: int, measure: Measure, closed: Sequence[Sum], *, changes: bool) -> Check:
        """Return what tells whether sums reveal a measure beside closed versions, which come first.

        What these give away by themselves is done, and is looked at no more.
        """

        def reveals(sums: Sequence[Sum]) -> bool:
            several = columns(self.cells, place, sums, changes=changes)
            return tell_of_few(several, self.threshold, bounded=measure.bounded)

        given = list(let_through(dict(enumerate(closed)), reveals).values())
        return lambda sums: reveals([*given, *sums])

    def _pass_between(
        self, young: dict[Label, Sum], old: dict[Label, Sum], closed_young: list[Sum], closed_old: list[Sum]
    ) -> tuple[dict[Label, Sum], dict[Label, Sum]]:
        """Withhold what would tell of the people between the two ages, by sums of the one and of the other."""
        given = list(
            let_through(dict(enumerate(closed_old)), lambda sums: self._tells_between(closed_young, sums)).values()
        )
        young = let_through(young, lambda sums: self._tells_between([*closed_young, *sums], given))
        all_young = [*closed_young, *young.values()]
        return young, let_through(old, lambda sums: self._tells_between(all_young, [*given, *sums]))

    def _tells_between(self, young: Sequence[Sum], old: Sequence[Sum]) -> bool:
        only_young, only_old = (self.numbers[code][0][0] for code in (ONLY_UNDER, ONLY_OVER))
        return tell_between(
            [columns(self.cells, place, [*young, *old], changes=False) for place, _measure in self.numbers[BETWEEN]],
            columns(self.cells, only_young, [*young, *[frozenset[int]()] * len(old)], changes=False),
            columns(self.cells, only_old, [*[frozenset[int]()] * len(young), *old], changes=False),
            some=len(young),
            threshold=self.threshold,
        )

    # Closed versions

    def _closed_sum(self, one: Published) -> Sum:
        """Return what a closed figure runs over, as its meetings are now, with what changed since as one more cell."""
        cells = {place for place, cell in enumerate(self.cells) if not cell.changed and self._was_in(one, cell)}
        changed = self._changed(one)
        if any(changed.values()):
            numbers = [(0, 0)] * self.size
            for place, measure in self.numbers[one.code]:
                people = changed[measure.of]
                numbers[place] = (int(people != 0), people)
            cells.add(len(self.cells))
            self.cells.append(Cell(0, 0, tuple(numbers), changed=True))
        return frozenset(cells)

    def _was_in(self, one: Published, cell: Cell) -> bool:
        if cell.ref:
            return cell.ref in one.meetings
        return _is_in((one.scope, one.period), cell.year, cell.scopes, self.places)

    def _changed(self, one: Published) -> dict[str, int]:
        """Return by how much its people differ from what its meetings have now: counts put right, or gone."""
        people, whole = one.people, one.whole
        for ref in one.meetings & self.held.keys():
            part_now, whole_now = self.held[ref].people.get(one.code, (0, 0))
            people, whole = people - part_now, whole - whole_now
        return {PART: people, REST: whole - people, BOTH: whole}
