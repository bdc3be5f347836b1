"""The definitions by example: one small case for each rule that is easy to get wrong."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from participation.assessment.engine import assess
from participation.assessment.period import Period
from participation.assessment.results import Figure
from participation.assessment.scope import Scope
from tests.assessment.conftest import Fill

Row = dict[str, Any]
R = "2026-01-31"


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def body(slug: str, communes: str = "arras", **more: Any) -> Row:
    row = {"slug": slug, "genre": "commission_citoyenne", "famille": "participation", "echelle": "communale",
           "communes": communes.split(), "quartiers": [], "ouverte_le": None, "fermee_le": None}  # fmt: skip
    return row | more


def meeting(ref: str, on: str = "2025-05-10", instances: str = "a", **more: Any) -> Row:
    counts = dict.fromkeys(
        ("participants", "habitants", "habitants_qpv", "primo_participants", "femmes", "hommes", "moins_26", "plus_60")
    )
    row = {"ref": ref, "date": day(on), "instances": instances.split(), "type": "reunion", "quartiers": [],
           "niveau": None, "statut": "tenue", "institutions": [], "compte_rendu_publie_le": None}  # fmt: skip
    return row | counts | more


def walk(ref: str, *steps: str, **more: Any) -> list[Row]:
    """Steps of a proposal, written `2025-03-01 recueillie`; `~` before the kind: voided."""
    rows = []
    for step in steps:
        on, kind = step.split()
        voided = kind.startswith("~")
        rows.append({
            "proposition": ref, "date": day(on), "etape": kind.lstrip("~"), "motif": "Pour une bonne raison.",
            "vers": {"transmise": "a", "regroupee": "autre"}.get(kind.lstrip("~")),
            "echeance": None, "restituee_le": None,
            "annulee_le": day(on) if voided else None, "annulee_motif": "Erreur." if voided else None,
        } | more)  # fmt: skip
    return rows


def package(
    bodies: list[Row] | None = None, meetings: tuple[Row, ...] = (), steps: list[Row] | None = None, **tables: Any
) -> dict[str, list[Row]]:
    steps = walk("autre", "2020-01-01 recueillie") + (steps or [])
    refs = list(dict.fromkeys(step["proposition"] for step in steps))
    found: dict[str, list[Row]] = {
        "contrat": [{"debut": 2024, "fin": 2030, "population": 13100, "delai_de_reponse": 60}],
        "communes": [{"slug": "arras"}, {"slug": "achicourt"}],
        "quartiers": [{"slug": "nord", "communes": ["arras"], "population": None}],
        "instances": bodies or [body("a"), body("b", "achicourt")],
        "cadences": [],
        "rencontres": list(meetings),
        "propositions": [{"ref": ref, "instance": "a", "quartiers": []} for ref in refs],
        "etapes": steps,
        "avis": [],
        "mandats": [],
    }
    return found | tables


class Ask:
    """Fills the database, then reads one figure."""

    def __init__(self, session: Session, fill: Fill) -> None:
        self.session, self.fill = session, fill

    def __call__(self, code: str, period: str = "2025", scope: str = "contract", as_of: str = R) -> Figure:
        day_of_reading = dt.date.fromisoformat(as_of)
        return assess(self.session, Period.parse(period), Scope.parse(scope), day_of_reading).figures[code]


@pytest.fixture
def ask(session: Session, fill: Fill) -> Ask:
    return Ask(session, fill)


@pytest.mark.parametrize(
    ("opened", "closed", "exists"),
    [
        (None, None, True),
        ("2025-12-31", None, True),
        ("2026-01-01", None, False),
        (None, "2025-01-01", True),
        (None, "2024-12-31", False),
    ],
)
def test_body_exists_in_a_year(ask: Ask, opened: str | None, closed: str | None, exists: bool) -> None:
    ask.fill(package([body("a", ouverte_le=day(opened), fermee_le=day(closed))]))
    assert ask("PC1.existing").rows == (("a",) if exists else ())


def test_joint_meeting_counts_once_in_each_scope(ask: Ask) -> None:
    ask.fill(package(meetings=(meeting("joint", instances="a b", habitants=12),)))
    for scope in ("contract", "commune:arras", "commune:achicourt", "instance:a", "instance:b"):
        assert ask("G1.total", scope=scope).value == 1
        assert ask("PC3.attendances", scope=scope).value == 12
    assert ask("G1.communautaire").value == 1


def test_body_of_two_communes_meets_at_the_wider_scale(ask: Ask) -> None:
    ask.fill(package([body("a", "arras achicourt")], meetings=(meeting("m"),)))
    assert ask("G1.communautaire").rows == ("m",)


def test_meeting_of_tomorrow_is_not_counted_today(ask: Ask) -> None:
    ask.fill(package(meetings=(meeting("m", "2025-05-10"),)))
    assert ask("G1.total", as_of="2025-05-09").value == 0
    assert ask("G1.total", as_of="2025-05-10").value == 1


def test_unknown_headcount_is_not_zero(ask: Ask) -> None:
    ask.fill(package(meetings=(meeting("m"), meeting("n", instances="b", habitants=0))))
    assert (ask("PC3.attendances", scope="commune:arras").value, ask("PC3.attendances").value) == (None, 0)
    assert ask("PC3.attendances", scope="commune:arras").why == "non_renseigne"
    assert ask("PC3.attendances", period="2024").value == 0
    assert ask("D1.first_time_share", period="2024").why == "aucune_rencontre"


@pytest.mark.parametrize(
    ("steps", "late"),
    [
        (["2025-12-02 transmise"], False),  # due on R itself
        (["2025-12-01 transmise"], True),
        (["2025-10-01 transmise", "2025-12-20 ajournee"], True),  # an adjournment gives no delay
        (["2025-10-01 transmise", "2025-12-20 transmise"], False),
        (["2025-10-01 transmise", "2025-12-20 ~transmise"], True),
        (["2025-10-01 transmise", "2026-01-31 retenue"], False),
        (["2025-10-01 transmise", "2026-02-01 retenue"], True),
    ],
)
def test_answer_is_late(ask: Ask, steps: list[str], late: bool) -> None:
    ask.fill(package(steps=walk("p", "2025-09-01 recueillie", *steps)))
    assert ask("PC4.overdue").rows == (("p",) if late else ())


@pytest.mark.parametrize(("due", "late"), [("2026-01-30", True), ("2026-01-31", False)])
def test_announced_date_decides(ask: Ask, due: str, late: bool) -> None:
    ask.fill(package(steps=walk("p", "2025-01-01 recueillie", "2025-01-02 transmise", echeance=day(due))))
    assert ask("PC4.overdue").value == late


def test_merged_leaves_the_cohort_and_withdrawn_leaves_its_shares(ask: Ask) -> None:
    ask.fill(
        package(
            steps=[
                *walk("merged", "2025-01-01 recueillie", "2025-02-01 transmise", "2025-03-01 regroupee"),
                *walk("withdrawn", "2025-01-01 recueillie", "2025-02-01 transmise", "2025-03-01 retiree"),
                *walk("refused", "2025-01-01 recueillie", "2025-02-01 transmise", "2025-03-01 non_retenue"),
                *walk("kept", "2025-01-01 recueillie", "2025-02-01 etude"),
            ]
        )
    )
    assert ask("PC4.received").rows == ("kept", "refused", "withdrawn")
    share = ask("PC4.submitted_share")
    assert (share.rows, share.of_rows) == (("refused",), ("kept", "refused"))
    assert ask("PC4.received", as_of="2025-02-28").value == 4  # nothing had left yet
    assert ask("PC4.submitted_share", as_of="2025-02-28").numerator == 3


def test_refused_then_accepted_is_accepted(ask: Ask) -> None:
    steps = ("2025-01-01 recueillie", "2025-01-11 transmise", "2025-01-31 non_retenue", "2025-02-01 transmise")
    ask.fill(package(steps=walk("p", *steps, "2025-03-01 retenue", "2025-04-01 en_cours", "2025-05-01 realisee")))
    assert ask("PC4.accepted_share", as_of="2025-02-15").value == 0
    assert ask("PC4.accepted_share").value == 1
    assert ask("PC4.done_share", as_of="2025-04-30").value == 0
    assert ask("PC4.done_share").value == 1
    assert ask("PC4.answer_days_median").value == 30  # to the first decision
    assert ask("PC4.told_share").of_rows == ("p#3", "p#5")


def test_voided_step_counts_nowhere_and_keeps_its_number(ask: Ask) -> None:
    steps = ("2024-12-30 ~recueillie", "2025-01-01 recueillie", "2025-01-11 transmise", "2025-01-31 ~retenue")
    ask.fill(package(steps=walk("p", *steps, "2025-02-10 non_retenue", restituee_le=None)))
    assert ask("PC4.received", period="2024").value == 0
    assert ask("PC4.received").rows == ("p",)
    assert ask("PC4.answer_days_median").value == 40
    assert ask("PC4.told_share").of_rows == ("p#5",)


def test_median_of_an_even_number_is_between_the_two_middle_ones(ask: Ask) -> None:
    steps = [
        step
        for ref, on in (("p", "2025-01-11"), ("q", "2025-01-16"), ("r", "2025-01-21"), ("s", "2025-09-01"))
        for step in walk(ref, "2025-01-01 recueillie", "2025-01-02 transmise", f"{on} non_retenue")
    ]
    ask.fill(package(steps=steps))
    assert ask("PC4.answer_days_median").value == 17.5


@pytest.mark.parametrize(
    ("published", "as_of", "share"),
    [
        ("2025-05-25", R, 1),
        ("2025-05-26", R, 0),
        (None, R, 0),
        ("2025-05-25", "2025-05-25", 1),
        (None, "2025-05-24", None),
    ],
)
def test_minutes_within_15_days(ask: Ask, published: str | None, as_of: str, share: int | None) -> None:
    ask.fill(package(meetings=(meeting("m", "2025-05-10", compte_rendu_publie_le=day(published)),)))
    figure = ask("T1.minutes_15d_share", as_of=as_of)
    assert figure.value == share
    assert figure.why == (None if share is not None else "denominateur_vide")


def test_cadence_is_expected_for_the_days_that_all_its_bodies_are_open(ask: Ask) -> None:
    bodies = [body("a", ouverte_le=day("2025-07-02")), body("b", fermee_le=day("2025-12-31"))]
    cadence = [{"instances": ["a", "b"], "type": None, "par_an": 2}]
    ask.fill(package(bodies, (meeting("alone"), meeting("joint", instances="a b")), cadences=cadence))
    figure = ask("R1.cadence")
    assert figure.by == {"a+b": {"held": 1, "expected": 2}}  # 183 days of 365: one meeting and a bit
    assert ask("R1.cadence", scope="instance:b").by == figure.by
    assert ask("R1.cadence", period="2024").why == "denominateur_vide"  # one of them was not open
    assert ask("R1.cadence", period="2024-2026").by == {"a+b": {"held": 1, "expected": 2}}  # 6 x 183 / 1096
    assert ask("R1.cadence", period="2031").denominator == 0  # the contract is over


def test_mandate_that_ends_on_the_last_day_is_a_member_and_an_exit(ask: Ask) -> None:
    mandate = {"ref": "m", "instance": "a", "genre": "membre", "aupres_de": None, "debut": day("2025-03-01")}
    ask.fill(package(mandats=[mandate | {"fin": day("2025-12-31")}]))
    assert [ask(f"M1.{what}").value for what in ("members", "entries", "exits")] == [1, 1, 1]
    assert [ask(f"M1.{what}", as_of="2025-12-30").value for what in ("members", "entries", "exits")] == [1, 1, 0]


def test_opinion_without_meeting_or_body_belongs_to_the_communes_of_its_quartier(ask: Ask) -> None:
    opinion = {"ref": "o", "date": day("2025-03-01"), "rencontre": None, "instance": None, "quartier": "nord",
               "proposition": None, "moderation": "en_attente"}  # fmt: skip
    ask.fill(package([body("a", quartiers=["nord"])], avis=[opinion]))
    scopes = ("contract", "commune:arras", "commune:achicourt", "quartier:nord", "instance:a")
    assert [ask("PC4.opinions", scope=scope).value for scope in scopes] == [1, 1, 0, 1, 0]


def test_meeting_that_names_a_quartier_leaves_those_of_its_bodies(ask: Ask) -> None:
    quartiers = [{"slug": slug, "communes": ["arras"], "population": 1000} for slug in ("nord", "sud")]
    meetings = (meeting("named", quartiers=["sud"], habitants=5), meeting("unnamed", habitants=7))
    ask.fill(package([body("a", quartiers=["nord"])], meetings, quartiers=quartiers))
    assert ask("G1.total", scope="quartier:nord").rows == ("unnamed",)
    assert ask("G1.total", scope="quartier:sud").rows == ("named",)
    assert ask("D5.rate_per_1000", scope="quartier:nord").value == 7
    assert ask("D5.rate_per_1000", scope="commune:arras").why == "population_inconnue"
    assert ask("PC1.active", scope="quartier:nord").by == {"kind": {"commission_citoyenne": 1}, "commune": {"arras": 1}}
