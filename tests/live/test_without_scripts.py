"""A meeting by the plain forms alone, online: every kind of event, each once however often it is sent."""

import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from PIL import Image

from participation.extensions import db
from participation.live.events import KINDS
from participation.live.models import AgendaItem, LiveEvent, MeetingPhoto, ShowOfHands
from participation.meetings.models import Decision, Meeting
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal
from tests.live.device import Device
from tests.support.html import Page

pytestmark = pytest.mark.usefixtures("app_context")
SCREEN = "/equipe/rencontres/cafe/en-direct"
KIOSK_KINDS = {"habitant"}
"""Without scripts the kiosk leads to residents' own pages (test_kiosk.py)."""


class Forms:
    """A browser without scripts on the live screen: it sends the forms that the page shows, each one twice."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def send(self, kind: str, within: str = "", **typed: Any) -> None:
        """Send the first form of this kind that has `within`, with what is typed and the button that is pressed."""
        text = self.client.get(SCREEN).text
        fields = self._fields(text, kind, within)
        for _time in range(2):
            sent = {name: io.BytesIO(value) if isinstance(value, bytes) else value for name, value in typed.items()}
            photo = sent.pop("photo", None)
            data = {**fields, **sent, **({"photo": (photo, "tableau.jpg")} if photo else {})}
            answer = self.client.post(f"{SCREEN}/ajout", data=data)
            assert answer.status_code == 303, answer.text
            assert answer.headers["Location"].partition("#")[0] == SCREEN

    def _fields(self, text: str, kind: str, within: str) -> dict[str, str]:
        shown = re.sub(r"<template.*?</template>", "", text, flags=re.DOTALL)
        forms = re.findall(rf'<form [^>]*data-evenement="{kind}".*?</form>', shown, flags=re.DOTALL)
        form = next(form for form in forms if within in form)
        hidden = (field for field in Page(form).find_all("input") if field.get("type") == "hidden")
        return {field.get("name"): field.get("value") for field in hidden}


def _picture() -> bytes:
    picture = io.BytesIO()
    Image.effect_noise((300, 200), 40).convert("RGB").save(picture, "JPEG")
    return picture.getvalue()


def test_a_whole_meeting_by_plain_forms(recorder: Device) -> None:
    forms = Forms(recorder.client)
    forms.send("commence")
    forms.send("arrivee", tranche="26_39")
    forms.send("arrivee", "inconnue", n="17")
    forms.send("annule")  # the last arrival
    forms.send("arrivee", "inconnue", n="15")
    forms.send("compte", 'value="women"', n="1")
    forms.send("institution", nom="Bailleur d'essai")
    forms.send("point_ajoute", titre="Le square")
    forms.send("point")
    forms.send("note", texte="On parle des bancs.")
    forms.send("avis", texte="Il faudrait un banc.", theme="proprete", langue="fr", carte="12")
    forms.send("avis_change", texte="Il faudrait des bancs.")
    forms.send("proposition", titre="Poser des bancs")
    forms.send("mains", n="7")
    forms.send("decision", texte="Inviter le bailleur", responsable="l'animatrice", reponse_de="le bailleur")
    forms.send("photo", photo=_picture(), description="Le tableau")
    forms.send("termine")

    session = db.session
    assert set(session.scalars(sa.select(LiveEvent.kind))) == KINDS.keys() - KIOSK_KINDS, "every kind of event"
    meeting = session.scalars(sa.select(Meeting)).one()
    assert (meeting.status, meeting.residents, meeting.women, meeting.under_26) == ("tenue", 16, 1, None)
    assert [row.name for row in meeting.institutions] == ["Bailleur d'essai"]
    item = session.scalars(sa.select(AgendaItem)).one()
    assert (item.title, item.notes, item.started_at is not None) == ("Le square", "On parle des bancs.", True)
    opinion = session.scalars(sa.select(Opinion)).one()
    assert (opinion.text, opinion.language) == ("Il faudrait des bancs.", "fr")
    assert opinion.theme
    assert session.scalars(sa.select(Proposal.title)).one() == "Poser des bancs"
    assert session.scalars(sa.select(ShowOfHands.hands)).one() == 7
    decision = session.scalars(sa.select(Decision)).one()
    assert (decision.text, decision.owner, decision.answer_from) == (
        "Inviter le bailleur", "l'animatrice", "le bailleur",
    )  # fmt: skip
    assert session.scalars(sa.select(MeetingPhoto.description)).one() == "Le tableau"
    page = recorder.client.get(SCREEN).text
    assert "La rencontre est terminée." in page
    told = recorder.client.get("/equipe/rencontres/cafe/compte-rendu").text
    assert "Il faudrait des bancs." in told, "the minutes are drafted"
