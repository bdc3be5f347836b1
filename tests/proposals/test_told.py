"""Told back: when, and at which meeting, residents were given an answer."""

import datetime as dt

import pytest

from participation.errors import Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.proposals import step_rules
from participation.proposals.models import DECISIONS
from tests.proposals.test_machine import proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_meeting
from tests.support.filling import fill
from tests.support.town import Town


@pytest.mark.parametrize("kind", DECISIONS)
def test_an_answer_is_told_back_at_a_meeting(as_admin: CheckedClient, town: Town, kind: str):
    proposal = proposal_in(kind)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    assert "n'a pas encore été donnée" in as_admin.get(path).text
    answer = fill(as_admin, f"{path}/etapes/3/restituer?rencontre=seance", f"{path}/etapes/3/restitution")
    assert answer.status_code == 303
    db.session.expire_all()
    step = proposal.steps[2]
    assert (step.told_on, step.told_meeting) == (dt.date(2026, 3, 18), town.session)  # the meeting's own day
    assert proposal.version == 2
    public = as_admin.get(f"/propositions/{proposal.ref}", follow_redirects=True).text
    assert "Réponse donnée aux habitants le 18 mars 2026." in public
    assert 'href="/rencontres/seance"' in public
    assert "réponse donnée aux habitants" in as_admin.get("/rencontres/seance").text
    assert "n'a pas encore été donnée" not in as_admin.get(path).text
    (entry,) = list_entries(db.session(), "proposal", proposal.ref)
    assert entry.sentence == "Réponse donnée aux habitants le 18 mars 2026."


def test_an_answer_is_told_back_by_mail_without_a_meeting(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("non_retenue")
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}/etapes/3"
    assert fill(as_admin, f"{path}/restituer", f"{path}/restitution", told_on="2026-03-19").status_code == 303
    db.session.expire_all()
    assert (proposal.steps[2].told_on, proposal.steps[2].told_meeting) == (dt.date(2026, 3, 19), None)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Indiquez quand la réponse a été donnée"),
        ({"told_on": "2026-03-12"}, "La réponse date du 13 mars 2026"),
        ({"told_on": "2026-03-21"}, "pas encore arrivée"),
        ({"told_on": "2026-03-15", "meeting": "seance"}, "La rencontre a lieu le 18 mars 2026"),
        ({"told_on": "bientôt"}, "Cette date n&#39;existe pas"),
    ],
)
def test_it_is_told_between_the_answer_and_today(
    as_admin: CheckedClient, town: Town, values: dict[str, str], sentence: str
):
    proposal = proposal_in("retenue")
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}/etapes/3"
    answer = fill(as_admin, f"{path}/restituer", f"{path}/restitution", **values)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_nothing_is_told_at_a_cancelled_meeting(town: Town):
    proposal = proposal_in("retenue")
    cancelled = make_meeting(bodies=[town.commission], status="annulee", held_on=dt.date(2026, 3, 19))
    with pytest.raises(Refusal, match="annulée"):
        step_rules.tell(db.session(), proposal, proposal.steps[2], None, cancelled, by=town.admin)


def test_only_a_decision_that_holds_is_told(town: Town):
    proposal = proposal_in("ajournee")
    with pytest.raises(Refusal):
        step_rules.tell(db.session(), proposal, proposal.steps[2], dt.date(2026, 3, 20), None, by=town.admin)


def test_a_note_made_by_mistake_is_taken_back(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("retenue")
    step_rules.tell(db.session(), proposal, proposal.steps[2], dt.date(2026, 3, 20), None, by=town.admin)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}/etapes/3"
    assert fill(as_admin, f"{path}/restituer", f"{path}/restitution", faire="retirer").status_code == 303
    db.session.expire_all()
    assert proposal.steps[2].told_on is None
    assert [entry.action for entry in list_entries(db.session(), "proposal", proposal.ref)] == [
        "proposal.told",
        "proposal.untold",
    ]
    assert not step_rules.untell(db.session(), proposal, proposal.steps[2], by=town.admin)


def test_telling_the_same_again_changes_nothing(town: Town):
    proposal = proposal_in("retenue")
    day = dt.date(2026, 3, 20)
    assert step_rules.tell(db.session(), proposal, proposal.steps[2], day, None, by=town.admin)
    db.session.commit()
    assert not step_rules.tell(db.session(), proposal, proposal.steps[2], day, None, by=town.admin)
    assert len(list_entries(db.session(), "proposal", proposal.ref)) == 1
