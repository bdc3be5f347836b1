"""The team's home: what to do next, for each role."""

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine

from participation.bodies.models import Body
from participation.extensions import db
from tests.support import factory
from tests.support.database import count_queries

DAY = dt.date(2026, 3, 12)


@pytest.fixture
def act_as(app, client):
    def act_as(role="admin", *scopes):
        with app.app_context():
            factory.sign_in(client, factory.make_account(role, *scopes))

    return act_as


@pytest.fixture
def year(app):
    """A body here with something of everything, and one elsewhere."""
    with app.app_context():
        here, elsewhere = factory.make_commune("ici"), factory.make_commune("ailleurs")
        body, other = factory.make_body("instance-ici", [here]), factory.make_body("instance-ailleurs", [elsewhere])
        factory.make_meeting("renc-1", [body], title="Bientôt ici", held_on=DAY + dt.timedelta(days=3))
        factory.make_meeting("renc-2", [body], title="Passée ici", held_on=DAY - dt.timedelta(days=3))
        factory.make_meeting("renc-3", [other], title="Bientôt ailleurs", held_on=DAY + dt.timedelta(days=3))
        factory.make_opinion(body=body, moderation="en_attente")
        factory.make_proposal(
            body=body, title="Un banc", received_on=DAY - dt.timedelta(days=9), steps=[{"kind": "transmise"}]
        )
        factory.make_proposal(
            body=other, title="Un arbre", received_on=DAY - dt.timedelta(days=9), steps=[{"kind": "transmise"}]
        )
        db.session.commit()


def home(client) -> str:
    with time_machine.travel("2026-03-12T12:00:00Z"):
        page = client.get("/equipe")
    assert page.status_code == 200
    return page.text


def test_a_stranger_is_asked_to_sign_in(client):
    assert client.get("/equipe").location == "/equipe/connexion?suite=/equipe"


def test_an_animator_sees_what_is_theirs(client, act_as, year):
    act_as("animateur", ("commune", "ici"))
    text = home(client)
    for words in (
        "Bientôt ici",
        "Passée ici",
        "Dire si elle a eu lieu",
        "1 avis à lire",
        "Un banc",
        "Nouvelle rencontre",
    ):
        assert words in text
    assert "ailleurs" not in text
    assert "Un arbre" not in text
    assert "Inviter une personne" not in text


def test_the_contracts_team_sees_all(client, act_as, year):
    act_as("admin")
    text = home(client)
    for words in (
        "Bientôt ici",
        "Bientôt ailleurs",
        "Un banc",
        "Un arbre",
        "Inviter une personne",
        "Ajouter une instance",
    ):
        assert words in text


def test_an_elu_reads_and_answers_but_does_not_moderate(client, act_as, year):
    act_as("elu", ("commune", "ici"))
    text = home(client)
    assert "Un banc" in text
    assert 'href="/rencontres/renc-1"' in text, "the public page: they do not edit meetings"
    assert "avis à lire" not in text
    assert "Nouvelle rencontre" not in text
    assert "À faire" not in text


def test_an_empty_home_says_so(client, act_as):
    act_as("admin")
    assert "Aucune rencontre" in home(client)


def test_the_home_costs_the_same_for_many(app, client, act_as, year):
    act_as("admin")
    home(client)
    with count_queries(app) as few:
        home(client)
    with app.app_context():
        body = db.session.scalar(sa.select(Body).where(Body.slug == "instance-ici"))
        for number in range(15):
            factory.make_meeting(bodies=[body, factory.make_body()], held_on=DAY + dt.timedelta(days=number))
            factory.make_proposal(body=factory.make_body(), received_on=DAY, steps=[{"kind": "transmise"}])
        db.session.commit()
    with count_queries(app) as many:
        home(client)
    assert many.number <= few.number <= 30
