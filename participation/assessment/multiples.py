"""One figure in every place, on one scale and in a fixed order: not a league table (ux.md 2.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.assessment.engine import assess_relation
from participation.assessment.indicators import INDICATORS
from participation.assessment.reading import Reading
from participation.assessment.results import Figure
from participation.assessment.scope import Place, Scope
from participation.assessment.small_counts import hide, withheld
from participation.assessment.words import written
from participation.bodies.models import Body
from participation.contract.models import Commune, Quartier
from participation.keys import settings


@dataclass(frozen=True)
class Multiple:
    """A figure in one place: its value (None: unknown), in words, and the way to its rows there."""

    label: str
    value: float | None
    text: str
    href: str
    current: bool


def list_multiples(session: Session, reading: Reading) -> list[tuple[str, list[Multiple]]]:
    """Return the figure per commune, per quartier and, for the team and the élus, per instance.

    One query a place, whatever the number of rows; three more for the small counts of the public.
    """
    groups = [("commune", _communes(session)), ("quartier", _quartiers(session))]
    if reading.full:
        groups.append(("instance", _bodies(session)))
    hidden = _hidden(session, reading)
    return [(kind, [_multiple(session, reading, place, hidden) for place in places]) for kind, places in groups]


def _hidden(session: Session, reading: Reading) -> set[Scope]:
    if reading.full:
        return set()
    frame = reading.frame
    return withheld(session, frame.period, frame.as_of, settings().small_count).get(str(reading.code), set())


def _multiple(session: Session, reading: Reading, place: Place, hidden: set[Scope]) -> Multiple:
    assert reading.code
    figure = assess_relation(session, reading.code, replace(reading.frame, place=place)).figures[reading.code]
    if place.scope in hidden:
        figure = hide(figure)
    return Multiple(
        label=place.name,
        value=figure.value,
        text=_words(reading.code, figure),
        href=reading.url(scope=place.scope, code=reading.code),
        current=place.scope == reading.frame.place.scope,
    )


def _words(code: str, figure: Figure) -> str:
    return written(INDICATORS[code], figure)


def _communes(session: Session) -> Iterable[Place]:
    query = sa.select(Commune).order_by(Commune.position, Commune.slug)
    return [
        Place(Scope("commune", one.slug), one.id, one.name, belongs=frozenset({("commune", one.slug)}))
        for one in session.scalars(query)
    ]


def _quartiers(session: Session) -> Iterable[Place]:
    query = sa.select(Quartier).options(selectinload(Quartier.communes)).order_by(Quartier.position, Quartier.slug)
    return [
        Place(Scope("quartier", one.slug), one.id, one.name, one.population, frozenset(one.places()))
        for one in session.scalars(query)
    ]


def _bodies(session: Session) -> Iterable[Place]:
    query = sa.select(Body).options(selectinload(Body.communes), selectinload(Body.quartiers))
    return [
        Place(Scope("instance", one.slug), one.id, one.name, belongs=frozenset(one.places()))
        for one in session.scalars(query.order_by(Body.name, Body.slug))
    ]
