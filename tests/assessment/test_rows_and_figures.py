"""A meeting's row in the open data, and the public figures of a place with that meeting alone: no small count."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from participation.assessment.engine import assess
from participation.assessment.period import Period
from participation.assessment.results import Figure
from participation.assessment.scope import Scope
from participation.assessment.small_counts import for_public
from participation.exchange.masking import masked, residents_at_most
from tests.assessment.conftest import Fill
from tests.assessment.test_small_counts import READ_ON, two_communes

PARTS = {
    "D1.first_time_share": "primo_participants",
    "D2.qpv_share": "habitants_qpv",
    "D3.women_share": "femmes",
    "D4.under26_share": "moins_26",
    "D4.over60_share": "plus_60",
}
Counts = dict[str, int | None]


def some_counts(chance: random.Random) -> Counts:
    """Headcounts of one meeting, crowded around the threshold at both ends; women and men need not make the whole."""
    residents = chance.choice((3, 6, 9, 12, 20, 40))

    def near(whole: int) -> int:
        return min(whole, max(0, chance.choice((0, 2, 5, 6, whole // 2, whole - 6, whole - 5, whole - 2, whole))))

    women, young = near(residents), near(residents)
    counts: Counts = {
        "habitants_qpv": near(residents),
        "primo_participants": near(residents),
        "femmes": women,
        "hommes": near(residents - women),
        "moins_26": young,
        "plus_60": near(residents - young),
        "habitants": residents,
        "elus": chance.choice((None, 0, 3)),
        "agents": None,
    }
    counts["participants"] = residents + (counts["elus"] or 0)
    if chance.random() < 0.2:
        counts["habitants"] = None
    return counts


def told(shown: dict[str, Any], figures: dict[str, Figure]) -> Iterator[tuple[str, int]]:
    """Yield the numbers of residents that follow from the row and the figures of its only place."""
    known = {name: shown[name] for name in (*PARTS.values(), "hommes")}
    wholes = {people for people in (residents_at_most(shown), figures["PC3.attendances"].value) if people is not None}
    for code, name in PARTS.items():
        figure = figures[code]
        if figure.numerator is None or not figure.denominator:
            continue  # among nobody, nobody is told apart
        known[name] = figure.numerator if known[name] is None else known[name]
        if name == "femmes":
            known["hommes"] = figure.denominator - figure.numerator
    for name, number in known.items():
        if number is not None:
            yield name, number
            yield from ((f"all but {name}", int(whole) - number) for whole in wholes)
    for one, other in (("femmes", "hommes"), ("moins_26", "plus_60")):
        if known[one] is not None and known[other] is not None:
            yield from ((f"neither {one} nor {other}", int(whole) - known[one] - known[other]) for whole in wholes)


def check(session: Session, fill: Fill, seed: int) -> int:
    """Check one meeting alone in Arras, beside others in Achicourt; return how much of it is shown."""
    chance = random.Random(seed)
    package = two_communes(*[0] * chance.choice((1, 2, 4)))
    package["rencontres"] = [meeting | some_counts(chance) for meeting in package["rencontres"]]
    fill(package)
    row = masked(package["rencontres"][0], 5)
    whole = assess(session, Period(2025, 2025), Scope("commune", "arras"), READ_ON)
    figures = dict(for_public(session, whole, 5).figures)
    assert [(how, people) for how, people in told(row, figures) if 0 < people < 5] == [], seed
    return sum(row[name] is not None for name in PARTS.values())


def test_a_row_and_the_figures_of_its_place_tell_no_small_count(session: Session, fill: Fill) -> None:
    assert sum(check(session, fill, seed) for seed in range(60)) > 30


@pytest.mark.full
@pytest.mark.both_databases
def test_many_rows_and_the_figures_of_their_places_tell_no_small_count(session: Session, fill: Fill) -> None:
    for seed in range(1000):
        check(session, fill, seed)
