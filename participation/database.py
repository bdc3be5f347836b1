"""What every table shares: names of constraints, moments in UTC, and how each database is opened."""

import datetime as dt
import sqlite3
from typing import Any

import sqlalchemy as sa
from flask import has_request_context, request
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, registry

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

REF_LENGTH = 64
"""Longest `ref` or slug (exchange-format.md)."""


class UtcDateTime(sa.types.TypeDecorator[dt.datetime]):
    """A moment: aware in Python, UTC in the database (`timestamptz` on PostgreSQL, naive UTC text on SQLite)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Refuse a naive moment: nobody could tell its zone later."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(dt.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        """Give the moment back in UTC, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Base of every table."""

    registry = registry(
        metadata=sa.MetaData(naming_convention=NAMING),
        type_annotation_map={dt.datetime: UtcDateTime(), dict[str, Any]: sa.JSON(), list[Any]: sa.JSON()},
    )


def one_of(column: str, values: tuple[str, ...], name: str | None = None) -> sa.CheckConstraint:
    """Return the CHECK that `column` is empty or one of `values` (closed lists of exchange-format.md)."""
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=name or f"{column}_known")


def now() -> dt.datetime:
    """Return this moment, aware, in UTC. The server's clock decides, never a phone's (security.md R25)."""
    return dt.datetime.now(dt.UTC)


def tune(engine: sa.Engine) -> None:
    """Have each new connection opened as its database wants it."""
    tuned = {"sqlite": _tune_sqlite, "postgresql": _tune_postgresql}
    tuned[engine.dialect.name](engine)


def _tune_sqlite(engine: sa.Engine) -> None:
    """Open SQLite durably: WAL, synchronous=FULL, foreign keys, and transactions that begin as what they will be.

    The driver's own implicit BEGIN is switched off: a reading request then sees one state from start to end, and a
    writing one takes the write lock at once instead of failing when a later write finds that another was first.
    """

    @sa.event.listens_for(engine, "connect")
    def _open(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=20000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if _only_reads(connection) else "BEGIN IMMEDIATE")


def _tune_postgresql(engine: sa.Engine) -> None:
    """Have PostgreSQL plan each statement for the dates and the place it is asked with.

    The driver prepares what comes often; planned once for all, "a year" would count as a few rows, and the figures of
    a commune take twice as long from the sixth time on (`python -m tests.bench assessment`).
    """

    @sa.event.listens_for(engine, "connect")
    def _open(connection: Any, _record: object) -> None:
        connection.execute("SET plan_cache_mode = force_custom_plan")
        connection.commit()


def _only_reads(connection: sa.Connection) -> bool:
    """Whether a transaction only reads: that of a GET request, or of a connection with the option `only_reads`."""
    if connection.get_execution_options().get("only_reads"):
        return True
    return has_request_context() and request.method in {"GET", "HEAD", "OPTIONS"}


def insert_into(session: Session, table: type[DeclarativeBase]) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT that knows ON CONFLICT, in the dialect of the session's database."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
