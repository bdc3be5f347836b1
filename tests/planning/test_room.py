"""The room's screen: the code, the question, published opinions as they come; it stops once the meeting is over."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from participation.database import now
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.speaking.models import MeetingCode
from participation.speaking.opening import ask_at_meeting
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, make_opinion
from tests.support.town import TODAY, Town

ROOM = "/salle/ce-soir"


@pytest.fixture
def tonight(town: Town) -> Meeting:
    """A meeting of today, where one may speak now, on one question."""
    meeting = make_meeting("ce-soir", [town.commission], title="Café de ce soir", held_on=TODAY)
    hour = dt.timedelta(hours=1)
    db.session.add(MeetingCode(meeting_id=meeting.id, digits="4821", opens_at=now() - hour, closes_at=now() + hour))
    ask_at_meeting(db.session(), meeting, ["Que changer sur la place ?"], by=None)
    db.session.commit()
    return meeting


def test_anybody_sees_the_question_the_code_and_where_to_type_it(client: CheckedClient, tonight: Meeting, words: Any):
    text = words(client.get(ROOM))
    for part in ("Que changer sur la place ?", "4821", "Code à scanner pour donner votre avis", "/C</strong>"):
        assert part in text
    assert "Les avis arrivent ici, après lecture par l'équipe." in text


def test_it_shows_published_opinions_alone_the_newest_first(client: CheckedClient, tonight: Meeting, words: Any):
    for number in range(10):
        make_opinion(meeting=tonight, text=f"Un banc numéro {number}.")
    for moderation in ("en_attente", "reserve", "rejete"):
        make_opinion(meeting=tonight, text="À ne pas montrer", moderation=moderation)
    make_opinion(meeting=tonight, text="À ne pas montrer", reserve_asked=True)
    make_opinion(meeting=tonight, text="À ne pas montrer", withdrawal_asked_at=now())
    make_opinion(text="À ne pas montrer")
    db.session.commit()
    for text in (words(client.get(ROOM)), client.get(f"{ROOM}/avis").json["avis"]):
        assert "10 avis publiés" in text
        assert "À ne pas montrer" not in text
        places = [text.find(f"Un banc numéro {number}.") for number in (9, 2, 1)]
        assert 0 < places[0] < places[1]
        assert places[2] == -1, "eight are shown"


def test_the_script_hears_that_nothing_is_new(client: CheckedClient, tonight: Meeting):
    first = client.get(f"{ROOM}/avis")
    again = client.get(f"{ROOM}/avis", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    make_opinion(meeting=tonight)
    db.session.commit()
    assert client.get(f"{ROOM}/avis", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_without_a_script_the_page_loads_itself_again_and_no_longer_once_it_is_over(
    client: CheckedClient, tonight: Meeting, words: Any
):
    page = client.get(ROOM)
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in page.text
    assert "salle" in page.text
    assert "data-fini" not in page.text
    tonight.status = "tenue"
    db.session.commit()
    over = client.get(ROOM)
    assert "La rencontre est finie. Merci." in words(over)
    assert "data-fini" in over.text
    for gone in ("refresh", "salle.js", "<script", "4821"):
        assert gone not in over.text
    assert "data-fini" in client.get(f"{ROOM}/avis").json["avis"]


@pytest.mark.parametrize(("values", "goes_on"), [({}, True), ({"status": "annulee"}, False)])
def test_a_cancelled_meeting_is_over(client: CheckedClient, tonight: Meeting, values: dict[str, str], goes_on: bool):
    tonight.status = values.get("status", "prevue")
    db.session.commit()
    assert ("data-fini" not in client.get(ROOM).text) is goes_on


def test_a_closed_door_ends_it(client: CheckedClient, tonight: Meeting):
    code = db.session.get_one(MeetingCode, tonight.id)
    code.opens_at, code.closes_at = now() - dt.timedelta(hours=2), now() - dt.timedelta(hours=1)
    db.session.commit()
    assert "data-fini" in client.get(ROOM).text


def test_the_team_finds_it_on_the_meeting_and_a_wrong_address_says_so(as_animator: CheckedClient, tonight: Meeting):
    assert f'href="{ROOM}"' in as_animator.get("/equipe/rencontres/ce-soir").text
    assert as_animator.get("/equipe/rencontres/ce-soir/ecran").location == ROOM
    assert as_animator.get("/salle/nulle-part").status_code == 404
    assert as_animator.get("/salle/nulle-part/avis").status_code == 404


def test_asking_again_is_cheap(app: Flask, client: CheckedClient, tonight: Meeting):
    for _number in range(12):
        make_opinion(meeting=tonight)
    db.session.commit()
    client.get(f"{ROOM}/avis")
    with count_queries(app) as count:
        client.get(f"{ROOM}/avis")
    assert count.number <= 6
