"""Import and export in the browser: the same checks, the same bytes, and nothing before it was confirmed."""

import io
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.acceptance.package import HILL, QUAYS, Package
from tests.acceptance.program import Program
from tests.acceptance.test_public_figures import signed_in, visible
from tests.acceptance.test_round_trip import full
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.apps import dispose, make_app
from tests.support.filling import fields_of

ADDRESS = "/equipe/import"


def send(client: Any, files: dict[str, str | bytes]) -> TestResponse:
    """Choose files on the import page and send them."""
    data: dict[str, Any] = {**fields_of(client.get(ADDRESS), ADDRESS)}
    data["files"] = [
        (io.BytesIO(content.encode() if isinstance(content, str) else content), name if "." in name else f"{name}.csv")
        for name, content in files.items()
    ]
    answer: TestResponse = client.post(ADDRESS, data=data, content_type="multipart/form-data")
    return answer


def test_faults_stand_on_the_page_in_a_table(program: Program) -> None:
    before = program.export()
    package = Package().meeting("r1", "2025-03-14", QUAYS, niveau="débat", participants=10, habitants=11)
    answer = send(signed_in(program, "admin"), package.files())
    assert answer.status_code == 422
    text = visible(answer.text)
    assert "rencontres.csv 2 niveau débat n'est pas un niveau connu ; attendu : information, consultation" in text
    assert "rencontres.csv 2 habitants " in text
    assert program.export() == before


def test_an_import_is_shown_then_confirmed_and_a_second_click_adds_nothing(program: Program) -> None:
    client = signed_in(program, "admin")
    before = program.export()
    address = send(client, full().files()).headers["Location"]
    page = client.get(address)
    assert "rencontres 3 0 0" in visible(page.text)
    assert program.export() == before
    fields = fields_of(page, address)
    first, second = client.post(address, data=fields), client.post(address, data=fields)
    assert first.status_code == 303
    assert first.headers["Location"] == second.headers["Location"]
    assert program.take(full()) == "Import : rien ne change."
    assert visible(client.get("/equipe/journal").text).count("3 rencontres ajoutées") == 1


def test_an_animator_imports_what_is_theirs_and_nothing_else(program: Program) -> None:
    """A meeting that they organise with others is theirs (security.md, Settled)."""
    client = signed_in(program, "animateur", f"instance:{QUAYS}")
    other = send(client, Package().meeting("r1", "2025-03-14", QUAYS, HILL).meeting("r2", "2025-03-14", HILL).files())
    assert "rencontres.csv 3 ref r2" in visible(other.text)
    assert "rencontres.csv 2" not in visible(other.text)
    assert send(client, Package().meeting("r1", "2025-03-14", QUAYS, HILL).files()).status_code == 303


@pytest.mark.parametrize("files", [{}, {"x.txt": "bonjour"}, {"rencontres": ""}, {"x.xlsx": b"PK\3\4"}])
def test_a_wrong_file_is_answered_on_the_page(unchanged: Program, files: dict[str, str | bytes]) -> None:
    assert send(signed_in(unchanged, "admin"), files).status_code == 422


def test_another_database_says_the_same(program: Program, new_postgresql_database: Any, tmp_path: Path) -> None:
    """PostgreSQL and SQLite give the same export and the same figures, sorted by code point whatever the language."""
    other = Program(make_app(new_postgresql_database(), tmp_path), tmp_path)
    assert other.run("contract", "load", FICTITIOUS_CONTRACT).status == 0
    package = full()
    for ref in ("b", "B", "a-1", "a.1", "a_1", "A10", "A2", "0"):
        package.meeting(ref, "2025-03-14", QUAYS, institutions="école;École;zoo;CAF;caf")
        package.opinion(ref, "2025-03-14", rencontre=ref, moderation="publie").mandate(ref, QUAYS, "2025-01-01")
        package.proposal(ref, QUAYS, "2025-03-14 recueillie")
    for one in (program, other):
        one.take(package)
        assert one.take(package) == "Import : rien ne change."
    refs = [line.partition(",")[0] for line in program.export()["propositions.csv"].decode().splitlines()]
    assert refs[1:9] == ["0", "A10", "A2", "B", "a-1", "a.1", "a_1", "b"]
    assert other.export() == program.export()
    assert other.export("--open-data") == program.export("--open-data")
    for scope in ("contract", "commune:val-fleuri", "quartier:les-quais", f"instance:{QUAYS}"):
        assert other.assess(2025, scope, "2026-01-31") == program.assess(2025, scope, "2026-01-31")
    dispose(other.app)
