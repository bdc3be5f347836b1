"""PC1, PC2 and PC3, counted by hand on a few instances and meetings (indicators.md)."""

import pytest

from tests.acceptance.conftest import Make
from tests.acceptance.counting import count, of, share, total, values
from tests.acceptance.package import (
    HILL,
    MILL,
    PORT,
    QUAYS,
    STEERING,
    SUMMER,
    TOWN_COMMITTEE,
    VALLEY_COMMITTEE,
    Package,
)
from tests.acceptance.program import Program

FORUM = "forum-du-val"


@pytest.fixture(scope="module")
def lives(new_shared: Make) -> Program:
    """Instances that open and close around 2025; meetings around its ends."""
    program = new_shared()
    package = Package()
    for slug, commune, opened, closed in (
        ("ferme-la-veille", "port-lanse", "", "2024-12-31"),
        ("ferme-le-premier", "port-lanse", "", "2025-01-01"),
        ("ouvre-le-dernier", "val-fleuri", "2025-12-31", ""),
        ("ouvre-apres", "port-lanse", "2026-01-01", ""),
    ):
        package.body(slug, "participation", "table_ronde", commune, ouverte_le=opened, fermee_le=closed)
    package.meeting("m1", "2025-01-01", QUAYS, HILL, quartiers="la-colline")
    package.meeting("m2", "2025-12-31", PORT)
    package.meeting("m3", "2025-01-01", "ferme-le-premier")
    package.meeting("m4", "2026-01-01", "ouvre-le-dernier")
    package.meeting("m5", "2025-06-15", MILL)
    package.meeting("m6", "2025-12-31", "ouvre-le-dernier", statut="prevue")
    package.meeting("m7", "2025-07-01", SUMMER)
    package.meeting("m8", "2025-07-01", STEERING)
    package.meeting("m9", "2025-07-01", "ouvre-le-dernier", statut="annulee")
    program.take(package)
    return program


@pytest.mark.parametrize(
    ("year", "as_of", "existing"),
    [
        (2025, "2026-01-31", [QUAYS, HILL, PORT, "ferme-le-premier", "ouvre-le-dernier"]),
        (2025, "2025-12-30", [QUAYS, HILL, PORT, "ferme-le-premier"]),
        (2026, "2026-02-28", [QUAYS, HILL, PORT, "ouvre-le-dernier", "ouvre-apres"]),
        (2026, "2026-03-01", [QUAYS, HILL, PORT, "ouvre-le-dernier", "ouvre-apres", MILL]),
        (2024, "2026-03-01", [QUAYS, HILL, PORT, "ferme-la-veille", "ferme-le-premier"]),
    ],
)
def test_bodies_that_exist(lives: Program, year: int, as_of: str, existing: list[str]) -> None:
    """A campaign and a governance body never do; an unknown opening is before the contract."""
    assert lives.figures(year, as_of=as_of)["PC1.existing"] == count(*existing)


def test_bodies_that_are_active(lives: Program) -> None:
    """A body of two communes is told in both; one that is not open yet is not active, although it met (m5)."""
    kinds = {"assemblee_de_quartier": 2, "conseil_de_quartier": 1, "table_ronde": 1}
    by = {"kind": kinds, "commune": {"port-lanse": 4, "val-fleuri": 1}}
    assert lives.figures(2025, as_of="2026-01-31")["PC1.active"] == count(QUAYS, HILL, PORT, "ferme-le-premier", by=by)
    by = {"kind": {"assemblee_de_quartier": 2, "table_ronde": 1}, "commune": {"port-lanse": 3, "val-fleuri": 1}}
    assert lives.figures(2025, as_of="2025-12-30")["PC1.active"] == count(QUAYS, HILL, "ferme-le-premier", by=by)


def test_bodies_of_a_place(lives: Program) -> None:
    """By attachment only: m1 names another quartier than QUAYS's, which is active none the less."""
    codes = ("PC1.existing", "PC1.active")
    valley = lives.figures(2025, "commune:val-fleuri", "2026-01-31")
    told = {"kind": {"assemblee_de_quartier": 1}, "commune": {"port-lanse": 1, "val-fleuri": 1}}
    assert of(valley, *codes) == {"PC1.existing": count(HILL, "ouvre-le-dernier"), "PC1.active": count(HILL, by=told)}
    quays = lives.figures(2025, "quartier:les-quais", "2026-01-31")
    told = {"kind": {"assemblee_de_quartier": 1}, "commune": {"port-lanse": 1}}
    assert of(quays, *codes) == {"PC1.existing": count(QUAYS), "PC1.active": count(QUAYS, by=told)}
    assert quays["G1.total"] == count()
    assert lives.figures(2025, "quartier:la-colline", "2026-01-31")["G1.total"] == count("m1")
    own = lives.figures(2025, f"instance:{PORT}", "2026-01-31")
    told = {"kind": {"conseil_de_quartier": 1}, "commune": {"port-lanse": 1}}
    assert of(own, *codes) == {"PC1.existing": count(PORT), "PC1.active": count(PORT, by=told)}


@pytest.fixture(scope="module")
def governed(new_shared: Make) -> Program:
    """Committees with and without residents, seats that begin and end on the last days of 2025."""
    program = new_shared()
    package = Package().body(FORUM, "participation", "table_ronde", "val-fleuri")
    package.meeting("g1", "2025-02-01", STEERING, habitants=0)
    package.meeting("g2", "2025-03-01", TOWN_COMMITTEE, FORUM, habitants=3)
    package.meeting("g3", "2025-04-01", VALLEY_COMMITTEE)
    package.meeting("g4", "2025-12-31", VALLEY_COMMITTEE, habitants=1)
    package.meeting("g5", "2025-05-01", TOWN_COMMITTEE, habitants=9, statut="annulee")
    package.meeting("p1", "2025-05-02", FORUM, habitants=7)
    package.meeting("s1", "2025-07-01", SUMMER, habitants=12)
    for ref, body, seat, begin, end in (
        ("s-a", QUAYS, STEERING, "2025-01-01", "2025-12-31"),
        ("s-b", QUAYS, PORT, "2025-12-31", ""),
        ("s-c", HILL, VALLEY_COMMITTEE, "2025-01-01", "2025-12-30"),
        ("s-d", HILL, QUAYS, "2025-01-01", ""),
        ("s-f", QUAYS, TOWN_COMMITTEE, "2026-01-01", ""),
    ):
        package.mandate(ref, body, begin, end, genre="representant", aupres_de=seat)
    package.mandate("s-e", STEERING, "2025-01-01", genre="membre")
    program.take(package)
    return program


PC2_PC3 = (
    "PC2.bodies_with_residents",
    "PC2.bodies",
    "PC2.meetings_with_residents_share",
    "PC2.seats",
    "PC3.bodies",
    "PC3.attendances",
)


def expected(*figures: object) -> dict[str, object]:
    return dict(zip(PC2_PC3, figures, strict=True))


def test_governance_of_the_contract(governed: Program) -> None:
    """STEERING is with residents by its seat, which ends on E; a campaign's residents are present, in no instance."""
    assert of(governed.figures(2025, as_of="2026-01-31"), *PC2_PC3) == expected(
        count(STEERING, TOWN_COMMITTEE, VALLEY_COMMITTEE),
        count(STEERING, TOWN_COMMITTEE, VALLEY_COMMITTEE),
        share(["g2", "g4"], ["g1", "g2", "g4"], (3, 4)),
        count("s-a", "s-b"),
        count(TOWN_COMMITTEE, VALLEY_COMMITTEE, FORUM),
        total(0 + 3 + 1 + 7 + 12, ["g1", "g2", "g4", "p1", "s1"], 6),
    )


def test_governance_the_day_before_the_year_ends(governed: Program) -> None:
    """Without g4, VALLEY_COMMITTEE is with residents by a seat that ends that day; s-b is not filled yet."""
    assert of(governed.figures(2025, as_of="2025-12-30"), *PC2_PC3) == expected(
        count(STEERING, TOWN_COMMITTEE, VALLEY_COMMITTEE),
        count(STEERING, TOWN_COMMITTEE, VALLEY_COMMITTEE),
        share(["g2"], ["g1", "g2"], (2, 3)),
        count("s-a", "s-c"),
        count(TOWN_COMMITTEE, FORUM),
        total(0 + 3 + 7 + 12, ["g1", "g2", "p1", "s1"], 5),
    )


def test_governance_of_a_commune(governed: Program) -> None:
    """The other commune's committee is not of it; their joint meeting g2 is, through FORUM."""
    assert of(governed.figures(2025, "commune:val-fleuri", "2026-01-31"), *PC2_PC3) == expected(
        count(STEERING, VALLEY_COMMITTEE),
        count(STEERING, VALLEY_COMMITTEE),
        share(["g2", "g4"], ["g1", "g2", "g4"], (3, 4)),
        count("s-a"),
        count(VALLEY_COMMITTEE, FORUM),
        total(23, ["g1", "g2", "g4", "p1", "s1"], 6),
    )


def test_governance_of_a_quartier_and_of_an_instance(governed: Program) -> None:
    quays = governed.figures(2025, "quartier:les-quais", "2026-01-31")
    nothing = {"value": None, "why": "aucune_rencontre", "numerator": 0, "denominator": 0}
    assert of(quays, *PC2_PC3) == expected(
        count(),
        count(),
        nothing | {"coverage": {"counted": 0, "of": 0}, "rows": [], "of_rows": []},
        count("s-a", "s-b"),
        count(),
        total(0, [], 0),
    )
    assert of(governed.figures(2025, f"instance:{STEERING}", "2026-01-31"), *PC2_PC3) == expected(
        count(STEERING), count(STEERING), share([], ["g1"], (1, 1)), count("s-a"), count(), total(0, ["g1"], 1)
    )


def test_a_seat_without_a_meeting_makes_no_body_of_residents(governed: Program) -> None:
    """In 2026 nothing has met; s-f is filled."""
    figures = governed.figures(2026, as_of="2026-06-30")
    assert values(figures, "PC2.bodies_with_residents", "PC2.bodies") == dict.fromkeys(PC2_PC3[:2], 0)
    assert figures["PC2.seats"] == count("s-b", "s-f")


def test_residents_that_nobody_counted_are_unknown_not_zero(program: Program) -> None:
    program.take(Package().meeting("m1", "2025-02-01", TOWN_COMMITTEE).meeting("m2", "2025-02-02", QUAYS))
    figures = program.figures(2025, as_of="2026-01-31")
    assert figures["PC3.attendances"] == total(0, [], 2) | {"value": None, "why": "non_renseigne"}
    unknown = figures["PC2.meetings_with_residents_share"]
    assert (unknown["value"], unknown["why"]) == (None, "non_renseigne")
    assert (unknown["coverage"], unknown["of_rows"]) == ({"counted": 0, "of": 1}, [])
