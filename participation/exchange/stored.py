"""Rows of the database as rows of the format: the same values that reading a package gives, for any table.

Used to compare with what an import brings, and to export. Rows come in chunks, by their references in code-point
order; the memory holds one chunk.
"""

import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from participation.bodies.models import Body
from participation.clock import to_local
from participation.contract.models import Recipient
from participation.exchange.cells import Clock
from participation.exchange.known import Known, chunks
from participation.exchange.tables import NAMED_TABLES, PROPOSALS, STEPS, Column, Table
from participation.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class Stored:
    """A row: its identifier, its values by column, and what its table keeps besides."""

    id: int
    values: dict[str, Any]
    superseded_on: Any = None
    """Of a step."""
    position: int = 0
    """Of a step."""


def all_keys(connection: sa.Connection, table: Table) -> list[str]:
    """Return every ref or slug in code-point order, whatever the database's own order of letters is."""
    owner = table if table.key else PROPOSALS
    return sorted(connection.scalars(sa.select(owner.main.c[owner.key or "ref"])))


def lock(connection: sa.Connection, table: Table, keys: Collection[str]) -> None:
    """Keep others from changing these rows until this transaction ends. SQLite has one writer at a time anyway."""
    if connection.dialect.name == "sqlite":
        return
    key = table.main.c[table.key or ""]
    query = sa.select(table.main.c.id).where(key.in_(sa.bindparam("keys", expanding=True))).order_by(key)
    for chunk in chunks(sorted(keys)):
        connection.execute(query.with_for_update(), {"keys": chunk}).all()


def rows(connection: sa.Connection, known: Known, table: Table, keys: Collection[str]) -> Iterator[tuple[str, Stored]]:
    """Yield (ref or slug, row) of those of `keys` that exist, in code-point order; for steps see `steps`."""
    assert table.key
    key = table.key
    statement, columns = _select(table)
    names = [column.name for column in columns]
    convert = [_converter(known, column) for column in columns]
    for chunk in chunks(sorted(keys)):
        found = [
            Stored(row[0], {name: do(value) for name, do, value in zip(names, convert, row[1:], strict=True)})
            for row in connection.execute(statement, {"keys": chunk})
        ]
        for column in _links(table):
            lists = _lists(connection, known, column, [row.id for row in found])
            for row in found:
                row.values[column.name] = tuple(sorted(lists.get(row.id, ())))
        found.sort(key=lambda row: row.values[key])
        yield from ((row.values[key], row) for row in found)


def steps(connection: sa.Connection, known: Known, refs: Collection[str]) -> Iterator[tuple[str, list[Stored]]]:
    """Yield (proposal, its steps in order) of those of `refs` that exist, in code-point order."""
    statement, columns = _select(STEPS)
    names = [column.name for column in columns]
    convert = [_converter(known, column) for column in columns]
    for chunk in chunks(sorted(refs)):
        found: dict[str, list[Stored]] = {}
        for number, *rest in connection.execute(statement, {"keys": chunk}):
            *plain, superseded_on, position, to_body, to_recipient, to_proposal = rest
            values = {name: do(value) for name, do, value in zip(names, convert, plain, strict=True)}
            values["vers"] = to_body or to_recipient or to_proposal
            found.setdefault(values["proposition"], []).append(Stored(number, values, superseded_on, position))
        yield from sorted(found.items())


def _links(table: Table) -> list[Column]:
    return [column for column in table.columns if column.link is not None]


def _converter(known: Known, column: Column) -> Any:
    if column.names and column.names not in ("rencontres", "propositions"):
        return known.words(column.names).get
    if isinstance(column.kind, Clock):
        return lambda moment: to_local(moment).time().replace(second=0, microsecond=0) if moment else None
    return _same


def _same(value: Any) -> Any:
    return value


@functools.cache
def _select(table: Table) -> tuple[sa.Select[Any], Sequence[Column]]:
    """Return the query (its parameter: `keys`) and the columns of its answer after the identifier."""
    main = table.main
    origin: Any = main
    selected: list[Any] = [main.c.id]
    columns = [column for column in table.columns if column.db]
    for column in columns:
        place, origin = _place(column, main, origin)
        selected.append(place)
    if table.key:
        key, order = main.c[table.key], [main.c.id]
    else:
        key, order = selected[1], [main.c.proposal_id, main.c.position]
        whither, origin = _whither(main, origin)
        selected += [main.c.superseded_on, main.c.position, *whither]
    query = sa.select(*selected).select_from(origin).where(key.in_(sa.bindparam("keys", expanding=True)))
    return query.order_by(*order), columns


def _place(column: Column, main: sa.Table, origin: Any) -> tuple[Any, Any]:
    """Return where a column's value is selected from, and the joins that this needs."""
    assert column.db
    if column.side is not None:
        own = next(iter(column.side.primary_key))
        return column.side.c[column.db], origin.outerjoin(column.side, own == main.c.id)
    if column.names in ("rencontres", "propositions"):
        named = NAMED_TABLES[column.names].main.alias(f"of_{column.db}")
        return named.c.ref, origin.outerjoin(named, named.c.id == main.c[column.db])
    return main.c[column.db], origin


def _whither(main: sa.Table, origin: Any) -> tuple[list[Any], Any]:
    """Return the three things that `vers` may name, and the joins that they need."""
    places = []
    for name, model, key in (("body", Body, "slug"), ("recipient", Recipient, "slug"), ("proposal", Proposal, "ref")):
        named = sa.alias(model.__table__, f"to_{name}")
        places.append(named.c[key])
        origin = origin.outerjoin(named, named.c.id == main.c[f"to_{name}_id"])
    return places, origin


def _lists(connection: sa.Connection, known: Known, column: Column, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return what a list holds for each of some rows, by their identifiers."""
    assert column.link is not None
    own, other = list(column.link.c)[:2]
    query = sa.select(own, other).where(own.in_(sa.bindparam("ids", expanding=True)))
    convert = known.words(column.names).__getitem__ if column.names else _same
    found: dict[int, list[str]] = {}
    for number, member in connection.execute(query, {"ids": ids}):
        found.setdefault(number, []).append(convert(member))
    return found
