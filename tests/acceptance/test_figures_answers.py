"""PC4, counted by hand: what residents say, where it goes, what comes back, and when (indicators.md)."""

from typing import Any

import pytest

from tests.acceptance.conftest import Make
from tests.acceptance.counting import NOTHING, count, of, share, values
from tests.acceptance.package import HILL, PORT, QUAYS, Package
from tests.acceptance.program import Program

SHARES = ("PC4.submitted_share", "PC4.answered_share", "PC4.accepted_share", "PC4.done_share")
CODES = ("PC4.received", *SHARES, "PC4.answer_days_median", "PC4.told_share", "PC4.overdue")
NO_SHARE = NOTHING | {"rows": [], "of_rows": []}
NO_MEDIAN = {"value": None, "why": "denominateur_vide", "rows": []}


def median(value: float, *rows: str) -> dict[str, Any]:
    return {"value": value, "rows": sorted(rows)}


@pytest.fixture(scope="module")
def town(new_shared: Make) -> Program:
    """Nine proposals. `response_days` is 30 in this contract."""
    program = new_shared()
    package = Package()
    package.proposal(
        *("done", QUAYS, "2025-03-01 recueillie", "2025-03-10 transmise", "2025-04-10 retenue restituee_le=2025-04-20"),
        *("2025-06-01 en_cours", "2025-12-01 realisee"),
    )
    package.proposal(
        "late", QUAYS, "2025-01-01 recueillie", "2025-01-02 transmise", "2026-01-15 non_retenue restituee_le=2026-01-15"
    )
    package.proposal("studied", QUAYS, "2025-05-01 recueillie", "2025-05-02 etude")
    package.proposal(
        "adjourned",
        QUAYS,
        "2025-05-01 recueillie",
        "2025-05-10 transmise",
        "2025-06-10 ajournee",
        quartiers="le-moulin",
    )
    package.proposal("merged", QUAYS, "2025-05-01 recueillie", "2025-05-03 regroupee vers=done")
    package.proposal("withdrawn", QUAYS, "2025-05-01 recueillie", "2025-05-05 transmise", "2025-06-01 retiree")
    package.proposal(
        *("voided", QUAYS, "2024-12-31 recueillie", "2025-01-15 transmise"),
        "2025-02-01 retenue_en_partie annulee_le=2025-03-01 annulee_motif=Erreur",
        "2025-03-02 non_retenue restituee_le=2026-02-15",
    )
    package.proposal(
        *("again", PORT, "2025-02-01 recueillie", "2025-02-02 transmise", "2025-02-10 non_retenue"),
        *("2025-03-01 transmise", "2025-03-15 retenue", "2025-12-31 abandonnee"),
        quartiers="la-colline",
    )
    package.proposal("last-day", HILL, "2025-12-31 recueillie", "2026-01-01 transmise")
    program.take(package)
    return program


def expected(*figures: Any) -> dict[str, Any]:
    return dict(zip(CODES, figures, strict=True))


def test_the_year_read_a_month_after(town: Program) -> None:
    """Days to the first answer: done 40, voided 61 (31 December to 2 March, past the voided step), again 9."""
    cohort = ["done", "late", "studied", "adjourned", "again", "last-day"]  # merged left; withdrawn leaves the shares
    assert of(town.figures(2025, as_of="2026-01-31"), *CODES) == expected(
        count(*cohort, "withdrawn"),
        share(["done", "late", "adjourned", "again", "last-day"], cohort),
        share(["done", "late", "again"], cohort),
        share(["done", "again"], ["done", "late", "again"]),
        share(["done"], ["done", "again"]),
        median(40, "again", "done", "voided"),
        share(["done#3"], ["done#3", "voided#4", "again#3", "again#5"]),
        count("adjourned"),  # last-day is due on 31 January itself: 30 days after 1 January
    )


def test_the_year_read_on_its_last_day(town: Program) -> None:
    cohort = ["done", "late", "studied", "adjourned", "again", "last-day"]
    assert of(town.figures(2025, as_of="2025-12-31"), *CODES) == expected(
        count(*cohort, "withdrawn"),
        share(["done", "late", "adjourned", "again"], cohort),
        share(["done", "again"], cohort),
        share(["done", "again"], ["done", "again"]),
        share(["done"], ["done", "again"]),
        median(40, "again", "done", "voided"),
        share(["done#3"], ["done#3", "voided#4", "again#3", "again#5"]),
        count("adjourned", "late"),
    )


def test_the_year_read_in_may(town: Program) -> None:
    """What happened later has not happened: `withdrawn` is waiting, `done` is in hand, `last-day` is not there."""
    cohort = ["done", "late", "studied", "adjourned", "withdrawn", "again"]
    assert of(town.figures(2025, as_of="2025-05-20"), *CODES) == expected(
        count(*cohort),
        share(["done", "late", "adjourned", "withdrawn", "again"], cohort),
        share(["done", "again"], cohort),
        share(["done", "again"], ["done", "again"]),
        share([], ["done", "again"]),
        median(40, "again", "done", "voided"),
        share(["done#3"], ["done#3", "voided#4", "again#3", "again#5"]),
        count("late"),
    )


def test_the_year_read_in_march(town: Program) -> None:
    """`again` was refused and is asked anew; of two answers the median is their mean: (9 + 61) / 2."""
    cohort = ["done", "late", "again"]
    assert of(town.figures(2025, as_of="2025-03-14"), *CODES) == expected(
        count(*cohort),
        share(cohort, cohort),
        share(["again"], cohort),
        share([], ["again"]),
        NO_SHARE,
        median(35, "again", "voided"),
        share([], ["voided#4", "again#3"]),
        count("late"),
    )


def test_a_voided_step_counts_nowhere_even_before_it_was_voided(town: Program) -> None:
    """On 15 February the mistaken answer still stood; `voided` is read as waiting, due on 14 February."""
    figures = town.figures(2025, as_of="2025-02-15")
    assert of(figures, "PC4.answer_days_median", "PC4.told_share", "PC4.overdue") == {
        "PC4.answer_days_median": median(9, "again"),
        "PC4.told_share": share([], ["again#3"]),
        "PC4.overdue": count("late", "voided"),
    }
    assert town.figures(2025, as_of="2025-02-14")["PC4.overdue"] == count("late")


def test_years_beside_it(town: Program) -> None:
    """Answers belong to the year they are given in, received ones to that of their first step; lateness to none."""
    assert of(town.figures(2024, as_of="2026-01-31"), *CODES) == expected(
        count("voided"),
        share(["voided"], ["voided"]),
        share(["voided"], ["voided"]),
        share([], ["voided"]),
        NO_SHARE,
        NO_MEDIAN,
        NO_SHARE,
        count("adjourned"),
    )
    assert of(town.figures(2026, as_of="2026-02-15"), *CODES) == expected(
        *(count(), NO_SHARE, NO_SHARE, NO_SHARE, NO_SHARE),
        median(379, "late"),  # 1 January 2025 to 15 January 2026
        share(["late#3"], ["late#3"]),
        count("adjourned", "last-day"),
    )


def test_told_counts_once_it_was_told(town: Program) -> None:
    told = "PC4.told_share"
    steps = ["done#3", "voided#4", "again#3", "again#5"]
    assert town.figures(2025, as_of="2025-04-19")[told] == share([], steps)
    assert town.figures(2025, as_of="2025-04-20")[told] == share(["done#3"], steps)
    assert town.figures(2025, as_of="2026-02-14")[told] == share(["done#3"], steps)
    assert town.figures(2025, as_of="2026-02-15")[told] == share(["done#3", "voided#4"], steps)


def test_places(town: Program) -> None:
    """A quartier has the proposals that name it, and of those that name none, its instances'."""
    received = {
        scope: town.figures(2025, scope, "2026-01-31")["PC4.received"]["rows"]
        for scope in (
            *("commune:port-lanse", "commune:val-fleuri"),
            *("quartier:les-quais", "quartier:la-colline", "quartier:le-moulin"),
            *(f"instance:{QUAYS}", f"instance:{PORT}"),
        )
    }
    quays = ["adjourned", "done", "late", "studied", "withdrawn"]
    assert received == {
        "commune:port-lanse": sorted([*quays, "again", "last-day"]),
        "commune:val-fleuri": ["last-day"],
        "quartier:les-quais": ["done", "late", "studied", "withdrawn"],
        "quartier:la-colline": ["again", "last-day"],
        "quartier:le-moulin": ["adjourned"],
        f"instance:{QUAYS}": quays,
        f"instance:{PORT}": ["again"],
    }
    told = town.figures(2025, "quartier:la-colline", "2026-01-31")["PC4.told_share"]
    assert told == share([], ["again#3", "again#5"])


def test_a_due_date_is_that_of_the_last_step_else_thirty_days_after_it_was_passed_on(program: Program) -> None:
    first = "2025-02-01 recueillie"
    package = Package()
    package.proposal("dated", QUAYS, first, "2025-03-01 transmise echeance=2025-06-01")
    package.proposal("further", QUAYS, first, "2025-03-01 transmise echeance=2025-06-01", "2025-03-05 transmise")
    package.proposal("put-off", QUAYS, first, "2025-03-01 transmise", "2025-03-10 ajournee echeance=2025-12-01")
    package.proposal("bare", QUAYS, first, "2025-03-01 transmise echeance=2025-12-01", "2025-03-10 ajournee")
    package.proposal(
        "mistaken",
        QUAYS,
        first,
        "2025-03-01 transmise echeance=2025-07-01",
        "2025-03-20 transmise echeance=2025-04-01 annulee_le=2025-08-01 annulee_motif=Erreur",
    )
    program.take(package)
    waiting: dict[str, list[str]] = {
        "2025-03-31": [],
        "2025-04-01": ["bare"],  # 1 March and 30 days is 31 March
        "2025-04-04": ["bare"],
        "2025-04-05": ["bare", "further"],
        "2025-06-01": ["bare", "further"],
        "2025-06-02": ["bare", "dated", "further"],
        "2025-07-01": ["bare", "dated", "further"],
        "2025-07-02": ["bare", "dated", "further", "mistaken"],
        "2025-12-01": ["bare", "dated", "further", "mistaken"],
        "2025-12-02": ["bare", "dated", "further", "mistaken", "put-off"],
    }
    for year in (2024, 2025):
        assert {day: program.figures(year, as_of=day)["PC4.overdue"]["rows"] for day in waiting} == waiting


def test_an_answer_of_the_same_day_takes_no_day(program: Program) -> None:
    package = Package()
    package.proposal("at-once", QUAYS, "2025-03-01 recueillie", "2025-03-01 transmise", "2025-03-01 retenue")
    package.proposal("next-day", QUAYS, "2025-03-01 recueillie", "2025-03-01 transmise", "2025-03-02 non_retenue")
    program.take(package)
    figures = program.figures(2025, as_of="2025-03-02")
    assert figures["PC4.answer_days_median"] == median(0.5, "at-once", "next-day")
    assert figures["PC4.received"] == count("at-once", "next-day")


@pytest.fixture(scope="module")
def heard(new_shared: Make) -> Program:
    """Opinions said at meetings, to instances and about quartiers."""
    program = new_shared()
    package = Package().proposal("p1", QUAYS, "2025-03-01 recueillie")
    package.body("forum-du-val", "participation", "table_ronde", "val-fleuri")
    package.meeting("m1", "2025-01-01", QUAYS).meeting("m2", "2025-01-02", QUAYS, "forum-du-val", quartiers="le-moulin")
    package.opinion("at-meeting", "2025-01-01", rencontre="m1", proposition="p1")
    package.opinion("rejected", "2025-01-01", rencontre="m1", proposition="p1", moderation="rejete")
    package.opinion("kept", "2025-12-31", instance=HILL, moderation="reserve", proposition="p1")
    package.opinion("year-before", "2024-12-31", rencontre="m1")
    package.opinion("elsewhere", "2025-02-01", rencontre="m1", instance=HILL, quartier="la-colline")
    package.opinion("joint", "2025-02-01", rencontre="m2", moderation="publie")
    package.opinion("quartier-only", "2025-02-01", quartier="la-colline")
    package.opinion("no-quartier", "2025-02-01", instance=PORT)
    program.take(package)
    return program


def test_opinions_of_a_year_count_unless_rejected(heard: Program) -> None:
    codes = ("PC4.opinions", "PC4.opinions_followed_share")
    said = ["at-meeting", "elsewhere", "joint", "no-quartier", "quartier-only"]
    assert of(heard.figures(2025, as_of="2026-01-31"), *codes) == {
        "PC4.opinions": count(*said, "kept"),
        "PC4.opinions_followed_share": share(["at-meeting", "kept"], [*said, "kept"]),
    }
    assert of(heard.figures(2025, as_of="2025-12-30"), *codes) == {
        "PC4.opinions": count(*said),
        "PC4.opinions_followed_share": share(["at-meeting"], said),
    }
    assert heard.figures(2025, as_of="2025-03-01")[codes[1]]["rows"] == ["at-meeting"]
    assert heard.figures(2025, as_of="2025-02-28")[codes[1]]["rows"] == []
    assert values(heard.figures(2024, as_of="2026-01-31"), *codes) == {codes[0]: 1, codes[1]: 0}


def test_opinions_of_a_place(heard: Program) -> None:
    """A meeting's instances come before the opinion's own; its quartier before its meeting's, then its instance's."""
    places = {
        scope: heard.figures(2025, scope, "2026-01-31")["PC4.opinions"]["rows"]
        for scope in (
            *("commune:port-lanse", "commune:val-fleuri", f"instance:{QUAYS}", f"instance:{HILL}", f"instance:{PORT}"),
            *("quartier:les-quais", "quartier:la-colline", "quartier:le-moulin"),
        )
    }
    assert places == {
        "commune:port-lanse": ["at-meeting", "elsewhere", "joint", "kept", "no-quartier", "quartier-only"],
        "commune:val-fleuri": ["joint", "kept", "quartier-only"],
        f"instance:{QUAYS}": ["at-meeting", "elsewhere", "joint"],
        f"instance:{HILL}": ["kept"],
        f"instance:{PORT}": ["no-quartier"],
        "quartier:les-quais": ["at-meeting"],
        "quartier:la-colline": ["elsewhere", "kept", "quartier-only"],
        "quartier:le-moulin": ["joint"],
    }
