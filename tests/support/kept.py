"""What one application of the tests works out and the next ones use again: most of what making one costs.

Each test has an application, an engine and a database of its own, and can see none of this. It holds under pytest
alone: the benches measure applications as they are.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import jinja2
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from participation.extensions import db


class _Templates(jinja2.BytecodeCache):
    """Templates as Python code."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


class _Rule(Rule):
    """A route whose functions that write its address are compiled for the first application only."""

    _kept: ClassVar[dict[object, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:  # they would be part of the function
            return super()._compile_builder(append_unknown)
        key = (self.rule, tuple(self._trace), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


_templates = _Templates()
_statements: LRUCache[Any, Any] = LRUCache(2_000)
"""Statements as SQL: the engine of each test would compile all of its own anew."""


def pytest_configure() -> None:
    """Have every application of this run keep its routes, and take statements written for one engine for all."""
    Flask.url_rule_class = _Rule
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):  # of one kind, they all write the same SQL
        dialect.__eq__ = _alike  # type: ignore[method-assign]
        dialect.__hash__ = _hash_of_kind  # type: ignore[method-assign,assignment]


def _alike(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(one: object) -> int:
    return hash(type(one))


def share(app: Flask) -> None:
    """Let the application use what earlier ones worked out. Outside pytest it does nothing.

    SQLite does not wait for the disk either: the data lives as long as the test.
    """
    if app.url_rule_class is not _Rule:
        return
    app.jinja_env.bytecode_cache = _templates
    with app.app_context():
        db.engine.update_execution_options(compiled_cache=_statements)
        if db.engine.dialect.name == "sqlite":
            sa.event.listen(db.engine, "connect", _do_not_wait)


def _do_not_wait(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
