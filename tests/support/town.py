"""A small territory for the tests of opinions and proposals: two communes, a body in each, people who may act there.

`town`, `as_admin`, `as_animator`, `today` are fixtures: a package of tests imports them in its conftest.py.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from flask import Flask

from participation.bodies.models import Body
from participation.contract.models import Commune, Contract, Quartier, Recipient, Theme
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.factory import (
    make_account,
    make_body,
    make_commune,
    make_contract,
    make_meeting,
    make_quartier,
    make_recipient,
    make_theme,
    sign_in,
)

TODAY = dt.date(2026, 3, 20)


@dataclass
class Town:
    """What the tests stand on."""

    contract: Contract
    north: Commune
    south: Commune
    quay: Quartier
    """In the north."""
    hill: Quartier
    """In the south."""
    commission: Body
    """Of the north, and of its quartier."""
    council: Body
    """Of the south: nobody of the north acts there."""
    elected: Recipient
    theme: Theme
    cafe: Meeting
    """Held by the commission on 12 March 2026."""
    session: Meeting
    """Held by the council on 18 March 2026."""
    admin: Account
    animator: Account
    """Of the commission alone."""
    elu: Account
    """Of the north."""
    representative: Account
    """Of the commission."""


@pytest.fixture
def town(app_context: Flask, today: dt.date) -> Town:
    north = make_commune("nord", name="Nord", position=1)
    south = make_commune("sud", name="Sud", position=2)
    quay = make_quartier("le-quai", [north], name="Le Quai")
    commission = make_body("commission-du-quai", [north], [quay], name="Commission citoyenne du Quai")
    council = make_body("conseil-du-sud", [south], name="Conseil du Sud", kind="conseil_de_quartier")
    town = Town(
        contract=make_contract(),
        north=north,
        south=south,
        quay=quay,
        hill=make_quartier("la-colline", [south], name="La Colline"),
        commission=commission,
        council=council,
        elected=make_recipient("elus-du-nord", name="Élus du Nord"),
        theme=make_theme("cadre-de-vie", name="Cadre de vie"),
        cafe=make_meeting("cafe", [commission], title="Café du Quai", type="cafe_citoyen", status="tenue"),
        session=make_meeting(
            "seance", [council], title="Séance du conseil", held_on=dt.date(2026, 3, 18), status="tenue"
        ),
        admin=make_account("admin", function="Équipe du contrat"),
        animator=make_account("animateur", ("instance", "commission-du-quai"), function="Animatrice du Quai"),
        elu=make_account("elu", ("commune", "nord"), function="Adjointe de quartier"),
        representative=make_account("representant", ("instance", "commission-du-quai"), function="Représentant"),
    )
    db.session.commit()
    return town


@pytest.fixture
def as_admin(town: Town, client: CheckedClient) -> CheckedClient:
    """A browser in which the contract's team is signed in."""
    sign_in(client, town.admin)
    return client


@pytest.fixture
def as_animator(town: Town, client: CheckedClient) -> CheckedClient:
    """A browser in which the animator of the commission is signed in."""
    sign_in(client, town.animator)
    return client


@pytest.fixture
def enter(app: Flask) -> Callable[[Account], CheckedClient]:
    """Make one more browser in which somebody is signed in."""

    def make(account: Account) -> Any:
        client = app.test_client()
        sign_in(client, account)
        return client

    return make


@pytest.fixture
def today() -> Iterator[dt.date]:
    """It is 20 March 2026, just after noon in Paris."""
    with time_machine.travel(dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC), tick=False):
        yield TODAY
