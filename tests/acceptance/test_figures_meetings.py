"""G, D, L, A and T, counted by hand on meetings with and without headcounts (indicators.md)."""

import unicodedata
from typing import Any

import pytest

from tests.acceptance.conftest import Make
from tests.acceptance.counting import count, covered, of, quotient, share, total
from tests.acceptance.package import HILL, PORT, QUAYS, STEERING, SUMMER, TOWN_COMMITTEE, Package
from tests.acceptance.program import Program

FORUM = "forum-du-val"
G = ("G1.total", "G1.communale", "G1.communautaire", "G2.total", "G2.mean")
D = ("D1.first_time_share", "D2.qpv_share", "D3.women_share", "D4.under26_share", "D4.over60_share")
D5 = "D5.rate_per_1000"


@pytest.fixture(scope="module")
def met(new_shared: Make) -> Program:
    """Meetings in and around 2025, of one instance and of several."""
    program = new_shared()
    package = Package().body(FORUM, "participation", "table_ronde", "val-fleuri")
    package.body("deux-rives", "participation", "table_ronde", "port-lanse;val-fleuri", echelle="communale")
    package.meeting("alone", "2025-01-01", QUAYS, participants=10)
    package.meeting("alike", "2025-02-01", QUAYS, PORT, participants=0)
    package.meeting("apart", "2025-03-01", QUAYS, FORUM, participants=7)
    package.meeting("wide", "2025-04-01", HILL)
    package.meeting("two-shores", "2025-05-01", "deux-rives", participants=4)
    package.meeting("midnight", "2025-12-31", PORT, participants=5, heure_debut="23:30", heure_fin="00:30")
    package.meeting("planned", "2025-06-01", QUAYS, participants=50, statut="prevue")
    package.meeting("cancelled", "2025-06-01", QUAYS, participants=50, statut="annulee")
    package.meeting("before", "2024-12-31", QUAYS, participants=50)
    package.meeting("after", "2026-01-01", QUAYS, participants=50, heure_debut="00:00")
    program.take(package)
    return program


def expected(everything: list[str], wide: list[str], people: int, counted: list[str]) -> dict[str, Any]:
    return {
        "G1.total": count(*everything),
        "G1.communale": count(*(set(everything) - set(wide))),
        "G1.communautaire": count(*wide),
        "G2.total": total(people, counted, len(everything)),
        "G2.mean": quotient(people, len(counted), counted, len(everything)),
    }


def test_meetings_held_in_the_year(met: Program) -> None:
    """Communautaire: of a wide instance, or of instances of more than one commune."""
    everything = ["alone", "alike", "apart", "wide", "two-shores", "midnight"]
    wide = ["apart", "wide", "two-shores"]
    assert of(met.figures(2025, as_of="2026-01-31"), *G) == expected(
        everything, wide, 26, ["alone", "alike", "apart", "two-shores", "midnight"]
    )
    assert of(met.figures(2025, as_of="2025-12-30"), *G) == expected(
        everything[:-1], wide, 21, ["alone", "alike", "apart", "two-shores"]
    )


def test_a_joint_meeting_counts_once_in_each_of_its_places(met: Program) -> None:
    valley = met.figures(2025, "commune:val-fleuri", "2026-01-31")
    wide = ["apart", "wide", "two-shores"]
    assert of(valley, *G) == expected(wide, wide, 11, ["apart", "two-shores"])
    port = met.figures(2025, "commune:port-lanse", "2026-01-31")
    assert port["G1.total"]["value"] == 6
    assert port["G1.communale"] == count("alone", "alike", "midnight")
    assert of(met.figures(2025, f"instance:{PORT}", "2026-01-31"), *G) == expected(
        ["alike", "midnight"], [], 5, ["alike", "midnight"]
    )


def test_years_of_a_period(met: Program) -> None:
    assert met.figures("2024-2026", as_of="2026-01-31")["G2.total"] == total(
        126, ["before", "alone", "alike", "apart", "two-shores", "midnight", "after"], 8
    )


def test_without_a_meeting_sums_are_zero_and_shares_unknown(met: Program) -> None:
    figures = met.figures(2023, as_of="2026-01-31")
    assert figures["G2.total"] == total(0, [], 0)
    assert {code: (figures[code]["value"], figures[code]["why"]) for code in ("G2.mean", *D, "A1.outreach_share")} == (
        dict.fromkeys(("G2.mean", *D, "A1.outreach_share"), (None, "aucune_rencontre"))
    )


def test_institutions_are_told_by_their_exact_name(program: Program) -> None:
    """Trimmed and composed; a capital makes another one."""
    composed, split = "Médiathèque", unicodedata.normalize("NFD", "Médiathèque")
    package = Package()
    package.meeting("m1", "2025-02-01", QUAYS, institutions=f"{composed};{split}; CAF ;CAF")
    package.meeting("m2", "2025-03-01", STEERING, institutions=f"{split};caf")
    package.meeting("m3", "2025-04-01", STEERING, institutions="Mairie", statut="annulee")
    package.meeting("m4", "2026-04-01", STEERING, institutions="Région")
    program.take(package)
    assert program.figures(2025, as_of="2026-01-31")["G3.count"] == count(
        "CAF", "caf", composed, by={"institution": {"CAF": 1, "caf": 1, composed: 2}}
    )
    assert program.figures(2025, "commune:val-fleuri", "2026-01-31")["G3.count"] == count(
        "caf", composed, by={"institution": {"caf": 1, composed: 1}}
    )


@pytest.fixture(scope="module")
def counted(new_shared: Make) -> Program:
    """Each breakdown known at some meetings only."""
    program = new_shared()
    package = Package()
    package.meeting(
        *("m1", "2025-02-01", QUAYS),
        habitants=20,
        primo_participants=5,
        habitants_qpv=8,
        femmes=12,
        hommes=6,
        moins_26=0,
    )
    package.meeting("m2", "2025-03-01", QUAYS, habitants=10, primo_participants=1, femmes=4, plus_60=3)
    package.meeting("m3", "2025-04-01", QUAYS, primo_participants=3, habitants_qpv=2, femmes=1, hommes=1)
    package.meeting("m4", "2025-05-01", HILL, habitants=0, primo_participants=0, habitants_qpv=0)
    package.meeting("m5", "2025-06-01", SUMMER, participants=9)
    program.take(package)
    return program


def test_a_share_of_people_runs_over_the_meetings_where_both_parts_were_counted(counted: Program) -> None:
    assert of(counted.figures(2025, as_of="2026-01-31"), *D) == {
        "D1.first_time_share": quotient(6, 30, ["m1", "m2", "m4"], 5),
        "D2.qpv_share": quotient(8, 20, ["m1", "m4"], 5),
        "D3.women_share": quotient(13, 20, ["m1", "m3"], 5),
        "D4.under26_share": quotient(0, 20, ["m1"], 5),
        "D4.over60_share": quotient(3, 10, ["m2"], 5),
    }


def test_a_share_of_nobody_is_unknown(counted: Program) -> None:
    """At m4 residents were counted: none came."""
    figures = counted.figures(2025, f"instance:{HILL}", "2026-01-31")
    nobody = {"value": None, "numerator": 0, "denominator": 0, "coverage": covered((1, 1)), "rows": ["m4"]}
    assert figures["D1.first_time_share"] == nobody | {"why": "denominateur_vide"}
    unknown = {"value": None, "numerator": None, "denominator": None, "coverage": covered((0, 1)), "rows": []}
    assert figures["D3.women_share"] == unknown | {"why": "non_renseigne"}


def test_attendances_beside_those_who_live_there(counted: Program) -> None:
    """5,400 in the contract's quartiers, 2,100 on les-quais; la-colline's and the communes' are not known."""
    rates = {
        scope: counted.figures(2025, scope, "2026-01-31")[D5]
        for scope in ("contract", "quartier:les-quais", "quartier:la-colline", "commune:port-lanse")
    }
    assert rates["contract"] == quotient(30, 5400, ["m1", "m2", "m4"], 5, times=1000)
    assert rates["quartier:les-quais"] == quotient(30, 2100, ["m1", "m2"], 3, times=1000)
    for scope, rows, meetings in (("quartier:la-colline", ["m4"], 1), ("commune:port-lanse", ["m1", "m2", "m4"], 5)):
        assert (rates[scope]["value"], rates[scope]["why"]) == (None, "population_inconnue")
        assert (rates[scope]["rows"], rates[scope]["coverage"]) == (rows, covered((len(rows), meetings)))


def test_levels_and_outreach(program: Program) -> None:
    package = Package()
    package.meeting("m1", "2025-02-01", QUAYS, niveau="information", type="stand")
    package.meeting("m2", "2025-02-02", QUAYS, niveau="codecision", type="atelier")
    package.meeting("m3", "2025-02-03", QUAYS, type="cafe_citoyen")
    package.meeting("m4", "2025-02-04", QUAYS, niveau="information", type="reunion_publique")
    for number, kind in enumerate(("micro_trottoir", "balade_urbaine", "porte_a_porte", "temps_convivial")):
        package.meeting(f"o{number}", "2025-03-01", QUAYS, type=kind)
    program.take(package)
    figures = program.figures(2025, as_of="2026-01-31")
    coverage = covered((3, 8))
    assert of(figures, *(f"L1.{level}" for level in ("information", "consultation", "codecision"))) == {
        "L1.information": count("m1", "m4", coverage=coverage),
        "L1.consultation": count(coverage=coverage),
        "L1.codecision": count("m2", coverage=coverage),
    }
    outreach = ["m1", "m3", "o0", "o1", "o2", "o3"]
    assert figures["A1.outreach_share"] == share(outreach, [*outreach, "m2", "m4"])


def test_minutes_within_fifteen_days(program: Program) -> None:
    package = Package()
    package.meeting("same-day", "2025-12-16", QUAYS, compte_rendu="Fait.", compte_rendu_publie_le="2025-12-16")
    package.meeting("day-15", "2025-11-01", QUAYS, compte_rendu="Fait.", compte_rendu_publie_le="2025-11-16")
    package.meeting("day-16", "2025-11-02", QUAYS, compte_rendu="Fait.", compte_rendu_publie_le="2025-11-18")
    package.meeting("draft", "2025-11-03", QUAYS, compte_rendu="Presque.")
    package.meeting("none", "2025-12-17", TOWN_COMMITTEE)
    program.take(package)
    code = "T1.minutes_15d_share"
    by_day = {day: program.figures(2025, as_of=day)[code] for day in ("2025-12-30", "2025-12-31", "2026-01-01")}
    old = ["day-15", "day-16", "draft"]
    assert by_day == {
        "2025-12-30": share(["day-15"], old),
        "2025-12-31": share(["same-day", "day-15"], [*old, "same-day"]),
        "2026-01-01": share(["same-day", "day-15"], [*old, "same-day", "none"]),
    }
    assert program.figures(2025, as_of="2025-11-15")[code]["why"] == "denominateur_vide"
    assert program.figures(2025, as_of="2025-11-16")[code] == share(["day-15"], ["day-15"])
