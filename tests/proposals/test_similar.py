"""Three near proposals are suggested before a new one, and nothing is ever merged by the program."""

import html

import pytest
from flask import Flask

from participation.extensions import db
from participation.proposals.models import Proposal
from participation.proposals.similar import SUGGESTED, similar
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body, make_proposal
from tests.support.filling import fields_of
from tests.support.town import Town

KNOWN = [
    "Installer des bancs à l'ombre sur la place",
    "Un passage piéton devant l'école des Tilleuls",
    "Éclairer le chemin du collège le soir",
    "Un jardin partagé derrière la maison de quartier",
    "Des poubelles de tri au pied des tours",
    "Un atelier de réparation de vélos",
    "Ouvrir la salle de sport le dimanche",
    "Des cours de français pour les adultes",
    "مقاعد في الحديقة للأطفال",
]
TWINS = [
    ("On voudrait plus de bancs, la place n'a pas d'ombre", 0),
    ("Sécuriser la traversée de la rue devant l'école", 1),
    ("Il faut de la lumière sur le chemin qui va au collège, on n'y voit rien le soir", 2),
    ("Créer un potager : un jardin pour tous près de la maison de quartier", 3),
    ("Trier les déchets : mettre des poubelles en bas des tours", 4),
    ("Réparer les vélos ensemble", 5),
    ("La salle de sport est fermée le dimanche", 6),
    ("Apprendre le français aux adultes", 7),
    ("أريد مقاعد للأطفال في الحديقة", 8),
]


@pytest.fixture
def known(app_context: Flask) -> list[Proposal]:
    body = make_body()
    made = [make_proposal(f"prop-{number}", title=title, body=body) for number, title in enumerate(KNOWN)]
    db.session.commit()
    return made


@pytest.mark.both_databases
def test_each_twin_is_among_the_three_suggested(known: list[Proposal]):
    for said, number in TWINS:
        found = [near.proposal for near in similar(db.session(), said)]
        assert known[number] in found, said
        assert len(found) <= SUGGESTED


def test_what_shares_no_word_is_not_suggested(known: list[Proposal]):
    for said in ("Une piscine", "", "le la les", "???", "\x00"):
        assert similar(db.session(), said) == []


def test_what_lives_on_elsewhere_or_is_itself_is_left_out(app_context: Flask):
    body = make_body()
    kept = make_proposal(title="Des bancs au parc", body=body)
    make_proposal(title="Des bancs au parc", body=body, steps=[{"kind": "regroupee", "to_proposal": kept}])
    make_proposal(title="Des bancs au parc", body=body, steps=[{"kind": "retiree"}])
    assert [near.proposal for near in similar(db.session(), "bancs parc")] == [kept]
    assert similar(db.session(), "bancs parc", leave_out=kept.id) == []


def test_its_cost_does_not_grow(app: Flask, known: list[Proposal]):
    def cost() -> int:
        with count_queries(app) as queries:
            similar(db.session(), TWINS[0][0])
        return queries.number

    few = cost()
    for number in range(300):
        make_proposal(title=f"Des bancs sur la place {number}", body=known[0].body)
    assert cost() == few <= 3


# The team's form


def start(client: CheckedClient, **values: object) -> dict[str, object]:
    """Return the fields of the form of a new proposal, filled."""
    page = client.get("/equipe/propositions/nouvelle", follow_redirects=True)
    filled = {"title": "Des bancs à l'ombre sur la place", "body": "commission-du-quai", "on_date": "12/03/2026"}
    return {**fields_of(page, "/equipe/propositions"), **filled, **values}


def test_the_team_sees_what_is_near_before_it_creates(as_admin: CheckedClient, town: Town):
    make_proposal("prop-0", title=KNOWN[0], body=town.commission)
    form = start(as_admin)
    page = as_admin.post("/equipe/propositions", data=form)
    assert page.status_code == 422
    text = html.unescape(page.text)
    assert KNOWN[0] in text
    assert "Créer quand même" in text
    assert "Erreur" not in text.split("<title>")[1].split("</title>")[0]
    assert "Des bancs à l'ombre sur la place" in text  # what was typed stays
    assert db.session.query(Proposal).count() == 1
    again = {**fields_of(page, "/equipe/propositions"), "valider": "quand-meme"}
    for _n in range(2):
        assert as_admin.post("/equipe/propositions", data=again).status_code == 303
    assert db.session.query(Proposal).count() == 2


def test_a_proposal_unlike_any_other_is_created_at_once(as_admin: CheckedClient, town: Town):
    make_proposal("prop-0", title=KNOWN[1], body=town.commission)
    assert as_admin.post("/equipe/propositions", data=start(as_admin, title="Une piscine")).status_code == 303
    assert as_admin.post("/equipe/propositions", data=start(as_admin, title="L'école du cirque")).status_code == 303


def test_faults_come_first(as_admin: CheckedClient, town: Town):
    make_proposal("prop-0", title=KNOWN[0], body=town.commission)
    page = as_admin.post("/equipe/propositions", data=start(as_admin, body=""))
    assert page.status_code == 422
    assert "Créer quand même" not in page.text
