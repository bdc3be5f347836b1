"""The meetings of exactly the same public places as one cell, with the numbers of every measure (small_counts.py)."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.assessment.scoping import Condition, meeting_counts
from participation.assessment.small_count_measures import Measure, breakdowns
from participation.bodies.models import body_commune, body_quartier
from participation.contract.models import Commune, Quartier
from participation.meetings.models import Meeting, meeting_body, meeting_quartier

_BITS = 60
"""Scopes told apart by one integer column."""


@dataclass(frozen=True)
class Places:
    """The public scopes, the contract aside: the communes, then the quartiers, each in its order."""

    communes: Sequence[int]
    quartiers: Sequence[int]
    scopes: Sequence[Scope]

    def bit(self, scope: Scope) -> int | None:
        """Return the scope's bit; None for the contract, to which everything belongs."""
        return None if scope == Scope() else 1 << self.scopes.index(scope)


@dataclass(frozen=True)
class Cell:
    """Meetings of one year that belong to the same public scopes; or one meeting, `ref`, that must stand alone.

    `scopes`: one bit for each. `numbers`: for each measure, its meetings and their people. `changed`: no meetings, but
    what was otherwise when a version was closed.
    """

    year: int
    scopes: int
    numbers: tuple[tuple[int, int], ...]
    ref: str = ""
    changed: bool = False


@dataclass(frozen=True)
class Held:
    """A meeting that counts: its day, the public scopes it is in, and by breakdown its people and their whole."""

    day: dt.date
    scopes: int
    people: dict[str, tuple[int, int]]


def find_places(session: Session) -> Places:
    """Return the public places."""
    communes = list(session.execute(sa.select(Commune.id, Commune.slug).order_by(Commune.position, Commune.id)))
    quartiers = list(session.execute(sa.select(Quartier.id, Quartier.slug).order_by(Quartier.position, Quartier.id)))
    scopes = [*(Scope("commune", slug) for _, slug in communes), *(Scope("quartier", slug) for _, slug in quartiers)]
    return Places([id_ for id_, _ in communes], [id_ for id_, _ in quartiers], scopes)


def list_cells(
    session: Session,
    period: Period,
    end: dt.date,
    places: Places,
    measures: Sequence[Measure],
    *,
    alone: Collection[str],
    gone: Collection[str],
) -> list[Cell]:
    """Return the cells of the period's meetings up to `end`, and of those `gone`; the refs `alone` have one each."""
    scopes, bits = _scopes(places)
    groups = [sa.extract("year", Meeting.held_on), *bits]
    if alone:
        groups.append(sa.case((Meeting.ref.in_(sorted(alone)), Meeting.ref), else_=""))
    numbers = [
        column
        for one in measures
        for column in (sa.func.count().filter(one.unknown), sa.func.sum(one.people).filter(one.unknown))
    ]
    columns = [column.label(f"n{place}") for place, column in enumerate((*groups, *numbers))]
    which = sa.or_(meeting_counts(), Meeting.ref.in_(sorted(gone))) if gone else meeting_counts()
    query: sa.Select[*tuple[Any, ...]] = _meetings(scopes, which).add_columns(*columns)
    rows = session.execute(
        query.group_by(*columns[: len(groups)]), {"first": period.first, "end": min(end, period.last)}
    )
    return [_cell(row, len(bits), bool(alone)) for row in rows]


def list_held(session: Session, period: Period, end: dt.date, places: Places) -> dict[str, Held]:
    """Return the period's meetings up to `end` by their refs: a row each, for what must be compared one by one."""
    return _list_held(session, meeting_counts(), places, first=period.first, end=min(end, period.last))


def list_gone(session: Session, refs: Collection[str], places: Places) -> dict[str, Held]:
    """Return the meetings of these refs that there are, by their refs: whether they count or were cancelled."""
    return _list_held(session, Meeting.ref.in_(sorted(refs)), places) if refs else {}


def _list_held(session: Session, which: Condition, places: Places, **bounds: dt.date) -> dict[str, Held]:
    scopes, bits = _scopes(places)
    people = [
        column
        for part in breakdowns().values()
        for column in (part.part, part.rest, sa.case((part.counted, 1), else_=0))
    ]
    columns = [column.label(f"n{place}") for place, column in enumerate((Meeting.ref, Meeting.held_on, *bits, *people))]
    query: sa.Select[*tuple[Any, ...]] = _meetings(scopes, which).add_columns(*columns)
    return {row[0]: _held(row, len(bits)) for row in session.execute(query, bounds)}


def _meetings(scopes: Any, which: Condition) -> Any:
    return sa.select().select_from(sa.outerjoin(Meeting, scopes, scopes.c.meeting_id == Meeting.id)).where(which)


def _scopes(places: Places) -> tuple[Any, list[Any]]:
    """Return a subquery that gives each meeting its scopes, and the columns that hold them."""
    pairs = _belonging(places.communes, places.quartiers).subquery("pairs")
    bits = _bits(pairs.c.number, len(places.scopes))
    found = sa.select(pairs.c.meeting_id, *bits).group_by(pairs.c.meeting_id).subquery("scopes")
    return found, [found.c[column.name] for column in bits]


def _cell(row: Sequence[Any], columns: int, alone: bool) -> Cell:
    start = 1 + columns + alone
    numbers = [int(value or 0) for value in row[start:]]
    ref = row[1 + columns] if alone else ""
    return Cell(
        int(row[0]), _joined(row[1 : 1 + columns]), tuple(zip(numbers[::2], numbers[1::2], strict=True)), str(ref)
    )


def _held(row: Sequence[Any], columns: int) -> Held:
    several = row[2 + columns :]
    people = {
        code: (int(several[at]), int(several[at]) + int(several[at + 1]))
        for at, code in zip(range(0, len(several), 3), breakdowns(), strict=True)
        if several[at + 2]
    }
    return Held(row[1], _joined(row[2 : 2 + columns]), people)


def _joined(bits: Sequence[Any]) -> int:
    return sum(int(value or 0) << place * _BITS for place, value in enumerate(bits))


def _belonging(communes: Sequence[int], quartiers: Sequence[int]) -> sa.CompoundSelect[Any]:
    """Return a select of (meeting, number of a public scope it is in, the contract aside), each pair once.

    Scopes are numbered in their order, communes first; a meeting belongs as in `scoping.meeting_belongs`.
    """
    number = {id_: place for place, id_ in enumerate(communes)}
    number_of_quartier = {id_: place for place, id_ in enumerate(quartiers, start=len(communes))}
    names_one = sa.select(sa.literal(1)).where(meeting_quartier.c.meeting_id == meeting_body.c.meeting_id).exists()
    return sa.union(
        sa.select(meeting_body.c.meeting_id, _numbered(body_commune.c.commune_id, number)).join(
            body_commune, body_commune.c.body_id == meeting_body.c.body_id
        ),
        sa.select(meeting_quartier.c.meeting_id, _numbered(meeting_quartier.c.quartier_id, number_of_quartier)),
        sa.select(meeting_body.c.meeting_id, _numbered(body_quartier.c.quartier_id, number_of_quartier))
        .join(body_quartier, body_quartier.c.body_id == meeting_body.c.body_id)
        .where(~names_one),
    )


def _numbered(column: Any, numbers: dict[int, int]) -> Any:
    return (sa.case(numbers, value=column) if numbers else sa.literal(None, sa.Integer)).label("number")


def _bits(number: Any, size: int) -> list[Any]:
    """Return integer columns that hold one bit for each of `size` scopes."""
    columns = []
    for start in range(0, max(size, 1), _BITS):
        powers = {start + place: sa.literal(2**place, sa.BigInteger) for place in range(_BITS)}
        bit = sa.case(powers, value=number, else_=sa.literal(0, sa.BigInteger))
        columns.append(sa.cast(sa.func.sum(bit), sa.BigInteger).label(f"bits{start}"))
    return columns
