"""`schemathesis` asks the running program what its description allows, and what not: every answer is described."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from participation.assessment.openapi import description
from participation.extensions import db
from tests.assessment.test_small_counts import package_with_few_people
from tests.support.checked_client import CheckedClient
from tests.support.checkers import run_checker
from tests.support.factory import make_account, sign_in
from tests.support.package_rows import insert_package
from tests.support.program import running

SAMPLE, WHOLE = 20, 2000
"""Questions of the random phase; those at the borders of the description come besides."""
SAME, NEW = ("--generation-deterministic",), ("--generation-database", "none")
"""The same questions each day, or others each time."""
PATH = "/api/v1/indicateurs"


@pytest.fixture
def site(app_context: Flask, client: CheckedClient, db_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of the program's server, on a year with small counts; an élu's session is in `client`."""
    insert_package(db.session.connection(), package_with_few_people(9))
    db.session.commit()
    sign_in(client, make_account("elu"))
    with running(db_url, tmp_path / "instance") as address:
        yield address


@dataclass(frozen=True)
class Verdict:
    """What schemathesis says: its exit status, the faults it names, and how many answers of each status it got."""

    status: int
    faults: list[str]
    answers: Counter[int]


def check(described: str, folder: Path, *words: str, number: int) -> Verdict:
    report = ("--report", "json,har", "--report-json-path", "report.json", "--report-har-path", "asked.har")
    quiet = ("--warnings", "off", "--checks", "all", "--max-examples", str(number))
    done = run_checker("schemathesis", "run", described, *words, *quiet, *report, within=folder, seconds=1200)
    assert (folder / "report.json").exists(), done.stdout + done.stderr
    told = json.loads((folder / "report.json").read_text())
    assert told["complete"], done.stdout
    assert not told["errors"], done.stdout
    asked = json.loads((folder / "asked.har").read_text())["log"]["entries"]
    faults = [failure["title"] for failure in told["failures"]]
    return Verdict(done.returncode, faults, Counter(entry["response"]["status"] for entry in asked))


def as_elu(client: CheckedClient) -> tuple[str, ...]:
    cookie = client.get_cookie("equipe")
    assert cookie
    return ("--header", f"Cookie: equipe={cookie.value}")


def assert_clean(said: Verdict, *statuses: int) -> None:
    assert said.faults == []
    assert said.status == 0
    assert set(statuses) <= set(said.answers), said.answers


def test_everybody_s_questions_are_answered_as_described(site: str, tmp_path: Path) -> None:
    said = check(f"{site}/api/v1/openapi.json", tmp_path, *SAME, number=SAMPLE)
    assert_clean(said, 200, 400, 401)


@pytest.mark.full
def test_everybody_s_questions_are_answered_as_described_many_times(site: str, tmp_path: Path) -> None:
    said = check(f"{site}/api/v1/openapi.json", tmp_path, *NEW, number=WHOLE)
    assert_clean(said, 200, 400, 401, 404)
    assert said.answers.total() > WHOLE


@pytest.mark.full
def test_an_elu_s_questions_are_answered_as_described_many_times(
    site: str, client: CheckedClient, tmp_path: Path
) -> None:
    said = check(f"{site}/api/v1/openapi.json", tmp_path, *as_elu(client), *NEW, number=WHOLE)
    assert_clean(said, 200, 400, 404)
    assert 401 not in said.answers


def test_a_wrong_description_is_seen(site: str, tmp_path: Path) -> None:
    document = description()
    del document["paths"][PATH]["get"]["responses"]["401"]
    document["components"]["schemas"]["Indicateur"]["properties"]["value"]["type"] = "string"
    (tmp_path / "wrong.json").write_text(json.dumps(document))
    words = ("--url", site, *SAME, "--phases", "examples,coverage", "--continue-on-failure")
    said = check("wrong.json", tmp_path, *words, number=10)
    assert said.status == 1
    assert {"Undocumented status code", "Response violates schema"} <= set(said.faults)
