"""The commission's seats in the council, as the way between instances has them, and an election of the commission."""

import datetime as dt
from typing import Any

import pytest

from participation.extensions import db
from participation.meetings.models import Meeting
from participation.people.models import Account
from tests.circuit.conftest import as_admin, as_animator, coming, enter, seats, today, town
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_body, make_meeting
from tests.support.filling import fill
from tests.support.town import Town

__all__ = ["as_admin", "as_animator", "coming", "election", "enter", "others", "seats", "today", "town"]

COMMISSION, COUNCIL = "commission-du-quai", "conseil-du-sud"
MANDATES = f"/equipe/instances/{COMMISSION}/mandats"


@pytest.fixture
def election(town: Town) -> Meeting:
    """An election of the commission, held on 15 March 2026."""
    meeting = make_meeting(
        "election", [town.commission], title="Élection au Quai", type="election", status="tenue",
        held_on=dt.date(2026, 3, 15),
    )  # fmt: skip
    db.session.commit()
    return meeting


def open_mandate(client: CheckedClient, **values: Any) -> Any:
    """Send the form of a mandate of the commission."""
    return fill(client, f"{MANDATES}/nouveau", **({"started_on": "01/02/2026"} | values))


@pytest.fixture
def others(town: Town) -> dict[str, Account]:
    """Everybody with an account who is not of the commission's own team of animators."""
    elsewhere = make_body("commission-d-ailleurs", [town.south])
    accounts = {
        "animateur d'ailleurs": make_account("animateur", ("instance", elsewhere.slug)),
        "représentant d'ailleurs": make_account("representant", ("instance", elsewhere.slug)),
        "représentant du conseil": make_account("representant", ("instance", COUNCIL)),
        "représentant": town.representative,
        "élue": town.elu,
        "équipe du contrat": town.admin,
        "chef de projet": make_account("chef_projet"),
    }
    db.session.commit()
    return accounts
