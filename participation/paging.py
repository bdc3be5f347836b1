"""Long lists by pages: the address of a page names the row it begins after, so a new row never shifts the next page.

A page costs the same whether it is the first or the thousandth: an index gives its rows (no OFFSET).
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

PAGE_SIZE = 20
AFTER, BEFORE = "apres", "avant"
"""Names of the two arguments in an address."""

_CURSOR = re.compile(r"(\d{4}-\d{2}-\d{2})_(\d{1,15})")

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list, and what an address needs to name the pages beside it (empty: there is none)."""

    items: list[T]
    previous: dict[str, Any]
    next: dict[str, Any]


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
    after, before = _cursor(arguments.get(AFTER)), _cursor(arguments.get(BEFORE))
    backwards = after is None and before is not None
    cursor = before if backwards else after
    descending = newest_first != backwards
    key = sa.tuple_(on, id_)
    if cursor:
        bound = sa.tuple_(sa.literal(cursor[0], sa.Date), sa.literal(cursor[1], sa.BigInteger))
        query = query.where(key < bound if descending else key > bound)
    order = (on.desc(), id_.desc()) if descending else (on.asc(), id_.asc())
    rows = list(session.scalars(query.order_by(*order).limit(size + 1)).unique())
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        {BEFORE: _name(rows[0], on, id_)} if rows and (more if backwards else cursor) else {},
        {AFTER: _name(rows[-1], on, id_)} if rows and (backwards or more) else {},
    )


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
