"""What a meeting decided about itself: noted once, followed up, never overwritten unseen."""

import datetime as dt

import pytest
import sqlalchemy as sa

from participation.extensions import db
from participation.meetings.models import Decision, Meeting
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting
from tests.support.filling import fields_of, fill, send

LIST = "/equipe/rencontres/renc-a/decisions"
GOOD = {"text": "Inviter le bailleur", "owner": "Animatrice du centre social", "due_on": "2026-04-12"}


@pytest.fixture(autouse=True)
def meeting(town: Town) -> Meeting:
    meeting = make_meeting("renc-a", [town.fabric], status="tenue")
    db.session.commit()
    return meeting


def all_decisions() -> list[Decision]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Decision).order_by(Decision.id)))


@pytest.mark.both_databases
def test_a_decision_is_added_once_and_shown_to_everybody(as_animator: CheckedClient, new_client):
    page = as_animator.get(LIST)
    answers = [send(as_animator, page, LIST, **GOOD) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    (decision,) = all_decisions()
    assert decision.ref.startswith("dec-2026-03-12-")
    public = new_client().get("/rencontres/renc-a").text
    for words in ("Inviter le bailleur", "Animatrice du centre social", "Pour le 12 avril 2026"):
        assert words in public


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("text", " ", "Écrivez la décision"),
        ("text", "x" * 2001, "trop long"),
        ("owner", "x" * 201, "trop long"),
        ("due_on", "demain", "Cette date n&#39;existe pas"),
        ("due_on", "2026-03-11", "avant la rencontre"),
    ],
)
def test_bad_decisions_are_explained_and_kept(as_animator: CheckedClient, field: str, value: str, sentence: str):
    answer = fill(as_animator, LIST, **(GOOD | {field: value}))
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = fields_of(answer, LIST)
    assert {name: kept[name][0].strip() for name in GOOD} == {
        name: text.strip() for name, text in (GOOD | {field: value}).items()
    }
    assert all_decisions() == []


@pytest.mark.parametrize(("status", "day"), [("annulee", dt.date(2026, 3, 12)), ("prevue", dt.date(2026, 3, 21))])
def test_a_meeting_that_did_not_take_place_decides_nothing(
    as_animator: CheckedClient, meeting: Meeting, status: str, day: dt.date
):
    meeting.status, meeting.held_on = status, day
    assert fill(as_animator, LIST, **(GOOD | {"due_on": ""})).status_code == 422
    assert all_decisions() == []


def test_a_decision_can_be_noted_while_the_meeting_runs(as_animator: CheckedClient, meeting: Meeting, today: dt.date):
    meeting.status, meeting.held_on = "prevue", today
    assert fill(as_animator, LIST, **GOOD).status_code == 303


@pytest.mark.both_databases
def test_one_button_says_that_it_is_done(as_animator: CheckedClient, today: dt.date):
    fill(as_animator, LIST, **GOOD)
    done = f"{LIST}/{all_decisions()[0].ref}/faite"
    page = as_animator.get(LIST)
    assert [send(as_animator, page, done).status_code for _ in range(2)] == [303, 303]
    assert all_decisions()[0].done_on == today
    assert "C'est fait aujourd'hui" not in as_animator.get(LIST).text


def test_a_decision_can_be_changed(as_animator: CheckedClient):
    fill(as_animator, LIST, **GOOD)
    address = f"{LIST}/{all_decisions()[0].ref}"
    assert fill(as_animator, address, text="Inviter les deux bailleurs", done_on="2026-03-19").status_code == 303
    decision = all_decisions()[0]
    assert (decision.text, decision.done_on) == ("Inviter les deux bailleurs", dt.date(2026, 3, 19))
    answer = fill(as_animator, address, done_on="2026-03-21", owner="Autre")
    assert answer.status_code == 422
    assert fields_of(answer, address)["owner"] == ["Autre"]
    assert fill(as_animator, address, text="").status_code == 422


def test_a_stale_decision_shows_both(as_animator: CheckedClient):
    fill(as_animator, LIST, **GOOD)
    address = f"{LIST}/{all_decisions()[0].ref}"
    page = as_animator.get(address)
    fill(as_animator, address, owner="Gardien")
    answer = send(as_animator, page, address, owner="Cheffe de projet")
    assert answer.status_code == 409
    assert "Gardien" in answer.text
    assert fields_of(answer, address)["owner"] == ["Cheffe de projet"]
    assert send(as_animator, answer, address).status_code == 303
    assert all_decisions()[0].owner == "Cheffe de projet"


def test_a_decision_is_found_under_its_own_meeting_alone(as_animator: CheckedClient, town: Town):
    make_meeting("renc-b", [town.fabric])
    fill(as_animator, LIST, **GOOD)
    assert as_animator.get(f"/equipe/rencontres/renc-b/decisions/{all_decisions()[0].ref}").status_code == 404


def test_late_and_done_are_said(client: CheckedClient, meeting: Meeting):
    meeting.decisions = [
        Decision(ref="dec-1", text="En retard", due_on=dt.date(2026, 3, 19)),
        Decision(ref="dec-2", text="Finie", done_on=dt.date(2026, 3, 18)),
    ]
    page = client.get("/rencontres/renc-a").text
    assert "c'était pour le 19 mars 2026" in page
    assert "le 18 mars 2026" in page
