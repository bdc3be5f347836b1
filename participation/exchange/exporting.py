"""The content of the database as a package: every table, its columns, and its rows as texts, in their order.

The same database always gives the same bytes: rows and lists in code-point order, no moment of writing anywhere.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from participation.clock import today
from participation.exchange import known, stored, yearly
from participation.exchange.known import Known
from participation.exchange.masking import BREAKDOWNS, masked
from participation.exchange.tables import MEETINGS, OPINIONS, Column, Table
from participation.opinions.models import PUBLIC_MODERATION, Opinion

_LINE_ENDS = re.compile("\r+\n")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Contents:
    """What goes out: `open_data` for everybody, without anything personal or unpublished; `names` of mandates."""

    connection: sa.Connection
    known: Known
    small_count: int
    open_data: bool = False
    names: bool = True
    year: int | None = None
    """A civil year of Europe/Paris: only its rows go out (yearly.py); None for all."""

    def columns(self, table: Table) -> list[Column]:
        """Return the columns of a table that go out."""
        return [column for column in table.columns if not column.personal or (self.names and not self.open_data)]

    def rows(self, table: Table) -> Iterator[list[str]]:
        """Yield the rows of a table as texts, in their order, as the cells of `columns` (not protected for CSV)."""
        columns = self.columns(table)
        for row in self._public(table) if self.open_data else self._all(table):
            yield [_text(column, row[column.name]) for column in columns]

    def _all(self, table: Table) -> Iterator[Row]:
        keys = self._keys(table)
        if table.key is None:
            for _proposal, steps in stored.steps(self.connection, self.known, keys):
                yield from (step.values for step in steps)
            return
        for _key, row in stored.rows(self.connection, self.known, table, keys):
            yield row.values

    def _keys(self, table: Table) -> list[str]:
        if self.year is None:
            return stored.all_keys(self.connection, table)
        return yearly.keys(self.connection, table, self.year)

    def _public(self, table: Table) -> Iterator[Row]:
        clean = _CLEANED.get(table.name, _as_it_is)
        # Of one year, only what everybody may read was asked for: there is nothing left to leave out.
        hidden = self._asked_back() if table.name == OPINIONS.name and self.year is None else frozenset()
        for row in self._all(table):
            public = clean(row, self.small_count)
            if public is not None and row.get("ref") not in hidden:
                yield public

    def _asked_back(self) -> frozenset[str]:
        """Return the refs of the opinions that their authors asked to have back, or gave to the team alone."""
        back = sa.or_(Opinion.withdrawal_asked_at.is_not(None), Opinion.reserve_asked)
        asked = sa.select(Opinion.ref).where(back)
        return frozenset(self.connection.scalars(asked))


def _as_it_is(row: Row, _small: int) -> Row | None:
    return row


def _public_meeting(row: Row, small: int) -> Row | None:
    values = masked(row, small)
    if row["statut"] == "annulee":  # nobody counts it: what was written of it could only be taken from a closed figure
        values |= dict.fromkeys(BREAKDOWNS)
    if values["compte_rendu_publie_le"] is None or values["compte_rendu_publie_le"] > today():
        values["compte_rendu"] = None
    return values


def _public_opinion(row: Row, _small: int) -> Row | None:
    return row if row["moderation"] == PUBLIC_MODERATION else None


_CLEANED: dict[str, Callable[[Row, int], Row | None]] = {
    MEETINGS.name: _public_meeting,
    OPINIONS.name: _public_opinion,
}


def _text(column: Column, value: Any) -> str:
    r"""Return a value as text; line ends are `\n`, as an import reads them."""
    if value is None:
        return ""
    if type(value) is str:
        return _LINE_ENDS.sub("\n", value) if "\r" in value else value
    return column.kind.write(value)


@contextmanager
def contents(
    engine: sa.Engine, *, small_count: int, open_data: bool = False, names: bool = True, year: int | None = None
) -> Iterator[Contents]:
    """Read the content as it stands at one moment, on a connection of its own that holds no writer up.

    `small_count` is the settings' threshold; `year` keeps the rows of one civil year. Raises NoContract where there is
    none.
    """
    with engine.connect() as connection:
        connection.execution_options(only_reads=True)
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield Contents(connection, known.load(connection), small_count, open_data, names, year)
