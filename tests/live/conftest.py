"""A meeting of today and an animator's telephone that records it."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext

from participation import clock
from participation.extensions import db
from participation.meetings.models import Meeting
from tests.live.device import Device
from tests.support import factory

NewContext = Callable[..., BrowserContext]


@pytest.fixture
def hall(app: Flask) -> Flask:
    """The application with a contract, a theme and the meeting « cafe », of today."""
    with app.app_context():
        factory.make_contract()
        quartier = factory.make_quartier("les-essais", [factory.make_commune()])
        factory.make_theme("proprete", name="Propreté")
        body = factory.make_body("commission", quartiers=[quartier])
        factory.make_meeting("cafe", [body], held_on=clock.today(), quartiers=[quartier], status="prevue")
        db.session.commit()
    return app


@pytest.fixture
def sign_in(hall: Flask, live_server: str) -> Callable[[BrowserContext], None]:
    """Sign the animator of the meeting in."""

    def enter(context: BrowserContext) -> None:
        client = hall.test_client()
        with hall.app_context():
            factory.sign_in(client, factory.make_account("animateur", ("instance", "commission")))
            db.session.commit()
        cookie = client.get_cookie("equipe")
        assert cookie
        context.add_cookies([{"name": "equipe", "value": cookie.value, "url": live_server}])

    return enter


@pytest.fixture
def telephone(
    new_context: NewContext, live_server: str, sign_in: Callable[[BrowserContext], None]
) -> Iterator[BrowserContext]:
    """The animator's telephone, signed in."""
    context = new_context(base_url=live_server)
    sign_in(context)
    yield context
    context.set_offline(False)


@pytest.fixture
def meeting(app_context: Flask) -> Meeting:
    """A meeting of today, with a quartier and a theme."""
    factory.make_contract()
    quartier = factory.make_quartier("les-essais", [factory.make_commune()])
    factory.make_theme("proprete", name="Propreté")
    made = factory.make_meeting(
        "cafe", [factory.make_body("commission", quartiers=[quartier])], held_on=clock.today(), quartiers=[quartier]
    )
    db.session.commit()
    return made


@pytest.fixture
def recorder(client: FlaskClient, meeting: Meeting) -> Device:
    """A device of an animator of the meeting."""
    factory.sign_in(client, factory.make_account("animateur", ("instance", "commission")))
    db.session.commit()
    return Device(client)
