"""agenda.ics: what a calendar program reads back."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from participation.extensions import db
from participation.meetings.models import Meeting
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting

PARIS = ZoneInfo("Europe/Paris")
FEED = "/rencontres/agenda.ics"


def read(client: CheckedClient, query: str = "") -> dict[str, Event]:
    answer = client.get(FEED + query)
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.data)
    return {str(event["UID"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}


@pytest.fixture
def meeting(town: Town) -> Meeting:
    meeting = make_meeting(
        "renc-a",
        [town.fabric],
        title="Café, goûter ; et débat\\",
        place="Place du Marché, Nord",
        level="consultation",
        type="cafe_citoyen",
        held_on=dt.date(2026, 4, 2),
        starts_at=dt.datetime(2026, 4, 2, 16, 30, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 4, 2, 18, tzinfo=dt.UTC),
    )
    db.session.commit()
    return meeting


@pytest.mark.both_databases
def test_a_meeting_reads_back(client: CheckedClient, meeting: Meeting):
    event = read(client)["renc-a"]
    assert event["UID"] == "renc-a@contrat-d-essai.participation"
    assert event["SUMMARY"] == "Café, goûter ; et débat\\"
    assert event["LOCATION"] == "Place du Marché, Nord"
    assert event["STATUS"] == "CONFIRMED"
    assert event["URL"] == "http://127.0.0.1:8000/rencontres/renc-a"
    assert "On vous demande votre avis." in event["DESCRIPTION"]
    assert event.start == dt.datetime(2026, 4, 2, 18, 30, tzinfo=PARIS)
    assert event.end == dt.datetime(2026, 4, 2, 20, tzinfo=PARIS)
    assert event["DTSTART"].params["TZID"] == "Europe/Paris"


def test_the_time_zone_changes_when_france_does(client: CheckedClient, meeting: Meeting):
    calendar = Calendar.from_ical(client.get(FEED).data)
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Paris"
    theirs = zone.to_tz(lookup_tzid=False)
    moment = dt.datetime(2024, 1, 1)  # noqa: DTZ001  # clock times, compared in both zones
    while moment.year < 2032:
        assert moment.replace(tzinfo=theirs).utcoffset() == moment.replace(tzinfo=PARIS).utcoffset(), moment
        moment += dt.timedelta(hours=7)
    for part, hour in (("DAYLIGHT", 2), ("STANDARD", 3)):
        (rule,) = zone.walk(part)
        assert rule["DTSTART"].dt.hour == hour


def test_a_cancelled_meeting_is_said_cancelled_under_the_same_name(client: CheckedClient, meeting: Meeting):
    before = read(client)["renc-a"]
    meeting.status, meeting.cancel_reason = "annulee", "Pluie"
    after = read(client)["renc-a"]
    assert (before["UID"], after["STATUS"]) == (after["UID"], "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert "Pluie" in after["DESCRIPTION"]


def test_a_meeting_without_hours_is_a_day(client: CheckedClient, meeting: Meeting):
    meeting.starts_at = meeting.ends_at = None
    event = read(client)["renc-a"]
    assert (event.start, event.end) == (dt.date(2026, 4, 2), dt.date(2026, 4, 3))


def test_a_meeting_without_an_end_has_none(client: CheckedClient, meeting: Meeting):
    meeting.ends_at = None
    assert "DTEND" not in read(client)["renc-a"]


@pytest.mark.both_databases
def test_it_can_be_that_of_one_body_or_quartier(client: CheckedClient, town: Town, meeting: Meeting):
    make_meeting("renc-sud", [town.council], held_on=dt.date(2026, 4, 1))
    assert set(read(client)) == {"renc-a", "renc-sud"}
    assert set(read(client, "?instance=conseil")) == {"renc-sud"}
    assert set(read(client, "?quartier=le-quai")) == {"renc-a"}
    assert read(client, "?instance=nulle-part") == {}


def test_it_goes_one_year_back(client: CheckedClient, town: Town):
    make_meeting("vieille", [town.fabric], held_on=dt.date(2025, 3, 19))
    make_meeting("recente", [town.fabric], held_on=dt.date(2025, 3, 20))
    assert set(read(client)) == {"recente"}


def test_the_same_calendar_is_not_sent_twice(client: CheckedClient, meeting: Meeting):
    first = client.get(FEED)
    again = client.get(FEED, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    meeting.place = "Ailleurs"
    assert client.get(FEED, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_minutes_are_nowhere_in_it(client: CheckedClient, meeting: Meeting):
    meeting.minutes = "Brouillon secret"
    assert b"secret" not in client.get(FEED).data
