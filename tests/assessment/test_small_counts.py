"""Nothing that the public reads tells of 1 to 4 people, alone or put together."""

import datetime as dt
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from participation.assessment.engine import assess
from participation.assessment.linear import small_sum, span_without
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.assessment.small_counts import breakdowns, for_public
from participation.exchange.masking import masked
from tests.assessment.conftest import Fill
from tests.assessment.naive import Package
from tests.assessment.packages import COMMUNES, QUARTIERS, make_package

READ_ON = dt.date(2027, 6, 1)
PERIODS = [Period(2024, 2024), Period(2025, 2025), Period(2026, 2026), Period(2024, 2026)]
SCOPES = [Scope(), *(Scope("commune", slug) for slug in COMMUNES), *(Scope("quartier", slug) for slug in QUARTIERS)]
COLUMNS = {
    "D1.first_time_share": ("primo_participants", ("habitants",)),
    "D2.qpv_share": ("habitants_qpv", ("habitants",)),
    "D3.women_share": ("femmes", ("femmes", "hommes")),
    "D4.under26_share": ("moins_26", ("habitants",)),
    "D4.over60_share": ("plus_60", ("habitants",)),
}


@dataclass(frozen=True)
class Published:
    """A figure that anybody reads: its name, and the meetings that it says it runs over."""

    name: str
    meetings: frozenset[str]


def published(session: Session, code: str) -> Iterator[Published]:
    for period, scope in itertools.product(PERIODS, SCOPES):
        whole = assess(session, period, scope, READ_ON)
        figure = for_public(session, whole, 5).figures[code]
        if figure.value is None:
            assert figure.numerator is None or figure.why != "petit_effectif"
        else:
            assert figure == whole.figures[code]
            yield Published(f"{period} {scope}", frozenset(figure.rows or ()))


def revealed(code: str, pages: list[Published], package: Package) -> Iterator[str]:
    """Add and take away the figures of up to three pages and of the meetings; say each small count that this gives."""
    part, whole = COLUMNS[code]
    meetings = {row["ref"]: row for row in package["rencontres"]}
    people = {ref: row[part] for ref, row in meetings.items() if row[part] is not None}
    others = {
        ref: sum(row[column] for column in whole) - row[part]
        for ref, row in meetings.items()
        if row[part] is not None and all(row[column] is not None for column in whole)
    }
    for names, found in combinations(pages):
        for what, numbers in (("part", people), ("rest", others)):
            column = "hommes" if what == "rest" and code == "D3.women_share" else part
            hidden = {ref for ref in found if masked(meetings[ref], 5)[column] is None}
            for group in (hidden, found):
                total = sum(numbers[ref] for ref in group)
                if 0 < total < 5 and (what == "rest" or group == hidden):
                    yield f"{code}, {what}: {total} from {names}"


def combinations(pages: list[Published]) -> Iterator[tuple[str, frozenset[str]]]:
    for one in pages:
        yield one.name, one.meetings
    for one, other in itertools.permutations(pages, 2):
        if other.meetings < one.meetings:
            yield f"{one.name} - {other.name}", one.meetings - other.meetings
    for one, other, third in itertools.permutations(pages, 3):
        if other.meetings <= one.meetings and third.name > other.name:
            rest = one.meetings - other.meetings
            if third.meetings <= rest:
                yield f"{one.name} - {other.name} - {third.name}", rest - third.meetings


def package_with_few_people(seed: int) -> Package:
    """A package in which most counts are small, large or just at the threshold."""
    chance = random.Random(seed)
    package = make_package(seed)
    for meeting in package["rencontres"]:
        residents = chance.choice((0, 2, 6, 12, 40, 60))
        women, young = chance.randint(0, residents), chance.choice((0, 1, 5, residents // 2))
        young = min(young, residents)
        meeting |= {
            "statut": "tenue",
            "participants": residents,
            "habitants": residents,
            "primo_participants": chance.choice((None, 0, min(3, residents), residents, residents // 2)),
            "habitants_qpv": chance.randint(0, residents),
            "femmes": women,
            "hommes": chance.choice((residents - women, (residents - women) // 2)),
            "moins_26": young,
            "plus_60": chance.choice((None, residents - young, (residents - young) // 2)),
        }
    return package


def check_seed(session: Session, fill: Fill, seed: int) -> int:
    """Check a package; return how many of its figures anybody may read."""
    package = package_with_few_people(seed)
    fill(package)
    shown = 0
    for code in COLUMNS:
        pages = list(published(session, code))
        shown += len(pages)
        assert not list(revealed(code, pages, package))
    return shown


def test_no_pages_put_together_tell_a_small_count(session: Session, fill: Fill) -> None:
    shown = [check_seed(session, fill, seed) for seed in (1, 3, 5)]
    assert sum(shown) > 50  # what tells nothing is not withheld


@pytest.mark.full
@pytest.mark.both_databases
def test_no_pages_put_together_tell_a_small_count_on_many_packages(session: Session, fill: Fill) -> None:
    for seed in range(4, 60):
        check_seed(session, fill, seed)


def two_communes(*first_timers: int) -> Package:
    """One meeting of 40 residents for each number: the first in Arras, the others in Achicourt."""
    package = make_package(0)
    body = package["instances"][0] | {
        "ouverte_le": None,
        "fermee_le": None,
        "quartiers": [],
        "famille": "participation",
    }
    package["instances"] = [body | {"slug": slug, "communes": [slug]} for slug in ("arras", "achicourt")]
    empty = dict.fromkeys(("habitants_qpv", "femmes", "hommes", "moins_26", "plus_60"))
    package["rencontres"] = [
        {
            "ref": f"renc-{number}", "date": dt.date(2025, 3, 1), "type": "reunion", "niveau": None, "statut": "tenue",
            "instances": ["achicourt" if number else "arras"], "quartiers": [], "institutions": [],
            "participants": 40, "habitants": 40, "primo_participants": count, "compte_rendu_publie_le": None, **empty,
        }
        for number, count in enumerate(first_timers)
    ]  # fmt: skip
    return package | {"propositions": [], "etapes": [], "avis": [], "mandats": [], "cadences": []}


@pytest.mark.parametrize(
    ("first_timers", "shown"),
    [
        ((10, 20), {"contract": True, "arras": True, "achicourt": True}),
        ((3, 20), {"contract": False, "arras": False, "achicourt": True}),  # 23 - 20, and 20 is on the meeting's page
        ((3, 4), {"contract": True, "arras": False, "achicourt": False}),
        ((3, 4, 3), {"contract": True, "arras": False, "achicourt": False}),  # 10 - 7 would give Arras away
        ((0, 20), {"contract": True, "arras": True, "achicourt": True}),  # nobody is not a small count
        ((38, 20), {"contract": False, "arras": False, "achicourt": True}),  # two who had come before; 58 - 20
        ((38, 38, 37), {"contract": True, "arras": False, "achicourt": False}),  # 113 - 75 would give Arras away
        ((20, 1, 1, 1, 1, 1), {"contract": False, "arras": True, "achicourt": False}),  # five hidden counts that make 5
        ((20, 4, 4), {"contract": False, "arras": True, "achicourt": False}),  # two that make 8
        ((20, 3, 4), {"contract": True, "arras": True, "achicourt": True}),
    ],
)
def test_figure_is_withheld_where_it_tells_of_few(
    session: Session, fill: Fill, first_timers: tuple[int, ...], shown: dict[str, bool]
) -> None:
    fill(two_communes(*first_timers))
    scopes = {"contract": Scope(), "arras": Scope("commune", "arras"), "achicourt": Scope("commune", "achicourt")}
    for name, scope in scopes.items():
        whole = assess(session, Period(2025, 2025), scope, READ_ON)
        figure = for_public(session, whole, 5).figures["D1.first_time_share"]
        assert (figure.value is not None) == shown[name], name
        if figure.value is None:
            assert figure.why == "petit_effectif"
            assert (figure.numerator, figure.denominator) == (None, None)


def test_every_breakdown_is_protected() -> None:
    assert list(breakdowns()) == list(COLUMNS)


def test_sums_that_can_be_worked_out() -> None:
    # a + b, b + c and c + d tell a - c, and a + b - (b + c) + (c + d) = a + d
    rows = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    assert len(span_without(rows, [], range(4))) == 3
    a_and_d = span_without(rows, [1, 2], [0, 3])
    assert a_and_d == [[1, 1]]
    assert small_sum(a_and_d, [1, 2], 5)
    assert not small_sum(a_and_d, [3, 2], 5)
    assert not span_without(rows, [1, 2, 3], [0])
