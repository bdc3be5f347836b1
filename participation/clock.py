"""Civil dates and clock times are those of Europe/Paris; moments are stored in UTC."""

import datetime as dt
from zoneinfo import ZoneInfo

from participation.database import now

PARIS = ZoneInfo("Europe/Paris")


def today() -> dt.date:
    """Return today's civil date in Europe/Paris."""
    return now().astimezone(PARIS).date()


def to_local(moment: dt.datetime) -> dt.datetime:
    """Return an aware moment as Europe/Paris clock time."""
    return moment.astimezone(PARIS)


def from_local(day: dt.date, time: dt.time) -> dt.datetime:
    """Return the moment (aware, UTC) of a Europe/Paris clock time on `day`.

    In the hour that the autumn change repeats, the first one is meant. Raises ValueError for a time that the spring
    change skips: no clock ever showed it.
    """
    local = dt.datetime.combine(day, time, PARIS)
    moment = local.astimezone(dt.UTC)
    if moment.astimezone(PARIS).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"{time:%H:%M} does not exist on {day}")
    return moment
