"""Rules without a browser: clock times of the two odd nights, names of institutions, scopes in the database."""

import datetime as dt
import itertools
import unicodedata

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from participation.errors import Refusal
from participation.extensions import db
from participation.meetings import rules
from participation.meetings.models import HEADCOUNTS, PARTS, Meeting
from participation.meetings.queries import in_places
from participation.meetings.rules import headcount_faults, moments
from participation.meetings.tasks import left_to_do
from participation.meetings.values import Attendance, Plan, institution_names
from participation.people.models import Account, AccountScope
from participation.permissions import in_scope
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.factory import declare_checks, make_account, make_meeting
from tests.support.filling import fields_of, fill

SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)
SUMMER, LEAP = dt.date(2026, 7, 14), dt.date(2028, 2, 29)


def utc(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), dt.UTC)


@pytest.mark.parametrize(
    ("day", "start", "end", "expected"),
    [
        (SPRING, dt.time(1, 30), dt.time(3, 30), (utc(SPRING, 0, 30), utc(SPRING, 1, 30))),  # one hour, not two
        (AUTUMN, dt.time(1, 30), dt.time(3, 30), (utc(AUTUMN - dt.timedelta(1), 23, 30), utc(AUTUMN, 2, 30))),
        (AUTUMN, dt.time(2, 30), None, (utc(AUTUMN, 0, 30), None)),  # the first of both
        (SUMMER, dt.time(22), dt.time(1), (utc(SUMMER, 20), utc(SUMMER, 23))),
        (LEAP, dt.time(23), dt.time(0, 30), (utc(LEAP, 22), utc(LEAP, 23, 30))),
        (SPRING, None, dt.time(3), (None, utc(SPRING, 1))),
    ],
)  # fmt: skip
def test_clock_times_are_moments(day, start, end, expected):
    assert moments(day, start, end) == expected


@pytest.mark.parametrize(
    ("day", "start", "end", "field"),
    [
        (SPRING, dt.time(2, 30), None, "start_time"),
        (SPRING, dt.time(1), dt.time(2), "end_time"),
        (SPRING - dt.timedelta(1), dt.time(22), dt.time(2, 30), "end_time"),
    ],
)
def test_a_time_that_the_spring_night_skips_is_refused(app_context, day, start, end, field):
    with pytest.raises(Refusal) as refusal:
        moments(day, start, end)
    assert refusal.value.field == field


def test_the_form_says_which_time_does_not_exist(as_admin: CheckedClient, town: Town):
    make_meeting("renc-a", [town.fabric], held_on=SPRING)
    edit = "/equipe/rencontres/renc-a/modifier"
    answer = fill(as_admin, edit, start="01:00", end="02:15")
    assert answer.status_code == 422
    assert 'href="#end"' in answer.text
    assert fields_of(answer, edit)["end"] == ["02:15"]
    assert fill(as_admin, edit, start="01:00", end="03:15").status_code == 303
    assert (
        "de 1\N{NO-BREAK SPACE}h à 3\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}15" in as_admin.get("/rencontres/renc-a").text
    )


def test_a_meeting_past_midnight_ends_the_next_day(as_admin: CheckedClient, town: Town):
    make_meeting("renc-a", [town.fabric], held_on=AUTUMN - dt.timedelta(1))
    assert fill(as_admin, "/equipe/rencontres/renc-a/modifier", start="22h", end="2h30").status_code == 303
    db.session.expire_all()
    assert db.session.scalars(sa.select(Meeting)).one().ends_at == utc(AUTUMN, 0, 30)
    assert (
        "de 22\N{NO-BREAK SPACE}h à 2\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}30 le lendemain"
        in as_admin.get("/rencontres/renc-a").text
    )


counts = st.fixed_dictionaries({name: st.none() | st.integers(0, 6) for name in HEADCOUNTS})


@given(counts)
def test_the_form_s_rule_is_the_database_s(values):
    """A fault is said exactly where a CHECK of the table would fail."""
    wrong = [
        whole
        for parts, whole in PARTS
        if values[whole] is not None and sum(values[part] or 0 for part in parts) > values[whole]
    ]
    assert len(headcount_faults(values)) == len(wrong)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "values",
    [{"participants": -1}, {"participants": 5, "residents": 4, "elus": 2}, {"residents": 4, "women": 3, "men": 2}],
)
def test_the_database_refuses_what_the_form_refuses(town: Town, values: dict[str, int]):
    with pytest.raises(sa.exc.IntegrityError):
        make_meeting("renc-a", [town.fabric], **values)
    db.session.rollback()


def test_the_rules_hold_without_a_form(town: Town):
    meeting = make_meeting("renc-a", [town.fabric])
    with pytest.raises(Refusal, match="plus que"):
        rules.hold(db.session(), meeting, Attendance({"participants": 5, "residents": 6}), by=None)
    assert meeting.status == "prevue"


def test_the_program_creates_without_an_account(town: Town):
    plan = Plan(title="Réunion", type="reunion", held_on=dt.date(2026, 3, 1), bodies=(town.fabric,))
    meeting = rules.create(db.session(), plan, by=None)
    db.session.commit()
    assert meeting.ref.startswith("2026-03-01-reunion-")


def test_names_of_institutions_are_comparable(app_context):
    decomposed = unicodedata.normalize("NFD", "Préfecture")
    assert institution_names([f" {decomposed} ;caf", "CAF\r\n préfecture\n\n;"], ["CAF"]) == ("Préfecture", "CAF")


# What is left


def codes(meeting: Meeting) -> list[str]:
    return [task.code for task in left_to_do(meeting, dt.date(2026, 3, 20))]


def test_what_is_left_to_do_follows_the_meeting(town: Town):
    meeting = make_meeting("renc-a", [town.fabric], held_on=dt.date(2026, 4, 1))
    assert codes(meeting) == ["place", "level"]
    meeting.place, meeting.starts_at, meeting.level = "Ici", utc(meeting.held_on, 16), "information"
    assert codes(meeting) == []
    meeting.held_on = dt.date(2026, 3, 20)
    meeting.starts_at = utc(meeting.held_on, 16)
    assert codes(meeting) == []  # it begins this evening
    meeting.starts_at = utc(meeting.held_on, 10)
    assert codes(meeting) == ["hold"]
    meeting.starts_at = None
    assert codes(meeting) == ["hold", "place"]
    meeting.starts_at = utc(meeting.held_on, 16)
    meeting.held_on = dt.date(2026, 3, 19)
    assert codes(meeting) == ["hold"]
    rules.hold(db.session(), meeting, Attendance({}), by=None)
    assert codes(meeting) == ["headcount", "minutes"]
    meeting.participants, meeting.minutes = 3, "Texte"
    assert codes(meeting) == ["publish"]
    declare_checks(meeting)
    rules.publish_minutes(db.session(), meeting, by=None)
    assert codes(meeting) == []
    meeting.status = "annulee"
    assert codes(meeting) == []


# Scopes


@pytest.mark.both_databases
def test_the_database_and_the_rights_agree_on_scopes(town: Town):
    bodies = [town.fabric, town.council, town.joint]
    for number, chosen in enumerate(itertools.chain(*(itertools.combinations(bodies, size) for size in (1, 2, 3)))):
        for quartiers in ([], [town.quay], [town.hill]):
            make_meeting(
                f"m{number}-{len(quartiers)}-{quartiers[0].slug if quartiers else ''}", chosen, quartiers=quartiers
            )
    meetings = list(db.session.scalars(sa.select(Meeting).order_by(Meeting.id)))
    places = [("instance", "fabrique"), ("instance", "inter"), ("commune", "sud"), ("commune", "nord"),
              ("quartier", "le-quai"), ("quartier", "la-colline"), ("instance", "nulle-part")]  # fmt: skip
    for scopes in ([], *([place] for place in places), places[:3], [places[4], places[2]]):
        account = make_account("animateur", *scopes)
        found = set(db.session.scalars(sa.select(Meeting.ref).where(in_places(account.scopes))))
        assert found == {meeting.ref for meeting in meetings if in_scope(account, meeting)}, scopes


def test_scopes_of_an_account_are_read_with_it(town: Town):
    assert isinstance(town.animator, Account)
    assert [type(scope) for scope in town.animator.scopes] == [AccountScope]
