"""Closed versions stay public as they were: what is recorded after them must not follow from today's figures."""

import datetime as dt
import hashlib
import random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from participation.assessment.closed_counts import span_of
from participation.assessment.closing import canonical
from participation.assessment.engine import assess
from participation.assessment.models import ClosedAssessment
from participation.assessment.outputs import as_dict
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.assessment.small_counts import for_public
from participation.exchange.masking import masked
from tests.assessment.attack import Told, revealed, told
from tests.assessment.conftest import Fill
from tests.assessment.naive import Package
from tests.assessment.packages import COMMUNES, QUARTIERS, make_package
from tests.assessment.test_small_counts import two_communes

READ_ON = dt.date(2027, 6, 1)
YEAR = Period(2025, 2025)
FIRST_TIMERS = "D1.first_time_share"
PERIODS = [Period(2024, 2024), YEAR, Period(2026, 2026), Period(2024, 2026)]
SCOPES = [Scope(), *(Scope("commune", slug) for slug in COMMUNES), *(Scope("quartier", slug) for slug in QUARTIERS)]
COLUMNS = ("habitants", "habitants_qpv", "primo_participants", "femmes", "hommes", "moins_26", "plus_60")


def public(session: Session, period: Period, scope: Scope, day: dt.date = READ_ON) -> dict[str, Any]:
    return as_dict(for_public(session, assess(session, period, scope, day), 5))


def close(session: Session, period: Period, scope: Scope, day: dt.date = READ_ON) -> None:
    """Keep what everybody reads of a version, as closing does; its files and what the team reads play no part here."""
    text = canonical(public(session, period, scope, day))
    session.add(
        ClosedAssessment(
            period=period.name,
            scope_kind=scope.kind,
            scope_slug=scope.slug or "",
            version=len(session.query(ClosedAssessment).all()) + 1,
            as_of=day,
            rules="1",
            canonical=text.decode(),
            sha256=hashlib.sha256(text).hexdigest(),
            closed_at=dt.datetime.combine(day, dt.time(), dt.UTC),
            closed_by="Direction",
            public_canonical=text.decode(),
            xlsx_sha256="0" * 64,
            pdf_sha256="0" * 64,
        )
    )
    session.commit()


def shown(session: Session, scope: Scope, period: Period = YEAR) -> bool:
    return public(session, period, scope)["indicators"][FIRST_TIMERS]["value"] is not None


CONTRACT, ARRAS, ACHICOURT = Scope(), Scope("commune", "arras"), Scope("commune", "achicourt")


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("before", "closed", "after", "stays"),
    [
        ((3, 4), [CONTRACT], (3, 4), {CONTRACT}),  # nothing new
        ((3, 4), [CONTRACT], (3, 4, 3), {ACHICOURT}),  # 10 - 7
        ((3, 4), [CONTRACT], (3, 4, 3, 4), {CONTRACT}),  # 14 - 7 is of two meetings
        ((3, 4), [CONTRACT], (3, 4, 20), {CONTRACT}),  # 27 - 7 is on the meeting's page
        ((3, 4, 3), [CONTRACT], (3, 4), set()),  # one that counts no more: 10 - 7
        ((3, 4), [CONTRACT], (3, 6), {ACHICOURT}),  # 9 - 6, whatever was put right
        ((3, 4, 3), [CONTRACT], (3, 4, 1), set()),  # put right: 10 - 8 tells by how much, and who knows that has 8 - 5
        ((20, 3, 4), [ACHICOURT], (20, 3, 4, 3), {ARRAS}),  # the contract less Arras less what was closed
        ((20, 3, 4), [ACHICOURT, CONTRACT], (20, 3, 4, 4, 3), {CONTRACT, ARRAS, ACHICOURT}),
    ],
)
def test_today_s_figure_gives_nothing_away_with_a_closed_one(
    session: Session,
    fill: Fill,
    before: tuple[int, ...],
    closed: list[Scope],
    after: tuple[int, ...],
    stays: set[Scope],
) -> None:
    fill(two_communes(*before))
    for scope in closed:
        assert shown(session, scope)
        close(session, YEAR, scope)
    fill(two_communes(*after))
    assert {scope for scope in (CONTRACT, ARRAS, ACHICOURT) if shown(session, scope)} == stays


def test_a_year_gives_nothing_away_with_a_closed_period(session: Session, fill: Fill) -> None:
    fill(two_communes(3, 4))
    close(session, Period(2024, 2026), CONTRACT)
    assert shown(session, CONTRACT)
    fill(two_communes(3, 4, 3))
    assert not shown(session, CONTRACT)
    assert not shown(session, CONTRACT, Period(2024, 2026))


def test_a_second_version_gives_nothing_away_with_the_first(session: Session, fill: Fill) -> None:
    fill(two_communes(3, 4))
    close(session, YEAR, CONTRACT)
    fill(two_communes(3, 4, 3))
    close(session, YEAR, CONTRACT)
    second = session.query(ClosedAssessment).order_by(ClosedAssessment.id.desc()).first()
    assert second
    assert '"why":"petit_effectif"' in str(second.public_canonical)


def test_a_meeting_cancelled_since_may_come_back_with_its_counts(session: Session, fill: Fill) -> None:
    fill(two_communes(3, 20, 3, 4))
    close(session, YEAR, CONTRACT)
    since = two_communes(3, 20, 3, 4)  # 30 - 7, and 20 of it are known when the larger one comes back
    for meeting in since["rencontres"][:2]:
        meeting["statut"] = "annulee"
    fill(since)
    assert not shown(session, CONTRACT)


def test_years_told_together_are_looked_at_together() -> None:
    years = [Period(year, year) for year in range(2024, 2029)]
    assert span_of(years[1], years) == years[1]
    assert span_of(years[1], [Period(2024, 2026), Period(2027, 2030)]) == Period(2024, 2026)
    assert span_of(Period(2024, 2026), years) == Period(2024, 2026)


# By force


def package_of_many_small(chance: random.Random, seed: int) -> Package:
    """A package with many meetings of which a few people could be recognised, most of them in sums that are large."""
    package = make_package(seed)
    for meeting in package["rencontres"]:
        women, young = chance.choice((2, 3, 25, 30)), chance.choice((1, 2, 20))
        meeting |= {
            "statut": "tenue", "participants": 60, "habitants": 60, "femmes": women,
            "hommes": 60 - women - chance.choice((0, 3, 10)), "moins_26": young,
            "plus_60": chance.choice((None, 3, 20, 58 - young)),
            "primo_participants": chance.choice((None, 2, 3, 4, 4, 30)), "habitants_qpv": chance.choice((1, 4, 30, 57)),
        }  # fmt: skip
    return package


def recorded(package: Package, chance: random.Random, share: float) -> Package:
    """Return the package as it was when only a share of the breakdowns was written down, and some otherwise."""
    meetings = [dict(row) for row in package["rencontres"]]
    for meeting in meetings:
        if chance.random() > share:
            meeting.update(dict.fromkeys(COLUMNS[1:]))
        if chance.random() < 0.1:
            meeting["statut"] = "annulee"
    return package | {"rencontres": meetings}


def shown_of(row: dict[str, Any]) -> dict[str, int | None]:
    """Return the headcounts that are shown of a meeting: none of one that was cancelled."""
    return {name: masked(row, 5).get(name) if row["statut"] == "tenue" else None for name in COLUMNS}


def live(session: Session) -> list[Told]:
    return [
        one
        for period in PERIODS
        for scope in SCOPES
        for one in told(f"{period} {scope}", public(session, period, scope)["indicators"])
    ]


def check_seed(session: Session, fill: Fill, seed: int) -> int:
    """Let three states of the data follow each other, closing in between; return how many figures were shown."""
    chance = random.Random(seed)
    whole, closed, number = package_of_many_small(chance, seed), [], 0
    session.query(ClosedAssessment).count()
    for share in (0.6, 0.8, 1):
        package = recorded(whole, chance, share)
        fill(package)
        published = live(session)
        number += len(published)
        meetings = {row["ref"]: shown_of(row) for row in package["rencontres"]}
        assert not revealed([*published, *closed], meetings)
        for period, scope in chance.sample([(one, where) for one in PERIODS for where in SCOPES], 4):
            close(session, period, scope)
            closed += told(f"closed {period} {scope}", public(session, period, scope)["indicators"])
    return number


def test_no_pages_of_different_days_tell_a_small_count(session: Session, fill: Fill) -> None:
    assert check_seed(session, fill, 1) > 50  # what tells nothing is not withheld


@pytest.mark.full
@pytest.mark.parametrize("seed", range(2, 42))
def test_no_pages_of_different_days_tell_a_small_count_on_many_packages(
    session: Session, fill: Fill, seed: int
) -> None:
    check_seed(session, fill, seed)
