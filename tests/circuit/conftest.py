"""The small territory of tests/support/town.py, where the commission has two representatives in the council."""

import datetime as dt

import pytest

from participation.bodies.models import Mandate
from participation.extensions import db
from participation.meetings.models import Meeting
from tests.support.factory import make_meeting
from tests.support.town import Town, as_admin, as_animator, enter, today, town

__all__ = ["as_admin", "as_animator", "coming", "enter", "seats", "today", "town"]


@pytest.fixture
def seats(town: Town) -> Town:
    """Two representatives of the commission sit in the council; a third one's seat has ended."""
    for number, ended in ((1, None), (2, None), (3, dt.date(2026, 1, 31))):
        db.session.add(
            Mandate(
                ref=f"mandat-{number}",
                body=town.commission,
                seat_body=town.council,
                kind="representant",
                started_on=dt.date(2025, 1, 1),
                ended_on=ended,
            )
        )
    db.session.commit()
    return town


@pytest.fixture
def coming(town: Town) -> Meeting:
    """A meeting of the council to come, on 2 April 2026."""
    meeting = make_meeting("conseil-avril", [town.council], title="Conseil d'avril", held_on=dt.date(2026, 4, 2))
    db.session.commit()
    return meeting
