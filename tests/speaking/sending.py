"""What the tests of sending share: a form's key that is half a minute old, and the sending of it."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
import time_machine
from werkzeug.test import TestResponse

from participation.database import now
from participation.extensions import db
from participation.following import codes, visits
from participation.meetings.models import AskedQuestion, Meeting
from participation.opinions.models import Opinion
from participation.speaking.doors import Door, meeting_door
from participation.speaking.keys import make_key
from participation.speaking.models import MeetingCode
from tests.support.checked_client import CheckedClient
from tests.support.town import Town

CODE = "-".join(codes.words()[:5])
OTHER_CODE = "-".join(codes.words()[5:10])
JSON = {"Accept": "application/json"}
WORDS = "Il manque des bancs près de l'école."


def key(door: Door, question: int = 0, age: dt.timedelta = dt.timedelta(seconds=30)) -> str:
    """Return a form's key of that age."""
    with time_machine.travel(now() - age, tick=False):
        return make_key(door, question)


def post(client: CheckedClient, cle: str, **fields: Any) -> TestResponse:
    """Send a form, as a browser without scripts does unless `headers` say otherwise."""
    headers = fields.pop("headers", None)
    data = {"texte": WORDS, "code": CODE, "lecture": "publie", "langue": "fr", "page": "ecrire"} | fields
    return client.post(f"/envoi/{cle}", data=data, headers=headers)


def opinions() -> list[Opinion]:
    """Return all opinions, the first first."""
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Opinion).order_by(Opinion.id)))


def followed(answer: TestResponse) -> Opinion:
    """Return the opinion to which the answer's receipt leads."""
    assert answer.status_code == 303, answer.status
    start, token = answer.headers["Location"].rsplit("/", 1)
    assert start == "/suivi"
    db.session.expire_all()
    return visits.read(db.session(), token).opinion


def open_meeting(town: Town, *questions: str, **values: Any) -> Door:
    """Open the town's café for an hour around now, with these questions."""
    meeting: Meeting = town.cafe
    for name, value in {"status": "prevue", "held_on": now().date(), **values}.items():
        setattr(meeting, name, value)
    hour = dt.timedelta(hours=1)
    db.session.add(MeetingCode(meeting_id=meeting.id, digits="4821", opens_at=now() - hour, closes_at=now() + hour))
    for position, text in enumerate(questions):
        db.session.add(AskedQuestion(meeting_id=meeting.id, position=position, text=text))
    db.session.commit()
    db.session.refresh(meeting)
    return meeting_door(db.session(), meeting)
