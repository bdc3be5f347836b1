"""The assessment on screen: what anybody reads, what the team and the élus read, and the way to each record."""

import datetime as dt
import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import queries
from participation.assessment.indicators import INDICATORS
from participation.contract.models import Baseline, Contract
from participation.extensions import db
from tests.assessment.packages import make_package
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package

SEED = 9
TODAY = dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture
def year(app_context: Flask) -> Flask:
    """An application with a random year in it, read on 10 February 2026."""
    fill(SEED)
    return app_context


def fill(seed: int) -> None:
    insert_package(db.session.connection(), make_package(seed))
    db.session.commit()


def words_of(page: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def links_of(page: Any, start: str) -> list[str]:
    """Return the addresses of records and of figures that the page leads to, without the part of the page."""
    links = [unescape(one).partition("#")[0] for one in re.findall(r'href="([^"]+)"', page.text)]
    others = "/(relecture|imprimer|objectifs|notes)"
    return [one for one in links if one.startswith(start) and not re.search(others, one)]


def parts_of(page: Any, *parts: str) -> Any:
    """Return some lists of the page of a figure, to be read as a page."""
    return SimpleNamespace(
        text="".join(page.text.partition(f'id="{part}"')[2].partition("</section>")[0] for part in parts)
    )


def test_anyone_can_read_the_years_assessment(year: Flask, client: CheckedClient) -> None:
    page = client.get("/bilan/2025")
    assert page.status_code == 200
    text = words_of(page)
    titles = [
        "Nombre d'instances", "Implication dans la gouvernance", "Instances auxquelles les habitants participent",
        "Prise en compte de leurs avis", "Gouvernance", "Qui participe ?",
    ]  # fmt: skip
    assert [text.index(f" {title} ") for title in titles] == sorted(text.index(f" {title} ") for title in titles)
    assert all(str(one.label) in text or code == "PC4.overdue" for code, one in INDICATORS.items())
    assert set(links_of(page, "/bilan/2025/")) == {f"/bilan/2025/{code}" for code in INDICATORS}


def test_bilan_leads_to_this_year(year: Flask, client: CheckedClient) -> None:
    assert client.get("/bilan").location == "/bilan/2026"
    assert client.get("/bilan?perimetre=commune:arras").location == "/bilan/2026?perimetre=commune:arras"


@pytest.mark.parametrize("where", ["", "?perimetre=commune:arras", "?perimetre=quartier:nord"])
@pytest.mark.parametrize("period", ["2025", "2024-2026", "2027-2030"])
def test_anyone_can_open_every_figure(year: Flask, client: CheckedClient, period: str, where: str) -> None:
    page = client.get(f"/bilan/{period}{where}")
    links = links_of(page, f"/bilan/{period}/")
    assert len(set(links)) == len(INDICATORS)
    for link in set(links):
        assert client.get(link).status_code == 200


def test_page_of_a_figure_shows_exactly_its_rows(year: Flask, client: CheckedClient) -> None:
    asked = client.get("/api/v1/indicateurs?annee=2025").json
    assert asked
    for code in ("G1.total", "PC4.received", "PC1.existing", "D1.first_time_share", "PC4.answered_share"):
        page = parts_of(client.get(f"/bilan/2025/{code}"), "rows", "of_rows")
        start = {"PC1": "/instances/", "PC4": "/propositions/"}.get(code[:3], "/rencontres/")
        figure = asked["indicators"][code]
        shown = [link.removeprefix(start) for link in links_of(page, start) if "?" not in link]
        refs = [*figure["rows"], *figure.get("of_rows", [])]
        assert len(refs) == len(shown), code
        assert all(path == ref or path.startswith(f"{ref}-") for path, ref in zip(shown, refs, strict=True)), code


def test_what_coverage_leaves_out_is_listed(year: Flask, client: CheckedClient) -> None:
    """Coverage is `counted` of `of`: the rows, and the meetings that the page lists as not counted."""
    asked = client.get("/api/v1/indicateurs?annee=2025").json
    assert asked
    held = asked["indicators"]["G1.total"]["rows"]
    codes = [code for code, figure in asked["indicators"].items() if figure.get("coverage")]
    assert len(codes) > 10
    seen = 0
    for code in codes:
        figure = asked["indicators"][code]
        left_out = links_of(parts_of(client.get(f"/bilan/2025/{code}"), "missing"), "/rencontres/")
        assert len(left_out) == figure["coverage"]["of"] - figure["coverage"]["counted"], code
        counted = figure["of_rows"] if "of_rows" in figure else figure["rows"]
        assert {link.removeprefix("/rencontres/") for link in left_out} <= {*held} - {*counted}
        seen += len(left_out)
    assert seen


def test_long_list_goes_on_page_after_page(year: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("participation.assessment.views.PAGE", 3)
    asked = client.get("/api/v1/indicateurs?annee=2025").json
    assert asked
    refs = asked["indicators"]["G1.total"]["rows"]
    assert len(refs) > 6
    seen: list[str] = []
    link: str | None = "/bilan/2025/G1.total"
    while link:
        page = client.get(link)
        seen += [one.removeprefix("/rencontres/") for one in links_of(page, "/rencontres/")]
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        link = unescape(following[1]) if following else None
    assert seen == refs


def test_share_of_few_is_written_in_full(year: Flask, client: CheckedClient) -> None:
    asked = client.get("/api/v1/indicateurs?annee=2025").json
    assert asked
    figure = asked["indicators"]["PC4.answered_share"]
    assert 0 < figure["denominator"] < 20
    text = words_of(client.get("/bilan/2025/PC4.answered_share"))
    assert f"{figure['numerator']} sur {figure['denominator']}" in text


def test_year_before_and_contract_stand_beside(year: Flask, client: CheckedClient) -> None:
    for number, (at, value) in enumerate(((2019, 47), (2022, 28))):
        db.session.add(Baseline(indicator="M1.members", year=at, value=value, label="Conseillers", position=number))
    db.session.commit()
    text = words_of(client.get("/bilan/2025/M1.members"))
    assert "Repères du contrat : 47 (2019), 28 (2022)" in text
    assert "En 2024 :" in text
    assert "Repères du contrat" not in words_of(client.get("/bilan/2025/M1.members?perimetre=commune:arras"))


def test_public_reads_late_only_once_the_delay_is_confirmed(year: Flask, client: CheckedClient) -> None:
    assert "en retard" not in words_of(client.get("/bilan/2025")).lower()
    db.session.execute(sa.update(Contract).values(response_days_confirmed=True))
    db.session.commit()
    assert "Réponses en retard" in words_of(client.get("/bilan/2025"))


def test_cadence_is_under_way_before_the_end_of_the_year(app_context: Flask, client: CheckedClient) -> None:
    seed = next(
        number
        for number in range(50)
        if any(row["par_an"] == 12 for row in make_package(number)["cadences"])
        and all(body["fermee_le"] is None for body in make_package(number)["instances"])
    )
    fill(seed)
    assert "en cours" in words_of(client.get("/bilan/2026/R1.cadence"))
    assert "non tenu" in words_of(client.get("/bilan/2025/R1.cadence"))


def test_unpublished_opinion_is_counted_and_never_shown(year: Flask, client: CheckedClient) -> None:
    db.session.execute(sa.text("UPDATE opinion SET text = 'Secret', moderation = 'reserve'"))
    db.session.commit()
    page = client.get("/bilan/2025/PC4.opinions")
    assert "Secret" not in page.text
    assert "Avis non publié" in page.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bilan/25", 404),
        ("/bilan/2025-2026", 404),
        ("/bilan/2025/PC9.nothing", 404),
        ("/bilan/2025?perimetre=commune:nulle-part", 404),
        ("/bilan/2025?perimetre=instance:instance-0", 404),
        ("/bilan/2025?perimetre=arras", 400),
    ],
)
def test_wrong_question_gets_a_page_that_helps(year: Flask, client: CheckedClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


@pytest.mark.both_databases
@pytest.mark.parametrize("after", ["%00", "%F0%9F%98%80", "'; DROP TABLE meeting", "zzz", "%D8%B9"])
def test_strange_place_in_a_list_is_only_a_place(year: Flask, client: CheckedClient, after: str) -> None:
    for code in ("G1.total", "PC4.answered_share", "G3.count", "PC4.told_share"):
        assert client.get(f"/bilan/2025/{code}?apres={after}&apres_sur={after}").status_code == 200


def test_nothing_is_shown_where_no_contract_is_loaded(app_context: Flask, client: CheckedClient) -> None:
    assert client.get("/bilan/2025").status_code == 404
    assert client.get("/api/v1/indicateurs?annee=2025").status_code == 404


def test_stranger_is_sent_to_sign_in(year: Flask, client: CheckedClient) -> None:
    assert "/equipe/connexion" in client.get("/elus/bilan/2025").location


@pytest.mark.parametrize("role", ["admin", "chef_projet", "elu"])
def test_team_and_elus_read_everything_at_any_date(year: Flask, client: CheckedClient, role: str) -> None:
    sign_in(client, make_account(role))
    assert client.get("/elus/bilan").location == "/elus/bilan/2026"
    page = client.get("/elus/bilan/2025?perimetre=instance:instance-0&au=2025-06-30")
    assert "Situation au 30 juin 2025" in words_of(page)
    links = links_of(page, "/elus/bilan/2025/")
    assert len(set(links)) == len(INDICATORS)
    assert all("au=2025-06-30" in link and "perimetre=instance:instance-0" in link for link in links)
    for link in set(links):
        assert client.get(link).status_code == 200


def test_animator_reads_only_their_own_places(year: Flask, client: CheckedClient) -> None:
    sign_in(client, make_account("animateur", ("commune", "arras")))
    assert client.get("/elus/bilan").location == "/elus/bilan/2026?perimetre=commune:arras"
    assert client.get("/equipe/bilan").location == "/elus/bilan/2026?perimetre=commune:arras"
    page = client.get("/elus/bilan/2025?perimetre=commune:arras")
    assert page.status_code == 200
    assert all("perimetre=commune:arras" in link for link in links_of(page, "/elus/bilan/"))
    assert client.get("/elus/bilan/2025").status_code == 404
    assert client.get("/elus/bilan/2025?perimetre=commune:achicourt").status_code == 404


def test_wrong_date_is_explained(year: Flask, client: CheckedClient) -> None:
    sign_in(client, make_account("elu"))
    page = client.get("/elus/bilan/2025?au=hier")
    assert page.status_code == 400
    assert "n'est pas une date" in words_of(page)


def test_page_asks_the_same_number_of_questions_whatever_the_rows(app: Flask, client: CheckedClient) -> None:
    numbers = []
    for size in (1, 5):
        with app.app_context():
            if size > 1:
                multiply_meetings(size)
            else:
                fill(SEED)
        with count_queries(app) as count:
            assert client.get("/bilan/2025").status_code == 200
        with count_queries(app) as count_one:
            assert client.get("/bilan/2025/PC4.answered_share").status_code == 200
        numbers.append((count.number, count_one.number))
    assert numbers[0] == numbers[1]
    assert numbers[0][0] <= 40
    with app.app_context():
        assert numbers[0][1] <= 28 + len(queries.list_public_places(db.session()))


def multiply_meetings(times: int) -> None:
    """Copy each meeting, with its bodies, `times` times."""
    for number in range(times):
        db.session.execute(
            sa.text(
                "INSERT INTO meeting "
                "(id, ref, title, type, status, held_on, residents, participants, created_at, version) "
                "SELECT id + :far, ref || :mark, title, type, status, held_on, residents, participants, created_at, 1 "
                "FROM meeting WHERE id < 1000"
            ),
            {"far": 1000 * (number + 1), "mark": f"-{number}"},
        )
        db.session.execute(
            sa.text(
                "INSERT INTO meeting_body SELECT meeting_id + :far, body_id FROM meeting_body WHERE meeting_id < 1000"
            ),
            {"far": 1000 * (number + 1)},
        )
    db.session.commit()
