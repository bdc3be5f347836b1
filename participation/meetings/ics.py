"""Meetings as a calendar (RFC 5545)."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from participation.clock import to_local
from participation.contract.models import Contract
from participation.meetings.models import MEETING_TYPES, Meeting
from participation.meetings.words import level_sentence

if TYPE_CHECKING:  # a heavy library: loaded by who asks for a calendar, not at every start
    from icalendar import Event, Timezone

REFRESH = dt.timedelta(hours=6)
"""How often a calendar program should ask again."""


@dataclass(frozen=True)
class Day:
    """A day on which something is due, that is no meeting. `uid` is lasting; `changed_at` when it was set."""

    uid: str
    on: dt.date
    summary: str
    url: str
    changed_at: dt.datetime


def calendar_of(
    meetings: Iterable[Meeting],
    name: str,
    contract: Contract | None,
    address: Callable[[Meeting], str],
    days: Iterable[Day] = (),
) -> bytes:
    """Return the calendar; `address` gives the full address of a meeting's page, `name` is what programs show."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Participation//Rencontres//FR")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Europe/Paris")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add_component(_paris())
    for meeting in meetings:
        calendar.add_component(_event(meeting, contract, address(meeting)))
    for day in days:
        calendar.add_component(_whole_day(day))
    written: bytes = calendar.to_ical()
    return written


def _event(meeting: Meeting, contract: Contract | None, url: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"{meeting.ref}@{contract.slug if contract else 'rencontres'}.participation")
    event.add("dtstamp", meeting.created_at)
    event.add("sequence", meeting.version - 1)
    event.add("status", "CANCELLED" if meeting.status == "annulee" else "CONFIRMED")
    event.add("summary", meeting.title)
    event.add("categories", [str(MEETING_TYPES[meeting.type])])
    event.add("url", url)
    if meeting.place:
        event.add("location", meeting.place)
    event.add("description", _description(meeting, contract, url))
    if meeting.starts_at:
        event.add("dtstart", to_local(meeting.starts_at))
        if meeting.ends_at:
            event.add("dtend", to_local(meeting.ends_at))
    else:  # the hour is not known: the whole day
        event.add("dtstart", meeting.held_on)
        event.add("dtend", meeting.held_on + dt.timedelta(days=1))
    return event


def _whole_day(day: Day) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", day.uid)
    event.add("dtstamp", day.changed_at)
    event.add("summary", day.summary)
    event.add("url", day.url)
    event.add("description", day.url)
    event.add("dtstart", day.on)
    event.add("dtend", day.on + dt.timedelta(days=1))
    event.add("transp", "TRANSPARENT")  # nobody is busy because an answer is due
    return event


def _description(meeting: Meeting, contract: Contract | None, url: str) -> str:
    lines = [meeting.cancel_reason, ", ".join(body.name for body in meeting.bodies)]
    sentence = level_sentence(meeting.level, contract)
    lines += [str(sentence) if sentence else None, url]
    return "\n".join(line for line in lines if line)


def _paris() -> "Timezone":
    """Return Europe/Paris since 1996: last Sundays of March and October at 1 h UTC (directive 2000/84/EC).

    Written out by hand: the library's own generator gives the spring change one hour late.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    zone = Timezone()
    zone.add("tzid", "Europe/Paris")
    winter, summer = dt.timedelta(hours=1), dt.timedelta(hours=2)
    for part, name, start, month, before, after in (
        (TimezoneDaylight(), "CEST", dt.datetime(1996, 3, 31, 2), 3, winter, summer),  # noqa: DTZ001  # local, as RFC 5545
        (TimezoneStandard(), "CET", dt.datetime(1996, 10, 27, 3), 10, summer, winter),  # noqa: DTZ001  # asks
    ):
        part.add("dtstart", start)
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        part.add("tzoffsetfrom", before)
        part.add("tzoffsetto", after)
        part.add("tzname", name)
        zone.add_component(part)
    return zone
