"""What can be asked about instances, their cadences and their mandates."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload, selectinload

from participation.bodies.models import (
    FAMILIES,
    Body,
    BodyKind,
    Cadence,
    Mandate,
    Question,
    Representation,
    body_commune,
)
from participation.contract.models import Commune, Contract, Quartier
from participation.errors import NotFound
from participation.refs import slugify


@dataclass(frozen=True)
class Group:
    """The instances of one commune, or those of several (commune None), by family."""

    commune: Commune | None
    families: dict[str, list[Body]]


def get_body(session: Session, slug: str) -> Body:
    """Return the instance with its kind, places and other names. Raises NotFound."""
    body = session.scalar(sa.select(Body).where(Body.slug == slug).options(*_parts(), selectinload(Body.aliases)))
    if body is None:
        raise NotFound(_("Cette instance n'existe pas."))
    return body


def list_bodies(session: Session, commune: str | None = None, family: str | None = None) -> list[Body]:
    """Return the instances with their kinds and places, by name; of one commune or family if given."""
    query = sa.select(Body).options(*_parts()).order_by(Body.slug)
    if commune:
        of_commune = sa.select(body_commune.c.body_id).join(Commune).where(Commune.slug == commune)
        query = query.where(Body.id.in_(of_commune))
    if family:
        query = query.where(Body.family == family)
    # Here and not in the database, whose alphabets differ: É comes with E.
    return sorted(session.scalars(query), key=lambda body: slugify(body.name))


def group_bodies(communes: list[Commune], bodies: list[Body]) -> list[Group]:
    """Return the instances under their commune, in the contract's order, then those of several communes."""
    several = [body for body in bodies if len(body.communes) != 1]
    parts: list[tuple[Commune | None, list[Body]]] = [
        (commune, [body for body in bodies if body.communes == [commune]]) for commune in communes
    ]
    return [
        Group(commune, {family: found for family in FAMILIES if (found := [b for b in some if b.family == family])})
        for commune, some in [*parts, (None, several)]
        if some
    ]


def list_communes(session: Session) -> list[Commune]:
    """Return the communes, in the contract's order."""
    return list(session.scalars(sa.select(Commune).order_by(Commune.position, Commune.id)))


def list_quartiers(session: Session) -> list[Quartier]:
    """Return the quartiers with their communes, in the contract's order."""
    query = sa.select(Quartier).order_by(Quartier.position, Quartier.id)
    return list(session.scalars(query.options(selectinload(Quartier.communes))))


def list_kinds(session: Session) -> list[BodyKind]:
    """Return the kinds of instance, in the contract's order, then those made in the browser."""
    return list(session.scalars(sa.select(BodyKind).order_by(BodyKind.position, BodyKind.name)))


def contract_years(session: Session) -> tuple[int, int] | None:
    """Return the first and last year of the contract, None where none is loaded."""
    row = session.execute(sa.select(Contract.starts, Contract.ends)).first()
    return (row.starts, row.ends) if row else None


def list_cadences(session: Session, body: Body) -> list[Cadence]:
    """Return how often the instance must meet, alone or with others."""
    query = sa.select(Cadence).where(Cadence.bodies.any(Body.id == body.id))
    return list(session.scalars(query.options(selectinload(Cadence.bodies)).order_by(Cadence.position, Cadence.id)))


def list_seats_given(session: Session, body: Body) -> list[tuple[int, str]]:
    """Return (seats, name of the kind) that the instance holds in each instance of another kind."""
    query = (
        sa.select(Representation.seats, BodyKind.name)
        .join(BodyKind, BodyKind.slug == Representation.to_kind)
        .where(Representation.from_bodies.any(Body.id == body.id))
        .order_by(Representation.id)
    )
    return [(seats, name) for seats, name in session.execute(query)]


def list_seats_received(session: Session, body: Body) -> list[Representation]:
    """Return what instances send representatives to instances of this one's kind."""
    query = sa.select(Representation).where(Representation.to_kind == body.kind).order_by(Representation.id)
    return list(session.scalars(query.options(selectinload(Representation.from_bodies))))


def list_groups(session: Session, body: Body) -> list[Body]:
    """Return the groups of the instance (contract l.1895)."""
    return list(session.scalars(sa.select(Body).where(Body.parent_id == body.id).order_by(Body.name, Body.slug)))


def list_questions(session: Session, body: Body) -> list[Question]:
    """Return the questions of the instance's campaign."""
    return list(session.scalars(sa.select(Question).where(Question.body_id == body.id).order_by(Question.number)))


def count_mandates(session: Session, body: Body, day: dt.date) -> dict[str, int]:
    """Return kind -> how many mandates of the instance are in force on that day, both ends included."""
    query = sa.select(Mandate.kind, sa.func.count().label("number")).where(Mandate.body_id == body.id, *in_force(day))
    rows = session.execute(query.group_by(Mandate.kind).order_by(Mandate.kind))
    return {row.kind: row.number for row in rows}


def count_seats(session: Session, body: Body, day: dt.date) -> int:
    """Return how many representatives of other instances sit in this one on that day."""
    query = sa.select(sa.func.count()).select_from(Mandate).where(Mandate.seat_body_id == body.id, *in_force(day))
    return session.scalar(query) or 0


def in_force(day: dt.date) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of a mandate in force on that day, both ends included (indicators.md)."""
    return Mandate.started_on <= day, sa.or_(Mandate.ended_on.is_(None), Mandate.ended_on >= day)


def list_mandates(session: Session, body: Body, *, names: bool) -> list[Mandate]:
    """Return the instance's mandates and those of others that sit in it, the latest first; names only if asked."""
    query = (
        sa.select(Mandate)
        .where(sa.or_(Mandate.body_id == body.id, Mandate.seat_body_id == body.id))
        .options(_with_places(Mandate.body), _with_places(Mandate.seat_body))
        .order_by(Mandate.started_on.desc(), Mandate.id.desc())
    )
    return list(session.scalars(query.options(joinedload(Mandate.person)) if names else query))


def _with_places(which: Any) -> Any:
    """Load an instance of a mandate with what rights ask of it: its places."""
    return joinedload(which).options(selectinload(Body.communes), selectinload(Body.quartiers))


def get_mandate(session: Session, ref: str) -> Mandate:
    """Return the mandate with its instances. Raises NotFound."""
    query = sa.select(Mandate).where(Mandate.ref == ref)
    mandate = session.scalar(query.options(joinedload(Mandate.body), joinedload(Mandate.seat_body)))
    if mandate is None:
        raise NotFound(_("Ce mandat n'existe pas."))
    return mandate


def find_namesake(session: Session, name: str, communes: list[Commune], besides: Body | None) -> Body | None:
    """Return an open instance of the same name in one of these communes, if there is one."""
    around = Body.communes.any(Commune.id.in_([commune.id for commune in communes]))
    query = sa.select(Body).where(around, Body.closed_on.is_(None)).order_by(Body.id)
    same = (body for body in session.scalars(query) if body.name.casefold() == name.casefold() and body is not besides)
    return next(same, None)


def slug_taken(session: Session, slug: str) -> bool:
    """Whether an instance has this slug. Instances are never removed, so no slug comes back."""
    return session.scalar(sa.select(Body.id).where(Body.slug == slug)) is not None


def _parts() -> tuple[sa.orm.Load, ...]:
    return joinedload(Body.kind_row), selectinload(Body.communes), selectinload(Body.quartiers)  # type: ignore[return-value]
