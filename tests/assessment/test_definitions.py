"""Rules have versions: a changed definition is a new one, and a closed year keeps those it was counted by."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from markupsafe import escape

from participation.assessment import closing, definitions, results
from participation.assessment.commands import assess_command
from participation.assessment.indicators import INDICATORS
from participation.assessment.models import ClosedAssessment
from participation.extensions import db
from tests.assessment.packages import make_package
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package

PAST: dict[str, str] = {}
"""SHA-256 of the files of past versions, which never change; the present one is added here when another follows it."""
CHANGED, GONE = "PC1.active", "A1.outreach_share"


def test_the_definitions_of_today_are_those_kept_for_this_version(app_context: Flask) -> None:
    today = {code: definitions.described(one) for code, one in INDICATORS.items()}
    kept = definitions.read(results.RULES)
    assert list(kept) == list(today)
    changed = [code for code, one in today.items() if kept[code] != one]
    assert not changed, "a definition changed: raise results.RULES, then python -m tests.checks.definitions"


def test_past_versions_are_all_kept_as_they_were() -> None:
    files = {file.stem: file for file in definitions.FOLDER.glob("*.json")}
    assert files.keys() == {*PAST, results.RULES}
    for version, digest in PAST.items():
        assert hashlib.sha256(files[version].read_bytes()).hexdigest() == digest


def test_a_version_is_written_once(app_context: Flask) -> None:
    with pytest.raises(FileExistsError):
        definitions.write()


@pytest.fixture
def closed(app_context: Flask, cli: FlaskCliRunner) -> ClosedAssessment:
    """A year closed by the rules of today, which everybody may read."""
    insert_package(db.session.connection(), make_package(9))
    db.session.commit()
    done = cli.invoke(assess_command, ["close", "--year", "2025", "--as-of", "2026-01-31"])
    assert done.exit_code == 0, done.output
    return db.session.scalars(sa.select(ClosedAssessment)).one()


@pytest.fixture
def new_rules(closed: ClosedAssessment, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tomorrow's rules: one indicator is defined otherwise, another is gone."""
    new = replace(
        INDICATORS[CHANGED],
        label="Instances très actives",
        meaning="Celles qui ont tenu deux rencontres.",
        describe=INDICATORS["PC1.existing"].describe,
    )
    today = dict(INDICATORS)
    INDICATORS[CHANGED] = new
    del INDICATORS[GONE]
    for module in (results, definitions):
        monkeypatch.setattr(module, "RULES", "2")
    monkeypatch.setattr("participation.assessment.version_views.RULES", "2")
    yield
    INDICATORS.clear()  # all of it: its order is that of every export
    INDICATORS.update(today)


@pytest.mark.usefixtures("new_rules")
def test_a_closed_year_is_read_by_the_definitions_it_was_counted_by(
    client: CheckedClient, closed: ClosedAssessment
) -> None:
    assert closed.rules == "1"
    sign_in(client, make_account("elu"))
    assert client.get("/elus/bilan/2025/version/1").status_code == 200
    page = client.get("/elus/bilan/2025/version/1/changements").text
    assert "version 1 alors, version 2 aujourd'hui" in page
    assert str(escape(definitions.read("1")[GONE]["label"])) in page
    own = client.get(f"/elus/bilan/2025/version/1/{CHANGED}").text
    assert "celles qui ont tenu au moins une rencontre" in own
    assert "deux rencontres" not in own
    assert client.get(f"/elus/bilan/2025/version/1/{GONE}").status_code == 200
    figures = json.loads(client.get("/elus/bilan/2025/version/1/bilan.json").text)
    assert closing.verify(figures) is None
    assert (figures["rules"], GONE in figures["indicators"]) == ("1", True)
    assert "Instances actives" in client.get("/elus/bilan/2025/version/1/bilan.csv").text


@pytest.mark.usefixtures("new_rules")
def test_what_is_read_today_is_counted_by_the_rules_of_today(client: CheckedClient) -> None:
    figures = client.get("/api/v1/indicateurs?annee=2025").json
    assert figures
    assert GONE not in figures["indicators"]
