"""What can be asked about representatives at a meeting of another instance."""

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body, Mandate
from participation.bodies.queries import in_force
from participation.meetings.models import Meeting
from participation.seats.models import Presence


def list_represented(session: Session, meeting: Meeting) -> list[tuple[Body, int]]:
    """Return the instances that hold seats in those of the meeting on its day, and how many; by name."""
    where = [body.id for body in meeting.bodies]
    query = (
        sa.select(Mandate.body_id, sa.func.count())
        .where(Mandate.seat_body_id.in_(where), Mandate.body_id.not_in(where))
        .where(Mandate.kind == "representant", *in_force(meeting.held_on))
        .group_by(Mandate.body_id)
    )
    numbers = dict(session.execute(query).all())
    bodies = session.scalars(sa.select(Body).where(Body.id.in_(numbers)).order_by(Body.name, Body.id))
    return [(body, numbers[body.id]) for body in bodies]


def presences_of(session: Session, meeting: Meeting) -> list[Presence]:
    """Return what is noted of each instance represented at the meeting, by the instance's name."""
    query = sa.select(Presence).join(Presence.body).where(Presence.meeting_id == meeting.id)
    return list(session.scalars(query.options(selectinload(Presence.body)).order_by(Body.name, Body.id)))


def find_presence(session: Session, meeting: Meeting, body: Body) -> Presence | None:
    """Return what is noted of one instance at the meeting, if anything."""
    return session.get(Presence, (meeting.id, body.id))
