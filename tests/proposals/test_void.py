"""Voiding a mistaken step: it keeps its place and number, and what remains is a path."""

import datetime as dt

import pytest

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.proposals import step_rules
from participation.proposals.models import Proposal
from tests.proposals.test_machine import draft_of, proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.filling import fields_of, fill
from tests.support.town import TODAY, Town


def void(town: Town, proposal: Proposal, number: int, reason: str | None = "Erreur de date.") -> bool:
    step = proposal.steps[number - 1]
    return step_rules.void_step(db.session(), proposal, step, reason, version=proposal.version, by=town.admin)


def test_the_last_step_is_voided_and_stays_visible(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("retenue", title="Un banc")
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    answer = fill(as_admin, f"{path}/etapes/3/annuler", f"{path}/etapes/3/annulation", reason="Ce n'était pas voté.")
    assert answer.status_code == 303
    db.session.expire_all()
    assert [(step.position, step.kind, step.voided_on) for step in proposal.steps] == [
        (1, "recueillie", None),
        (2, "transmise", None),
        (3, "retenue", TODAY),
    ]
    assert (proposal.state, proposal.steps[1].superseded_on) == ("transmise", None)
    public = as_admin.get(f"/propositions/{proposal.ref}", follow_redirects=True).text
    assert 'class="step-voided"' in public
    assert "Étape annulée le 20 mars 2026 :" in public
    assert "Ce n&#39;était pas voté." in public
    assert "La réponse</h2>" not in public
    (entry,) = list_entries(db.session(), "proposal", proposal.ref)
    assert entry.sentence == "Étape 3 (« Retenue ») annulée, avec un motif."


def test_the_next_step_takes_the_next_number(town: Town):
    proposal = proposal_in("retenue")
    void(town, proposal, 3)
    step = step_rules.add_step(db.session(), proposal, draft_of("non_retenue"), version=proposal.version, by=town.admin)
    assert (step.position, proposal.state) == (4, "non_retenue")


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_a_step_is_not_voided_without_a_reason(as_admin: CheckedClient, town: Town, reason: str | None):
    proposal = proposal_in("retenue")
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    answer = fill(as_admin, f"{path}/etapes/3/annuler", f"{path}/etapes/3/annulation", reason=reason)
    assert answer.status_code == 422
    assert "Dites pourquoi cette étape est annulée" in answer.text
    if not (reason or "").strip():
        with pytest.raises(Refusal):
            void(town, proposal, 3, (reason or "").strip() or None)


@pytest.mark.parametrize(
    ("state", "number", "broken", "last"),
    [
        ("realisee", 2, "l'étape 3 (« Retenue »)", "l'étape 4 (« Réalisée »)"),
        ("realisee", 3, "l'étape 4 (« Réalisée »)", "l'étape 4 (« Réalisée »)"),
        ("realisee", 1, "l'étape 2 (« Transmise »)", "l'étape 4 (« Réalisée »)"),
        ("en_cours", 3, "l'étape 4 (« En cours »)", "l'étape 4 (« En cours »)"),
    ],
)
def test_a_step_that_others_stand_on_is_refused_naming_which_to_void_first(
    as_admin: CheckedClient, town: Town, state: str, number: int, broken: str, last: str
):
    proposal = proposal_in(state)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}/etapes/{number}"
    answer = fill(as_admin, f"{path}/annuler", f"{path}/annulation", reason="Une erreur.")
    assert answer.status_code == 422
    sentence = f"Sans elle, {broken} ne tient plus. Annulez d'abord {last}."
    assert sentence.replace("'", "&#39;") in answer.text
    assert fields_of(answer, f"{path}/annulation")["reason"] == ["Une erreur."]
    db.session.expire_all()
    assert proposal.state == state


def test_a_step_in_the_middle_is_voided_where_what_remains_is_a_path(town: Town):
    proposal = proposal_in("retenue", ref="prop-etude")
    proposal = proposal_in("etude")
    step_rules.add_step(db.session(), proposal, draft_of("transmise"), version=proposal.version, by=town.admin)
    assert void(town, proposal, 2)
    assert (proposal.state, proposal.steps[0].superseded_on) == ("transmise", dt.date(2026, 3, 20))


def test_the_only_step_is_never_voided(town: Town):
    proposal = proposal_in("recueillie")
    with pytest.raises(Refusal, match="seule étape"):
        void(town, proposal, 1)


def test_voiding_again_changes_nothing(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("retenue")
    void(town, proposal, 3)
    db.session.commit()
    version = proposal.version
    assert not void(town, proposal, 3, "Une autre raison.")
    path = f"/equipe/propositions/{proposal.ref}/etapes/3"
    assert fill(as_admin, f"{path}/annuler", f"{path}/annulation", reason="Encore.").status_code == 303
    db.session.expire_all()
    assert (proposal.version, proposal.steps[2].voided_reason) == (version, "Erreur de date.")


def test_voiding_on_a_proposal_that_has_changed_is_a_conflict(town: Town):
    proposal = proposal_in("retenue")
    with pytest.raises(Conflict):
        step_rules.void_step(db.session(), proposal, proposal.steps[2], "Erreur.", version=99, by=town.admin)


def test_the_voided_transmission_owes_no_answer(town: Town):
    proposal = proposal_in("recueillie")
    draft = draft_of("transmise", due_on=dt.date(2026, 4, 1))
    step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
    void(town, proposal, 2)
    assert (proposal.state, proposal.due_on) == ("recueillie", None)


def test_a_step_that_does_not_exist_is_not_found(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("retenue")
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}/etapes"
    for page in (f"{path}/9/annuler", f"{path}/9/restituer", f"{path}/1/restituer"):
        assert as_admin.get(page).status_code == 404
