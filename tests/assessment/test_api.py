"""`/api/v1/indicateurs`: the assessment for programs, with the public's rights or the reader's own."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from flask import Flask

from participation.assessment.engine import assess
from participation.assessment.outputs import as_dict
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.extensions import db
from tests.assessment.packages import QUARTIERS
from tests.assessment.test_small_counts import package_with_few_people
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package

API = "/api/v1/indicateurs"


@pytest.fixture(autouse=True)
def _year(app_context: Flask) -> Any:
    insert_package(db.session.connection(), package_with_few_people(9))
    db.session.commit()
    with time_machine.travel(dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC), tick=False):
        yield


def whole(period: str, scope: Scope, as_of: str = "2026-02-10") -> dict[str, Any]:
    return as_dict(assess(db.session(), Period.parse(period), scope, dt.date.fromisoformat(as_of)))


@pytest.mark.parametrize("period", ["2025", "2024-2026"])
def test_anyone_gets_the_figures_less_the_small_counts(client: CheckedClient, period: str) -> None:
    answer = client.get(f"{API}?annee={period}&perimetre=commune:arras")
    assert answer.mimetype == "application/json"
    found, wanted = answer.json, whole(period, Scope("commune", "arras"))
    assert found
    withheld = {code for code, figure in found["indicators"].items() if figure.get("why") == "petit_effectif"}
    assert withheld
    assert all(code.startswith("D") for code in withheld)
    for code in withheld:
        hidden = dict.fromkeys(("value", "numerator", "denominator")) | {"why": "petit_effectif"}
        wanted["indicators"][code] |= hidden
    assert found == wanted
    assert list(found["indicators"]) == list(wanted["indicators"])


def test_answer_has_the_form_that_programs_rely_on(client: CheckedClient) -> None:
    answer = client.get(f"{API}?annee=2025").json
    assert answer
    assert list(answer) == ["contract", "year", "scope", "as_of", "rules", "closed", "indicators"]
    assert answer["year"] == 2025
    assert answer["scope"] == {"kind": "contract", "slug": None}
    assert answer["as_of"] == "2026-02-10"
    assert (answer["rules"], answer["closed"]) == ("1", None)
    keys = {code: set(figure) - {"why"} for code, figure in answer["indicators"].items()}
    assert keys["PC4.answered_share"] == {"value", "numerator", "denominator", "coverage", "rows", "of_rows"}
    assert keys["D2.qpv_share"] == {"value", "numerator", "denominator", "coverage", "rows"}
    assert keys["PC1.active"] == {"value", "rows", "by"}
    assert keys["PC1.existing"] == {"value", "rows"}
    assert keys["PC3.attendances"] == keys["L1.information"] == {"value", "coverage", "rows"}
    assert set(answer["indicators"]["PC1.active"]["by"]) == {"kind", "commune"}
    assert set(answer["indicators"]["G3.count"]["by"]) == {"institution"}
    assert client.get(f"{API}?annee=2024-2026").json["year"] == "2024-2026"  # type: ignore[index]


@pytest.mark.parametrize("role", ["admin", "chef_projet", "elu"])
def test_team_and_elus_get_everything_at_any_date(client: CheckedClient, role: str) -> None:
    sign_in(client, make_account(role))
    assert client.get(f"{API}?annee=2025").json == whole("2025", Scope())
    answer = client.get(f"{API}?annee=2025&perimetre=instance:instance-1&au=2025-06-30")
    assert answer.json == whole("2025", Scope("instance", "instance-1"), "2025-06-30")


def test_animator_gets_everything_in_their_own_scope_alone(client: CheckedClient) -> None:
    sign_in(client, make_account("animateur", ("commune", "arras")))
    arras = Scope("commune", "arras")
    assert client.get(f"{API}?annee=2025&perimetre=commune:arras").json == whole("2025", arras)
    others = ["contract", "commune:achicourt", *(f"quartier:{slug}" for slug in QUARTIERS)]
    answers = [client.get(f"{API}?annee=2025&perimetre={scope}").json for scope in others]
    figures = [figure for answer in answers if answer for figure in answer["indicators"].values()]
    assert "petit_effectif" in {figure.get("why") for figure in figures}
    assert client.get(f"{API}?annee=2025&au=2025-06-30").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("", 400, "annee"),
        ("?annee=25", 400, "n'est pas une année"),
        ("?annee=2025&perimetre=arras", 400, "n'est pas un périmètre"),
        ("?annee=2025&perimetre=commune:aras", 404, "commune:arras"),
        ("?annee=2025&au=31/01/2026", 400, "n'est pas une date"),
        ("?annee=2025&au=0001-01-01", 400, "n'est pas une date"),
        ("?annee=2025&perimetre=commune:%00%F0%9F%98%80", 404, "n'existe pas"),
        ("?annee=2025&year=2025", 400, "Paramètre inconnu : year"),
        ("?annee=2025&au=2025-06-30", 401, "réservés"),
        ("?annee=2025&perimetre=instance:instance-1", 401, "réservés"),
    ],
)
def test_wrong_question_is_explained(client: CheckedClient, asked: str, status: int, said: str) -> None:
    answer = client.get(API + asked)
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert said in answer.json["erreur"]  # type: ignore[index]
