"""What can be asked about relays. Every list has an order; none loads row per row."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body, Mandate
from participation.bodies.queries import in_force
from participation.circuit.models import Relay, RelayCopy
from participation.clock import today
from participation.errors import NotFound
from participation.meetings.models import Meeting, meeting_body
from participation.opinions.queries import bodies_in_places
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting, Scope
from participation.proposals.offers import MEETINGS_OFFERED

YEAR = dt.timedelta(days=366)
"""How far back meetings are offered."""
SHOWN = 10
"""Relays that the page of an instance shows, each way: the latest."""


def get_relay(session: Session, ref: str) -> Relay:
    """Return the relay with all that its pages show and its rights need. Raises NotFound."""
    relay = session.scalar(sa.select(Relay).where(Relay.ref == ref).options(*_whole()))
    if relay is None:
        raise NotFound(_("Ce projet relayé n'existe pas. Cherchez-le sur la page de l'instance."))
    return relay


def get_copy(relay: Relay, slug: str) -> RelayCopy:
    """Return what one instance was relayed. Raises NotFound."""
    for copy in relay.copies:
        if copy.body.slug == slug:
            return copy
    raise NotFound(_("Ce projet n'est pas relayé à cette instance."))


def lock(session: Session, relay: Relay) -> None:
    """Let nobody else change this relay until the end of the transaction, and read it again."""
    query = sa.select(Relay).where(Relay.id == relay.id).options(*_whole()).with_for_update()
    session.scalar(query.execution_options(populate_existing=True))


def list_for_team(session: Session, account: Acting, arguments: Mapping[str, str]) -> Page[Relay]:
    """Return one page of the relays in which the account has a part, the latest first."""
    query = sa.select(Relay).options(*_whole())
    if account.role not in TEAM:
        query = query.where(_in_places(account.scopes))
    return page_by_date(session, query, Relay.on_date, Relay.id, arguments)


def _in_places(scopes: Iterable[Scope]) -> sa.ColumnElement[bool]:
    bodies = bodies_in_places(list(scopes))
    received = sa.select(RelayCopy.relay_id).where(RelayCopy.body_id.in_(bodies))
    return sa.or_(Relay.from_body_id.in_(bodies), Relay.id.in_(received))


def list_from(session: Session, body: Body) -> list[Relay]:
    """Return the latest relays by an instance, the latest first."""
    return _latest(session, Relay.from_body_id == body.id)


def list_to(session: Session, body: Body) -> list[Relay]:
    """Return the latest relays to an instance, the latest first."""
    return _latest(session, Relay.id.in_(sa.select(RelayCopy.relay_id).where(RelayCopy.body_id == body.id)))


def list_born_at(session: Session, meeting: Meeting) -> list[Relay]:
    """Return the relays of what was discussed at a meeting."""
    return _latest(session, Relay.meeting_id == meeting.id)


def list_spoken_of_at(session: Session, meeting: Meeting) -> list[RelayCopy]:
    """Return what was relayed and brought up at a meeting, the oldest first."""
    query = sa.select(RelayCopy).where(RelayCopy.meeting_id == meeting.id)
    return _copies(session, query)


def list_waiting(session: Session, bodies: Sequence[Body]) -> list[RelayCopy]:
    """Return what was relayed to these instances and they have not brought up yet, the oldest first."""
    waiting = RelayCopy.body_id.in_([body.id for body in bodies])
    return _copies(session, sa.select(RelayCopy).where(waiting, RelayCopy.discussed_on.is_(None)))


def _copies(session: Session, query: "sa.Select[RelayCopy]") -> list[RelayCopy]:
    query = query.join(Relay, Relay.id == RelayCopy.relay_id).order_by(Relay.on_date, Relay.id, RelayCopy.body_id)
    parts = (selectinload(RelayCopy.body), selectinload(RelayCopy.relay).selectinload(Relay.from_body))
    return list(session.scalars(query.limit(SHOWN).options(*parts)))


def _latest(session: Session, condition: sa.ColumnElement[bool]) -> list[Relay]:
    query = sa.select(Relay).where(condition).order_by(Relay.on_date.desc(), Relay.id.desc()).limit(SHOWN)
    return list(session.scalars(query.options(*_whole())))


def list_past_meetings(session: Session, body: Body | None, day: dt.date) -> list[Meeting]:
    """Return the meetings of the year before that day, of an instance or of all, the latest first."""
    query = sa.select(Meeting).where(Meeting.status != "annulee", Meeting.held_on.between(day - YEAR, day))
    if body:
        query = query.where(
            Meeting.id.in_(sa.select(meeting_body.c.meeting_id).where(meeting_body.c.body_id == body.id))
        )
    query = query.order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(MEETINGS_OFFERED)
    return list(session.scalars(query.options(sa.orm.defer(Meeting.minutes))))


def list_seated_in(session: Session, body: Body) -> list[Body]:
    """Return the instances that have representatives in this one today, by name: those to whom it is relayed."""
    seated = sa.select(Mandate.body_id).where(
        Mandate.seat_body_id == body.id, Mandate.kind == "representant", *in_force(today())
    )
    query = sa.select(Body).where(Body.id.in_(seated), Body.id != body.id).order_by(Body.name, Body.id)
    return list(session.scalars(query))


def _whole() -> tuple[Any, ...]:
    places = (selectinload(Body.communes), selectinload(Body.quartiers))
    light = sa.orm.defer(Meeting.minutes)
    return (
        selectinload(Relay.from_body).options(*places),
        selectinload(Relay.meeting).options(light),
        selectinload(Relay.copies).options(
            selectinload(RelayCopy.body).options(*places), selectinload(RelayCopy.meeting).options(light)
        ),
    )
