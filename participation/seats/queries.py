"""What can be asked about representatives at a meeting of another instance, and of what they told back."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from participation import clock
from participation.bodies.models import Body, Mandate
from participation.bodies.queries import in_force
from participation.errors import NotFound
from participation.meetings.models import Meeting, meeting_body
from participation.seats.models import Presence, Substitute

OFFERED = 60
"""Meetings of an instance at which it may have been told: more than any holds in years."""


@dataclass(frozen=True)
class Represented:
    """An instance that holds seats in those of a meeting on its day: how many holders, how many substitutes."""

    body: Body
    holders: int
    substitutes: int


def list_represented(session: Session, meeting: Meeting) -> list[Represented]:
    """Return the instances that hold seats in those of the meeting on its day, by name."""
    where = [body.id for body in meeting.bodies]
    query = (
        sa.select(Mandate.body_id, sa.func.count(), sa.func.count(Substitute.mandate_id))
        .outerjoin(Substitute, Substitute.mandate_id == Mandate.id)
        .where(Mandate.seat_body_id.in_(where), Mandate.body_id.not_in(where))
        .where(Mandate.kind == "representant", *in_force(meeting.held_on))
        .group_by(Mandate.body_id)
    )
    numbers = {body_id: (number - few, few) for body_id, number, few in session.execute(query)}
    bodies = session.scalars(
        sa.select(Body).where(Body.id.in_(numbers)).options(*_places()).order_by(Body.name, Body.id)
    )
    return [Represented(body, *numbers[body.id]) for body in bodies]


def presences_of(session: Session, meeting: Meeting) -> list[Presence]:
    """Return what is noted of each instance represented at the meeting, by the instance's name."""
    query = sa.select(Presence).join(Presence.body).where(Presence.meeting_id == meeting.id)
    options = (joinedload(Presence.body).options(*_places()), _light(Presence.told_meeting))
    return list(session.scalars(query.options(*options).order_by(Body.name, Body.id)))


def find_presence(session: Session, meeting: Meeting, body: Body) -> Presence | None:
    """Return what is noted of one instance at the meeting, if anything."""
    return session.get(Presence, (meeting.id, body.id))


def get_presence(session: Session, ref: str, slug: str) -> Presence:
    """Return what is noted of an instance (its slug) at a meeting (its reference). Raises NotFound."""
    query = sa.select(Presence).join(Presence.meeting).join(Presence.body)
    row = session.scalar(query.where(Meeting.ref == ref, Body.slug == slug).options(*_whole()))
    if row is None:
        raise NotFound(_("Personne n'a encore noté si des représentants sont venus à cette rencontre."))
    return row


# Told back


def told_at(session: Session, meeting: Meeting) -> list[Presence]:
    """Return what was told at this meeting of others, in the order in which those were held."""
    query = sa.select(Presence).join(Presence.meeting).where(Presence.told_meeting_id == meeting.id)
    return list(session.scalars(query.options(*_whole()).order_by(Meeting.held_on, Meeting.id, Presence.body_id)))


def list_untold(session: Session, body_ids: Collection[int], until: dt.date) -> dict[int, list[Presence]]:
    """Return instance -> meetings held until that day where its representatives were, and of which nothing was told.

    Nobody came: nothing is waited for. The oldest first.
    """
    query = (
        sa.select(Presence)
        .join(Presence.meeting)
        .where(Presence.body_id.in_(body_ids), Presence.present > 0, Presence.told_on.is_(None))
        .where(Meeting.status == "tenue", Meeting.held_on <= until)
        .options(*_whole())
        .order_by(Meeting.held_on, Meeting.id)
    )
    found: dict[int, list[Presence]] = {}
    for row in session.scalars(query):
        found.setdefault(row.body_id, []).append(row)
    return found


def meetings_to_tell_at(session: Session, row: Presence) -> list[Meeting]:
    """Return the instance's own meetings since the other one, cancelled ones left out, the latest first."""
    query = (
        sa.select(Meeting)
        .join(meeting_body, meeting_body.c.meeting_id == Meeting.id)
        .where(meeting_body.c.body_id == row.body_id, Meeting.id != row.meeting_id, Meeting.status != "annulee")
        .where(Meeting.held_on.between(row.meeting.held_on, clock.today()))
        .options(selectinload(Meeting.bodies), defer(Meeting.minutes))
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
        .limit(OFFERED)
    )
    return list(session.scalars(query))


def _whole() -> Iterable[Any]:
    return joinedload(Presence.body).options(*_places()), _light(Presence.meeting), _light(Presence.told_meeting)


def _light(meeting: Any) -> Any:
    return joinedload(meeting).options(defer(Meeting.minutes), selectinload(Meeting.bodies))


def _places() -> Iterable[Any]:
    return selectinload(Body.communes), selectinload(Body.quartiers)
