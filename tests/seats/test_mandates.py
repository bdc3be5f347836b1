"""Substitutes: marked when a mandate is opened or later, said beside it, counted beside the contract's seats."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.bodies.models import BodyKind, Mandate, MandatePerson, Representation
from participation.extensions import db
from participation.journal import list_entries
from participation.people.models import Account
from participation.seats.mandate_queries import list_delegations
from participation.seats.models import Substitute
from tests.seats.conftest import COMMISSION, COUNCIL, MANDATES, open_mandate
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_body
from tests.support.filling import fill, send
from tests.support.town import TODAY, Town

FIRST = f"{MANDATES}/mandat-1"


def substitutes() -> set[str]:
    db.session.expire_all()
    query = sa.select(Mandate.ref).join(Substitute, Substitute.mandate_id == Mandate.id)
    return set(db.session.scalars(query))


@pytest.fixture
def two_seats(seats: Town) -> Town:
    """The contract gives the commission two seats in each council."""
    kind = db.session.get(BodyKind, "conseil_de_quartier")
    assert kind
    db.session.add(Representation(to_kind=kind.slug, seats=2, line=1711, from_bodies=[seats.commission]))
    db.session.commit()
    return seats


@pytest.mark.both_databases
def test_a_substitutes_mandate_is_opened_and_said(as_animator: CheckedClient, two_seats: Town) -> None:
    answer = open_mandate(as_animator, kind="representant", seat_body=COUNCIL, substitute="y", name="Zoé Fictive")
    assert answer.status_code == 303
    page = as_animator.get(MANDATES).text
    assert page.count(">Suppléant<") == 1
    assert "2 titulaires, 1 suppléant" in page
    assert "(2 places dans le contrat, ligne 1711)" in page
    assert "Il n'y a pas de quorum" in page


@pytest.mark.both_databases
def test_a_mandate_is_marked_later_and_back(as_animator: CheckedClient, seats: Town) -> None:
    for _again in range(2):
        assert fill(as_animator, FIRST, standing="suppleant").status_code == 303
    assert substitutes() == {"mandat-1"}
    assert "1 titulaire, 1 suppléant" in as_animator.get(MANDATES).text
    assert fill(as_animator, FIRST, standing="titulaire").status_code == 303
    assert substitutes() == set()
    lines = [line.action for line in list_entries(db.session(), "body", COMMISSION)]
    assert lines == ["body.mandate_marked"] * 2, "the same said twice is one line"


def test_only_a_representative_has_a_substitute(as_animator: CheckedClient, seats: Town) -> None:
    refused = open_mandate(as_animator, kind="membre", substitute="y", name="Zoé Fictive")
    assert refused.status_code == 422
    assert "Seul un représentant" in refused.text
    assert 'value="Zoé Fictive"' in refused.text, "what was typed is kept"
    assert open_mandate(as_animator, kind="membre").status_code == 303
    ref = db.session.scalars(sa.select(Mandate.ref).where(Mandate.kind == "membre")).one()
    page = as_animator.get(f"{MANDATES}/{ref}")
    assert 'name="standing"' not in page.text
    sent = send(as_animator, as_animator.get(FIRST), FIRST, standing="rien")
    assert sent.status_code == 422
    assert substitutes() == set()


def test_numbers_follow_the_day_and_nobody_is_missing(two_seats: Town) -> None:
    def numbers(day: dt.date) -> list[tuple[int, int, int | None]]:
        found = list_delegations(db.session(), two_seats.commission, day)
        return [(one.holders, one.substitutes, one.seats) for one in found]

    third = db.session.scalars(sa.select(Mandate).where(Mandate.ref == "mandat-3")).one()
    db.session.add(Substitute(mandate=third))
    db.session.flush()
    assert numbers(dt.date(2026, 1, 31)) == [(2, 1, 2)], "its last day is a day in force"
    assert numbers(dt.date(2026, 2, 1)) == [(2, 0, 2)]
    assert numbers(dt.date(2024, 12, 31)) == [(0, 0, 2)], "a place that nobody holds yet"
    seen_there = list_delegations(db.session(), two_seats.council, dt.date(2026, 1, 31))
    assert [(one.body.slug, one.holders, one.substitutes, one.seats) for one in seen_there] == [(COMMISSION, 2, 1, 2)]


def test_everybody_reads_numbers_and_no_name(as_animator: CheckedClient, two_seats: Town, app: Flask) -> None:
    open_mandate(as_animator, kind="representant", seat_body=COUNCIL, substitute="y", name="canari-nom")
    everybody = app.test_client()
    for body in (COMMISSION, COUNCIL):
        page = everybody.get(f"/instances/{body}").text
        assert "2 personnes, et 1 pour les remplacer" in page
        assert "canari-nom" not in page


def test_names_are_the_instances_own_team_s(
    as_animator: CheckedClient, seats: Town, enter: Callable[[Account], CheckedClient], others: dict[str, Account]
) -> None:
    open_mandate(as_animator, kind="representant", seat_body=COUNCIL, substitute="y", name="canari-nom")
    person = db.session.scalars(sa.select(MandatePerson)).one()
    one = f"{MANDATES}/{person.mandate.ref}"
    assert "canari-nom" in as_animator.get(MANDATES).text
    assert "canari-nom" in as_animator.get(one).text
    for name, account in others.items():
        client = enter(account)
        for page in (MANDATES, one, f"{one}/fin", f"/equipe/instances/{COMMISSION}", f"/instances/{COMMISSION}"):
            assert "canari-nom" not in client.get(page).text, (name, page)


def test_another_instance_marks_nothing(
    seats: Town, enter: Callable[[Account], CheckedClient], others: dict[str, Account]
):
    for name in ("animateur d'ailleurs", "représentant d'ailleurs", "élue"):
        client = enter(others[name])
        assert client.get(FIRST).status_code == 404, name
        assert client.get(MANDATES).status_code == 404, name


def test_the_list_costs_the_same_for_many(app: Flask, as_animator: CheckedClient, two_seats: Town) -> None:
    as_animator.get(MANDATES)
    with count_queries(app) as few:
        as_animator.get(MANDATES)
    for number in range(12):
        council = make_body(f"autre-conseil-{number}", kind="conseil_de_quartier")
        mandate = Mandate(
            ref=f"autre-{number}", body=two_seats.commission, seat_body=council, kind="representant", started_on=TODAY
        )
        db.session.add_all([mandate, Substitute(mandate=mandate)])
    db.session.commit()
    with count_queries(app) as many:
        page = as_animator.get(MANDATES)
    assert page.text.count(">Suppléant<") == 12
    assert few.number == many.number <= 20
