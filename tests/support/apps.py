"""Applications for the tests: with settings of their own, deaf to the machine's environment."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from participation import create_app
from participation.config import read_settings
from participation.extensions import db
from tests.support import kept
from tests.support.checked_client import CheckedClient

SECRETS = {"secret_key": "secret-of-the-tests-" + "s" * 20, "code_key": "code-key-of-the-tests-" + "c" * 20}
CHEAP = {"password_memory_kib": 8, "password_rounds": 1}


def make_app(url: str, instance: Path, **settings: Any) -> Flask:
    """Return an application on the database `url`; `settings` are fields of participation.config.Settings."""
    values = {"instance": instance, "database_url": url, "testing": True, **SECRETS, **CHEAP, **settings}
    app = create_app(read_settings({}, **values))
    app.test_client_class = CheckedClient
    kept.share(app)
    return app


def dispose(app: Flask) -> None:
    """Close the application's database connections."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(db_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application, on a fresh database: SQLite, or each in turn under the mark `both_databases`."""
    app = make_app(db_url, tmp_path / "instance")
    yield app
    dispose(app)


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """A browser without JavaScript; every page that it is given is checked (tests.support.html)."""
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client


@pytest.fixture
def app_context(app: Flask) -> Iterator[Flask]:
    """The application's context for the whole test, with `db.session`; requests of `client` have one of their own."""
    with app.app_context():
        yield app


@pytest.fixture
def cli(app: Flask) -> FlaskCliRunner:
    """Runs commands of `flask`."""
    return app.test_cli_runner()
