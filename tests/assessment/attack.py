"""What somebody works out who reads everything that is public: adds pages up, takes one from another, and takes away
what is said of single meetings. Only what is published goes in; nothing here knows the truth.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FEW = 5
"""Fewer people than that are to stay hidden."""
PARTS = {
    "D1.first_time_share": ("primo_participants", ("habitants",)),
    "D2.qpv_share": ("habitants_qpv", ("habitants",)),
    "D3.women_share": ("femmes", ("femmes", "hommes")),
    "D4.under26_share": ("moins_26", ("habitants",)),
    "D4.over60_share": ("plus_60", ("habitants",)),
}
"""Each share of the residents: the column counted, and those that make the whole."""
YOUNG, OLD, WOMEN = "D4.under26_share", "D4.over60_share", "D3.women_share"
Meeting = Mapping[str, int | None]


@dataclass(frozen=True)
class Told:
    """A share that is published somewhere: of whom, and over which meetings."""

    where: str
    code: str
    meetings: frozenset[str]
    part: int
    whole: int


@dataclass(frozen=True)
class Sum:
    """A number of people, over the meetings of which their own number is not known."""

    where: str
    lanes: int
    people: int


def told(where: str, figures: Mapping[str, Any]) -> Iterator[Told]:
    """Return what a document of interfaces.md tells of the residents."""
    for code in PARTS:
        figure = figures[code]
        if figure["value"] is not None:
            yield Told(where, code, frozenset(figure["rows"]), figure["numerator"], figure["denominator"])


def revealed(published: Sequence[Told], meetings: Mapping[str, Meeting]) -> list[str]:
    """Return each small number of people that follows. `meetings`: the counts shown of each, None where it is not."""
    found = []
    for group, sums in groups(published, meetings).items():
        found += [f"{group}: {people} from {where}" for where, people in small(sums)]
    return found


def groups(published: Sequence[Told], meetings: Mapping[str, Meeting]) -> dict[str, list[Sum]]:
    """Return the sums known of each group of people: those counted, the rest, and who is in neither of two shares."""
    reader = _Reader(meetings)
    for one in published:
        part, whole = PARTS[one.code]
        reader.add(one.code, one.where, one.meetings, one.part, reader.of_each([part]))
        rest = reader.of_each(["hommes"]) if one.code == WOMEN else reader.of_each(whole, [part])
        reader.add(f"rest of {one.code}", one.where, one.meetings, one.whole - one.part, rest)
        if one.code == WOMEN:
            reader.neither(one)
    for young, old in itertools.product(published, published):
        if (young.code, old.code) == (YOUNG, OLD):
            reader.between(young, old)
    return reader.sums


class _Reader:
    def __init__(self, meetings: Mapping[str, Meeting]) -> None:
        self.meetings = meetings
        self.lanes = {ref: 1 << 4 * number for number, ref in enumerate(meetings)}
        self.sums: dict[str, list[Sum]] = {}

    def of_each(self, several: Sequence[str], taken: Sequence[str] = ()) -> dict[str, int | None]:
        """Return for each meeting the sum of some columns less others, None where one of them is not shown."""
        return {
            ref: None
            if None in (row[name] for name in (*several, *taken))
            else sum(int(row[name] or 0) for name in several) - sum(int(row[name] or 0) for name in taken)
            for ref, row in self.meetings.items()
        }

    def add(self, group: str, where: str, refs: Iterable[str], people: int, of_each: Mapping[str, int | None]) -> None:
        """Take what is shown of single meetings away from a sum; what is left is of the others."""
        refs = list(refs)
        hidden = sum(self.lanes[ref] for ref in refs if of_each[ref] is None)
        self.sums.setdefault(group, []).append(Sum(where, hidden, people - sum(of_each[ref] or 0 for ref in refs)))

    def residents(self, refs: Iterable[str]) -> int | None:
        counts = [self.meetings[ref]["habitants"] for ref in refs]
        return None if None in counts else sum(count or 0 for count in counts)

    def neither(self, one: Told) -> None:
        there = self.residents(one.meetings)
        if there is not None:
            of_each = self.of_each(["habitants"], ["femmes", "hommes"])
            self.add("neither women nor men", one.where, one.meetings, there - one.whole, of_each)

    def between(self, young: Told, old: Told) -> None:
        """Take one sum from another, where they run over the same meetings but for some that are shown."""
        young_shown, old_shown = self.of_each(["moins_26"]), self.of_each(["plus_60"])
        only_young = [young_shown[ref] for ref in young.meetings - old.meetings]
        only_old = [old_shown[ref] for ref in old.meetings - young.meetings]
        refs = young.meetings & old.meetings
        there = self.residents(refs)
        if there is None or None in only_young or None in only_old:
            return
        people = there - young.part - old.part + sum(count or 0 for count in (*only_young, *only_old))
        of_each = self.of_each(["habitants"], ["moins_26", "plus_60"])
        self.add("from 26 to 59", f"{young.where} with {old.where}", refs, people, of_each)


def small(sums: Iterable[Sum]) -> Iterator[tuple[str, int]]:
    """Put up to three sums together; return each that is a number of few people at certain meetings.

    A meeting is a lane of four bits: what is put together counts it 0 or 1 times, or is no group of people.
    """
    different = list({(one.lanes, one.people): one for one in sums if one.lanes}.values())
    bias = sum(4 << shift for shift in range(0, max((one.lanes for one in different), default=0).bit_length() + 4, 4))
    other_bits = ~(bias >> 2)
    for signs, several in combinations(different):
        people = sum(sign * one.people for sign, one in zip(signs, several, strict=True))
        if 0 < people < FEW:
            lanes = sum(sign * one.lanes for sign, one in zip(signs, several, strict=True)) + bias ^ bias
            if lanes and not lanes & other_bits:
                yield (
                    " and ".join(
                        f"{'-' if sign < 0 else '+'} {one.where}" for sign, one in zip(signs, several, strict=True)
                    ),
                    people,
                )


def combinations(sums: Sequence[Sum]) -> Iterator[tuple[tuple[int, ...], tuple[Sum, ...]]]:
    for one in sums:
        yield (1,), (one,)
    for pair in itertools.permutations(sums, 2):
        yield (1, -1), pair
    for one, other in itertools.combinations(sums, 2):
        for third in sums:
            if third is not one and third is not other:
                yield (1, 1, -1), (one, other, third)
                yield (1, -1, -1), (third, one, other)
