"""A small territory: two communes, a body in each, one for both, and people who may act there."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import time_machine
from flask import Flask

from participation import fragments
from participation.bodies.models import Body
from participation.contract.models import Commune, Quartier
from participation.extensions import db
from participation.people.models import Account
from tests.support.checked_client import CheckedClient
from tests.support.factory import (
    make_account,
    make_body,
    make_commune,
    make_contract,
    make_quartier,
    sign_in,
)


@dataclass
class Town:
    """What the tests stand on."""

    north: Commune
    south: Commune
    quay: Quartier
    """In the north."""
    hill: Quartier
    """In the south."""
    fabric: Body
    """Of the north, and its quartier."""
    council: Body
    """Of the south."""
    joint: Body
    """Of both."""
    admin: Account
    animator: Account
    """For the body `fabric` alone."""


@pytest.fixture
def town(app_context: Flask) -> Town:
    make_contract()
    north = make_commune("nord", name="Nord", position=1)
    south = make_commune("sud", name="Sud", position=2)
    quay = make_quartier("le-quai", [north], name="Le Quai")
    hill = make_quartier("la-colline", [south], name="La Colline")
    town = Town(
        north=north,
        south=south,
        quay=quay,
        hill=hill,
        fabric=make_body("fabrique", [north], [quay], name="Fabrique du Nord"),
        council=make_body("conseil", [south], name="Conseil du Sud"),
        joint=make_body("inter", [north, south], name="Comité des deux", scale="intercommunale"),
        admin=make_account("admin", function="Équipe du contrat"),
        animator=make_account("animateur", ("instance", "fabrique"), function="Animatrice du Nord"),
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
    """A browser in which the animator of `fabrique` is signed in."""
    sign_in(client, town.animator)
    return client


@pytest.fixture
def new_client(app: Flask) -> Callable[[], CheckedClient]:
    """Make one more browser."""

    def make() -> Any:
        return app.test_client()

    return make


@pytest.fixture(autouse=True)
def today() -> Iterator[dt.date]:
    """It is 20 March 2026, just after noon in Paris."""
    with time_machine.travel(dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC), tick=False):
        yield dt.date(2026, 3, 20)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meetings without what higher features add to their pages: those have tests of their own."""
    monkeypatch.setattr(fragments, "_providers", {})
