"""Commands in an empty folder, asked twice, or asked wrongly: what they say and how they end (interfaces.md)."""

import sqlite3
from pathlib import Path

import pytest

from tests.acceptance.package import QUAYS, Package
from tests.acceptance.program import Program
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.apps import dispose, make_app


@pytest.mark.parametrize(
    "words",
    [
        "export {folder}/sortie",
        "import {folder}/lot",
        "assess --year 2025",
        "user add alix@exemple.fr --role admin",
        "simulate --meetings 1",
        "work --once",
        f"contract load {FICTITIOUS_CONTRACT}",
    ],
)
def test_a_database_that_is_not_ready_is_said_so(tmp_path: Path, words: str) -> None:
    (tmp_path / "lot").mkdir()
    (tmp_path / "lot" / "rencontres.csv").write_text("ref,date,instances,type,titre,statut\n")
    app = make_app(f"sqlite:///{tmp_path}/vide.db", tmp_path)
    said = Program(app, tmp_path).run(*words.format(folder=tmp_path).split())
    assert said.status == 1
    assert len(said.faults) == 1
    assert said.faults[0].endswith("participation init")
    dispose(app)


def test_a_contract_loaded_again_changes_nothing_and_another_one_is_refused(program: Program) -> None:
    program.take(Package().meeting("r1", "2025-03-14", QUAYS))
    before = program.export()
    assert program.run("contract", "load", FICTITIOUS_CONTRACT).status == 0
    assert program.run("init").status == 0
    other = program.new_path(".toml")
    other.write_text(FICTITIOUS_CONTRACT.read_text().replace('"rives-de-lanse"', '"autre-contrat"'))
    said = program.run("contract", "load", other)
    assert (said.status, len(said.faults)) == (1, 1)
    assert program.export() == before


def test_a_contract_does_not_drop_what_is_in_use(program: Program) -> None:
    """Without the campaign's table the contract is right; without a body that met, it is refused."""
    program.take(Package().meeting("r1", "2025-03-14", "table-du-moulin"))
    text = FICTITIOUS_CONTRACT.read_text()
    begin = text.index('[[instances]]\nslug = "table-du-moulin"')
    end = text.index("[[instances]]", begin + 1)
    less = program.new_path(".toml")
    less.write_text(text[:begin] + text[end:])
    assert program.run("contract", "check", less).status == 0
    before = program.export()
    said = program.run("contract", "load", less)
    assert said.status == 1
    assert "table-du-moulin" in said.faults[0]
    assert program.export() == before


@pytest.mark.parametrize(
    "words",
    [
        "import",
        "import /nulle/part",
        "export",
        "contract",
        "contract check",
        "user add alix@exemple.fr --role reine",
        "user add alix@exemple.fr --role animateur --scope ville:port-lanse",
        "simulate --years 0",
        "danse",
    ],
)
def test_wrong_usage_ends_with_two(unchanged: Program, words: str) -> None:
    assert unchanged.run(*words.split()).status == 2


def test_a_failed_import_leaves_every_table_as_it_was(program: Program) -> None:
    """Not what an export shows alone: the journal, the links and the counters too."""
    package = Package().meeting("r1", "2025-03-14", QUAYS).proposal("p1", QUAYS, "2025-03-14 recueillie")
    program.take(package)
    before = rows_of_every_table(program)
    package.meeting("r2", "2025-03-15", QUAYS, titre="Nouvelle").meeting("r3", "2025-03-15", QUAYS, niveau="débat")
    program.refuses(package)
    assert program.load(Package().meeting("r2", "2025-03-15", QUAYS), "--dry-run").status == 0
    assert rows_of_every_table(program) == before


def rows_of_every_table(program: Program) -> dict[str, list[tuple[object, ...]]]:
    [path] = program.folder.glob("base.db")
    with sqlite3.connect(path) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
