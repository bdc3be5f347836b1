"""Who may do what with proposals: roles, scopes, and what an élu and an animator may do that the other may not."""

import datetime as dt
from collections.abc import Callable

import pytest

from participation.errors import Refusal
from participation.extensions import db
from participation.people.models import Account
from participation.proposals import step_rules
from participation.proposals.models import OUTCOMES, Proposal
from tests.proposals.test_machine import draft_of, proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_body, make_meeting, make_proposal
from tests.support.filling import fields_of, fill
from tests.support.town import Town

Enter = Callable[[Account], CheckedClient]

OF_ONE = ["", "/modifier", "/avis", "/etape", "/etape?genre=retenue", "/etapes/3/annuler", "/etapes/3/restituer"]
POSTED = ["", "/avis", "/avis/avis-1/detacher", "/etapes", "/etapes/3/annulation", "/etapes/3/restitution"]
LISTS = ["/equipe/propositions", "/equipe/suites", "/equipe/propositions/nouvelle"]


@pytest.fixture
def proposal(town: Town) -> Proposal:
    """Carried by the commission, answered."""
    proposal = proposal_in("retenue", ref="prop-1", body=town.commission)
    db.session.commit()
    return proposal


def test_stranger_is_sent_to_sign_in(client: CheckedClient, proposal: Proposal):
    for page in [*LISTS, *(f"/equipe/propositions/prop-1{page}" for page in OF_ONE)]:
        answer = client.get(page)
        assert answer.status_code == 303, page
        assert answer.location.startswith("/equipe/connexion"), page


@pytest.mark.parametrize(
    ("role", "scopes"),
    [
        ("animateur", [("instance", "conseil-du-sud")]),
        ("animateur", [("commune", "sud")]),
        ("animateur", [("quartier", "la-colline")]),
        ("animateur", []),
        ("representant", [("instance", "conseil-du-sud")]),
        ("elu", [("commune", "sud")]),
        ("elu", []),
    ],
)
def test_foreigner_finds_nothing(
    client: CheckedClient, enter: Enter, proposal: Proposal, role: str, scopes: list[tuple[str, str]]
):
    token = fields_of(client.get("/equipe/connexion"))["csrf_token"]
    foreigner = enter(make_account(role, *scopes))
    for page in OF_ONE:
        assert foreigner.get(f"/equipe/propositions/prop-1{page}").status_code == 404, page
    for page in POSTED:
        answer = foreigner.post(f"/equipe/propositions/prop-1{page}", data={"csrf_token": token})
        assert answer.status_code in {404, 409}, page  # 409: the token is another browser's
    db.session.expire_all()
    assert (proposal.state, proposal.version) == ("retenue", 1)


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("admin", "200 200 200 200 200 200"),
        ("chef_projet", "200 200 200 200 200 200"),
        ("animateur", "200 200 200 200 200 200"),
        ("representant", "200 200 200 200 404 404"),
        ("elu", "200 404 404 200 404 200"),
    ],
)
def test_each_role_finds_its_own_pages(enter: Enter, proposal: Proposal, role: str, statuses: str):
    who = enter(make_account(role, ("instance", "commission-du-quai")))
    pages = ["", "/modifier", "/avis", "/etape", "/etapes/3/annuler", "/etapes/3/restituer"]
    found = [who.get(f"/equipe/propositions/prop-1{page}", follow_redirects=True).status_code for page in pages]
    assert " ".join(str(status) for status in found) == statuses


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("admin", "transmise ajournee retenue retenue_en_partie non_retenue regroupee retiree"),
        ("elu", "ajournee retenue retenue_en_partie non_retenue"),
        ("animateur", "transmise ajournee retenue retenue_en_partie non_retenue regroupee retiree"),
        ("representant", "transmise regroupee retiree"),
    ],
)
def test_each_role_is_offered_its_own_steps(town: Town, role: str, allowed: str):
    proposal = proposal_in("transmise", body=town.commission)
    account = make_account(role, ("instance", "commission-du-quai"))
    assert set(step_rules.possible_kinds(proposal, account)) == set(allowed.split())


def decide(client: CheckedClient, proposal: Proposal, **values: str) -> int:
    path = f"/equipe/propositions/{proposal.ref}"
    answer = fill(client, f"{path}/etape?genre=retenue", f"{path}/etapes", reason="Oui.", **values)
    return answer.status_code


def test_elu_decides_in_scope_with_or_without_a_meeting(enter: Enter, town: Town):
    elu = enter(town.elu)
    assert decide(elu, proposal_in("transmise", body=town.commission)) == 303
    assert decide(elu, proposal_in("transmise", body=town.commission), meeting="seance") == 303


def test_animator_decides_only_at_a_meeting_in_scope(as_animator: CheckedClient, town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    assert decide(as_animator, proposal) == 422
    assert decide(as_animator, proposal, meeting="seance") == 422  # the council's, not the commission's
    db.session.expire_all()
    assert proposal.state == "transmise"
    assert decide(as_animator, proposal, meeting="cafe", on_date="2026-03-13") == 303
    db.session.expire_all()
    assert (proposal.state, proposal.steps[-1].meeting) == ("retenue", town.cafe)


def test_the_refusal_tells_the_animator_what_to_do(as_animator: CheckedClient, town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    answer = fill(
        as_animator, f"{path}/etape?genre=non_retenue", f"{path}/etapes", reason="Trop cher pour cette année."
    )
    assert answer.status_code == 422
    assert "Choisissez la rencontre où c&#39;est décidé" in answer.text
    assert fields_of(answer, f"{path}/etapes")["reason"] == ["Trop cher pour cette année."]


def test_animator_of_the_body_that_received_it_notes_what_its_meeting_decides(enter: Enter, town: Town):
    sent = {"kind": "transmise", "to_body": town.council, "on_date": dt.date(2026, 3, 13)}
    proposal = make_proposal(body=town.commission, steps=[sent])
    receiver = enter(make_account("animateur", ("instance", "conseil-du-sud")))
    path = f"/equipe/propositions/{proposal.ref}"
    assert receiver.get(path).status_code == 200
    assert receiver.get(f"{path}/modifier").status_code == 404  # the commission's own words
    assert decide(receiver, proposal, meeting="seance") == 303
    db.session.expire_all()
    assert proposal.state == "retenue"


def test_a_voided_transmission_gives_no_right(enter: Enter, town: Town):
    voided = {"kind": "transmise", "to_body": town.council, "voided_on": dt.date(2026, 3, 15)}
    proposal = make_proposal(body=town.commission, steps=[voided])
    receiver = enter(make_account("animateur", ("instance", "conseil-du-sud")))
    assert receiver.get(f"/equipe/propositions/{proposal.ref}").status_code == 404


@pytest.mark.parametrize("kind", ["etude", "transmise", "retiree"])
def test_elu_cannot_examine_transmit_or_withdraw(enter: Enter, town: Town, kind: str):
    elu = enter(town.elu)
    proposal = make_proposal(body=town.commission)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    assert elu.get(f"{path}/etape?genre={kind}").status_code == 404
    assert not step_rules.may_record(kind, proposal, town.cafe, town.elu)


@pytest.mark.parametrize("kind", OUTCOMES)
def test_representative_cannot_decide(town: Town, kind: str):
    assert not step_rules.may_record(kind, make_proposal(body=town.commission), town.cafe, town.representative)


def test_a_step_sent_without_the_right_is_refused_by_the_rules_too(enter: Enter, town: Town):
    representative = enter(town.representative)
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    path = f"/equipe/propositions/{proposal.ref}"
    page = representative.get(f"{path}/etape?genre=transmise", follow_redirects=True)
    given = fields_of(page, f"{path}/etapes") | {"genre": "retenue", "reason": "Oui.", "meeting": "cafe", "funding": ""}
    assert representative.post(f"{path}/etapes", data=given).status_code == 422
    db.session.expire_all()
    assert proposal.state == "transmise"


def test_any_organising_body_of_a_joint_meeting_is_enough(enter: Enter, town: Town):
    joint = make_meeting("commune", [town.commission, town.council], held_on=dt.date(2026, 3, 19), status="tenue")
    proposal = proposal_in("transmise", body=town.commission)
    assert step_rules.may_record("retenue", proposal, joint, town.animator)
    other = make_body("autre", [town.north])
    assert not step_rules.may_record("retenue", proposal, make_meeting(bodies=[other]), town.animator)


def test_an_account_that_was_switched_off_may_nothing(town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    town.admin.active = False
    assert step_rules.possible_kinds(proposal, town.admin) == []
    assert not step_rules.may_record("retenue", proposal, None, None)
    assert not step_rules.may_record("transmise", proposal, None, town.admin)


def test_a_draft_without_right_is_refused_whatever_the_kind(town: Town):
    stranger = make_account("animateur", ("instance", "conseil-du-sud"))
    proposal = make_proposal(body=town.commission)
    for kind in ("etude", "transmise", "regroupee", "retiree"):
        with pytest.raises(Refusal):
            step_rules.add_step(db.session(), proposal, draft_of(kind), version=1, by=stranger)
