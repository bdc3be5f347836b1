"""`/donnees`: one package a year, of what is public and nothing else, that says what its files hold."""

import csv
import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.database import now
from participation.exchange import yearly
from participation.exchange.tables import DECISIONS, MEETINGS, OPINIONS, PROPOSALS, STEPS, Table
from participation.extensions import db
from participation.meetings.models import Decision
from participation.pages import open_data
from tests.support import factory
from tests.support.checked_client import CheckedClient

_WITH_DAYS = ("rencontres", "propositions", "etapes", "avis", "decisions")
ALL = (*_WITH_DAYS, "instances", "mandats", "territoires", "indicateurs")


@pytest.fixture(autouse=True)
def _town(app_context: Flask) -> Iterator[None]:
    """Two years of one town; what is private has the word canari."""
    with time_machine.travel(dt.datetime(2026, 6, 10, 12, tzinfo=dt.UTC), tick=False):
        factory.make_contract()
        commune = factory.make_commune("ici", insee="01234")
        quartier = factory.make_quartier("la-cour", [commune], qpv_code="QN00123M")
        body = factory.make_body("conseil", [commune], [quartier])
        for year in (2025, 2026):
            day = dt.date(year, 3, 1)
            meeting = factory.make_meeting(
                f"renc-{year}", [body], held_on=day, status="tenue", participants=22, residents=20, elus=2,
                women=18, men=2, first_timers=17, under_26=9, over_60=8, qpv_residents=12, minutes="canari brouillon",
            )  # fmt: skip
            db.session.add(Decision(ref=f"dec-{year}", meeting=meeting, text=f"Inviter le bailleur en {year}"))
            factory.make_proposal(f"prop-{year}", body=body, received_on=day)
            for moderation in ("publie", "reserve", "rejete", "en_attente"):
                words = "Un banc" if moderation == "publie" else "canari"
                factory.make_opinion(
                    f"avis-{year}-{moderation}", received_on=day, body=body, text=words, moderation=moderation
                )
            back = {"withdrawal_asked_at": now()}, {"reserve_asked": True}
            for number, values in enumerate(back):
                factory.make_opinion(
                    f"avis-{year}-{number}", received_on=day, body=body, text="canari", moderation="publie", **values
                )
        db.session.commit()
        yield


def archive(client: CheckedClient, year: int = 2025) -> dict[str, bytes]:
    answer = client.get(f"/donnees/{year}.zip")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_page_says_what_there_is_and_leads_to_it(client: CheckedClient) -> None:
    page = client.get("/donnees").text
    for words in ("Licence Ouverte 2.0", "Etalab", "moins de 5 personnes", "/api/v1/openapi.json"):
        assert words in page
    links = set(re.findall(r'href="(/donnees/[^"]+)"', page))
    assert {f"/donnees/{year}.zip" for year in (2024, 2025, 2026)} <= links
    assert "/donnees/2027.zip" not in links
    assert {client.get(link).status_code for link in links} == {200}
    for language in ("en", "ar"):
        assert client.get(f"/donnees?langue={language}").status_code == 200


def test_page_of_a_site_without_a_contract(client: CheckedClient) -> None:
    db.session.execute(sa.text("DELETE FROM contract"))
    db.session.commit()
    assert "rien à télécharger" in client.get("/donnees").text
    assert client.get("/donnees/2026.zip").status_code == 404


def test_package_holds_the_year_alone(client: CheckedClient) -> None:
    files = archive(client)
    assert list(files) == ["datapackage.json", *(f"{name}.csv" for name in ALL)]
    assert [row["ref"] for row in rows(files["rencontres.csv"])] == ["renc-2025"]
    assert [row["ref"] for row in rows(files["propositions.csv"])] == ["prop-2025"]
    assert {row["proposition"] for row in rows(files["etapes.csv"])} == {"prop-2025"}
    assert [row["ref"] for row in rows(files["decisions.csv"])] == ["dec-2025"]
    assert [row["ref"] for row in rows(files["avis.csv"])] == ["avis-2025-publie"]
    assert [row["slug"] for row in rows(files["instances.csv"])] == ["conseil"]


def test_nothing_private_leaves(client: CheckedClient) -> None:
    for year in (2025, 2026):
        assert b"canari" not in b"".join(archive(client, year).values())
        for name in ALL:
            assert "canari" not in client.get(f"/donnees/{year}/{name}.csv").text


def test_opinion_taken_back_is_out_at_once(client: CheckedClient) -> None:
    before = client.get("/donnees/2025/avis.csv")
    assert "Un banc" in before.text
    db.session.execute(sa.text("UPDATE opinion SET withdrawal_asked_at = created_at WHERE ref = 'avis-2025-publie'"))
    after = client.get("/donnees/2025/avis.csv", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert "Un banc" not in after.text


def test_a_cancelled_meeting_shows_no_count_of_residents(client: CheckedClient) -> None:
    counts = {"participants": 60, "residents": 60, "first_timers": 30, "women": 30, "men": 30}
    factory.make_meeting("renc-annulee", held_on=dt.date(2025, 5, 5), status="annulee", **counts)
    db.session.commit()
    [meeting] = [row for row in rows(archive(client)["rencontres.csv"]) if row["ref"] == "renc-annulee"]
    assert (meeting["statut"], meeting["primo_participants"], meeting["femmes"]) == ("annulee", "", "")


def test_small_counts_and_what_gives_them_away_are_empty(client: CheckedClient) -> None:
    files = archive(client)
    [meeting] = rows(files["rencontres.csv"])
    assert meeting["habitants"] == "20"
    # 18 women leave 2; 17 first-timers leave 3; 9 and 8 leave 3 people of 26 to 59
    for name in ("femmes", "hommes", "primo_participants", "moins_26", "plus_60"):
        assert meeting[name] == ""
    assert meeting["habitants_qpv"] == "12"
    figures = {row["code"]: row for row in rows(files["indicateurs.csv"])}
    assert figures["PC3.attendances"]["valeur"] == "20"
    assert figures["D3.women_share"]["valeur"] == figures["D1.first_time_share"]["valeur"] == ""
    assert figures["D1.first_time_share"]["motif"] == "petit_effectif"


def test_codes_of_places_are_texts(client: CheckedClient) -> None:
    places = rows(client.get("/donnees/2025/territoires.csv").data)
    assert [(row["genre"], row["slug"], row["code_insee"], row["code_qpv"]) for row in places] == [
        ("commune", "ici", "01234", ""),
        ("quartier", "la-cour", "", "QN00123M"),
    ]
    assert places[1]["communes"] == "ici"


CHECKS = {
    "string": lambda text, _field: True,
    "integer": lambda text, _field: re.fullmatch(r"-?\d+", text),
    "number": lambda text, _field: isinstance(float(text), float),
    "boolean": lambda text, _field: text in {"true", "false"},
    "date": lambda text, _field: dt.date.fromisoformat(text),
    "time": lambda text, field: dt.datetime.strptime(text, field.get("format", "%H:%M:%S")),  # noqa: DTZ007
}


def field_faults(field: dict[str, Any], text: str) -> Iterator[str]:
    """Say what a cell is that its Table Schema field does not allow."""
    limits = field.get("constraints", {})
    if not text:
        if limits.get("required"):
            yield "missing"
        return
    if not CHECKS[field["type"]](text, field):
        yield f"not {field['type']}"
    if "enum" in limits and text not in limits["enum"]:
        yield "not in the list"
    if "pattern" in limits and not re.fullmatch(limits["pattern"], text):
        yield "not of the pattern"
    if "minimum" in limits and float(text) < limits["minimum"]:
        yield "too small"


def test_package_describes_its_files(client: CheckedClient) -> None:
    files = archive(client)
    package = json.loads(files["datapackage.json"])
    assert package["name"] == "participation-2025"
    assert package["version"] == "1.0.0"
    assert [licence["name"] for licence in package["licenses"]] == ["etalab-2.0"]
    assert [one["path"] for one in package["resources"]] == [f"{name}.csv" for name in ALL]
    for one in package["resources"]:
        fields = {field["name"]: field for field in one["schema"]["fields"]}
        lines = files[one["path"]].decode().splitlines()
        assert lines[0].split(",") == list(fields)
        assert one["schema"]["missingValues"] == [""]
        for row in rows(files[one["path"]]):
            found = {name: list(field_faults(field, row[name])) for name, field in fields.items()}
            assert not any(found.values()), (one["path"], found)


def test_files_are_those_of_the_archive_in_every_language(client: CheckedClient) -> None:
    files = archive(client)
    client.set_cookie("langue", "ar")
    for name, content in files.items():
        answer = client.get(f"/donnees/2025/{name}")
        assert answer.data == content
        assert answer.mimetype == ("application/json" if name.endswith(".json") else "text/csv")
        assert int(answer.headers["Content-Length"]) == len(content)


@pytest.mark.parametrize("path", ["2025.zip", "2025/avis.csv", "2025/datapackage.json"])
def test_whoever_has_the_same_bytes_gets_304(client: CheckedClient, path: str) -> None:
    answer = client.get(f"/donnees/{path}")
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = client.get(f"/donnees/{path}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path", ["2027.zip", "1999/avis.csv", "2025/comptes.csv", "2025/..%2Fx.csv", "25.zip", "x.zip"]
)
def test_what_is_not_there_is_said(client: CheckedClient, path: str) -> None:
    assert client.get(f"/donnees/{path}").status_code == 404


def test_team_reads_what_everybody_reads(client: CheckedClient) -> None:
    mine = archive(client)
    factory.sign_in(client, factory.make_account("admin"))
    assert archive(client) == mine


def test_too_many_at_once_are_asked_to_come_back(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_data, "PATIENCE", 0.01)
    for _ in range(open_data.AT_ONCE):
        open_data._turns.acquire()
    try:
        assert client.get("/donnees/2025.zip").status_code == 429
        assert client.get("/donnees").status_code == 200
    finally:
        for _ in range(open_data.AT_ONCE):
            open_data._turns.release()
    assert client.get("/donnees/2025.zip").status_code == 200


@pytest.mark.parametrize("table", [MEETINGS, OPINIONS, PROPOSALS, STEPS, DECISIONS])
def test_rows_of_a_year_are_found_by_an_index_of_its_days(table: Table) -> None:
    query = yearly.of_year(table, dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    asked = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = str(db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {asked}")).all())
    assert re.search(r"USING (COVERING )?INDEX \w+ \((held_on|received_on|moderation=\? AND received_on)>\?", plan), (
        plan
    )


@pytest.mark.both_databases
def test_years_begin_with_the_first_row(client: CheckedClient) -> None:
    assert archive(client, 2025)
    connection = db.session.connection()
    assert yearly.list_years(connection, 2026, dt.date(2027, 1, 1)) == [2027, 2026, 2025]
    assert yearly.list_years(connection, 2024, dt.date(2025, 1, 1)) == [2025, 2024]
