"""What follows from published sums of cells: whether a number of few people can be worked out (small_counts.py)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from participation.assessment.linear import in_both, small_sum, span_without
from participation.assessment.small_count_cells import Cell

Sum = frozenset[int]
"""What a figure runs over: cells, by their place in the list."""
Key = TypeVar("Key")


@dataclass(frozen=True)
class Column:
    """The cells that are in exactly the same sums: an unknown. `pattern`: 1 for each sum that it is in, else 0."""

    pattern: tuple[int, ...]
    meetings: int
    people: int


def let_through(candidates: Mapping[Key, Sum], reveals: Callable[[Sequence[Sum]], bool]) -> dict[Key, Sum]:
    """Return the candidates, in their order, each of which gives nothing away with those before it."""
    if not reveals(list(candidates.values())):
        return dict(candidates)
    passed: dict[Key, Sum] = {}
    for key, one in candidates.items():
        if not reveals([*passed.values(), one]):
            passed[key] = one
    return passed


def columns(cells: Sequence[Cell], place: int, sums: Sequence[Sum], *, changes: bool = True) -> list[Column]:
    """Return the unknowns of some sums in the measure at `place`; without `changes`, what changed counts as known."""
    apart: dict[tuple[int, ...], tuple[int, int]] = {}
    for number, cell in enumerate(cells):
        if cell.changed and not changes:
            continue
        pattern = tuple(int(number in one) for one in sums)
        meetings, people = apart.get(pattern, (0, 0))
        apart[pattern] = meetings + cell.numbers[place][0], people + cell.numbers[place][1]
    return [Column(pattern, *apart[pattern]) for pattern in apart if any(pattern)]


def tell_of_few(several: Sequence[Column], threshold: int, *, bounded: bool) -> bool:
    """Whether the sums, put together, tell a small number: `bounded` as in small_count_measures.Measure."""
    return _small(several, threshold) or (bounded and _tight(several, threshold))


def tell_between(both: Sequence[Sequence[Column]], *alone: Sequence[Column], some: int, threshold: int) -> bool:
    """Whether sums of one group and sums of another tell a small number of those who are in neither.

    The first `some` sums are of one group, the others of the other. `both`: the people in neither, where both groups
    were counted and both are hidden, where only the other is, and where only the one is; `alone`: the meetings where
    only the one was counted, or only the other, and nobody is shown the count. What is worked out must be of the same
    meetings for both; a count that everybody is shown can be added to its group's sums, or taken away, at will.
    """
    kept = [(column, shown) for shown, several in enumerate(both) for column in several if column.people]
    large = [one for one in kept if abs(one[0].people) >= threshold]
    small = [one for one in kept if abs(one[0].people) < threshold]
    if not small:
        return False
    shared = [*large, *small]
    patterns = [column.pattern for column, _shown in shared]
    patterns += [column.pattern for one in alone for column in one if column.meetings]
    rows = [list(row) for row in zip(*patterns, strict=True)]
    free = [
        [[int(at == place) for at in range(len(patterns))] for place, (_, shown) in enumerate(shared) if shown == group]
        for group in (1, 2)
    ]
    basis = in_both([*rows[:some], *free[0]], [*rows[some:], *free[1]], len(shared))
    left = span_without(basis, range(len(large)), range(len(large), len(shared)))
    return small_sum(left, [abs(column.people) for column, _shown in small], threshold)


def _by_size(several: Sequence[Column], threshold: int) -> tuple[list[Column], list[Column]]:
    """Return the small numbers and the large ones. Fewer people than before, a negative one, are told as well."""
    known = [column for column in several if column.people]
    return (
        [column for column in known if abs(column.people) < threshold],
        [column for column in known if abs(column.people) >= threshold],
    )


def _small(several: Sequence[Column], threshold: int) -> bool:
    small, large = _by_size(several, threshold)
    return small_sum(_span(small, large), [abs(column.people) for column in small], threshold)


def _tight(several: Sequence[Column], threshold: int) -> bool:
    """Whether hidden counts can be told that are all 1, or all the most that a hidden count is."""
    counted = [column for column in several if column.meetings]
    for each in (1, threshold - 1):
        tight = [column for column in counted if column.people == each * column.meetings]
        if _span(tight, [column for column in counted if column not in tight]):
            return True
    return False


def _span(wanted: Sequence[Column], unwanted: Sequence[Column]) -> list[list[int]]:
    """Return the combinations of the sums that hold columns of `wanted` alone."""
    if not wanted:
        return []
    patterns = [column.pattern for column in (*unwanted, *wanted)]
    rows = [list(row) for row in zip(*patterns, strict=True)]
    return span_without(rows, range(len(unwanted)), range(len(unwanted), len(patterns)))
