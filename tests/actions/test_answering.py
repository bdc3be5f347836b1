"""An élu answers a proposal on one page: what is decided, why, and what happens next; once, and with its reason."""

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from participation.actions.answering import months_after
from participation.actions.models import Action
from participation.extensions import db
from participation.people.models import Account
from participation.proposals.models import Proposal, Step
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_meeting
from tests.support.filling import fields_of, fill, send
from tests.support.town import Town

PAGE = "/equipe/propositions/prop-1/repondre"
SENT = "/equipe/propositions/prop-1/reponse"
NO = {"decision": "non", "short_answer": "Non, la place est classée.", "reason": "Les bâtiments de France refusent."}
YES = {
    "decision": "oui",
    "short_answer": "Oui, deux bancs seront posés.",
    "reason": "La place en manque.",
    "next": "Poser deux bancs",
    "owner": "Espaces verts",
    "when": "3-mois",
    "funding": "ftu",
    "amount": "3 500,50 €",
    "deliberation": "https://exemple.fr/une-deliberation",
}
Enter = Callable[[Account], CheckedClient]


def words(answer: TestResponse) -> str:
    """Return what a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(answer.text)).split())


def steps() -> list[Step]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Step).order_by(Step.position)))


def test_a_yes_says_who_when_and_with_what_and_plans_the_action(as_elu: CheckedClient, owed: Proposal):
    answer = fill(as_elu, PAGE, SENT, **YES)
    assert (answer.status_code, answer.location) == (303, "/elus")
    assert "Votre réponse est publiée." in words(as_elu.get("/elus"))
    step = steps()[-1]
    assert (step.kind, step.short_answer, step.reason) == ("retenue", YES["short_answer"], YES["reason"])
    assert (step.owner, step.due_on, step.funding, step.amount_cents) == (
        "Espaces verts",
        dt.date(2026, 6, 20),
        "ftu",
        350_050,
    )
    assert (step.deliberation, step.author, step.on_date) == (
        YES["deliberation"],
        "Adjointe de quartier",
        dt.date(2026, 3, 20),
    )
    action = db.session.scalars(sa.select(Action)).one()
    assert (action.text, action.owner, action.due_on) == ("Poser deux bancs", "Espaces verts", dt.date(2026, 6, 20))
    public = words(as_elu.get("/propositions/prop-1", follow_redirects=True))
    for said in (
        "Oui, deux bancs seront posés.",
        "Poser deux bancs",
        "Qui s'en occupe : Espaces verts",
        "Prévu avant le 20 juin 2026",
    ):
        assert said in public
    assert "Des bancs au Quai" not in words(as_elu.get("/elus")).rpartition("1 réponse à dire aux habitants")[0]


@pytest.mark.parametrize(
    ("values", "kind", "due_on"),
    [
        (NO, "non_retenue", None),
        (YES | {"decision": "oui-en-partie", "when": "1-mois"}, "retenue_en_partie", dt.date(2026, 4, 20)),
        (YES | {"when": "date", "due_on": "30/09/2026"}, "retenue", dt.date(2026, 9, 30)),
        (YES | {"when": "", "due_on": "2026-09-30"}, "retenue", dt.date(2026, 9, 30)),
        (YES | {"when": "", "next": "", "owner": ""}, "retenue", None),
        (NO | {"decision": "plus-tard", "when": "6-mois"}, "ajournee", dt.date(2026, 9, 20)),
    ],
)
def test_each_decision_is_its_step(
    as_elu: CheckedClient, owed: Proposal, values: dict[str, str], kind: str, due_on: Any
):
    assert fill(as_elu, PAGE, SENT, **values).status_code == 303
    assert (steps()[-1].kind, steps()[-1].due_on) == (kind, due_on)
    assert db.session.query(Action).count() == (1 if values.get("next") else 0)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choisissez : oui, oui en partie, non ou plus tard."),
        (NO | {"short_answer": " "}, "Écrivez la réponse en une phrase simple"),
        (NO | {"reason": ""}, "Dites pourquoi, en mots simples : toute réponse a sa raison."),
        (NO | {"decision": "peut-etre"}, "Choisissez : oui, oui en partie, non ou plus tard."),
        (NO | {"when": "1-mois"}, "La réponse est non : rien n'est prévu. Choisissez « Pas de date »."),
        (NO | {"owner": "Espaces verts"}, "La réponse n'est pas oui : rien n'est prévu."),
        (NO | {"amount": "0"}, "La réponse n'est pas oui : rien n'est prévu."),
        (NO | {"decision": "plus-tard"}, "Dites quand la réponse viendra"),
        (YES | {"when": "date"}, "Écrivez la date, ou choisissez un délai."),
        (YES | {"due_on": "2026-09-30"}, "Choisissez un délai ou une date, pas les deux."),
        (YES | {"when": "date", "due_on": "le 40"}, "Cette date n'existe pas."),
        (YES | {"when": "date", "due_on": "2026-03-01"}, "Cette échéance est avant l'étape."),
        (YES | {"when": "demain"}, "Choisissez un délai de la liste, ou une date."),
        (YES | {"amount": "beaucoup"}, "Écrivez un montant en euros"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    as_elu: CheckedClient, owed: Proposal, values: dict[str, str], sentence: str
):
    answer = fill(as_elu, PAGE, SENT, **values)
    assert answer.status_code == 422
    assert sentence in words(answer)
    kept = fields_of(answer, SENT)
    for name, value in values.items():
        if name not in {"decision", "when"} and value.strip():
            assert kept[name] == [value], name
    assert len(steps()) == 2
    assert db.session.query(Action).count() == 0


@pytest.mark.both_databases
def test_sent_twice_it_is_one_answer(as_elu: CheckedClient, owed: Proposal):
    page = as_elu.get(PAGE, follow_redirects=True)
    answers = [send(as_elu, page, SENT, **YES) for _n in range(3)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/elus")] * 3
    assert len(steps()) == 3
    assert db.session.query(Action).count() == 1


def test_who_is_second_is_told_and_loses_no_word(as_elu: CheckedClient, owed: Proposal, town: Town, enter: Enter):
    page = as_elu.get(PAGE, follow_redirects=True)
    assert fill(enter(town.admin), PAGE, SENT, **NO).status_code == 303
    answer = send(as_elu, page, SENT, **YES)
    assert answer.status_code == 409
    assert "Quelqu'un d'autre a modifié" in words(answer)
    assert fields_of(answer, SENT)["reason"] == [YES["reason"]]
    assert send(as_elu, answer, SENT).status_code == 422  # answered: nothing may follow
    assert len(steps()) == 3


def test_an_answered_proposal_leads_to_its_page(as_elu: CheckedClient, owed: Proposal):
    fill(as_elu, PAGE, SENT, **NO)
    assert as_elu.get(PAGE).location == "/equipe/propositions/prop-1"


def test_after_plus_tard_there_is_no_second_plus_tard(as_elu: CheckedClient, owed: Proposal):
    fill(as_elu, PAGE, SENT, **(NO | {"decision": "plus-tard", "when": "1-mois"}))
    page = as_elu.get(PAGE, follow_redirects=True).text
    assert 'value="non"' in page
    assert 'value="plus-tard"' not in page


def test_an_animator_answers_for_a_meeting_of_theirs(as_animator: CheckedClient, owed: Proposal, town: Town):
    refused = fill(as_animator, PAGE, SENT, **NO)
    assert refused.status_code == 422
    assert "Choisissez la rencontre où c'est décidé" in words(refused)
    answer = send(as_animator, refused, SENT, meeting="cafe")
    assert (answer.status_code, answer.location) == (303, "/equipe/propositions/prop-1")
    assert steps()[-1].meeting == town.cafe


def test_an_elu_of_elsewhere_finds_nothing_and_a_recipient_of_theirs_opens_it(
    owed: Proposal, town: Town, enter: Enter, today: dt.date
):
    other = enter(make_account("elu", ("commune", "sud")))
    assert other.get(PAGE).status_code == 404
    assert "Des bancs au Quai" not in other.get("/elus").text
    town.elected.communes = [town.south]
    db.session.commit()
    assert "Des bancs au Quai" in other.get("/elus").text
    assert fill(other, PAGE, SENT, **NO).status_code == 303
    assert len(steps()) == 3


def test_the_meeting_that_was_chosen_stays_after_an_error(as_elu: CheckedClient, owed: Proposal, town: Town):
    far = make_meeting("ailleurs", [town.council], held_on=dt.date(2026, 3, 1))
    db.session.commit()
    answer = fill(as_elu, PAGE, SENT, decision="non", meeting=far.ref)
    assert answer.status_code == 422
    assert fields_of(answer, SENT)["meeting"] == ["ailleurs"]


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2028, 1, 31), 1, dt.date(2028, 2, 29)),
        (dt.date(2026, 11, 30), 3, dt.date(2027, 2, 28)),
        (dt.date(2026, 12, 15), 1, dt.date(2027, 1, 15)),
        (dt.date(2026, 2, 28), 6, dt.date(2026, 8, 28)),
    ],
)
def test_months_end_where_they_end(day: dt.date, months: int, then: dt.date):
    assert months_after(day, months) == then


@given(st.dates(dt.date(2024, 1, 1), dt.date(2040, 1, 1)), st.integers(0, 24))
def test_a_delay_in_months_is_never_more_than_a_day_number_short(day: dt.date, months: int):
    then = months_after(day, months)
    assert (then.year * 12 + then.month) - (day.year * 12 + day.month) == months
    assert then.day <= day.day
    assert then.day == day.day or (then + dt.timedelta(days=1)).day == 1
