"""Every write is safe to repeat: double sending, Back and resend, a form that has grown old, two people at once."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from participation.errors import Refusal
from participation.extensions import db
from participation.proposals import queries, rules, step_rules
from participation.proposals.models import Proposal, Step
from tests.proposals.test_machine import draft_of, proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_body, make_proposal
from tests.support.filling import fields_of, send
from tests.support.town import Town

CREATE = "/equipe/propositions"


def count(table: Any) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def page(as_admin: CheckedClient, town: Town) -> Any:
    """The form of a new proposal, open."""
    return as_admin.get("/equipe/propositions/nouvelle?instance=x", follow_redirects=True)


def test_a_double_click_makes_one_proposal(as_admin: CheckedClient, page: Any):
    first = send(as_admin, page, CREATE, title="Un banc", body="commission-du-quai")
    second = send(as_admin, page, CREATE, title="Un banc", body="commission-du-quai")
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert (count(Proposal), count(Step)) == (1, 1)


def test_back_gives_the_same_form_and_sending_it_again_makes_no_second(as_admin: CheckedClient, page: Any):
    send(as_admin, page, CREATE, title="Un banc", body="commission-du-quai")
    back = as_admin.get(page.request.path + "?" + page.request.query_string.decode())
    assert fields_of(back, CREATE)["cle"] == fields_of(page, CREATE)["cle"]
    assert send(as_admin, back, CREATE, title="Un banc", body="commission-du-quai").status_code == 303
    assert count(Proposal) == 1


def test_back_with_other_words_asks_first_and_loses_nothing(as_admin: CheckedClient, page: Any):
    send(as_admin, page, CREATE, title="Un banc", body="commission-du-quai")
    again = send(as_admin, page, CREATE, title="Une fontaine", body="commission-du-quai")
    assert again.status_code == 409
    assert "envoyez ce formulaire encore une fois" in again.text
    assert fields_of(again, CREATE)["title"] == ["Une fontaine"]
    assert count(Proposal) == 1
    assert send(as_admin, again, CREATE).status_code == 303
    assert count(Proposal) == 2


def test_an_error_then_the_right_words_make_one(as_admin: CheckedClient, page: Any):
    wrong = send(as_admin, page, CREATE, title="", body="commission-du-quai")
    assert wrong.status_code == 422
    assert send(as_admin, wrong, CREATE, title="Un banc").status_code == 303
    assert send(as_admin, wrong, CREATE, title="Un banc").status_code == 303
    assert count(Proposal) == 1


def test_a_form_without_its_key_is_refused(as_admin: CheckedClient, page: Any):
    answer = send(as_admin, page, CREATE, title="Un banc", body="commission-du-quai", cle="")
    assert answer.status_code == 422
    assert "Ce formulaire est incomplet" in answer.text
    assert count(Proposal) == 0


def test_a_step_sent_twice_is_one_step(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    path = f"{CREATE}/{proposal.ref}"
    form = as_admin.get(f"{path}/etape?genre=retenue", follow_redirects=True)
    answers = [send(as_admin, form, f"{path}/etapes", reason="Oui.") for _n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    assert len({answer.location for answer in answers}) == 1
    db.session.expire_all()
    assert [step.kind for step in proposal.steps] == ["recueillie", "transmise", "retenue"]


def test_a_form_that_has_grown_old_keeps_what_was_typed(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    path = f"{CREATE}/{proposal.ref}"
    old = as_admin.get(f"{path}/etape?genre=ajournee", follow_redirects=True)
    step_rules.add_step(db.session(), proposal, draft_of("transmise"), version=proposal.version, by=town.admin)
    db.session.commit()
    answer = send(as_admin, old, f"{path}/etapes", reason="Le conseil n'a pas pu en parler.")
    assert answer.status_code == 409
    assert "Quelqu&#39;un d&#39;autre a modifié" in answer.text
    assert fields_of(answer, f"{path}/etapes")["reason"] == ["Le conseil n'a pas pu en parler."]
    assert send(as_admin, answer, f"{path}/etapes").status_code == 303  # having read, one may send it
    db.session.expire_all()
    assert proposal.state == "ajournee"


def test_an_old_form_of_a_step_that_may_no_longer_follow_says_what_may(as_admin: CheckedClient, town: Town):
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    path = f"{CREATE}/{proposal.ref}"
    old = as_admin.get(f"{path}/etape?genre=ajournee", follow_redirects=True)
    step_rules.add_step(db.session(), proposal, draft_of("retenue"), version=proposal.version, by=town.admin)
    db.session.commit()
    first = send(as_admin, old, f"{path}/etapes", reason="Plus tard.")
    second = send(as_admin, first, f"{path}/etapes")
    assert (first.status_code, second.status_code) == (409, 422)
    assert "« En cours », « Réalisée », « Abandonnée »" in second.text
    assert fields_of(second, f"{path}/etapes")["reason"] == ["Plus tard."]


def test_an_old_form_of_the_words_shows_what_is_there_now(as_admin: CheckedClient, town: Town):
    proposal = make_proposal(body=town.commission, title="Avant")
    path = f"{CREATE}/{proposal.ref}"
    old = as_admin.get(f"{path}/modifier", follow_redirects=True)
    rules.edit(db.session(), proposal, rules.Draft("Entre-temps"), version=1, by=town.admin)
    db.session.commit()
    answer = send(as_admin, old, path, title="Le mien")
    assert answer.status_code == 409
    assert "Entre-temps" in answer.text
    assert fields_of(answer, path)["title"] == ["Le mien"]
    db.session.expire_all()
    assert proposal.title == "Entre-temps"
    assert send(as_admin, answer, path).status_code == 303
    db.session.expire_all()
    assert proposal.title == "Le mien"


@pytest.mark.parametrize("version", ["", "0", "-1", "abc", "9" * 30, "1 OR 1=1"])
def test_a_version_that_no_page_gave_is_a_conflict(as_admin: CheckedClient, town: Town, version: str):
    proposal = make_proposal(body=town.commission)
    path = f"{CREATE}/{proposal.ref}"
    page = as_admin.get(f"{path}/modifier", follow_redirects=True)
    assert send(as_admin, page, path, title="Autre", version=version).status_code == 409


@pytest.mark.parametrize("raised", [StaleDataError("0 rows"), IntegrityError("insert", None, Exception("unique"))])
def test_what_the_database_refuses_because_somebody_was_first_is_a_conflict(
    as_admin: CheckedClient, town: Town, monkeypatch: pytest.MonkeyPatch, raised: Exception
):
    proposal = proposal_in("transmise", body=town.commission)
    db.session.commit()
    path = f"{CREATE}/{proposal.ref}"
    page = as_admin.get(f"{path}/etape?genre=retenue", follow_redirects=True)

    def overtaken(*_given: Any, **_named: Any) -> None:
        raise raised

    with monkeypatch.context() as patched:
        patched.setattr(step_rules, "add_step", overtaken)
        answer = send(as_admin, page, f"{path}/etapes", reason="Gardé.")
    assert answer.status_code == 409
    assert "Quelqu&#39;un d&#39;autre vient de changer" in answer.text
    assert fields_of(answer, f"{path}/etapes")["reason"] == ["Gardé."]
    assert send(as_admin, answer, f"{path}/etapes").status_code == 303  # the key was not spent


def _at_once(app: Flask, acts: list[Callable[[], None]]) -> list[str]:
    """Run each act in a thread and a session of its own, as near together as can be; return what became of each."""
    outcomes: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
                db.session.commit()
                outcomes.append("done")
            except Refusal as refusal:
                db.session.rollback()
                outcomes.append(type(refusal).__name__)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.both_databases
def test_of_two_steps_at_once_one_is_refused(app: Flask):
    with app.app_context():
        proposal = make_proposal("prop-1", steps=[{"kind": "transmise"}], body=make_body())
        admin = make_account("admin")
        db.session.commit()
        ids = proposal.id, admin.id

    def act() -> None:
        mine = db.session.get_one(Proposal, ids[0])
        by = db.session.get_one(type(admin), ids[1])
        version = 1
        queries.lock(db.session(), mine)
        draft = step_rules.StepDraft("ajournee", mine.state_on, reason="Plus tard.")
        step_rules.add_step(db.session(), mine, draft, version=version, by=by)

    assert _at_once(app, [act] * 4) == ["Conflict", "Conflict", "Conflict", "done"]
    with app.app_context():
        kinds = db.session.scalars(sa.select(Step.kind).order_by(Step.position)).all()
    assert kinds == ["recueillie", "transmise", "ajournee"]


@pytest.mark.both_databases
def test_two_proposals_merged_into_one_another_at_once_make_no_circle(app: Flask):
    with app.app_context():
        first, second = make_proposal("prop-1"), make_proposal("prop-2")
        admin = make_account("admin")
        db.session.commit()
        ids = first.id, second.id
        admin_id = admin.id

    def merging(one: int, other: int) -> Callable[[], None]:
        def act() -> None:
            mine, its = db.session.get_one(Proposal, one), db.session.get_one(Proposal, other)
            queries.lock(db.session(), mine, its)
            draft = step_rules.StepDraft("regroupee", mine.state_on, to_proposal=its)
            by = db.session.get_one(type(admin), admin_id)
            step_rules.add_step(db.session(), mine, draft, version=1, by=by)

        return act

    assert _at_once(app, [merging(*ids), merging(*reversed(ids))]) == ["Refusal", "done"]
