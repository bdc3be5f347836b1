"""What a meeting's row shows tells of no 1 to 4 residents: no count does, and no subtraction.

Together with the figures of the assessment: tests/assessment/test_rows_and_figures.py.
"""

import itertools
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.exchange.masking import BREAKDOWNS, masked, residents_at_most

SMALL = 5
Row = Mapping[str, int | None]
ALONE = [(name,) for name in BREAKDOWNS]
TOGETHER = [("femmes", "hommes"), ("moins_26", "plus_60")]
"""Columns that count different people: their sum counts people as well."""

counts = st.one_of(st.none(), st.integers(0, 12), st.integers(0, 40))
rows = st.fixed_dictionaries(dict.fromkeys(("participants", "habitants", "elus", "agents", *BREAKDOWNS), counts))


def subtractions(shown: Row) -> Iterator[tuple[str, int]]:
    """Yield every number of residents that a row shows, or that a subtraction makes of what it shows."""
    wholes = {"habitants": shown["habitants"], "au plus": residents_at_most(shown)}
    for names in (*ALONE, *TOGETHER):
        numbers = [shown[name] for name in names]
        if any(number is None for number in numbers):
            continue
        total = sum(number or 0 for number in numbers)
        if len(names) == 1:
            yield names[0], total
        yield from ((f"{whole} - {names}", people - total) for whole, people in wholes.items() if people is not None)


@given(rows)
def test_no_subtraction_within_a_row_gives_a_small_count(values: Row) -> None:
    shown = masked(values, SMALL)
    assert all(shown[name] in (None, values[name]) for name in BREAKDOWNS)
    assert {name: shown[name] for name in ("participants", "habitants", "elus", "agents")} == {
        name: values[name] for name in ("participants", "habitants", "elus", "agents")
    }
    assert [(how, people) for how, people in subtractions(shown) if 0 < people < SMALL] == []


@given(rows)
def test_a_hidden_count_is_not_held_between_close_limits(values: Row) -> None:
    """Where one of a pair is hidden and the other shown, the whole leaves room for more than a small count."""
    shown, whole = masked(values, SMALL), residents_at_most(values)
    for one, other in (pair for both in TOGETHER for pair in itertools.permutations(both)):
        beside, count = shown[other], values[one]
        if count in range(1, SMALL) and beside is not None and whole is not None:
            assert whole - beside >= SMALL


@given(rows)
def test_what_tells_of_nobody_few_stays(values: Row) -> None:
    whole = residents_at_most(values)
    if whole is None:
        return
    for name in ("habitants_qpv", "primo_participants"):
        count = values[name]
        if count is not None and count not in range(1, SMALL) and whole - count not in range(1, SMALL):
            assert masked(values, SMALL)[name] == count


@pytest.mark.parametrize(
    ("values", "empty"),
    [
        ({"habitants": 20, "primo_participants": 18}, {"primo_participants"}),
        ({"habitants": 20, "femmes": 18}, {"femmes"}),
        ({"habitants": 20, "femmes": 10, "hommes": 7}, {"femmes", "hommes"}),
        ({"habitants": 20, "moins_26": 10, "plus_60": 7}, {"moins_26", "plus_60"}),
        ({"habitants": 20, "moins_26": 10, "plus_60": 5}, set()),
        ({"habitants": 20, "moins_26": 10, "plus_60": 10, "habitants_qpv": 20, "primo_participants": 0}, set()),
        ({"habitants": 3, "habitants_qpv": 0}, {"habitants_qpv"}),
        ({"participants": 24, "elus": 3, "agents": 1, "femmes": 18}, {"femmes"}),
        ({"femmes": 18, "hommes": 2}, {"hommes"}),
    ],
)
def test_examples(values: dict[str, int], empty: set[str]) -> None:
    shown = masked(values, SMALL)
    assert {name for name in BREAKDOWNS if name in values and shown[name] is None} == empty
