"""The program on a database that holds the small fictitious contract (tests/data/contrat-fictif.toml)."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def programs(base: Path, folder: Path) -> Iterator[Make]:
    """Give what makes programs, each on a copy of the database `base`."""
    made: list[Program] = []

    def make() -> Program:
        own = folder / f"base-{len(made)}"
        own.mkdir()
        shutil.copy(base, own / "base.db")
        made.append(Program(make_app(f"sqlite:///{own}/base.db", own), own))
        return made[-1]

    yield make
    for program in made:
        dispose(program.app)


@pytest.fixture
def new_program(with_contract: Path, tmp_path: Path) -> Iterator[Make]:
    """Make one more program, on a database of its own."""
    with programs(with_contract, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def new_shared(with_contract: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Make a program that the tests of a file share, since they only read what one of its fixtures put in."""
    with programs(with_contract, tmp_path_factory.mktemp("shared")) as make:
        yield make


@pytest.fixture(scope="module")
def unchanged(new_shared: Make) -> Program:
    """A program that several tests share: what it is given is refused, and leaves nothing behind."""
    return new_shared()


@pytest.fixture
def program(new_program: Make) -> Program:
    """The program."""
    return new_program()
