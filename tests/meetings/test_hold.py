"""Say that a meeting took place and who came: unknown is not zero, parts fit in their whole, institutions once each."""

import datetime as dt

import pytest
import sqlalchemy as sa

from participation.extensions import db
from participation.journal import list_entries
from participation.meetings.models import HEADCOUNTS, Meeting
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting
from tests.support.filling import fields_of, fill, send

HOLD = "/equipe/rencontres/renc-a/tenir"


@pytest.fixture(autouse=True)
def meeting(town: Town) -> Meeting:
    meeting = make_meeting("renc-a", [town.fabric])
    db.session.commit()
    return meeting


def only_meeting() -> Meeting:
    db.session.expire_all()
    return db.session.scalars(sa.select(Meeting).where(Meeting.ref == "renc-a")).one()


def institutions() -> list[str]:
    return [row.name for row in only_meeting().institutions]


@pytest.mark.both_databases
def test_animator_can_hold_a_meeting_without_any_count(as_animator: CheckedClient):
    answer = fill(as_animator, HOLD)
    assert (answer.status_code, answer.location) == (303, "/equipe/rencontres/renc-a")
    assert only_meeting().status == "tenue"
    assert [getattr(only_meeting(), name) for name in HEADCOUNTS] == [None] * 10


@pytest.mark.both_databases
def test_animator_can_count_who_came(as_animator: CheckedClient):
    counts = {"participants": "25", "residents": " 18 ", "elus": "0", "women": "11", "men": "7", "first_timers": "5"}
    names = {
        "known_institutions": ["Centre social d'essai"],
        "institutions": "CAF ; bailleur d'essai\n\nMaison  Une\nCAF",
    }
    assert fill(as_animator, HOLD, **counts, **names).status_code == 303
    meeting = only_meeting()
    assert (meeting.participants, meeting.residents, meeting.elus, meeting.agents) == (25, 18, 0, None)
    assert institutions() == ["Bailleur d'essai", "CAF", "Centre social d'essai", "Maison Une"]
    entry = list_entries(db.session(), "meeting", "renc-a")[-1]
    assert (entry.action, entry.sentence) == ("meeting.held", "La rencontre a eu lieu.")
    assert entry.details
    assert entry.details["participants"] == [None, 25]


@pytest.mark.both_databases
def test_a_name_that_was_never_proposed_is_cleaned(as_animator: CheckedClient):
    assert fill(as_animator, HOLD, known_institutions=["CAF\x00", "زيارة"], institutions="a\x00b").status_code == 303
    assert institutions() == ["CAF", "ab", "زيارة"]


def test_what_was_noted_is_shown_again_to_be_corrected(as_animator: CheckedClient):
    fill(as_animator, HOLD, participants="9", known_institutions=["Bailleur d'essai"], institutions="CAF")
    shown = fields_of(as_animator.get(HOLD), HOLD)
    assert shown["participants"] == ["9"]
    assert sorted(shown["known_institutions"]) == ["Bailleur d'essai", "CAF"]  # a name used before is proposed
    assert fill(as_animator, HOLD, participants="10", known_institutions=[]).status_code == 303
    assert only_meeting().participants == 10
    assert institutions() == []
    assert list_entries(db.session(), "meeting", "renc-a")[-1].sentence == "Présences corrigées."


@pytest.mark.both_databases
def test_a_change_of_institutions_alone_is_a_new_version(as_animator: CheckedClient):
    fill(as_animator, HOLD)
    version = only_meeting().version
    fill(as_animator, HOLD, institutions="CAF")
    assert only_meeting().version == version + 1


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            {"participants": "10", "residents": "8", "elus": "2", "agents": "1"},
            "Habitants et habitantes + Élus et élues",
        ),
        ({"residents": "8", "qpv_residents": "9"}, "Habitent un quartier prioritaire = 9"),
        ({"residents": "8", "first_timers": "9"}, "Viennent pour la première fois = 9"),
        ({"residents": "8", "women": "5", "men": "4"}, "Femmes + Hommes = 9"),
        ({"residents": "8", "under_26": "5", "over_60": "4"}, "Moins de 26 ans + 60 ans et plus = 9"),
        ({"participants": "-1"}, "Écrivez un nombre entier"),
        ({"participants": "une dizaine"}, "Écrivez un nombre entier"),
        ({"participants": "2,5"}, "Écrivez un nombre entier"),
        ({"participants": "1000000"}, "trop grand"),
        ({"institutions": "x" * 501}, "trop longue"),
        ({"institutions": "\n".join(str(number) for number in range(201))}, "trop longue"),
    ],
)
def test_bad_counts_are_explained_and_kept(as_animator: CheckedClient, counts: dict[str, str], sentence: str):
    answer = fill(as_animator, HOLD, **counts)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert only_meeting().status == "prevue"
    kept = fields_of(answer, HOLD)
    assert {name: kept[name][0].replace("\r", "") for name in counts} == counts


def test_only_what_is_known_is_compared(as_animator: CheckedClient):
    assert fill(as_animator, HOLD, women="30", over_60="40", elus="3").status_code == 303


def test_a_meeting_to_come_cannot_be_held(as_animator: CheckedClient, meeting: Meeting):
    meeting.held_on = dt.date(2026, 3, 21)
    assert "Attendez ce jour" in as_animator.get(HOLD).text
    answer = fill(as_animator, HOLD, participants="9")
    assert answer.status_code == 422
    assert "dans l&#39;avenir" in answer.text
    assert fields_of(answer, HOLD)["participants"] == ["9"]


def test_a_meeting_of_today_can_be_held(as_animator: CheckedClient, meeting: Meeting, today: dt.date):
    meeting.held_on = today
    assert fill(as_animator, HOLD).status_code == 303


def test_a_cancelled_meeting_cannot_be_held(as_animator: CheckedClient, meeting: Meeting):
    meeting.status, meeting.cancel_reason = "annulee", "Pluie"
    answer = fill(as_animator, HOLD)
    assert answer.status_code == 422
    assert "est annulée" in answer.text


def test_a_double_click_holds_once(as_animator: CheckedClient):
    page = as_animator.get(HOLD)
    answers = [send(as_animator, page, HOLD, participants="9") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(list_entries(db.session(), "meeting", "renc-a")) == 1


@pytest.mark.both_databases
def test_a_stale_count_shows_both(as_animator: CheckedClient):
    page = as_animator.get(HOLD)
    fill(as_animator, HOLD, participants="9")
    answer = send(as_animator, page, HOLD, participants="12")
    assert answer.status_code == 409
    assert fields_of(answer, HOLD)["participants"] == ["12"]
    assert '<td class="as-typed" dir="auto">9</td>' in answer.text
    assert only_meeting().participants == 9


def test_held_by_mistake_can_be_taken_back_and_keeps_its_counts(as_animator: CheckedClient):
    fill(as_animator, HOLD, participants="9")
    fill(as_animator, "/equipe/rencontres/renc-a", "/equipe/rencontres/renc-a/retablir")
    assert (only_meeting().status, only_meeting().participants) == ("prevue", 9)


def test_once_its_minutes_are_published_a_meeting_took_place(as_animator: CheckedClient, meeting: Meeting):
    page = as_animator.get(HOLD)
    token = fields_of(page, HOLD)["csrf_token"]
    meeting.status, meeting.minutes, meeting.minutes_published_on = "tenue", "Texte", dt.date(2026, 3, 15)
    answer = as_animator.post("/equipe/rencontres/renc-a/retablir", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "cette rencontre a eu lieu" in answer.text
