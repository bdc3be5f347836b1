"""A fresh database for each test, cheaply: a template is migrated once per run, then copied.

Most tests run on SQLite. One that is marked `both_databases`, or that asks for `db_url` itself, runs on both.
`pytest --schema=models` makes the tables from the models instead, for the time in which the migration is not written.
"""

import inspect
import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.extensions import db
from tests.support.apps import dispose, make_app
from tests.support.postgres import Server, postgres

KINDS = ("sqlite", "postgresql")
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --schema."""
    parser.addoption("--schema", choices=("migrations", "models"), default="migrations", help="where tables come from")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once for each database, if it wants both."""
    asked = inspect.signature(metafunc.function).parameters
    both = metafunc.definition.get_closest_marker("both_databases") or "db_url" in asked
    if both and "database_kind" in metafunc.fixturenames:
        metafunc.parametrize("database_kind", KINDS)


@pytest.fixture
def database_kind() -> str:
    """`sqlite` or `postgresql`."""
    return "sqlite"


@pytest.fixture
def db_url(database_kind: str, request: pytest.FixtureRequest) -> str:
    """The address of a database of this test's own, with its tables and nothing in them."""
    make: Callable[[], str] = request.getfixturevalue(f"new_{database_kind}_database")
    return make()


@pytest.fixture
def empty_db_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database of this test's own, without tables."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return _create_database(request.getfixturevalue("postgres_server"), "template0")


@pytest.fixture
def new_sqlite_database(sqlite_template: Path, tmp_path: Path) -> Callable[[], str]:
    """Make one more SQLite database; gives its address."""

    def make() -> str:
        path = tmp_path / f"database-{next(_numbers)}.db"
        shutil.copy(sqlite_template, path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def new_postgresql_database(postgres_server: Server, postgres_template: str) -> Iterator[Callable[[], str]]:
    """Make one more PostgreSQL database; gives its address. They go with the test: each takes ten megabytes."""
    made: list[str] = []

    def make() -> str:
        made.append(_create_database(postgres_server, postgres_template))
        return made[-1]

    yield make
    for url in made:
        _run(postgres_server, f'DROP DATABASE "{sa.make_url(url).database}" WITH (FORCE)')


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Path:
    """A SQLite file with the tables."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "template.db"
    create_tables(f"sqlite:///{path}", folder, pytestconfig)
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """The PostgreSQL server of this run."""
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: Server, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> str:
    """The name of a PostgreSQL database with the tables."""
    url = _create_database(postgres_server, "template0")
    create_tables(url, tmp_path_factory.mktemp("template"), pytestconfig)
    return str(sa.make_url(url).database)


def create_tables(url: str, instance: Path, config: pytest.Config) -> None:
    """Create the tables in the database `url`, by the migrations or, if so asked, from the models."""
    app = make_app(url, instance)
    with app.app_context():
        if config.getoption("--schema") == "models":
            db.create_all()
        else:
            upgrade(app)
    dispose(app)


def upgrade(app: Flask) -> None:
    """Bring the application's database to the last migration."""
    import flask_migrate

    with app.app_context():
        flask_migrate.upgrade()


def _create_database(server: Server, template: str) -> str:
    name = f"database_{next(_numbers)}"
    _run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    return server.url(name)


def _run(server: Server, statement: str) -> None:
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


class count_queries:  # noqa: N801  # reads as a verb: `with count_queries(app) as count`
    """The statements that the application sends to its database during a block, transactions' own aside."""

    def __init__(self, app: Flask) -> None:
        with app.app_context():
            self._engine = db.engine
        self.statements: list[str] = []

    @property
    def number(self) -> int:
        """How many there were."""
        return len(self.statements)

    def __enter__(self) -> Self:
        sa.event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            self.statements.append(statement)
