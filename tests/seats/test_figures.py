"""Members and seats in the yearly assessment, of mandates written through the browser's forms; counted by hand.

The year is 2026, read on 31 December: E is that day. M1 counts members alone; a substitute is a representative, and
counts in PC2.seats as any other (indicators.md).
"""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from participation.assessment.engine import assess
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.models import Mandate
from participation.extensions import db
from participation.meetings.models import Meeting
from tests.seats.conftest import COMMISSION, COUNCIL, MANDATES, open_mandate
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_meeting
from tests.support.filling import fill
from tests.support.town import Town

CODES = ("M1.members", "M1.entries", "M1.exits", "PC2.seats")
ELECTION = "/equipe/rencontres/election/mandats"


def figures(scope: str = "contract", on: dt.date = dt.date(2026, 12, 31)) -> tuple[Any, ...]:
    """Return members, entries, exits and seats of 2026 read on that day."""
    db.session.expire_all()
    found = assess(db.session(), Period(2026, 2026), Scope.parse(scope), on).figures
    return tuple(found[code].value for code in CODES)


def only(kind: str) -> str:
    return db.session.scalars(sa.select(Mandate.ref).where(Mandate.kind == kind)).one()


@pytest.mark.both_databases
def test_members_come_and_go(as_animator: CheckedClient, town: Town) -> None:
    assert figures() == (0, 0, 0, 0)
    open_mandate(as_animator, started_on="01/06/2025")
    open_mandate(as_animator, started_on="01/02/2026", ended_on="31/12/2026")
    open_mandate(as_animator, started_on="01/02/2026", ended_on="30/11/2026")
    open_mandate(as_animator, started_on="01/01/2027")
    open_mandate(as_animator, started_on="01/02/2026", kind="animateur")
    assert figures() == (2, 2, 2, 0), "one that ends on E is a member and an exit; an animator is none of them"
    assert figures("instance:" + COUNCIL) == (0, 0, 0, 0)
    assert figures(on=dt.date(2026, 11, 30)) == (3, 2, 1, 0), "its last day is a day in force"


@pytest.mark.both_databases
def test_a_mandate_ended_in_the_form_is_an_exit(as_animator: CheckedClient, town: Town) -> None:
    open_mandate(as_animator, started_on="01/06/2025")
    assert figures() == (1, 0, 0, 0)
    assert fill(as_animator, f"{MANDATES}/{only('membre')}/fin", ended_on="19/03/2026").status_code == 303
    assert figures() == (0, 0, 1, 0)
    assert figures(on=dt.date(2026, 3, 18)) == (1, 0, 0, 0), "read the day before, it has not ended yet"


@pytest.mark.both_databases
def test_a_substitute_is_a_seat_and_no_member(as_animator: CheckedClient, town: Town) -> None:
    open_mandate(as_animator, kind="representant", seat_body=COUNCIL)
    assert figures() == (0, 0, 0, 1)
    open_mandate(as_animator, kind="representant", seat_body=COUNCIL, substitute="y")
    assert figures() == (0, 0, 0, 2)
    for scope in (f"instance:{COMMISSION}", f"instance:{COUNCIL}", "commune:nord", "commune:sud"):
        assert figures(scope) == (0, 0, 0, 2), scope
    page = as_animator.get(MANDATES).text
    assert "1 titulaire, 1 suppléant" in page


def test_marking_a_substitute_changes_no_figure(as_animator: CheckedClient, seats: Town) -> None:
    before = figures()
    assert before == (0, 0, 0, 2)
    assert fill(as_animator, f"{MANDATES}/mandat-1", standing="suppleant").status_code == 303
    assert figures() == before


@pytest.mark.both_databases
def test_an_election_gives_members_and_seats(as_animator: CheckedClient, election: Meeting) -> None:
    assert fill(as_animator, ELECTION, holders="5").status_code == 303
    assert figures() == (5, 5, 0, 0)
    assert (
        fill(as_animator, ELECTION, kind="representant", seat_body=COUNCIL, holders="2", substitutes="2").status_code
        == 303
    )
    assert figures() == (5, 5, 0, 4)
    later = {"started_on": "01/01/2027", "holders": "1"}
    assert fill(as_animator, ELECTION, **later).status_code == 303
    assert figures() == (5, 5, 0, 4), "a mandate of the year after is not one of this year"
    assert figures(on=dt.date(2026, 3, 14)) == (0, 0, 0, 0), "the day before the election"


def test_a_seat_held_by_a_substitute_alone_is_a_filled_seat(as_animator: CheckedClient, town: Town) -> None:
    committee = make_body("comite", [town.north], name="Comité", kind="comite", family="gouvernance")
    make_meeting("comite-1", [committee], status="tenue")
    db.session.commit()

    def with_residents() -> int:
        db.session.expire_all()
        figure = assess(db.session(), Period(2026, 2026), Scope(), dt.date(2026, 12, 31)).figures
        return figure["PC2.bodies_with_residents"].value

    assert with_residents() == 0
    open_mandate(as_animator, kind="representant", seat_body="comite", substitute="y")
    assert with_residents() == 1
