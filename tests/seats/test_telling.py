"""What representatives brought to a meeting and told back at their own: both meetings say it, and what still waits."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask

from participation.extensions import db
from participation.meetings.models import Meeting
from participation.minutes.draft import draft
from participation.people.models import Account
from participation.planning.desk import list_desks
from participation.seats.models import Presence
from tests.seats.conftest import COMMISSION
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_meeting
from tests.support.filling import fields_of, fill, send
from tests.support.town import TODAY, Town

FORM = f"/equipe/rencontres/seance/retours/{COMMISSION}"
TOLD = "Le square est prévu pour juin."
HERE = 'href="/equipe/rencontres/seance/retours/commission-du-quai?rencontre=cafe-suivant"'


@pytest.fixture
def came(seats: Town) -> Presence:
    """Two came for the commission to the council of 18 March, one of them a substitute."""
    row = Presence(meeting=seats.session, body=seats.commission, present=2, substitutes=1, brought="Des bancs.")
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def next_cafe(came: Presence, town: Town) -> Meeting:
    """The commission met again on 19 March."""
    meeting = make_meeting(
        "cafe-suivant", [town.commission], title="Café suivant", held_on=dt.date(2026, 3, 19), status="tenue"
    )
    db.session.commit()
    return meeting


def noted() -> tuple[str | None, dt.date | None, str | None]:
    db.session.expire_all()
    row = db.session.query(Presence).one()
    return row.told, row.told_on, row.told_meeting.ref if row.told_meeting else None


@pytest.mark.both_databases
def test_it_is_told_at_a_meeting_of_their_own(as_animator: CheckedClient, next_cafe: Meeting, app: Flask) -> None:
    assert HERE in as_animator.get("/equipe/rencontres/cafe-suivant").text
    page = as_animator.get(f"{FORM}?rencontre=cafe-suivant")
    assert fields_of(page, FORM)["told_meeting"] == ["cafe-suivant"]
    for _double_click in range(2):
        assert send(as_animator, page, FORM, told=TOLD).status_code == 303
    assert noted() == (TOLD, dt.date(2026, 3, 19), "cafe-suivant")
    everybody = app.test_client()
    there, here = (everybody.get(f"/rencontres/{ref}").text for ref in ("seance", "cafe-suivant"))
    for words in ("Des bancs.", TOLD, "19 mars 2026", 'href="/rencontres/cafe-suivant"'):
        assert words in there, words
    for words in ("Ce que les représentants ont raconté ici", TOLD, 'href="/rencontres/seance"'):
        assert words in here, words
    assert HERE not in as_animator.get("/equipe/rencontres/cafe-suivant").text, "it does not wait any more"


def test_it_is_told_on_another_day_and_taken_back(as_animator: CheckedClient, came: Presence) -> None:
    assert fill(as_animator, FORM, told=TOLD, told_on="20/03/2026").status_code == 303
    assert noted() == (TOLD, dt.date(2026, 3, 20), None)
    assert fill(as_animator, FORM, told="", told_on="").status_code == 303
    assert noted() == (None, None, None)


def test_a_meeting_gives_its_own_day(as_animator: CheckedClient, next_cafe: Meeting) -> None:
    refused = fill(as_animator, FORM, told=TOLD, told_meeting="cafe-suivant", told_on="20/03/2026")
    assert refused.status_code == 422
    assert "19 mars 2026" in refused.text
    assert noted() == (None, None, None)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "fields",
    [
        {"told": "Des mots gardés"},
        {"told": "", "told_on": "20/03/2026"},
        {"told": "Des mots gardés", "told_on": "17/03/2026"},
        {"told": "Des mots gardés", "told_on": "21/03/2026"},
        {"told": "Des mots gardés", "told_on": "31/02/2026"},
        {"told": "Des mots gardés", "told_meeting": "cafe"},
        {"told": "Des mots gardés", "told_meeting": "seance"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_and_kept(
    as_animator: CheckedClient, next_cafe: Meeting, fields: dict[str, str]
) -> None:
    answer = fill(as_animator, FORM, **fields)
    assert answer.status_code == 422
    assert fields["told"] in answer.text
    assert noted() == (None, None, None)


def test_nobody_writes_over_what_another_noted(as_animator: CheckedClient, came: Presence) -> None:
    page = as_animator.get(FORM)
    assert fill(as_animator, FORM, told="Le premier.", told_on="19/03/2026").status_code == 303
    stale = send(as_animator, page, FORM, told="Le second.", told_on="20/03/2026")
    assert stale.status_code == 409
    assert "Le premier." in stale.text
    assert noted()[0] == "Le premier."
    assert send(as_animator, stale, FORM).status_code == 303
    assert noted()[0] == "Le second."


def test_the_instance_that_was_represented_says_it_and_no_other(
    came: Presence, others: dict[str, Account], enter: Callable[[Account], CheckedClient], town: Town
) -> None:
    for name in ("animateur d'ailleurs", "représentant d'ailleurs", "représentant du conseil", "élue"):
        assert enter(others[name]).get(FORM).status_code == 404, name
    assert enter(town.animator).get(f"/equipe/rencontres/seance/representants/{COMMISSION}").status_code == 404
    assert fill(enter(town.representative), FORM, told=TOLD, told_on="19/03/2026").status_code == 303


def test_a_presence_that_nobody_noted_is_not_told(as_animator: CheckedClient, seats: Town) -> None:
    assert as_animator.get(FORM).status_code == 404


# What waits


def test_it_waits_on_the_desk_of_the_instance_until_it_is_told(
    as_animator: CheckedClient, came: Presence, town: Town
) -> None:
    page = as_animator.get("/equipe").text
    assert "À raconter ici" in page
    assert f'href="{FORM}"' in page
    assert "Séance du conseil" in page
    assert f'href="{FORM}"' in as_animator.get(f"/equipe/instances/{COMMISSION}").text
    fill(as_animator, FORM, told=TOLD, told_on="19/03/2026")
    assert "À raconter ici" not in as_animator.get("/equipe").text
    assert f'href="{FORM}"' not in as_animator.get(f"/equipe/instances/{COMMISSION}").text


@pytest.mark.parametrize("change", [{"present": 0}, {"status": "prevue"}, {"status": "annulee"}])
def test_nothing_waits_where_nobody_came_or_nothing_was_held(
    town: Town, came: Presence, change: dict[str, str | int]
) -> None:
    for name, value in change.items():
        if name == "present":
            came.present = came.substitutes = int(value)
        else:
            came.meeting.status = str(value)
    db.session.flush()
    desks = {desk.body.slug: desk.to_tell for desk in list_desks(db.session(), town.admin, TODAY)}
    assert not any(desks.values())


def test_the_desk_names_three_counts_the_rest_and_costs_the_same(
    app: Flask, as_animator: CheckedClient, came: Presence, town: Town
) -> None:
    as_animator.get("/equipe")
    with count_queries(app) as few:
        as_animator.get("/equipe")
    for number in range(6):
        meeting = make_meeting(
            f"ailleurs-{number}", [make_body()], status="tenue", held_on=dt.date(2026, 3, number + 1)
        )
        db.session.add(Presence(meeting=meeting, body=town.commission, present=1, substitutes=0))
    db.session.commit()
    with count_queries(app) as many:
        page = as_animator.get("/equipe").text
    assert page.count("À raconter ici") == 3
    assert "et 4 autres rencontres à raconter" in page
    assert few.number == many.number


def test_a_meeting_to_come_says_what_to_tell_there(as_animator: CheckedClient, came: Presence, town: Town) -> None:
    make_meeting("cafe-avril", [town.commission], title="Café d'avril", held_on=dt.date(2026, 4, 2))
    db.session.commit()
    for page in ("/equipe/rencontres/cafe-avril", "/equipe/rencontres/cafe-avril/a-decider"):
        text = as_animator.get(page).text
        assert "À raconter à cette rencontre" in text, page
        assert "Séance du conseil" in text, page


# Minutes


def test_the_agenda_and_the_minutes_of_both_meetings_lead_there(as_admin: CheckedClient, next_cafe: Meeting) -> None:
    for page in ("a-decider", "compte-rendu"):
        assert HERE in as_admin.get(f"/equipe/rencontres/cafe-suivant/{page}").text, page
        there = as_admin.get(f"/equipe/rencontres/seance/{page}").text
        assert f'href="/equipe/rencontres/seance/representants/{COMMISSION}"' in there, page
        assert "Des bancs." in there, page


def test_the_minutes_of_both_meetings_are_drafted_with_it(as_animator: CheckedClient, next_cafe: Meeting) -> None:
    fill(as_animator, FORM, told=TOLD, told_meeting="cafe-suivant")
    there, here = draft(db.session(), came_to()), draft(db.session(), next_cafe)
    assert "- Commission citoyenne du Quai : 2 personnes, dont 1 suppléante\n  - Des bancs." in there
    assert f"- Séance du conseil (18 mars 2026) : {TOLD}" in here
    assert TOLD not in there
    page = "/equipe/rencontres/cafe-suivant"
    assert TOLD in as_animator.get(f"{page}/compte-rendu").text, "drafted though nothing was recorded live"
    assert fill(as_animator, page, f"{page}/brouillon").status_code == 303
    db.session.expire_all()
    assert TOLD in (next_cafe.minutes or "")


def came_to() -> Meeting:
    """Return the meeting to which the representatives came."""
    return db.session.query(Presence).one().meeting
