"""The engine against a second, naive computation, on random packages: every code, place and date, on both databases."""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.engine import OF_ROWS, ROWS, assess, rows_of
from participation.assessment.frame import find_frame
from participation.assessment.indicators import INDICATORS
from participation.assessment.outputs import as_dict
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.contract.words import INDICATORS as CODES
from tests.assessment import naive
from tests.assessment.conftest import Fill
from tests.assessment.packages import make_package

READINGS = [
    ("2025", "2025-06-30"),
    ("2025", "2025-12-31"),
    ("2025", "2026-01-31"),
    ("2025", "2027-03-01"),
    ("2026", "2026-01-01"),
    ("2026", "2027-01-14"),
    ("2025", "2024-12-31"),
    ("2024-2026", "2026-01-02"),
    ("2024-2026", "2027-02-01"),
    ("2027-2030", "2027-04-01"),
]
"""(period, R): before, inside and after the year, on its last day, and both periods."""
SOME, ALL = range(10), range(10, 200)


def scopes_of(package: naive.Package) -> list[Scope]:
    named = [("commune", "communes"), ("quartier", "quartiers"), ("instance", "instances")]
    return [Scope(), *(Scope(kind, row["slug"]) for kind, table in named for row in package[table])]


def check_package(session: Session, package: naive.Package, readings: list[tuple[str, str]]) -> None:
    for scope, (name, day) in itertools.product(scopes_of(package), readings):
        period, as_of = Period.parse(name), dt.date.fromisoformat(day)
        found = as_dict(assess(session, period, scope, as_of))["indicators"]
        years = (period.first_year, period.last_year)
        wanted = naive.assess(package, years, scope.kind, scope.slug, as_of)
        differing = {code: (found.get(code), wanted[code]) for code in wanted if found.get(code) != wanted[code]}
        assert not differing, f"{scope}, {name} read on {day}: (engine, naive) {differing}"


@pytest.mark.both_databases
def test_engine_equals_naive_computation(session: Session, fill: Fill) -> None:
    for seed in SOME:
        package = make_package(seed)
        fill(package)
        check_package(session, package, READINGS[seed % 2 :: 2])


@pytest.mark.full
@pytest.mark.both_databases
def test_engine_equals_naive_computation_on_200_packages(session: Session, fill: Fill) -> None:
    for seed in ALL:
        package = make_package(seed)
        fill(package)
        check_package(session, package, READINGS[seed % 2 :: 2])


def test_packages_meet_every_case() -> None:
    """The sample shows each indicator with a value, and each reason for which one has none."""
    seen: set[tuple[str, Any]] = set()
    for seed in SOME:
        package = make_package(seed)
        for scope, (name, day) in itertools.product(scopes_of(package), READINGS):
            period = Period.parse(name)
            years = (period.first_year, period.last_year)
            for code, figure in naive.assess(
                package, years, scope.kind, scope.slug, dt.date.fromisoformat(day)
            ).items():
                seen.add((code, figure.get("why", "zero" if not figure["value"] else "value")))
    assert {code for code, what in seen if what == "value"} == set(INDICATORS)
    shares = {code for code, one in INDICATORS.items() if one.unit == "share"}
    assert shares <= {code for code, what in seen if what in {"denominateur_vide", "aucune_rencontre"}}
    assert {"D1.first_time_share", "PC3.attendances", "G2.mean"} <= {c for c, what in seen if what == "non_renseigne"}


@pytest.mark.both_databases
def test_rows_one_by_one_are_those_of_the_assessment(session: Session, fill: Fill) -> None:
    package = make_package(3)
    fill(package)
    for scope in scopes_of(package)[:6]:
        frame = find_frame(session, Period.parse("2025"), scope, dt.date(2026, 1, 31))
        figures = assess(session, frame.period, scope, frame.as_of).figures
        for code, figure in figures.items():
            assert tuple(rows_of(session, code, frame)) == figure.rows, code
            assert tuple(rows_of(session, code, frame, OF_ROWS)) == (figure.of_rows or ()), code
            assert tuple(in_pages(session, code, frame)) == figure.rows, code


def in_pages(session: Session, code: str, frame: Any) -> Iterator[str]:
    after = ""
    while page := rows_of(session, code, frame, ROWS, after=after, limit=3):
        yield from page
        after = page[-1]


def test_codes_are_those_of_the_contract_file_in_order() -> None:
    assert tuple(INDICATORS) == CODES
    assert all(one.definition and one.label and one.meaning for one in INDICATORS.values())


@pytest.mark.both_databases
def test_number_of_queries_does_not_grow_with_rows(session: Session, fill: Fill) -> None:
    numbers = set()
    for seed in (0, 1, 2, 3):
        fill(make_package(seed))
        numbers.add(count_statements(session))
    assert len(numbers) == 1
    assert numbers.pop() <= 32


def count_statements(session: Session) -> int:
    statements: list[str] = []
    engine = session.get_bind()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    session.expire_all()
    assess(session, Period.parse("2025"), Scope("quartier", "centre"), dt.date(2026, 1, 31))
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(statements)
