"""The program on a database that holds the small fictitious contract (tests/data/contrat-fictif.toml)."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.program import Program
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support.apps import dispose, make_app

Make = Callable[[], Program]


@pytest.fixture(scope="session")
def with_contract(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the contract loaded, by the command that loads one."""
    folder = tmp_path_factory.mktemp("contract")
    path = folder / "base.db"
    shutil.copy(sqlite_template, path)
    app = make_app(f"sqlite:///{path}", folder)
    said = Program(app, folder).run("contract", "load", FICTITIOUS_CONTRACT)
    assert said.status == 0, said.faults
    dispose(app)
    return path


@pytest.fixture
def new_program(with_contract: Path, tmp_path: Path) -> Iterator[Make]:
    """Make one more program, on a database of its own."""
    programs: list[Program] = []

    def make() -> Program:
        folder = tmp_path / f"base-{len(programs)}"
        folder.mkdir()
        shutil.copy(with_contract, folder / "base.db")
        programs.append(Program(make_app(f"sqlite:///{folder}/base.db", folder), folder))
        return programs[-1]

    yield make
    for program in programs:
        dispose(program.app)


@pytest.fixture
def program(new_program: Make) -> Program:
    """The program."""
    return new_program()
