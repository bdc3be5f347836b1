"""From what was recorded live to published minutes: the draft, the words to mask, the five checks."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from participation import clock
from participation.extensions import db
from participation.meetings.models import Decision, Meeting
from participation.minutes.models import CHECKS
from participation.opinions.models import Opinion
from participation.opinions.translations import translate
from tests.support import factory
from tests.support.filling import fields_of

CHECKS_PAGE = "/equipe/rencontres/cafe/avant-de-publier"


@pytest.fixture
def animator(client: FlaskClient, app_context: Flask) -> FlaskClient:
    """An animator of a meeting of today."""
    factory.make_contract()
    quartier = factory.make_quartier("les-essais", [factory.make_commune(name="Arras")])
    factory.make_theme("proprete", name="Propreté")
    body = factory.make_body("commission", quartiers=[quartier])
    factory.make_meeting("cafe", [body], held_on=clock.today(), quartiers=[quartier], status="prevue")
    factory.sign_in(client, factory.make_account("animateur", ("instance", "commission")))
    db.session.commit()
    return client


def _record(client: FlaskClient, *events: tuple[str, dict[str, Any]]) -> list[str]:
    numbers = []
    for number, (kind, data) in enumerate(events, 1):
        event = {
            "id": str(uuid.uuid4()),
            "appareil": str(uuid.UUID(int=7)),
            "numero": number,
            "genre": kind,
            "quand": (dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=number)).isoformat(),
            "donnees": {name: numbers[value] if isinstance(value, int) and name in ("avis", "proposition", "point")
                        else value for name, value in data.items()},
        }  # fmt: skip
        answer = client.post(
            "/equipe/rencontres/cafe/en-direct/evenements",
            json={"evenements": [event]},
            headers={"X-Appareil": "essai"},
        )
        assert answer.get_json()["recus"] == [event["id"]], answer.text
        numbers.append(event["id"])
    return numbers


def _post(client: FlaskClient, page: str, to: str, **fields: Any) -> Any:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert token
    return client.post(to, data={**fields, "csrf_token": token[1]})


def _meeting() -> Meeting:
    db.session.expire_all()
    return db.session.scalars(sa.select(Meeting)).one()


def test_the_draft_says_what_was_recorded_in_its_order(animator: FlaskClient) -> None:
    _record(
        animator,
        ("arrivee", {"tranche": "26_39", "n": 18}),
        ("point_ajoute", {"titre": "Le square"}),
        ("point", {"point": 1}),
        ("note", {"point": 1, "texte": "On parle des bancs."}),
        ("avis", {"texte": "Il faudrait\ndes bancs.", "theme": "proprete", "point": 1}),
        ("proposition", {"avis": 4, "titre": "Poser des bancs"}),
        ("mains", {"proposition": 5, "n": 7}),
        ("avis", {"texte": "# Sans point"}),
        ("decision", {"texte": "Inviter le bailleur", "responsable": "l'animatrice", "reponse_de": "le bailleur"}),
        ("termine", {}),
    )
    page = "/equipe/rencontres/cafe"
    assert _post(animator, page, f"{page}/brouillon").status_code == 303
    text = _meeting().minutes or ""
    told = [
        "18 habitants", "## Le square", "On parle des bancs.", "### Propreté", "« Il faudrait des bancs. »",
        "Proposition : Poser des bancs (7 mains levées)", "## Avis", "« \\# Sans point »", "## Décisions",
        "Inviter le bailleur (par l'animatrice, réponse attendue de le bailleur)",
    ]  # fmt: skip
    places = [text.find(part) for part in told]
    assert -1 not in places, (told[places.index(-1)], text)
    assert places == sorted(places)
    _post(animator, page, f"{page}/brouillon")
    assert _meeting().minutes == text, "what is written is never replaced"


def test_the_draft_gives_the_translation_under_the_original(animator: FlaskClient) -> None:
    _record(
        animator,
        ("avis", {"texte": "نريد حديقة", "langue": "ar"}),
        ("proposition", {"avis": 0, "titre": "Un jardin"}),
        ("avis", {"texte": "Des bancs."}),
        ("termine", {}),
    )
    said = db.session.scalars(sa.select(Opinion).where(Opinion.language == "ar")).one()
    translate(db.session(), said, "fr", "Nous voulons un jardin.", by=None)
    db.session.commit()
    page = "/equipe/rencontres/cafe"
    _post(animator, page, f"{page}/brouillon")
    lines = (_meeting().minutes or "").splitlines()
    at = lines.index("- « نريد حديقة »")
    assert lines[at + 1 : at + 4] == [
        "  - Traduction (Français) : « Nous voulons un jardin. »",
        "  - Proposition : Un jardin",
        "- « Des bancs. »",
    ]


def test_publishing_waits_for_a_decision_on_each_name(animator: FlaskClient) -> None:
    meeting = _meeting()
    meeting.status, meeting.minutes = "tenue", "Il faut demander à Mme Lefebvre, au 06 12 34 56 78, à Arras."
    meeting.decisions.append(Decision(ref="dec", text="Appeler Karim Benali"))
    db.session.commit()
    publish = "/equipe/rencontres/cafe/publier"

    def try_to_publish() -> int:
        return animator.post(publish, data=fields_of(animator.get(publish), publish)).status_code

    assert try_to_publish() == 422
    page = animator.get(CHECKS_PAGE).text
    keys = dict(
        zip(
            re.findall(r"<mark><bdi>([^<]+)</bdi></mark>", page),
            re.findall(r'name="(nom\w+)" value="masquer"', page),
            strict=True,
        )
    )
    assert set(keys) == {"Mme Lefebvre", "06 12 34 56 78", "Karim Benali"}
    assert _post(animator, CHECKS_PAGE, CHECKS_PAGE, fait="noms").status_code == 422
    choices = {keys["Mme Lefebvre"]: "masquer", keys["06 12 34 56 78"]: "masquer"}
    _post(animator, CHECKS_PAGE, CHECKS_PAGE, **choices)
    assert _meeting().minutes == "Il faut demander à [masqué], au [masqué], à Arras."
    assert try_to_publish() == 422, "one is left"
    _post(animator, CHECKS_PAGE, CHECKS_PAGE, **{keys["Karim Benali"]: "garder"})
    assert try_to_publish() == 422, "no check is declared"
    _post(animator, CHECKS_PAGE, CHECKS_PAGE, fait=list(CHECKS))
    assert try_to_publish() == 303
    assert _meeting().decisions[0].text == "Appeler Karim Benali"


def test_the_five_checks_are_declared_by_a_person(animator: FlaskClient) -> None:
    meeting = _meeting()
    meeting.status, meeting.minutes = "tenue", "On a parlé des bancs."
    db.session.commit()
    answer = _post(animator, CHECKS_PAGE, CHECKS_PAGE, fait=["presents", "groupe"])
    assert answer.location.endswith(CHECKS_PAGE)
    page = animator.get(CHECKS_PAGE).text
    assert re.findall(r'value="(\w+)" checked', page) == ["presents", "groupe"]
    publish = "/equipe/rencontres/cafe/publier"
    read = animator.get(publish)
    assert "Faire d'abord les cinq vérifications" in read.text
    answer = animator.post(publish, data=fields_of(read, publish))
    assert (answer.status_code, "Il reste 3 vérifications à faire avant de publier." in answer.text) == (422, True)
    answer = _post(animator, CHECKS_PAGE, CHECKS_PAGE, fait=list(CHECKS))
    assert answer.location.endswith("/publier")
