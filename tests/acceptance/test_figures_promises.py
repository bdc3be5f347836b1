"""R1 and M1, counted by hand: rhythms of the contract kept or not, members who come and go (indicators.md)."""

from typing import Any

import pytest

from tests.acceptance.conftest import Make
from tests.acceptance.counting import count, of, share
from tests.acceptance.package import HILL, QUAYS, STEERING, TOWN_COMMITTEE, Package
from tests.acceptance.program import Program

BILAN = f"{QUAYS}:bilan_annuel"
TOGETHER = f"{HILL}+{QUAYS}"
CODE = "R1.cadence"


def cadences(kept: list[str], **by: tuple[int, int]) -> dict[str, Any]:
    """Return the figure; `by` is (held, expected) of bilan, together and steering."""
    names = {"bilan": BILAN, "together": TOGETHER, "steering": STEERING}
    told = {names[name]: {"held": held, "expected": expected} for name, (held, expected) in by.items()}
    return share(kept, list(told)) | {"by": told}


@pytest.fixture(scope="module")
def kept(new_shared: Make) -> Program:
    program = new_shared()
    package = Package()
    package.meeting("bilan", "2025-11-01", QUAYS, type="bilan_annuel")
    package.meeting("other-type", "2025-11-02", QUAYS, type="reunion")
    package.meeting("together-1", "2025-03-01", QUAYS, HILL)
    package.meeting("together-2", "2025-12-31", HILL, QUAYS, TOWN_COMMITTEE, type="restitution")
    package.meeting("planned", "2025-04-01", HILL, QUAYS, statut="prevue")
    for number in range(3):
        package.meeting(f"steering-{number}", f"2025-0{number + 1}-15", STEERING)
    program.take(package)
    return program


def test_cadences_of_the_contract(kept: Program) -> None:
    """Held by all the instances, with others too; of its type where it has one."""
    everything = {"bilan": (1, 1), "together": (2, 2), "steering": (3, 4)}
    assert kept.figures(2025, as_of="2026-01-31")[CODE] == cadences([BILAN, TOGETHER], **everything)
    everything["together"] = (1, 2)
    assert kept.figures(2025, as_of="2025-12-30")[CODE] == cadences([BILAN], **everything)


def test_cadences_of_a_place_are_held_wherever_they_are(kept: Program) -> None:
    valley = cadences([TOGETHER], together=(2, 2), steering=(3, 4))
    assert kept.figures(2025, "commune:val-fleuri", "2026-01-31")[CODE] == valley
    assert kept.figures(2025, "quartier:la-colline", "2026-01-31")[CODE] == cadences([TOGETHER], together=(2, 2))
    quays = cadences([BILAN, TOGETHER], bilan=(1, 1), together=(2, 2))
    assert kept.figures(2025, f"instance:{QUAYS}", "2026-01-31")[CODE] == quays
    nothing = kept.figures(2025, f"instance:{TOWN_COMMITTEE}", "2026-01-31")[CODE]
    assert (nothing["value"], nothing["why"], nothing["by"]) == (None, "denominateur_vide", {})


def test_cadences_bind_in_the_contracts_years_only(kept: Program) -> None:
    """2025 to 2031."""
    for year in (2024, 2032):
        assert kept.figures(year, as_of="2033-01-31")[CODE]["of_rows"] == []
    assert kept.figures(2031, as_of="2033-01-31")[CODE] == cadences([], bilan=(0, 1), together=(0, 2), steering=(0, 4))


OPEN_DAYS: list[tuple[int | str, str, str, int | None]] = [
    (2025, "2025-01-01", "2025-12-31", 4),
    (2025, "2025-01-02", "", 4),  # 4 x 364 / 365 = 3.99
    (2025, "2025-07-01", "", 3),  # 4 x 184 / 365 = 2.02
    (2025, "2025-07-02", "", 3),  # 4 x 183 / 365 = 2.005
    (2025, "2025-07-03", "", 2),  # 4 x 182 / 365 = 1.99
    (2025, "", "2025-01-01", 1),  # one open day
    (2025, "2025-12-31", "", 1),
    (2025, "", "2024-12-31", None),
    (2025, "2026-01-01", "", None),
    (2028, "2028-07-02", "", 2),  # 4 x 183 / 366 = 2 exactly
    (2028, "2028-07-01", "", 3),
    ("2027-2030", "", "", 16),
    ("2027-2030", "2029-01-01", "", 8),  # 16 x 730 / 1461 = 7.99
    ("2027-2030", "2028-12-31", "", 9),  # 16 x 731 / 1461 = 8.005
]
"""Of a body with four meetings a year: the period, when it opened and closed, what is expected of it."""


def test_what_is_expected_of_a_body_that_is_open_part_of_the_time(program: Program) -> None:
    """Opening and closing days are open days; nothing expected is not in force."""
    for year, opened, closed, expected in OPEN_DAYS:
        program.take(
            Package().body(STEERING, "gouvernance", "comite", "port-lanse", ouverte_le=opened, fermee_le=closed)
        )
        by = program.figures(year, as_of="2031-01-31")[CODE]["by"]
        assert by.get(STEERING, {}).get("expected") == expected, (year, opened, closed)


def test_instances_of_a_cadence_are_open_together(program: Program) -> None:
    """QUAYS from 1 July, HILL until 30 September: 92 days together; 2 x 92 / 365 = 0.5, one is expected."""
    package = Package()
    package.body(QUAYS, "participation", "assemblee_de_quartier", "port-lanse", ouverte_le="2025-07-01")
    package.body(HILL, "participation", "assemblee_de_quartier", "port-lanse;val-fleuri", fermee_le="2025-09-30")
    program.take(package)
    by = program.figures(2025, as_of="2026-01-31")[CODE]["by"]
    assert by[TOGETHER] == {"held": 0, "expected": 1}
    assert TOGETHER not in program.figures(2026, as_of="2027-01-31")[CODE]["by"]


def test_members_who_come_and_go(program: Program) -> None:
    """One who leaves on E is a member and an exit; committees have none."""
    package = Package()
    package.mandate("whole", QUAYS, "2020-01-01")
    package.mandate("first-day", QUAYS, "2025-01-01", "2025-06-30", genre="membre")
    package.mandate("last-day", HILL, "2025-12-31")
    package.mandate("leaves-on-e", QUAYS, "2024-12-31", "2025-12-31")
    package.mandate("left-before", QUAYS, "2024-01-01", "2024-12-31")
    package.mandate("one-day", QUAYS, "2025-03-01", "2025-03-01")
    package.mandate("next-year", QUAYS, "2026-01-01")
    package.mandate("animator", QUAYS, "2025-01-01", genre="animateur")
    package.mandate("committee", STEERING, "2025-01-01")
    package.mandate("delegate", QUAYS, "2025-01-01", genre="representant", aupres_de=HILL)
    program.take(package)
    codes = ("M1.members", "M1.entries", "M1.exits")

    def members(as_of: str, scope: str = "contract") -> dict[str, Any]:
        return of(program.figures(2025, scope, as_of), *codes)

    def expected(*figures: list[str]) -> dict[str, Any]:
        return {code: count(*rows) for code, rows in zip(codes, figures, strict=True)}

    assert members("2026-01-31") == expected(
        ["whole", "last-day", "leaves-on-e"],
        ["first-day", "last-day", "one-day"],
        ["first-day", "leaves-on-e", "one-day"],
    )
    assert members("2025-12-30") == expected(
        ["whole", "leaves-on-e"], ["first-day", "one-day"], ["first-day", "one-day"]
    )
    assert members("2025-06-30") == expected(
        ["whole", "first-day", "leaves-on-e"], ["first-day", "one-day"], ["first-day", "one-day"]
    )
    assert members("2025-06-29") == expected(
        ["whole", "first-day", "leaves-on-e"], ["first-day", "one-day"], ["one-day"]
    )
    assert members("2026-01-31", "quartier:la-colline") == expected(["last-day"], ["last-day"], [])
