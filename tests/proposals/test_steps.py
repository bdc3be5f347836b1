"""Adding a step: what each kind asks, dates, destinations, mergers, and what is kept of the form."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.proposals import rules, step_rules
from participation.proposals.forms import StepForm
from participation.proposals.models import Proposal, Step
from tests.proposals.test_machine import draft_of, proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_meeting, make_proposal
from tests.support.filling import fields_of, fill
from tests.support.town import Town

TODAY = dt.date(2026, 3, 20)


def add(client: CheckedClient, proposal: Proposal, kind: str, **values: Any) -> Any:
    path = f"/equipe/propositions/{proposal.ref}"
    return fill(client, f"{path}/etape?genre={kind}", f"{path}/etapes", **values)


def last_step(proposal: Proposal) -> Step:
    db.session.expire_all()
    return proposal.steps[-1]


def refuse(town: Town, proposal: Proposal, draft: step_rules.StepDraft, field: str | None, match: str) -> None:
    with pytest.raises(Refusal, match=match) as refused:
        step_rules.add_step(db.session(), proposal, draft, version=proposal.version, by=town.admin)
    assert refused.value.field == field


# What each kind asks


@pytest.mark.parametrize("kind", step_rules.ASKED)
def test_the_form_asks_exactly_what_the_kind_needs(as_admin: CheckedClient, town: Town, kind: str):
    before = next(state for state, after in rules.TRANSITIONS.items() if kind in after)
    proposal = proposal_in(before)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    given = fields_of(as_admin.get(f"{path}/etape?genre={kind}", follow_redirects=True), f"{path}/etapes")
    assert given.keys() == {*step_rules.ASKED[kind], "on_date", "genre", "version", "cle", "csrf_token"}
    assert set(step_rules.ASKED[kind]) <= set(StepForm.__dict__)


def test_a_transmission_says_to_whom_and_until_when(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission)
    assert add(as_admin, proposal, "transmise", to="i:conseil-du-sud", due_on="2026-06-30", meeting="cafe",
               body="commission-du-quai").status_code == 303  # fmt: skip
    step = last_step(proposal)
    assert (step.to_body, step.to_recipient, step.body) == (town.council, None, town.commission)
    assert (step.due_on, proposal.due_on, proposal.state) == (dt.date(2026, 6, 30), dt.date(2026, 6, 30), "transmise")
    assert (step.meeting, step.author, step.position) == (town.cafe, "Équipe du contrat", 2)
    assert add(as_admin, proposal, "transmise", to="d:elus-du-nord").status_code == 303
    assert last_step(proposal).to_recipient == town.elected
    assert proposal.due_on is None


@pytest.mark.parametrize("to", ["", "i:nulle-part", "d:conseil-du-sud", "conseil-du-sud", None])
def test_a_transmission_to_nobody_is_refused(as_admin: CheckedClient, town: Town, to: str | None):
    proposal = make_proposal(body=town.commission)
    assert add(as_admin, proposal, "transmise", to=to, due_on="2026-06-30").status_code == 422
    assert last_step(proposal).kind == "recueillie"


def test_a_transmission_goes_further_not_to_who_has_it_already(town: Town):
    proposal = make_proposal(body=town.commission, steps=[{"kind": "transmise", "to_body": town.council}])
    refuse(town, proposal, draft_of("transmise", to_body=town.council, to_recipient=None), "to", "déjà transmise")
    step_rules.add_step(db.session(), proposal, draft_of("ajournee"), version=1, by=town.admin)
    again = draft_of("transmise", to_body=town.council, to_recipient=None)
    step_rules.add_step(db.session(), proposal, again, version=proposal.version, by=town.admin)
    assert proposal.state == "transmise"


def test_a_closed_instance_receives_nothing(as_admin: CheckedClient, town: Town):
    closed = make_body("fermee", name="Instance fermée", closed_on=dt.date(2026, 1, 1))
    proposal = make_proposal(body=town.commission)
    refuse(town, proposal, draft_of("transmise", to_body=closed, to_recipient=None), "to", "fermée depuis")
    page = as_admin.get(f"/equipe/propositions/{proposal.ref}/etape?genre=transmise", follow_redirects=True)
    assert "Instance fermée" not in page.text


def test_a_decision_says_why_who_when_and_with_what(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    answer = add(
        as_admin, proposal, "retenue_en_partie", reason="Le budget est petit.", short_answer="Oui pour deux bancs.",
        owner="Service des espaces verts", due_on="01/09/2026", funding="budget_citoyen", amount="3 500,50 €",
        votes_for="12", votes_against="0", abstentions="", deliberation="2026-041", meeting="seance",
        body="conseil-du-sud",
    )  # fmt: skip
    assert answer.status_code == 303
    step = last_step(proposal)
    assert (step.votes_for, step.votes_against, step.abstentions) == (12, 0, None)
    assert (step.amount_cents, step.funding, step.deliberation) == (350050, "budget_citoyen", "2026-041")
    assert (step.owner, step.due_on) == ("Service des espaces verts", dt.date(2026, 9, 1))
    assert (step.meeting, step.body) == (town.session, town.council)
    assert proposal.due_on is None  # nothing is owed any more
    (entry,) = list_entries(db.session(), "proposal", proposal.ref)
    assert entry.sentence == "Étape « Retenue en partie » ajoutée, le 20 mars 2026."


@pytest.mark.parametrize(
    ("amount", "status"),
    [("12000", 303), ("12 000", 303), ("0", 303), ("", 303), ("beaucoup", 422), ("-5", 422), ("1e9", 422),
     ("9" * 20, 422), ("10,005", 422), ("10000000000", 422)],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(as_admin: CheckedClient, town: Town, amount: str, status: int):
    proposal = proposal_in("transmise")
    db.session.commit()
    answer = add(as_admin, proposal, "retenue", reason="Oui.", amount=amount)
    assert answer.status_code == status
    if status == 422:
        assert fields_of(answer, f"/equipe/propositions/{proposal.ref}/etapes")["amount"] == [amount]


def test_what_a_kind_does_not_ask_is_not_taken(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission)
    assert add(as_admin, proposal, "etude", funding="ftu", votes_for="3", to="d:elus-du-nord").status_code == 303
    step = last_step(proposal)
    assert (step.funding, step.votes_for, step.to_recipient) == (None, None, None)


# Dates


def test_a_step_is_dated_between_the_last_one_and_today(town: Town):
    proposal = make_proposal(body=town.commission, received_on=dt.date(2026, 3, 12))
    refuse(town, proposal, draft_of("etude", on_date=dt.date(2026, 3, 21)), "on_date", "pas encore arrivée")
    refuse(town, proposal, draft_of("etude", on_date=dt.date(2026, 3, 11)), "on_date", "le 12 mars 2026")
    step_rules.add_step(
        db.session(), proposal, draft_of("etude", on_date=dt.date(2026, 3, 12)), version=1, by=town.admin
    )


def test_a_step_is_not_dated_before_a_voided_one_either(town: Town):
    voided = {"kind": "etude", "on_date": dt.date(2026, 3, 18), "voided_on": dt.date(2026, 3, 19)}
    proposal = make_proposal(body=town.commission, steps=[voided])
    refuse(town, proposal, draft_of("etude", on_date=dt.date(2026, 3, 17)), "on_date", "le 18 mars 2026")


def test_a_step_does_not_come_before_its_meeting_nor_of_a_cancelled_one(town: Town):
    proposal = make_proposal(body=town.commission)
    early = draft_of("etude", on_date=dt.date(2026, 3, 17), meeting=town.session)
    refuse(town, proposal, early, "on_date", "le 18 mars 2026")
    cancelled = make_meeting(bodies=[town.commission], status="annulee")
    refuse(town, proposal, draft_of("etude", meeting=cancelled), "meeting", "annulée")


def test_an_answer_is_not_expected_before_the_step(town: Town):
    proposal = make_proposal(body=town.commission)
    refuse(town, proposal, draft_of("transmise", due_on=dt.date(2026, 3, 19)), "due_on", "avant l'étape")
    step_rules.add_step(db.session(), proposal, draft_of("transmise", due_on=TODAY), version=1, by=town.admin)


def test_the_form_starts_with_the_day_and_the_meeting_that_the_address_names(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission)
    path = f"/equipe/propositions/{proposal.ref}"
    page = as_admin.get(f"{path}/etape?genre=etude&rencontre=seance", follow_redirects=True)
    given = fields_of(page, f"{path}/etapes")
    assert (given["on_date"], given["meeting"], given["body"]) == (["2026-03-18"], ["seance"], ["commission-du-quai"])


# Mergers


def test_a_proposal_is_merged_into_one_that_was_searched_for(as_admin: CheckedClient, town: Town):
    proposal = make_proposal("prop-1", body=town.commission)
    other = make_proposal("prop-2", title="Éclairage de la place", body=town.commission)
    make_proposal("prop-3", title="Un marché le samedi")
    found = as_admin.get(
        "/equipe/propositions/prop-1/etape?genre=regroupee&q=éclairage place", follow_redirects=True
    ).text
    assert "vers=prop-2" in found
    assert "vers=prop-3" not in found
    assert "vers=prop-1" not in found
    page = as_admin.get("/equipe/propositions/prop-1/etape?genre=regroupee&vers=prop-2", follow_redirects=True)
    assert fields_of(page, "/equipe/propositions/prop-1/etapes")["to_proposal"] == ["prop-2"]
    assert add(as_admin, proposal, "regroupee", to_proposal="prop-2").status_code == 303
    assert last_step(proposal).to_proposal == other
    (entry,) = list_entries(db.session(), "proposal", "prop-2")
    assert entry.sentence == "La proposition prop-1 est regroupée avec celle-ci."
    assert proposal.state == "regroupee"
    public = as_admin.get("/propositions/prop-1", follow_redirects=True).text
    assert '<a href="/propositions/prop-2"><bdi>Éclairage de la place</bdi></a>' in public
    public = as_admin.get("/propositions/prop-2", follow_redirects=True).text
    assert "Propositions regroupées avec celle-ci" in public
    assert 'href="/propositions/prop-1"' in public


@pytest.mark.parametrize("to", ["prop-1", "nulle-part", "", "prop-2-ou-son-adresse", "/propositions/prop-2-un-titre"])
def test_only_another_proposal_that_exists_takes_one_in(as_admin: CheckedClient, town: Town, to: str):
    proposal = make_proposal("prop-1", body=town.commission)
    make_proposal("prop-2")
    answer = add(as_admin, proposal, "regroupee", to_proposal=to)
    assert answer.status_code == (303 if "prop-2" in to else 422)
    assert last_step(proposal).kind == ("regroupee" if "prop-2" in to else "recueillie")


def test_mergers_make_no_circle(town: Town):
    third = make_proposal("prop-3", body=town.commission)
    second = make_proposal("prop-2", steps=[{"kind": "regroupee", "to_proposal": third}])
    first = make_proposal("prop-1", steps=[{"kind": "regroupee", "to_proposal": second}])
    for other in (first, second, third):
        refuse(town, third, draft_of("regroupee", to_proposal=other), "to_proposal", "elle-même")
    assert step_rules.merged_after(db.session(), first.id) == [second.id, third.id]


def test_a_voided_merger_leads_nowhere(town: Town):
    third = make_proposal("prop-3", body=town.commission)
    voided = {"kind": "regroupee", "to_proposal": third, "voided_on": TODAY}
    second = make_proposal("prop-2", steps=[voided])
    step_rules.add_step(db.session(), third, draft_of("regroupee", to_proposal=second), version=1, by=town.admin)
    assert step_rules.merged_after(db.session(), second.id) == []
    assert step_rules.merged_after(db.session(), third.id) == [second.id]


def test_a_proposal_is_not_merged_into_one_that_is_gone(town: Town):
    proposal = make_proposal(body=town.commission)
    for gone in (proposal_in("regroupee"), proposal_in("retiree")):
        refuse(town, proposal, draft_of("regroupee", to_proposal=gone), "to_proposal", "elle-même «")


# Versions


def test_a_step_on_a_proposal_that_has_changed_is_a_conflict(town: Town):
    proposal = make_proposal(body=town.commission)
    with pytest.raises(Conflict):
        step_rules.add_step(db.session(), proposal, draft_of("etude"), version=proposal.version + 1, by=town.admin)


def test_each_step_makes_a_new_version_even_on_one_day(town: Town):
    proposal = proposal_in("retenue")
    db.session.commit()
    for _n in range(3):
        before = proposal.version
        step_rules.add_step(db.session(), proposal, draft_of("en_cours"), version=before, by=town.admin)
        db.session.commit()
        assert proposal.version == before + 1
    assert [step.position for step in proposal.steps] == [1, 2, 3, 4, 5, 6]


def test_what_a_proposal_repeats_of_its_steps_is_kept_in_step(town: Town):
    proposal = make_proposal(body=town.commission, received_on=dt.date(2026, 3, 10))
    due = draft_of("transmise", on_date=dt.date(2026, 3, 14), due_on=dt.date(2026, 5, 1))
    step_rules.add_step(db.session(), proposal, due, version=1, by=town.admin)
    assert [step.superseded_on for step in proposal.steps] == [dt.date(2026, 3, 14), None]
    assert (proposal.state_on, proposal.due_on) == (dt.date(2026, 3, 14), dt.date(2026, 5, 1))


def test_a_filled_proposal_stays_one_row_in_the_database(town: Town):
    proposal = proposal_in("realisee")
    refuse(town, proposal, draft_of("en_cours"), None, "aucune étape ne peut suivre")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Step)) == 4
