"""Lateness: from the day after the announced date, in Europe/Paris; the public reads it only where it was announced."""

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from participation.extensions import db
from participation.people.models import Account
from participation.proposals import queries
from participation.proposals.history import due_of
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_body, make_contract, make_proposal
from tests.support.town import Town

PARIS = ZoneInfo("Europe/Paris")
DUE = dt.date(2026, 6, 30)


def at(*clock: int) -> time_machine.travel:
    """Be at that clock time in Paris."""
    return time_machine.travel(dt.datetime(*clock, tzinfo=PARIS), tick=False)


def read(client: CheckedClient) -> str:
    return client.get("/propositions/prop-1", follow_redirects=True).text


def test_late_begins_at_midnight_in_paris_after_the_announced_day(client: CheckedClient, town: Town):
    make_proposal("prop-1", [{"kind": "transmise", "due_on": DUE}], body=town.commission)
    with at(2026, 6, 30, 23, 59):
        assert "Une réponse est attendue avant le 30 juin 2026." in read(client)
        assert "En retard" not in read(client)
        assert "prop-1" not in client.get("/propositions?retard=1").text
        assert "en retard" not in client.get("/reponses").text
    with at(2026, 7, 1, 0, 0):
        assert "En retard : la réponse devait venir avant le 30 juin 2026." in read(client)
        assert "prop-1" in client.get("/propositions?retard=1").text
        assert "1 réponse est en retard." in client.get("/reponses").text


@pytest.mark.parametrize(
    ("due", "last_minute", "first_minute"),
    [
        (dt.date(2026, 3, 28), (2026, 3, 28, 23, 59), (2026, 3, 29, 0, 0)),  # the night in which an hour is skipped
        (dt.date(2026, 3, 29), (2026, 3, 29, 23, 59), (2026, 3, 30, 0, 0)),
        (dt.date(2026, 10, 25), (2026, 10, 25, 23, 59), (2026, 10, 26, 0, 0)),  # the one in which an hour comes twice
        (dt.date(2028, 2, 29), (2028, 2, 29, 23, 59), (2028, 3, 1, 0, 0)),
        (dt.date(2026, 12, 31), (2026, 12, 31, 23, 59), (2027, 1, 1, 0, 0)),
    ],
)
def test_late_is_right_across_clock_changes_and_leap_days(
    client: CheckedClient, town: Town, due: dt.date, last_minute: tuple[int, ...], first_minute: tuple[int, ...]
):
    make_proposal("prop-1", [{"kind": "transmise", "due_on": due}], body=town.commission)
    with at(*last_minute):
        assert "En retard" not in read(client)
    with at(*first_minute):
        assert "En retard" in read(client)


def test_without_an_announced_date_the_public_reads_late_only_once_the_delay_is_confirmed(
    client: CheckedClient, town: Town
):
    sent = {"kind": "transmise", "on_date": dt.date(2026, 3, 13)}
    make_proposal("prop-1", [sent], body=town.commission, title="Sans date")
    with at(2026, 9, 1, 12, 0):  # 60 days end on 12 May
        assert "En retard" not in read(client)
        assert "Une réponse est attendue." in read(client)
        assert "Sans date" not in client.get("/propositions?retard=1").text
        town.contract.response_days_confirmed = True
        db.session.commit()
        assert "En retard : la réponse devait venir avant le 12 mai 2026." in read(client)
        assert "Sans date" in client.get("/propositions?retard=1").text


def test_the_team_sees_the_default_delay_and_that_it_is_one(enter: Callable[[Account], CheckedClient], town: Town):
    sent = {"kind": "transmise", "on_date": dt.date(2026, 3, 13)}
    make_proposal("prop-1", [sent], body=town.commission)
    page = enter(town.admin).get("/equipe/suites").text
    assert "Réponse à donner avant le 12 mai 2026 (encore 53 jours) · délai par défaut, pas encore annoncé" in page


@pytest.mark.both_databases
def test_the_due_date_of_each_state(app_context: Flask):
    make_contract(response_days=30)
    body = make_body()
    announced = {"kind": "transmise", "on_date": dt.date(2026, 1, 30), "due_on": dt.date(2026, 2, 28)}
    sent = {"kind": "transmise", "on_date": dt.date(2026, 1, 30)}
    later = {"kind": "ajournee", "on_date": dt.date(2026, 2, 10)}
    until = {"kind": "ajournee", "on_date": dt.date(2026, 2, 10), "due_on": dt.date(2026, 4, 1)}
    again = {"kind": "transmise", "on_date": dt.date(2026, 2, 20)}
    void = {"voided_on": dt.date(2026, 2, 21)}
    expected = {
        "a": ([announced], dt.date(2026, 2, 28), True),
        "b": ([sent], dt.date(2026, 3, 1), False),
        "c": ([announced, later], dt.date(2026, 3, 1), False),  # the date of the last step; without one, the delay
        "d": ([announced, until], dt.date(2026, 4, 1), True),
        "e": ([sent, later, again], dt.date(2026, 3, 22), False),
        "f": ([sent, later, again | void], dt.date(2026, 3, 1), False),
        "g": ([announced | void], None, False),
        "h": ([announced, {"kind": "retenue", "on_date": dt.date(2026, 2, 11)}], None, False),
        "i": ([], None, False),
    }
    for ref, (steps, _due, _announced) in expected.items():
        make_proposal(ref, steps, body=body, received_on=dt.date(2026, 1, 5))
    db.session.commit()
    contract = queries.find_contract(db.session())
    for ref, (_steps, due_on, is_announced) in expected.items():
        due = due_of(queries.get_proposal(db.session(), ref), contract, dt.date(2026, 3, 2))
        assert (due and due.on, bool(due and due.announced)) == (due_on, is_announced), ref
    admin = make_account("admin")
    db.session.commit()
    waiting = queries.list_waiting(db.session(), admin, {}).items
    assert [proposal.ref for proposal in waiting] == ["a", "b", "c", "f", "e", "d"]
    today = dt.date(2026, 3, 2)
    late = queries.list_for_everybody(db.session(), queries.Filters(late=True, confirmed=True), {}, today).items
    assert {proposal.ref for proposal in late} == {"a", "b", "c", "f"}
    late = queries.list_for_everybody(db.session(), queries.Filters(late=True), {}, today).items
    assert {proposal.ref for proposal in late} == {"a"}
    assert queries.count_late(db.session(), today, confirmed=False) == 1
    assert queries.count_late(db.session(), today, confirmed=True) == 4


def test_without_a_contract_the_default_delay_is_sixty_days(app_context: Flask):
    sent = {"kind": "transmise", "on_date": dt.date(2026, 1, 1)}
    make_proposal("a", [sent], received_on=dt.date(2026, 1, 1))
    db.session.commit()
    proposal = queries.get_proposal(db.session(), "a")
    assert proposal.answer_due_on == dt.date(2026, 3, 2)


def test_suites_shows_the_oldest_due_first_and_only_what_is_mine(enter: Callable[[Account], CheckedClient], town: Town):
    steps = [{"kind": "transmise", "to_body": town.council, "due_on": dt.date(2026, 4, day)} for day in (9, 2, 5)]
    for number, step in enumerate(steps, start=1):
        make_proposal(f"prop-{number}", [step], body=town.commission, title=f"Titre {number}")
    make_proposal("prop-4", [{"kind": "transmise"}], body=make_body(), title="Titre étranger")
    with at(2026, 4, 3, 12, 0):
        page = enter(town.elu).get("/equipe/suites").text
    assert page.index("Titre 2") < page.index("Titre 3") < page.index("Titre 1")
    assert "Titre étranger" not in page
    assert "en retard de 1 jour" in page
    assert "encore 2 jours" in page
    receiver = make_account("animateur", ("instance", "conseil-du-sud"))
    with at(2026, 4, 3, 12, 0):
        assert "Titre 1" in enter(receiver).get("/equipe/suites").text


def test_what_is_answered_is_late_no_more(client: CheckedClient, town: Town):
    proposal = make_proposal(
        "prop-1", [{"kind": "transmise", "due_on": DUE}, {"kind": "retenue"}], body=town.commission
    )
    assert isinstance(proposal, Proposal)
    with at(2027, 1, 1, 0, 0):
        assert "En retard" not in read(client)
