"""The inputs of an assessment as bound parameters, and the few expressions that the two databases write differently.

Every statement is built once for each kind of scope and executed with `Frame.parameters()`.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

FIRST = sa.bindparam("first", type_=sa.Date)
"""First day of the period."""
LAST = sa.bindparam("last", type_=sa.Date)
"""Last day of the period."""
AS_OF = sa.bindparam("as_of", type_=sa.Date)
"""R, the date at which the situation is read."""
END = sa.bindparam("end", type_=sa.Date)
"""E, the earlier of R and the last day of the period."""
MINUTES_DUE = sa.bindparam("minutes_due", type_=sa.Date)
"""Last day of which a meeting owes its minutes at R."""
ANSWER_DUE = sa.bindparam("answer_due", type_=sa.Date)
"""A proposal transmitted before this day, without an announced date, owes its answer at R."""
YEARS = sa.bindparam("years", type_=sa.Integer)
DAYS = sa.bindparam("days", type_=sa.Integer)
"""Years and days of the period."""
IN_CONTRACT = sa.bindparam("in_contract", type_=sa.Integer)
"""1 where a year of the period is one of the contract's, else 0."""
PLACE = sa.bindparam("place", type_=sa.Integer)
"""Identifier of the commune, quartier or instance."""


class days_between(GenericFunction[int]):  # noqa: N801  # the name it has in SQL
    """Days from the first civil date to the second, as a whole number."""

    type = sa.Integer()
    inherit_cache = True

    def __init__(self, start: Any, end: Any) -> None:
        super().__init__(sa.type_coerce(start, sa.Date()), sa.type_coerce(end, sa.Date()))


@compiles(days_between, "sqlite")
def _days_sqlite(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(julianday({end}) - julianday({start}) AS INTEGER)"


@compiles(days_between, "postgresql")
def _days_postgresql(element: Any, compiler: Any, **options: Any) -> str:
    start, end = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({end} - {start})"


class by_code_point(GenericFunction[str]):  # noqa: N801  # the name it has in SQL
    """A text ordered and compared by code point, whatever the language of the database."""

    type = sa.Text()
    inherit_cache = True


@compiles(by_code_point, "sqlite")
def _plain(element: Any, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))  # SQLite compares bytes of UTF-8: the same order


@compiles(by_code_point, "postgresql")
def _collated(element: Any, compiler: Any, **options: Any) -> str:
    return f'({compiler.process(element.clauses, **options)}) COLLATE "C"'
