"""What is recorded live: each event once, whatever comes twice, and what it does."""

import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from participation import clock
from participation.extensions import db
from participation.live.counts import FEWEST
from participation.live.models import AgendaItem, LiveEvent, ShowOfHands
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import REJECTED, Opinion
from participation.proposals.models import Proposal
from tests.live.device import Device
from tests.support import factory

pytestmark = pytest.mark.usefixtures("app_context")


def _fresh(ref: str = "cafe") -> Meeting:
    db.session.expire_all()
    return db.session.scalars(sa.select(Meeting).where(Meeting.ref == ref)).one()


def _post(client: FlaskClient, page: str, to: str | None = None, fields: dict[str, str] | None = None) -> Any:
    """Send a form of a page, with its token."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(to or page, data={**(fields or {}), "csrf_token": token[1]})


@pytest.mark.both_databases
def test_a_whole_meeting(recorder):
    recorder.record("commence")
    for band, times in (("moins_18", 3), ("26_39", 10), ("plus_60", 5)):
        for _time in range(times):
            recorder.record("arrivee", tranche=band, n=1)
    recorder.record("compte", champ="women", n=11)
    recorder.record("compte", champ="elus", n=2)
    recorder.record("institution", nom="Bailleur d'essai", n=1)
    added = recorder.record("point_ajoute", titre="Le square")
    recorder.record("point", point=added)
    recorder.record("note", point=added, texte="On parle des bancs.")
    said = recorder.record("avis", texte="Il faudrait des bancs.", theme="proprete", point=added, carte="12")
    proposed = recorder.record("proposition", avis=said, titre="Poser des bancs")
    recorder.record("mains", proposition=proposed, n=7)
    recorder.record("mains", proposition=proposed, n=-1)
    recorder.record("decision", texte="Inviter le bailleur", responsable="l'animatrice", reponse_de="le bailleur")
    recorder.record("termine")

    meeting = _fresh()
    assert (meeting.status, meeting.residents, meeting.participants) == ("tenue", 18, 20)
    assert (meeting.under_26, meeting.over_60, meeting.women, meeting.elus) == (3, 5, 11, 2)
    assert (meeting.men, meeting.agents) == (None, None)
    assert [row.name for row in meeting.institutions] == ["Bailleur d'essai"]
    item = db.session.scalars(sa.select(AgendaItem)).one()
    assert (item.title, item.notes) == ("Le square", "On parle des bancs.")
    assert item.started_at is not None
    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.text, opinion.channel, opinion.moderation) == ("Il faudrait des bancs.", "papier", "en_attente")
    proposal = db.session.scalars(sa.select(Proposal)).one()
    assert (proposal.title, opinion.proposal_id) == ("Poser des bancs", proposal.id)
    assert db.session.scalars(sa.select(ShowOfHands.hands)).one() == 6
    decision = db.session.scalars(sa.select(Decision)).one()
    assert (decision.text, decision.owner, decision.answer_from) == (
        "Inviter le bailleur", "l'animatrice", "le bailleur",
    )  # fmt: skip


@pytest.mark.both_databases
def test_sent_twice_counts_once(recorder):
    events = [
        recorder.event("arrivee", tranche="26_39", n=1),
        recorder.event("avis", texte="Une fois."),
        recorder.event("decision", texte="Une fois."),
    ]
    first = recorder.send(*events)
    again = recorder.send(*events)
    assert first["recus"] == again["recus"] == [event["id"] for event in events]
    assert first["refus"] == again["refus"] == {}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LiveEvent)) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 1


def test_the_same_number_with_another_content_is_refused(recorder):
    event = recorder.event("avis", texte="Mes mots.")
    recorder.send(event)
    said = recorder.send({**event, "donnees": {"texte": "D'autres mots."}})
    assert said["recus"] == []
    assert "déjà" in said["refus"][event["id"]]
    assert "Mes mots" not in said["refus"][event["id"]]


def test_two_devices_add_up(recorder):
    other = Device(recorder.client)
    for one in (recorder, other):
        for _time in range(8):
            one.record("arrivee", tranche="26_39", n=1)
        one.record("compte", champ="women", n=4)
    recorder.record("termine")
    other.record("arrivee", tranche="inconnue", n=2)
    meeting = _fresh()
    assert (meeting.residents, meeting.women) == (18, 8)
    assert meeting.under_26 is None, "two came whose age nobody noted"


def test_of_few_people_only_their_number_is_kept(recorder):
    for _time in range(FEWEST - 1):
        recorder.record("arrivee", tranche="plus_60", n=1)
    recorder.record("compte", champ="women", n=3)
    recorder.record("termine")
    meeting = _fresh()
    assert (meeting.residents, meeting.over_60, meeting.women) == (FEWEST - 1, None, None)
    kept = db.session.scalars(sa.select(LiveEvent).where(LiveEvent.kind.in_(("arrivee", "compte"))))
    assert {event.data.get("tranche", "inconnue") for event in kept} == {"inconnue"}


@pytest.mark.both_databases
def test_what_was_recorded_by_mistake_is_taken_back(recorder):
    arrived = recorder.record("arrivee", tranche="26_39", n=20)
    said = recorder.record("avis", texte="Par erreur.")
    decided = recorder.record("decision", texte="Par erreur.")
    for event in (arrived, said, decided, said):
        recorder.record("annule", evenement=event)
    recorder.record("arrivee", tranche="26_39", n=16)
    recorder.record("termine")
    assert _fresh().residents == 16
    opinion = db.session.scalars(sa.select(Opinion)).one()
    assert (opinion.moderation, opinion.moderation_reason) == (REJECTED, "Annulé pendant la rencontre.")
    assert db.session.scalars(sa.select(Decision)).all() == []


def test_a_later_text_wins_and_both_stay(recorder):
    said = recorder.record("avis", texte="Premier texte")
    late = recorder.event("avis_change", avis=said, texte="Deuxième texte")
    recorder.send(recorder.event("avis_change", avis=said, texte="Troisième texte"), late)
    assert db.session.scalars(sa.select(Opinion.text)).one() == "Troisième texte"
    kept = db.session.scalars(sa.select(LiveEvent).where(LiveEvent.kind == "avis_change"))
    assert {event.data["texte"] for event in kept} == {"Deuxième texte", "Troisième texte"}


def test_bad_events_are_refused_alone(recorder):
    good = recorder.event("avis", texte="Bien.")
    bad = [
        recorder.event("avis", texte="  "),
        recorder.event("arrivee", tranche="vieux", n=1),
        recorder.event("arrivee", tranche="26_39", n="beaucoup"),
        recorder.event("compte", champ="women", n=10**9),
        recorder.event("proposition", avis=str(uuid.uuid4()), titre="De rien"),
        recorder.event("point", point="ailleurs"),
        {**recorder.event("inconnu"), "donnees": {}},
    ]
    said = recorder.send(*bad, good)
    assert said["recus"] == [good["id"]]
    assert set(said["refus"]) == {event["id"] for event in bad}
    assert all(sentence.endswith(".") for sentence in said["refus"].values())


def test_no_code_is_kept_in_events(recorder):
    from participation.following import rules as following

    code = following.print_codes(db.session(), 1, None)[0]
    db.session.commit()
    recorder.record("avis", texte="Avec un code.", code=code)
    stored = db.session.scalars(sa.select(LiveEvent)).one()
    assert code not in str(stored.data)
    assert "code" not in stored.data


def test_who_may_record(client: FlaskClient, meeting: Meeting) -> None:
    recorder = Device(client)
    sent = {"json": {"evenements": [recorder.event("commence")]}, "headers": {"X-Appareil": recorder.name}}
    address = "/equipe/rencontres/cafe/en-direct"
    assert client.post(f"{address}/evenements", **sent).status_code == 401
    assert client.get(f"{address}/etat", headers={"X-Appareil": recorder.name}).status_code == 401
    assert client.get(address).status_code == 303
    factory.sign_in(client, factory.make_account("animateur", ("instance", "ailleurs")))
    db.session.commit()
    assert client.post(f"{address}/evenements", **sent).status_code == 404
    assert client.get(address).status_code == 404


def test_a_key_lets_one_meeting_be_recorded(app: Flask, recorder):
    other = factory.make_meeting("autre", [factory.make_body("ailleurs")], held_on=clock.today())
    db.session.commit()
    assert other.ref == "autre"
    team, address = recorder.client, "/equipe/rencontres/cafe/cle"
    _post(team, address)
    page = team.get(address).text
    link = page[page.index("/cle/") :].split("<")[0]
    stranger = app.test_client()
    assert stranger.get("/equipe/rencontres/cafe/en-direct").status_code == 303
    assert stranger.get(link).status_code == 200
    assert _post(stranger, link).status_code == 303
    assert stranger.get("/equipe/rencontres/cafe/en-direct").status_code == 200
    assert stranger.get("/equipe/rencontres/autre/en-direct").status_code in (303, 404)
    assert stranger.get("/equipe/rencontres/cafe").status_code == 303, "the key opens the live screen alone"
    by_key = Device(stranger)
    by_key.record("avis", texte="Noté avec la clé.")
    _post(team, address, f"{address}/reprendre")
    answer = stranger.post(
        "/equipe/rencontres/cafe/en-direct/evenements",
        json={"evenements": [by_key.event("commence")]},
        headers={"X-Appareil": by_key.name},
    )
    assert answer.status_code == 401
    assert stranger.get(link).status_code == 404


def test_plain_forms_do_the_same(recorder):
    client, address = recorder.client, "/equipe/rencontres/cafe/en-direct"
    page = client.get(address).text
    assert page.count("<h1") == 1
    key = str(uuid.uuid4())
    form = {"cle": key, "genre": "avis", "texte": "Par un formulaire.", "theme": "proprete"}
    for _time in range(2):
        answer = _post(client, address, f"{address}/ajout", form)
        assert (answer.status_code, answer.headers["Location"].endswith("#avis")) == (303, True)
    assert db.session.scalars(sa.select(Opinion.text)).all() == ["Par un formulaire."]
    empty = _post(client, address, f"{address}/ajout", {**form, "cle": str(uuid.uuid4()), "texte": ""})
    assert empty.status_code == 422
    assert "Écrivez ce qui est dit." in empty.text
    assert "Par un formulaire." in client.get(address).text
