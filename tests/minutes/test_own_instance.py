"""An instance runs itself: a representative signs in, announces a meeting, records it, publishes its minutes.

Nothing of another instance is theirs.
"""

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa
from flask import Flask

from participation import clock
from participation.bodies.models import Body, Mandate, MandatePerson
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.minutes.models import CHECKS
from participation.people import rules as people
from participation.people.models import AccountIdentity
from participation.seats.models import Presence
from tests.support import factory
from tests.support.checked_client import CheckedClient
from tests.support.filling import fields_of, fill


@pytest.fixture
def representative(client: CheckedClient, app_context: Flask) -> CheckedClient:
    """Somebody who opened the link of an invitation to represent the commission, and nothing else."""
    factory.make_contract()
    commune = factory.make_commune("arras", name="Arras")
    factory.make_theme("proprete", name="Propreté")
    factory.make_body("commission", [commune], name="Commission")
    other = factory.make_body("autre", [commune], name="Autre instance")
    factory.make_meeting("renc-autre", [other], held_on=clock.today(), status="tenue", minutes="D'une autre.")
    account = factory.make_account("representant", ("instance", "commission"))
    account.identity = AccountIdentity(email="amina@exemple.fr")
    db.session.flush()
    token = people.issue_link(db.session(), account, "invitation")
    db.session.commit()
    assert fill(client, f"/equipe/entrer/{token}").status_code == 303
    return client


def _own() -> Meeting:
    db.session.expire_all()
    return db.session.scalars(sa.select(Meeting).where(Meeting.title == "Café de la commission")).one()


def _record(client: CheckedClient, ref: str, kind: str, **data: object) -> None:
    event = {
        "id": str(uuid.uuid4()), "appareil": str(uuid.UUID(int=7)), "numero": 1, "genre": kind,
        "quand": dt.datetime.now(dt.UTC).isoformat(), "donnees": data,
    }  # fmt: skip
    address = f"/equipe/rencontres/{ref}/en-direct/evenements"
    answer = client.post(address, json={"evenements": [event]}, headers={"X-Appareil": "essai"})
    assert answer.get_json()["recus"] == [event["id"]], answer.text


@pytest.mark.both_databases
def test_from_the_announcement_to_published_minutes(representative: CheckedClient, app: Flask) -> None:
    client, day = representative, clock.today()
    new = "/equipe/rencontres/nouvelle"
    plan = {"title": "Café de la commission", "type": "cafe_citoyen", "held_on": f"{day:%d/%m/%Y}"}
    answer = fill(client, new, **plan, bodies=["commission"])
    assert answer.status_code == 303, answer.text
    ref = _own().ref
    team = f"/equipe/rencontres/{ref}"
    _record(client, ref, "commence")
    _record(client, ref, "arrivee", tranche="26_39", n=18)
    _record(client, ref, "avis", texte="Il faut des bancs.", theme="proprete")
    _record(client, ref, "decision", texte="Inviter le bailleur", responsable="la commission")
    _record(client, ref, "termine")
    if _own().status != "tenue":
        assert fill(client, f"{team}/tenir").status_code == 303
    token = fields_of(client.get(team), f"{team}/brouillon")
    assert client.post(f"{team}/brouillon", data=token).status_code == 303
    assert "Il faut des bancs." in (_own().minutes or "")
    assert fill(client, f"{team}/avant-de-publier", fait=list(CHECKS)).status_code == 303
    assert fill(client, f"{team}/publier").status_code == 303
    assert _own().minutes_are_public
    everybody = app.test_client()
    assert "Il faut des bancs." in everybody.get(f"/rencontres/{ref}").text
    assert everybody.get(f"/rencontres/{ref}/compte-rendu.pdf").status_code == 200


def test_nothing_of_another_instance_is_theirs(representative: CheckedClient) -> None:
    client, other = representative, "/equipe/rencontres/renc-autre"
    for page in ("", "/modifier", "/compte-rendu", "/publier", "/avant-de-publier", "/en-direct", "/decisions"):
        assert client.get(f"{other}{page}").status_code == 404, page
    assert client.get("/rencontres/renc-autre/compte-rendu.docx").status_code == 404
    assert client.get("/equipe/instances/autre/mandats").status_code == 404
    assert client.get("/equipe/avis").status_code == 404, "they read no opinion that waits"
    plan = {"title": "Prise à une autre", "type": "reunion", "held_on": f"{clock.today():%d/%m/%Y}"}
    answer = fill(client, "/equipe/rencontres/nouvelle", **plan, bodies=["autre"])
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 1


def test_they_run_its_election_and_tell_what_was_said_elsewhere(representative: CheckedClient) -> None:
    """Mandates of their own instance in numbers, and report-back of its representatives; never a name (security.md)."""
    client, own, other = representative, _body("commission"), _body("autre")
    election = factory.make_meeting("vote", [own], type="election", held_on=clock.today(), status="tenue")
    named = Mandate(ref="mandat-nomme", body=own, started_on=election.held_on)
    named.person = MandatePerson(name="canari-nom")
    db.session.add(named)
    came = db.session.scalars(sa.select(Meeting).where(Meeting.ref == "renc-autre")).one()
    db.session.add(Presence(meeting=came, body=own, present=1, substitutes=0))
    factory.make_meeting("vote-autre", [other], type="election", held_on=clock.today(), status="tenue")
    db.session.commit()
    seats = {"kind": "representant", "seat_body": "autre", "holders": "2", "substitutes": "2"}
    assert fill(client, "/equipe/rencontres/vote/mandats", **seats).status_code == 303
    assert "2 titulaires, 2 suppléants" in client.get("/equipe/instances/commission/mandats").text
    told = "/equipe/rencontres/renc-autre/retours/commission"
    assert fill(client, told, told="Le square est prévu.", told_meeting="vote").status_code == 303
    for page in ("/equipe/instances/commission/mandats", "/equipe/instances/commission/mandats/mandat-nomme"):
        assert "canari-nom" not in client.get(page).text, page
    for page in ("rencontres/vote-autre/mandats", "rencontres/renc-autre/representants/commission"):
        assert client.get(f"/equipe/{page}").status_code == 404, page


def _body(slug: str) -> Body:
    return db.session.scalars(sa.select(Body).where(Body.slug == slug)).one()
