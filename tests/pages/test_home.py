"""The home page: what is on, what changed, whatever there is in the database."""

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment.engine import assess
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.load import load_contract
from participation.clock import today
from participation.contract.file import read_contract
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.pages import home_queries
from participation.proposals.models import Proposal, Step
from participation.simulation.generate import Sizes, simulate
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.support import factory
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries

pytestmark = pytest.mark.usefixtures("app_context")
NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
SMALL = Sizes(years=1, meetings=12, proposals=15, opinions=30)


def home(client: CheckedClient) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return " ".join(response.get_data(as_text=True).replace("\xa0", " ").replace("&#39;", "'").split())


def load() -> None:
    load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
    db.session.commit()


def fill(sizes: Sizes = SMALL, seed: int = 1) -> None:
    simulate(db.session(), sizes, seed, until=today())
    db.session.commit()


def test_without_a_contract_the_home_page_says_so_and_leads_to_help(client: CheckedClient) -> None:
    text = home(client)
    assert "Son contrat n'est pas encore chargé." in text
    assert 'href="/aide"' in text
    assert "en chiffres" not in text


def test_with_nothing_yet_the_home_page_says_what_will_come(client: CheckedClient) -> None:
    load()
    text = home(client)
    assert "De 2025 à 2031, le contrat « Rives de l'Anse »" in text
    assert "Rien n'est encore annoncé." in text
    assert "en chiffres" not in text
    for path in ("/rencontres", "/quartiers", "/propositions", "/aide"):
        assert f'href="{path}"' in text


@time_machine.travel(NOW, tick=False)
def test_home_page_shows_the_next_meetings_with_the_cancelled_ones(client: CheckedClient) -> None:
    load()
    factory.make_meeting("renc-hier", title="Hier", held_on=dt.date(2026, 3, 9))
    factory.make_meeting("renc-bientot", title="Bientôt", held_on=dt.date(2026, 3, 12))
    factory.make_meeting("renc-annulee", title="Pas cette fois", held_on=dt.date(2026, 3, 11), status="annulee")
    text = home(client)
    assert text.index("Pas cette fois") < text.index("Bientôt")
    assert "Annulée" in text
    assert "Hier" not in text


@time_machine.travel(NOW, tick=False)
def test_home_page_shows_published_minutes_only(client: CheckedClient) -> None:
    load()
    held: dict[str, Any] = {"status": "tenue", "minutes": "Brouillon ou non"}
    published = dt.date(2026, 3, 1)
    factory.make_meeting("renc-a", title="Écrit", held_on=dt.date(2026, 2, 1), minutes_published_on=published, **held)
    factory.make_meeting("renc-b", title="Pas fini", held_on=dt.date(2026, 2, 2), **held)
    factory.make_meeting("renc-c", title="Vieux", held_on=dt.date(2024, 2, 2), minutes_published_on=published, **held)
    later = dt.date(2026, 12, 1)
    factory.make_meeting("renc-d", title="Bientôt", held_on=dt.date(2026, 2, 3), minutes_published_on=later, **held)
    text = home(client)
    news = text[text.index("Derniers comptes rendus") :]
    assert "Écrit</bdi>, 1er février 2026" in news
    assert "Pas fini" not in news
    assert "Bientôt" not in news
    assert "Vieux" not in news
    assert "Brouillon" not in text


@time_machine.travel(NOW, tick=False)
def test_last_answers_are_the_latest_one_of_each_proposal() -> None:
    load()
    fill()
    found = home_queries.list_last_answers(db.session(), today())
    kinds = sa.and_(Step.kind.in_(home_queries.NEWS_STEPS), Step.voided_on.is_(None))
    every = db.session.scalars(sa.select(Step).where(kinds).order_by(Step.position))
    latest = {step.proposal_id: step for step in every}.values()
    wanted = sorted(latest, key=lambda step: (step.on_date, step.id), reverse=True)[: home_queries.ANSWERS]
    assert len(wanted) == home_queries.ANSWERS
    assert found == wanted


@time_machine.travel(NOW, tick=False)
def test_voided_answer_is_not_shown(client: CheckedClient) -> None:
    load()
    fill()
    shown = home_queries.list_last_answers(db.session(), today())[0]
    assert shown.proposal.title in home(client)
    shown.voided_on, shown.voided_reason = today(), "Erreur de saisie."
    db.session.flush()
    assert shown not in home_queries.list_last_answers(db.session(), today())


@pytest.mark.both_databases
@time_machine.travel(NOW, tick=False)
def test_figures_are_those_of_the_assessment(client: CheckedClient) -> None:
    load()
    fill()
    numbers = home_queries.count_year(db.session(), today())
    assert numbers.year == 2026
    whole = assess(db.session(), Period(2026, 2026), Scope(), today(), rows=False)
    assert numbers.figures == {code: whole.figures[code] for code in home_queries.FIGURES}
    text = home(client)
    assert "L'année 2026 en chiffres" in text
    assert f">{whole.figures['PC4.received'].value}<" in text


@time_machine.travel(dt.datetime(2027, 1, 4, tzinfo=dt.UTC), tick=False)
def test_in_january_the_figures_are_those_of_the_year_that_has_ended(client: CheckedClient) -> None:
    load()
    factory.make_meeting(held_on=dt.date(2026, 12, 10), status="tenue")
    assert "L'année 2026 en chiffres" in home(client)


@time_machine.travel(NOW, tick=False)
def test_home_page_costs_the_same_however_much_there_is(app: Flask, client: CheckedClient) -> None:
    load()
    fill()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meeting))
    with count_queries(app) as few:
        home(client)
    fill(Sizes(years=2, meetings=60, proposals=60, opinions=100), seed=2)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Proposal)) == 75
    with count_queries(app) as many:
        home(client)
    assert many.number == few.number
    assert many.number <= 25
