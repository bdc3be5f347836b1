"""Migrations in step with the models, there and back, on SQLite and on PostgreSQL."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import alembic.util
import flask_migrate
import sqlalchemy as sa

from participation.extensions import db
from tests.checks import report
from tests.support.apps import dispose, make_app
from tests.support.postgres import postgres

OWN_TABLE = "alembic_version"


def main() -> None:
    """Walk the migrations on both databases."""
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        urls = {"SQLite": f"sqlite:///{folder}/check.db", "PostgreSQL": server.url()}
        faults = [f"{name}: {fault}" for name, url in urls.items() for fault in faults_of(url, Path(folder))]
    report(faults, "up, compared, down, up again on SQLite and PostgreSQL")


def faults_of(url: str, instance: Path) -> list[str]:
    """Return what is wrong with the migrations on the empty database `url`."""
    app = make_app(url, instance)
    try:
        with app.app_context():
            return list(_walk())
    finally:
        dispose(app)


def _walk() -> Iterator[str]:
    flask_migrate.upgrade()
    before = _tables()
    yield from _differences()
    flask_migrate.downgrade(revision="base")
    left = _tables() - {OWN_TABLE}
    if left:
        yield f"downgrade leaves {', '.join(sorted(left))}"
    flask_migrate.upgrade()
    if _tables() != before:
        yield f"the second upgrade gives other tables: {', '.join(sorted(_tables() ^ before))}"
    yield from _differences()


def _differences() -> Iterator[str]:
    try:
        flask_migrate.check()
    except (SystemExit, alembic.util.CommandError) as fault:
        yield f"the models differ from the migrations: {fault}; run « flask db migrate »"


def _tables() -> set[str]:
    with db.engine.connect() as connection:
        return set(sa.inspect(connection).get_table_names())


if __name__ == "__main__":
    main()
