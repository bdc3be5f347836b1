"""The assessment over HTTP: the same figures as the command's, less what would tell of one to four people."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance.counting import of, quotient
from tests.acceptance.package import HILL, QUAYS, TOWN_COMMITTEE, Package
from tests.acceptance.program import Program
from tests.acceptance.test_assess_command import CODES
from tests.acceptance.test_round_trip import SECRET, full
from tests.support.filling import fill

API = "/api/v1/indicateurs"
PUBLIC = (
    *("contract", "commune:port-lanse", "commune:val-fleuri"),
    *("quartier:les-quais", "quartier:la-colline", "quartier:le-moulin"),
)
WOMEN = "D3.women_share"


def asked(client: Any, scope: str = "contract", **more: str) -> dict[str, Any]:
    answer = client.get(API, query_string={"annee": "2025", "perimetre": scope, **more})
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def signed_in(program: Program, role: str, *scopes: str) -> Any:
    """Return a browser in which a new account has used the link that `user add` gave."""
    words = [word for scope in scopes for word in ("--scope", scope)]
    said = program.run("user", "add", f"{role}@exemple.fr", "--role", role, *words)
    [link] = re.findall(r"https?://\S+", said.out)
    client = program.app.test_client()
    assert fill(client, urlsplit(link).path).status_code in {302, 303}
    return client


@pytest.fixture
def few(program: Program) -> Program:
    """Three women at r1; 12 at r2; 2 at r3, which is of the commune and of no quartier."""
    package = Package()
    package.meeting("r1", "2025-03-14", QUAYS, habitants=20, femmes=3, hommes=17, moins_26=0, plus_60=5)
    package.meeting("r2", "2025-03-15", HILL, habitants=20, femmes=12, hommes=8)
    package.meeting("r3", "2025-03-16", TOWN_COMMITTEE, habitants=10, femmes=2, hommes=8)
    program.take(package)
    return program


def test_the_api_says_what_the_command_says(program: Program) -> None:
    program.take(full())
    client = signed_in(program, "admin")
    for scope in (*PUBLIC, f"instance:{QUAYS}"):
        assert asked(client, scope, au="2026-01-31") == program.assess(2025, scope, "2026-01-31")
    period = client.get(API, query_string={"annee": "2024-2026", "au": "2026-01-31"}).get_json()
    assert period == program.assess("2024-2026", as_of="2026-01-31")


def test_a_stranger_reads_what_the_command_says_less_small_counts(few: Program) -> None:
    client = few.app.test_client()
    hidden = {"value": None, "why": "petit_effectif", "numerator": None, "denominator": None}
    for scope in PUBLIC:
        shown, whole = asked(client, scope)["indicators"], few.figures(2025, scope)
        for code in CODES:
            assert shown[code] in (whole[code], whole[code] | hidden)
            assert shown[code] == whole[code] or code.startswith("D")


def test_what_is_small_is_hidden_and_what_is_not_is_shown(few: Program) -> None:
    """17 men and 3 women: the women are hidden; none under 26 tells of nobody; 5 are enough."""
    client = few.app.test_client()
    figures = asked(client, "quartier:les-quais")["indicators"]
    assert figures[WOMEN]["why"] == "petit_effectif"
    assert of(figures, "D4.under26_share", "D4.over60_share") == {
        "D4.under26_share": quotient(0, 20, ["r1"], 1),
        "D4.over60_share": quotient(5, 20, ["r1"], 1),
    }
    assert asked(client, "quartier:la-colline")["indicators"][WOMEN] == quotient(12, 20, ["r2"], 1)
    assert asked(client, "commune:val-fleuri")["indicators"][WOMEN] == quotient(12, 20, ["r2"], 1)


def test_no_difference_of_what_is_shown_gives_a_small_count(few: Program) -> None:
    """The contract and port-lanse hold all three meetings, a quartier one: less the others, 3 or 2 women are left."""
    client = few.app.test_client()
    shown = {scope: asked(client, scope)["indicators"][WOMEN]["numerator"] for scope in PUBLIC}
    for wide in ("contract", "commune:port-lanse"):
        if shown[wide] is not None:
            parts = [shown["quartier:les-quais"], shown["quartier:la-colline"]]
            known = [part for part in parts if part is not None]
            assert not {shown[wide] - part for part in known} & {1, 2, 3, 4}
            assert shown[wide] - sum(known) not in {1, 2, 3, 4}


def test_open_data_and_pages_agree_with_what_is_hidden(few: Program) -> None:
    rows = few.export("--open-data")["rencontres.csv"].decode().splitlines()
    assert [line.split(",")[15:17] for line in rows[1:]] == [["", ""], ["12", "8"], ["", ""]]
    page = few.app.test_client().get("/rencontres/r1").text
    assert "20 habitants" in page
    assert not re.search(r"\b(3|17)\b (femmes|hommes)", page)


def test_dates_and_instances_are_for_the_team_and_the_elected(few: Program) -> None:
    stranger = few.app.test_client()
    for question in ({"au": "2025-12-31"}, {"perimetre": f"instance:{QUAYS}"}):
        assert stranger.get(API, query_string={"annee": "2025", **question}).status_code in {401, 404}
    assert stranger.get("/elus/bilan/2025").status_code == 303
    assert stranger.get("/bilan/2025", query_string={"perimetre": f"instance:{QUAYS}"}).status_code == 404
    elected = signed_in(few, "elu", "commune:port-lanse")
    whole = asked(elected, "commune:port-lanse", au="2025-12-31")
    assert whole == few.assess(2025, "commune:port-lanse", "2025-12-31")
    animator = signed_in(few, "animateur", f"instance:{QUAYS}")
    assert asked(animator, f"instance:{QUAYS}")["indicators"] == few.figures(2025, f"instance:{QUAYS}")
    assert animator.get(API, query_string={"annee": "2025", "perimetre": f"instance:{HILL}"}).status_code == 404


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ({}, 400),
        ({"annee": "25"}, 400),
        ({"annee": "2025-2026"}, 400),
        ({"annee": "2025", "perimetre": "region:nord"}, 400),
        ({"annee": "2025", "perimetre": "commune:nulle-part"}, 404),
        ({"annee": "2025", "au": "2025-02-30"}, 400),
        ({"année": "2025"}, 400),
    ],
)
def test_a_wrong_question_is_answered_in_french(unchanged: Program, question: dict[str, str], status: int) -> None:
    answer = unchanged.app.test_client().get(API, query_string=question)
    assert answer.status_code == status
    assert answer.get_json()["erreur"]


def test_the_page_shows_the_same_figures(few: Program) -> None:
    text = visible(few.app.test_client().get("/bilan/2025?perimetre=quartier:la-colline").text)
    for words in ("Réunions tenues 1 ", "Présences d'habitants 20 ", "Femmes 60 % 12 sur 20", "Primo-participants Non"):
        assert words in text


def visible(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ").split())


def test_no_page_behind_a_figure_tells_what_is_private(program: Program) -> None:
    """Opinions not published, drafts of minutes, names of members: counted, never shown."""
    program.take(full())
    client = program.app.test_client()
    addresses = [f"/bilan/2025/{code}" for code in CODES]
    addresses += [
        "/",
        "/rencontres",
        "/rencontres/r1",
        "/propositions",
        "/instances",
        f"/instances/{QUAYS}",
        API + "?annee=2025",
    ]
    for address in addresses:
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code == 200, address
        assert SECRET not in answer.text
        assert "Alix" not in answer.text
