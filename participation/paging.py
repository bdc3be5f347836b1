"""Long lists by pages: the address of a page names the row it begins after, so a new row never shifts the next page.

A page costs the same whether it is the first or the thousandth: an index gives its rows (no OFFSET).
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

PAGE_SIZE = 20
AFTER, BEFORE = "apres", "avant"
"""Names of the two arguments in an address."""

_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{1,15})")

T = TypeVar("T")
WINDOW = 2_000
"""Latest rows among which a page is looked for first (page_of_few)."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and what an address needs to name the pages beside it (empty: there is none)."""

    items: list[T]
    previous: dict[str, Any]
    next: dict[str, Any]


@dataclass(frozen=True)
class _Asked:
    """What an address asks of a list by date: from which row on, and in which direction."""

    on: "InstrumentedAttribute[dt.date]"
    id: "InstrumentedAttribute[int]"
    cursor: tuple[dt.date, int] | None
    backwards: bool
    descending: bool

    @classmethod
    def of(cls, arguments: Mapping[str, str], on: Any, id_: Any, *, newest_first: bool) -> "_Asked":
        after, before = _cursor(arguments.get(AFTER)), _cursor(arguments.get(BEFORE))
        backwards = after is None and before is not None
        return cls(on, id_, before if backwards else after, backwards, newest_first != backwards)

    @property
    def order(self) -> tuple[sa.UnaryExpression[Any], ...]:
        keys = (self.on, self.id)
        return tuple(key.desc() if self.descending else key.asc() for key in keys)

    def where(self, query: "sa.Select[T]") -> "sa.Select[T]":
        """Return the rows of `query` beyond the cursor."""
        if self.cursor is None:
            return query
        key = sa.tuple_(self.on, self.id)
        bound = sa.tuple_(sa.literal(self.cursor[0], sa.Date), sa.literal(self.cursor[1], sa.BigInteger))
        return query.where(key < bound if self.descending else key > bound)

    def page(self, rows: list[T], size: int) -> Page[T]:
        """Return the page of these rows, in the order asked and one more than fits where there are more."""
        more, rows = len(rows) > size, rows[:size]
        if self.backwards:
            rows.reverse()
        return Page(
            rows,
            {BEFORE: _name(rows[0], self.on, self.id)} if rows and (more if self.backwards else self.cursor) else {},
            {AFTER: _name(rows[-1], self.on, self.id)} if rows and (self.backwards or more) else {},
        )


def page_by_date(
    session: Session,
    query: "sa.Select[T]",
    on: "InstrumentedAttribute[dt.date]",
    id_: "InstrumentedAttribute[int]",
    arguments: Mapping[str, str],
    *,
    newest_first: bool = True,
    size: int = PAGE_SIZE,
) -> Page[T]:
    """Return one page of `query`'s rows, ordered by the date column and then the identifier.

    `arguments` are the address's: `apres` or `avant` and a cursor; anything else there is the first page.
    """
    asked = _Asked.of(arguments, on, id_, newest_first=newest_first)
    rows = session.scalars(asked.where(query).order_by(*asked.order).limit(size + 1))
    return asked.page(list(rows.unique()), size)


def page_of_few(
    session: Session,
    query: "sa.Select[T]",
    conditions: Sequence[sa.ColumnElement[bool]],
    on: "InstrumentedAttribute[dt.date]",
    id_: "InstrumentedAttribute[int]",
    arguments: Mapping[str, str],
    size: int = PAGE_SIZE,
) -> Page[T]:
    """Return one page of `query`'s rows that meet conditions of which no index knows the order, the latest first.

    It costs about the same however many rows there are. Where many meet the conditions, a page of them is soon met
    among the latest `WINDOW` rows; where few do, they are found by the index of one of the conditions, and sorted. A
    database that guesses wrong between the two walks over every row. Rows are read, with their texts, once chosen.
    """
    asked = _Asked.of(arguments, on, id_, newest_first=True)
    edge = session.scalar(asked.where(sa.select(on)).order_by(*asked.order).offset(WINDOW).limit(1))
    keys = asked.where(sa.select(id_).where(*conditions)).limit(size + 1)
    near = keys if edge is None else keys.where(on >= edge if asked.descending else on <= edge)
    ids = list(session.scalars(near.order_by(*asked.order)))
    if edge is not None and len(ids) <= size:
        # Not the columns themselves: by their index the database would look for the few among all.
        unknown = (sa.func.coalesce(on, on), sa.func.coalesce(id_, id_))
        ids = list(session.scalars(keys.order_by(*(key.desc() if asked.descending else key for key in unknown))))
    rows = list(session.scalars(query.where(id_.in_(ids)).order_by(*asked.order)).unique()) if ids else []
    return asked.page(rows, size)


def _cursor(text: str | None) -> tuple[dt.date, int] | None:
    found = _CURSOR.fullmatch(text or "")
    if not found:
        return None
    try:
        return dt.date.fromisoformat(found[1]), int(found[2])
    except ValueError:
        return None


def _name(row: Any, on: "InstrumentedAttribute[dt.date]", id_: "InstrumentedAttribute[int]") -> str:
    return f"{getattr(row, on.key).isoformat()}_{getattr(row, id_.key)}"
