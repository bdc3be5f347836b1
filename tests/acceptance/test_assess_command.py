"""`participation assess`: its JSON and CSV (interfaces.md), its default day, what it says to bad input."""

import csv
import io
import json

import time_machine

from tests.acceptance.counting import NOTHING, count, of, share
from tests.acceptance.package import HILL, QUAYS, STEERING, Package
from tests.acceptance.program import Program

BLOCKS = """
    PC1.existing PC1.active
    PC2.bodies_with_residents PC2.bodies PC2.meetings_with_residents_share PC2.seats
    PC3.bodies PC3.attendances
    PC4.opinions PC4.opinions_followed_share PC4.received PC4.submitted_share PC4.answered_share PC4.accepted_share
    PC4.done_share PC4.answer_days_median PC4.told_share PC4.overdue
    G1.total G1.communale G1.communautaire G2.total G2.mean G3.count
    D1.first_time_share D2.qpv_share D3.women_share D4.under26_share D4.over60_share D5.rate_per_1000
    L1.information L1.consultation L1.concertation L1.coproduction L1.codecision A1.outreach_share
    R1.cadence M1.members M1.entries M1.exits T1.minutes_15d_share
"""
CODES = tuple(BLOCKS.split())
"""Every code, in the order of indicators.md."""


def test_the_document(program: Program) -> None:
    answer = program.assess(2025, "commune:port-lanse", "2026-01-31")
    indicators = answer.pop("indicators")
    assert answer == {
        "contract": "rives-de-lanse",
        "year": 2025,
        "scope": {"kind": "commune", "slug": "port-lanse"},
        "as_of": "2026-01-31",
        "rules": "1",
        "closed": None,
    }
    assert tuple(indicators) == CODES
    period = program.assess("2027-2030", as_of="2026-01-31")
    assert (period["year"], period["scope"]) == ("2027-2030", {"kind": "contract", "slug": None})


def test_the_same_question_gives_the_same_bytes(program: Program) -> None:
    program.take(Package().meeting("r1", "2025-03-14", QUAYS, habitants=3))
    words = ("assess", "--year", "2025", "--as-of", "2026-01-31")
    first = program.run(*words).out
    with time_machine.travel("2033-01-01T00:00:00+00:00"):
        assert program.run(*words).out == first
        assert program.run(*words, "--format", "json", "--scope", "contract").out == first


def test_today_is_that_of_paris(program: Program) -> None:
    with time_machine.travel("2025-12-31T23:30:00+00:00"):
        assert program.assess(2025)["as_of"] == "2026-01-01"


def test_the_csv_says_what_the_json_says(program: Program) -> None:
    package = Package().meeting("r1", "2025-03-14", QUAYS, habitants=3, femmes=1, hommes=2, participants=4)
    package.meeting("r2", "2025-03-15", STEERING).meeting("r3", "2025-03-16", QUAYS, HILL)
    program.take(package.proposal("p1", QUAYS, "2025-03-14 recueillie", "2025-04-01 transmise"))
    words = ("assess", "--year", "2025", "--as-of", "2026-01-31", "--format", "csv")
    text = program.run(*words).out
    head, *lines = csv.reader(io.StringIO(text))
    assert head == ["code", "libelle", "valeur", "numerateur", "denominateur", "comptees", "sur", "motif"]
    assert tuple(line[0] for line in lines) == CODES
    figures = program.figures(2025, as_of="2026-01-31")
    for code, _label, value, numerator, denominator, counted, counted_of, why in lines:
        figure = figures[code]
        coverage = figure.get("coverage") or {}
        told = (
            figure["value"],
            figure.get("numerator"),
            figure.get("denominator"),
            *map(coverage.get, ("counted", "of")),
        )
        read = tuple(
            None if cell == "" else json.loads(cell) for cell in (value, numerator, denominator, counted, counted_of)
        )
        assert (read, why) == (told, figure.get("why", ""))
    by_code = {line[0]: line[1:] for line in lines}
    assert by_code["D3.women_share"] == ["Femmes", "0.3333333333333333", "1", "3", "1", "3", ""]
    assert by_code["PC4.accepted_share"] == ["Part retenue", "", "0", "0", "", "", "denominateur_vide"]
    path = program.new_path(".csv")
    assert program.run(*words, "-o", path).out == ""
    assert path.read_text(encoding="utf-8") == text


def test_what_it_says_to_bad_input(program: Program) -> None:
    """2 is wrong usage; a place that is not there is the input's fault, and the nearest one is named."""
    said = program.run("assess", "--year", "2025", "--scope", "commune:port-lans")
    assert (said.status, said.faults) == (
        1,
        ["Le périmètre « commune:port-lans » n'existe pas. Le plus proche : commune:port-lanse."],
    )
    for words in (
        ("--year", "25"),
        ("--year", "2025-2026"),
        ("--year", "2025", "--as-of", "2025-02-30"),
        ("--year", "2025", "--scope", "region:nord"),
        ("--year", "2025", "--scope", "commune"),
        ("--year", "2025", "--format", "doc"),
        (),
    ):
        assert program.run("assess", *words).status == 2


def test_refs_are_sorted_by_code_point(program: Program) -> None:
    refs = ["B", "a", "A10", "A2", "b.1", "b-1", "b_1", "0"]
    package = Package()
    for ref in refs:
        package.meeting(ref, "2025-03-14", QUAYS)
    program.take(package)
    rows = program.figures(2025, as_of="2026-01-31")["G1.total"]["rows"]
    assert rows == ["0", "A10", "A2", "B", "a", "b-1", "b.1", "b_1"]


def test_a_decided_proposal_that_is_withdrawn_or_merged_later(program: Program) -> None:
    """They leave the shares of their cohort, not the time that their answer took nor the answers to be told back."""
    steps = ("2025-03-01 recueillie", "2025-03-01 transmise", "2025-03-11 non_retenue", "2025-04-01 transmise")
    package = Package().proposal("withdrawn", QUAYS, *steps, "2025-05-01 retiree")
    package.proposal("merged", QUAYS, *steps, "2025-05-01 regroupee vers=withdrawn")
    package.proposal(
        "begun-anew",
        QUAYS,
        "2024-12-31 recueillie annulee_le=2025-01-02 annulee_motif=Erreur",
        "2025-01-02 recueillie",
        "2025-01-03 transmise",
        "2025-01-04 retenue_en_partie",
    )
    program.take(package)
    codes = ("PC4.received", "PC4.answered_share", "PC4.accepted_share", "PC4.answer_days_median", "PC4.told_share")
    assert of(program.figures(2025, as_of="2026-01-31"), *codes) == {
        "PC4.received": count("begun-anew", "withdrawn"),
        "PC4.answered_share": share(["begun-anew"], ["begun-anew"]),
        "PC4.accepted_share": share(["begun-anew"], ["begun-anew"]),
        "PC4.answer_days_median": {"value": 10, "rows": ["begun-anew", "merged", "withdrawn"]},
        "PC4.told_share": share([], ["begun-anew#4", "merged#3", "withdrawn#3"]),
    }
    assert program.figures(2024, as_of="2026-01-31")["PC4.received"] == count()
    before = program.figures(2025, as_of="2025-04-30")
    assert before["PC4.accepted_share"] == share(["begun-anew"], ["begun-anew", "merged", "withdrawn"])
    assert NOTHING.items() <= program.figures(2024, as_of="2026-01-31")["PC4.done_share"].items()
