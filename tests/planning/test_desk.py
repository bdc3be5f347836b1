"""« Mes rencontres »: what comes next for each instance; a meeting like the last one in two taps."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from participation.extensions import db
from participation.meetings.models import Meeting
from participation.planning.desk import list_desks
from participation.planning.models import Campaign
from participation.planning.repeating import next_date
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_meeting, make_opinion, make_proposal
from tests.support.filling import fields_of, fill
from tests.support.town import TODAY, Town

MOST_QUERIES = 30


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def desk_of(town: Town, account: Any, slug: str) -> Any:
    return next(desk for desk in list_desks(db.session(), account, TODAY) if desk.body.slug == slug)


def test_an_instance_says_what_to_finish_and_what_comes(as_animator: CheckedClient, town: Town, words: Any):
    make_meeting("bientot", [town.commission], title="Prochain café", held_on=day(5))
    make_meeting("plus-tard", [town.commission], title="Café de juin", held_on=day(90))
    db.session.commit()
    text = words(as_animator.get("/equipe"))
    assert "À terminer" in text
    assert "Compter les personnes présentes." in text
    assert "Prochain café" in text
    assert "Café de juin" not in text
    assert "Conseil du Sud" not in text, "another instance"
    assert "/equipe/rencontres/bientot/preparer" in text


def test_a_meeting_of_today_is_recorded_live(as_animator: CheckedClient, town: Town, words: Any):
    make_meeting("ce-soir", [town.commission], title="Café de ce soir", held_on=TODAY)
    db.session.commit()
    text = words(as_animator.get("/equipe"))
    assert "Noter en direct" in text
    assert "/equipe/rencontres/ce-soir/en-direct" in text


def test_several_unfinished_meetings_are_counted_and_the_oldest_is_shown(town: Town):
    for number in (2, 3):
        make_meeting(f"passee-{number}", [town.commission], held_on=day(-number))
    desk = desk_of(town, town.animator, "commission-du-quai")
    assert (desk.unfinished.ref, desk.left, desk.latest.ref) == ("cafe", 3, "passee-2")


def test_cancelled_and_published_meetings_leave_nothing_to_do(town: Town):
    town.cafe.minutes, town.cafe.minutes_published_on = "Voici.", TODAY
    make_meeting("annulee", [town.commission], held_on=day(-1), status="annulee")
    desk = desk_of(town, town.animator, "commission-du-quai")
    assert (desk.unfinished, desk.left, desk.latest.ref) == (None, 0, "cafe")


def test_answers_owed_and_untold_are_counted(as_animator: CheckedClient, town: Town, words: Any):
    received = TODAY - dt.timedelta(days=100)
    late = {"kind": "transmise", "due_on": TODAY - dt.timedelta(days=1)}
    make_proposal(body=town.commission, received_on=received, steps=[late])
    make_proposal(body=town.commission, received_on=received, steps=[{"kind": "transmise"}, {"kind": "retenue"}])
    make_proposal(body=town.council, received_on=received, steps=[{"kind": "transmise"}])
    db.session.commit()
    text = words(as_animator.get("/equipe"))
    assert "1 proposition attend une réponse, dont 1 en retard" in text
    assert "1 réponse à dire aux habitants" in text


@pytest.mark.parametrize(("in_days", "shown"), [(-31, False), (-30, True), (30, True), (31, False)])
def test_the_restitution_of_a_campaign_is_said_when_it_is_near(town: Town, in_days: int, shown: bool):
    db.session.add(
        Campaign(
            ref="ete", body=town.commission, title="L'été", starts_on=TODAY, restitution_on=day(in_days),
            created_at=dt.datetime.now(dt.UTC),
        )
    )  # fmt: skip
    db.session.flush()
    assert bool(desk_of(town, town.animator, "commission-du-quai").campaigns) is shown


def test_what_is_due_first_stands_first(town: Town):
    make_body("a-commission-tranquille", name="A tranquille")
    make_meeting("ce-soir", [town.council], held_on=TODAY)
    names = [desk.body.slug for desk in list_desks(db.session(), town.admin, TODAY)]
    assert names == ["conseil-du-sud", "commission-du-quai", "a-commission-tranquille"]


def test_the_page_costs_the_same_for_many_instances(app: Flask, as_admin: CheckedClient, town: Town):
    make_proposal(body=town.council, received_on=TODAY, steps=[{"kind": "transmise"}])
    db.session.commit()
    as_admin.get("/equipe")
    with count_queries(app) as few:
        as_admin.get("/equipe")
    for number in range(12):
        body = make_body()
        make_meeting(bodies=[body], held_on=day(number))
        make_meeting(bodies=[body], held_on=day(-number - 1), status="tenue")
        make_proposal(body=body, received_on=TODAY, steps=[{"kind": "transmise"}])
    db.session.commit()
    with count_queries(app) as many:
        page = as_admin.get("/equipe")
    assert "Les autres instances" in page.text
    assert few.number == many.number <= MOST_QUERIES


# Two taps


def test_the_last_meeting_is_planned_again_in_two_taps(as_animator: CheckedClient, town: Town, words: Any):
    last = town.cafe
    last.place, last.level, last.quartiers = "Maison du Quai", "consultation", [town.quay]
    last.starts_at = dt.datetime(2026, 3, 12, 17, 0, tzinfo=dt.UTC)
    last.ends_at = dt.datetime(2026, 3, 12, 19, 0, tzinfo=dt.UTC)
    last.participants, last.minutes = 25, "Ce qui a été dit."
    make_opinion(meeting=last)
    db.session.commit()
    assert 'href="/equipe/rencontres/cafe/refaire"' in as_animator.get("/equipe").text
    answer = fill(as_animator, "/equipe/rencontres/cafe/refaire", "/equipe/rencontres/cafe/refaire")
    assert answer.status_code == 303
    made = db.session.query(Meeting).filter(Meeting.ref == answer.location.rpartition("/")[2]).one()
    assert (made.title, made.type, made.place, made.level) == (
        "Café du Quai",
        "cafe_citoyen",
        "Maison du Quai",
        "consultation",
    )
    assert (made.bodies, made.quartiers) == ([town.commission], [town.quay])
    assert (made.held_on, made.status) == (dt.date(2026, 4, 9), "prevue"), "a Thursday, as the last one"
    assert (made.start_time, made.end_time) == (dt.time(18), dt.time(20)), "on the clock, though summer time has begun"
    assert (made.participants, made.minutes, made.questions) == (None, None, [])


def test_another_hour_keeps_the_length(as_animator: CheckedClient, town: Town):
    town.cafe.starts_at = dt.datetime(2026, 3, 12, 17, 0, tzinfo=dt.UTC)
    town.cafe.ends_at = dt.datetime(2026, 3, 12, 18, 30, tzinfo=dt.UTC)
    db.session.commit()
    address = "/equipe/rencontres/cafe/refaire"
    answer = fill(as_animator, address, address, held_on="02/04/2026", start="10h")
    made = db.session.query(Meeting).filter(Meeting.ref == answer.location.rpartition("/")[2]).one()
    assert (made.held_on, made.start_time, made.end_time) == (dt.date(2026, 4, 2), dt.time(10), dt.time(11, 30))


def test_sent_twice_it_is_planned_once(as_animator: CheckedClient, town: Town):
    address = "/equipe/rencontres/cafe/refaire"
    data = fields_of(as_animator.get(address, follow_redirects=True), address)
    answers = [as_animator.post(address, data=data) for _time in range(2)]
    assert answers[0].location == answers[1].location
    assert db.session.query(Meeting).count() == 3


def test_a_closed_instance_and_a_missing_date_are_said(as_animator: CheckedClient, town: Town, words: Any):
    address = "/equipe/rencontres/cafe/refaire"
    answer = fill(as_animator, address, address, held_on="")
    assert answer.status_code == 422
    assert "Donnez la date de la rencontre." in words(answer)
    town.commission.closed_on = dt.date(2026, 4, 1)
    db.session.commit()
    answer = fill(as_animator, address, address, held_on="2026-05-02")
    assert answer.status_code == 422
    assert "L'instance de cette rencontre est fermée à cette date." in words(answer)
    assert 'value="2026-05-02"' in answer.text


@pytest.mark.parametrize(
    ("held_on", "expected"),
    [(day(-8), day(20)), (TODAY, day(28)), (day(-28), day(28)), (day(-300), day(8)), (day(3), day(31))],
)
def test_the_date_offered_is_to_come_on_the_same_day_of_the_week(town: Town, held_on: dt.date, expected: dt.date):
    town.cafe.held_on = held_on
    found = next_date(town.cafe, TODAY)
    assert (found, found.weekday()) == (expected, held_on.weekday())


def test_a_new_meeting_has_the_only_instance_ticked(as_animator: CheckedClient, town: Town):
    address = "/equipe/rencontres/nouvelle"
    assert fields_of(as_animator.get(address), address)["bodies"] == ["commission-du-quai"]
