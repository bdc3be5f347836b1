"""The API's description describes what the API answers."""

import datetime as dt
from typing import Any

import pytest
import time_machine
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker

from participation.assessment.openapi import description
from participation.extensions import db
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


def faults(document: dict[str, Any], status: int, answer: Any) -> list[str]:
    """Return what is wrong with an answer of the API, by its description."""
    responses = document["paths"][API]["get"]["responses"]
    assert str(status) in responses
    schema = responses[str(status)]["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    return [error.message for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(answer)]


def test_schemas_are_schemas(client: CheckedClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document == description()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("annee=2025", 200),
        ("annee=2026&perimetre=commune:arras", 200),
        ("annee=2024-2026&perimetre=quartier:nord", 200),
        ("annee=2010", 200),
        ("annee=hier", 400),
        ("", 400),
        ("annee=2025&au=2025-06-30", 401),
        ("annee=2025&perimetre=commune:nulle-part", 404),
    ],
)
def test_every_answer_is_as_described(client: CheckedClient, asked: str, status: int) -> None:
    answer = client.get(f"{API}?{asked}")
    assert answer.status_code == status
    assert faults(description(), answer.status_code, answer.json) == []


def test_the_team_s_answers_are_as_described_too(client: CheckedClient) -> None:
    sign_in(client, make_account("admin"))
    answer = client.get(f"{API}?annee=2025&perimetre=instance:instance-1&au=2025-06-30")
    assert answer.status_code == 200
    assert faults(description(), 200, answer.json) == []


def test_a_changed_answer_is_seen(client: CheckedClient) -> None:
    answer = client.get(f"{API}?annee=2025").json
    assert answer
    answer["indicators"]["G1.total"]["value"] = "douze"
    assert faults(description(), 200, answer)
    del answer["indicators"]["G1.total"]
    assert faults(description(), 200, answer)


def test_whoever_has_the_description_gets_304(client: CheckedClient) -> None:
    etag = client.get("/api/v1/openapi.json").headers["ETag"]
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": etag}).status_code == 304
