"""« Refaire la dernière »: a meeting like another one, later; nothing of what happened at it is taken over."""

import datetime as dt
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.errors import Refusal
from participation.meetings import rules as meetings
from participation.meetings.forms import is_open
from participation.meetings.models import Meeting
from participation.meetings.values import Plan

PACE = dt.timedelta(weeks=4)
"""The date that is offered: the same day of the week, four weeks later or the next time after that."""


def next_date(meeting: Meeting, today: dt.date) -> dt.date:
    """Return the date to offer: after today, the same day of the week, a whole number of paces later."""
    late = max((today - meeting.held_on).days, 0)
    return meeting.held_on + PACE * (late // PACE.days + 1)


def repeat(session: Session, meeting: Meeting, held_on: dt.date, start: dt.time | None, *, by: Any) -> Meeting:
    """Plan a meeting with the title, place, instances, quartiers, type, level and length of `meeting`.

    Raises Refusal as meetings.rules.create does, and where none of its instances is open on that day.
    """
    bodies = tuple(body for body in meeting.bodies if is_open(body, held_on))
    if not bodies:
        raise Refusal(
            _("L'instance de cette rencontre est fermée à cette date. Choisissez une autre date."),
            field="held_on",
        )
    plan = Plan(
        title=meeting.title,
        type=meeting.type,
        held_on=held_on,
        bodies=bodies,
        level=meeting.level,
        quartiers=tuple(meeting.quartiers),
        place=meeting.place,
        start=start,
        end=_end(meeting, start),
    )
    return meetings.create(session, plan, by=by)


def _end(meeting: Meeting, start: dt.time | None) -> dt.time | None:
    """Return the end that keeps the meeting as long as it was."""
    if not (start and meeting.start_time and meeting.end_time):
        return meeting.end_time if start == meeting.start_time else None
    day = dt.date(2000, 1, 1)
    length = dt.datetime.combine(day, meeting.end_time) - dt.datetime.combine(day, meeting.start_time)
    return (dt.datetime.combine(day, start) + length).time()
