"""The public list and page: what comes first, filters that can be shared, page by page, nothing of the team's."""

import datetime as dt
from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from flask import Flask
from markupsafe import Markup

from participation import fragments
from participation.extensions import db
from participation.meetings import queries
from participation.meetings.models import Meeting, MeetingInstitution
from participation.meetings.queries import Filters
from tests.meetings.conftest import Town
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, sign_in

TODAY = dt.date(2026, 3, 20)


def days(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def refs(text: str) -> list[str]:
    """The meetings of a list, in its order."""
    return [part.split('"')[0] for part in text.split('class="card-title"><a href="/rencontres/')[1:]]


@pytest.fixture
def four(town: Town) -> None:
    make_meeting("loin", [town.council], held_on=days(30), type="atelier")
    make_meeting("bientot", [town.fabric], held_on=days(2), type="cafe_citoyen")
    make_meeting("hier", [town.joint], held_on=days(-1), status="tenue", quartiers=[town.hill])
    make_meeting("avant", [town.council, town.fabric], held_on=dt.date(2025, 6, 1), status="tenue", type="atelier")
    db.session.commit()


@pytest.mark.both_databases
def test_the_next_one_is_first_then_the_last_one(client: CheckedClient, four: None):
    assert refs(client.get("/rencontres").text) == ["bientot", "loin", "hier", "avant"]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("instance=fabrique", ["bientot", "avant"]),
        ("commune=sud", ["loin", "hier", "avant"]),
        ("quartier=le-quai", ["bientot", "avant"]),  # they name none: their bodies' quartiers
        ("quartier=la-colline", ["hier"]),
        ("type=atelier", ["loin", "avant"]),
        ("annee=2025", ["avant"]),
        ("annee=2026&commune=sud&type=atelier", ["loin"]),
        ("instance=&quartier=&type=&annee=&commune=", ["bientot", "loin", "hier", "avant"]),
        ("instance=nulle-part", []),
        ("annee=deux-mille", []),
        ("annee=٢٠٢٥", []),
        ("annee=0000", []),
        ("quand=a-venir", ["bientot", "loin"]),
        ("quand=passees", ["hier", "avant"]),
        ("apres=n-importe-quoi&quand=passees", ["hier", "avant"]),
        ("apres=2026-99-99_1&quand=passees", ["hier", "avant"]),
    ],
)
def test_filters_give_what_is_asked(client: CheckedClient, four: None, query: str, there: list[str]):
    answer = client.get(f"/rencontres?{query}")
    assert refs(answer.text) == there
    if not there:
        assert "ne correspond à votre choix" in answer.text


def test_a_quartier_named_by_the_meeting_rules_out_its_bodies(client: CheckedClient, town: Town):
    make_meeting("ailleurs", [town.fabric], held_on=days(1), quartiers=[town.hill])
    assert refs(client.get("/rencontres?quartier=le-quai").text) == []
    assert refs(client.get("/rencontres?quartier=la-colline").text) == ["ailleurs"]


def test_cancelled_ones_to_come_are_shown_as_such_and_past_ones_are_not(client: CheckedClient, town: Town):
    make_meeting("demain", [town.fabric], held_on=days(1), status="annulee", cancel_reason="Pluie")
    make_meeting("hier", [town.fabric], held_on=days(-1), status="annulee", cancel_reason="Pluie")
    make_meeting("sans-nouvelle", [town.fabric], held_on=days(-2))
    text = client.get("/rencontres").text
    assert refs(text) == ["demain", "sans-nouvelle"]
    assert "Annulée" in text
    assert "Date passée" in client.get("/rencontres/sans-nouvelle").text


def test_one_held_today_is_of_the_past(client: CheckedClient, town: Town):
    make_meeting("ce-matin", [town.fabric], held_on=TODAY, status="tenue")
    make_meeting("ce-soir", [town.fabric], held_on=TODAY)
    assert refs(client.get("/rencontres?quand=passees").text) == ["ce-matin"]
    assert refs(client.get("/rencontres?quand=a-venir").text) == ["ce-soir"]


@pytest.mark.both_databases
def test_every_meeting_is_on_one_page_forwards_and_backwards(client: CheckedClient, town: Town):
    for number in range(45):  # three a day: the day alone does not order them
        make_meeting(f"p{number:02}", [town.fabric], held_on=days(-1 - number // 3), status="tenue")
        make_meeting(f"f{number:02}", [town.fabric], held_on=days(1 + number // 3))
    for half, first in (("passees", "p"), ("a-venir", "f")):
        seen, address = [], f"/rencontres?quand={half}&instance=fabrique"
        pages = []
        while address:
            text = client.get(address).text
            pages.append((address, refs(text)))
            seen += refs(text)
            address = link(text, "next")
        assert len(seen) == len(set(seen)) == 45
        assert {ref[0] for ref in seen} == {first}
        back = link(client.get(pages[-1][0]).text, "prev")
        assert refs(client.get(back).text) == pages[-2][1]
        assert link(client.get(pages[0][0]).text, "prev") == ""


def link(text: str, relation: str) -> str:
    _, found, after = text.partition(f'rel="{relation}" href="')
    return after.partition('"')[0].replace("&amp;", "&") if found else ""


def test_the_first_page_leads_on_to_the_rest(client: CheckedClient, town: Town):
    for number in range(12):
        make_meeting(f"f{number:02}", [town.fabric], held_on=days(1 + number))
        make_meeting(f"p{number:02}", [town.fabric], held_on=days(-1 - number), status="tenue")
    text = client.get("/rencontres").text
    assert len(refs(text)) == 10 + 12
    more = text.partition('">Voir les suivantes')[0].rpartition('href="')[2].replace("&amp;", "&")
    assert refs(client.get(more).text) == ["f10", "f11"]


# One meeting


def test_a_meeting_says_who_decides_in_words(client: CheckedClient, town: Town):
    make_meeting("a", [town.fabric, town.council], level="consultation", quartiers=[town.quay], place="Place du Marché")
    make_meeting("b", [town.fabric], level="codecision")
    page = client.get("/rencontres/a").text
    for words in ("On vous demande votre avis. La mairie décide.", "Consultation", "Fabrique du Nord", "Conseil du Sud",
                  "Le Quai", "Place du Marché", "jeudi 12 mars 2026"):  # fmt: skip
        assert words in page
    assert "On décide ensemble." in client.get("/rencontres/b").text
    assert "Ce n'est pas encore annoncé" in client.get(f"/rencontres/{make_meeting('c').ref}").text


def test_in_another_language_who_decides_is_translated_or_french_and_said_so(client: CheckedClient, town: Town):
    make_meeting("a", [town.fabric], level="consultation")
    for language in ("en", "ar"):
        assert client.get(f"/rencontres/a?l={language}").status_code == 200
        assert client.get(f"/rencontres?l={language}").status_code == 200


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "n'est pas renseigné"),
        ({"participants": 1}, "1 personne."),
        ({"residents": 2}, "2 habitants et habitantes."),
        ({"participants": 0, "residents": 0}, "0 personne"),
        ({"participants": 9, "residents": 1}, "dont 1 habitant ou habitante."),
    ],
)
def test_totals_are_said_and_unknown_is_not_zero(client: CheckedClient, town: Town, counts: dict[str, int], words: str):
    make_meeting("a", [town.fabric], status="tenue", **counts)
    assert words in client.get("/rencontres/a").text


def test_counts_of_a_meeting_not_held_are_not_shown(client: CheckedClient, town: Town):
    make_meeting("a", [town.fabric], participants=30)
    assert "Qui était là" not in client.get("/rencontres/a").text


@pytest.mark.both_databases
def test_an_unknown_meeting_is_a_page_that_helps(as_admin: CheckedClient):
    team = "/equipe/rencontres"
    for address in ("/rencontres/inconnue", "/rencontres/%00", "/rencontres/inconnue/compte-rendu/1", f"{team}/a%00b",
                    f"{team}/a/decisions/%00", f"{team}/nouvelle?modele=%00"):  # fmt: skip
        assert as_admin.get(address).status_code == 404
    for address in ("/rencontres?instance=%00&type=%00&annee=%00", "/rencontres/agenda.ics?quartier=%00",
                    f"{team}?statut=%00&instance=a%00"):  # fmt: skip
        assert as_admin.get(address).status_code == 200


def test_higher_features_add_to_the_page(client: CheckedClient, town: Town):
    fragments.provide("meeting.public", lambda meeting: Markup("<h2>Avis de {}</h2>").format(meeting.ref))
    fragments.provide("meeting.public", lambda _meeting: None)
    make_meeting("a", [town.fabric])
    assert "<h2>Avis de a</h2>" in client.get("/rencontres/a").text


# How many questions to the database, and how costly


@pytest.mark.parametrize(
    ("address", "at_most"),
    [("/rencontres", 16), ("/rencontres/r0", 12), ("/rencontres/agenda.ics", 6), ("/equipe/rencontres", 16),
     ("/equipe/rencontres/r0", 16), ("/equipe/rencontres/r0/modifier", 20), ("/equipe/rencontres/r0/decisions", 14)],
)  # fmt: skip
def test_a_page_asks_as_many_questions_for_many_as_for_few(
    app: Flask, client: CheckedClient, town: Town, address: str, at_most: int
):
    sign_in(client, town.animator)
    fill_town(town, [0, 9])
    client.get(address)
    with count_queries(app) as few:
        client.get(address)
    fill_town(town, [*range(1, 9), *range(10, 16)])
    with count_queries(app) as many:
        client.get(address)
    assert many.number == few.number, many.statements
    assert many.number <= at_most, many.statements


def fill_town(town: Town, numbers: Iterable[int]) -> None:
    for number in numbers:
        meeting = make_meeting(
            f"r{number}",
            [town.fabric, town.council, town.joint],
            quartiers=[town.quay, town.hill],
            held_on=days(number - 5),
            status="tenue" if number < 5 else "prevue",
        )
        meeting.institutions = [MeetingInstitution(name=f"Institution {each}") for each in range(number % 3 + 1)]
    db.session.commit()


@pytest.mark.parametrize(
    "filters",
    [Filters(), Filters(body="fabrique"), Filters(quartier="le-quai"), Filters(commune="nord"), Filters(type="atelier"),
     Filters(year="2025"), Filters(status="prevue")],
)  # fmt: skip
def test_every_filter_has_an_index(town: Town, filters: Filters):
    statement = queries._filtered(filters).order_by(Meeting.held_on.desc(), Meeting.id.desc()).limit(21)
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}"))]
    walks = [step for step in plan if step.startswith("SCAN") and "INDEX" not in step and "(subquery" not in step]
    assert not [step for step in walks if step.split()[1] in db.metadata.tables], plan
    assert not any(
        "TEMP B-TREE FOR ORDER BY" in step for step in plan if filters in (Filters(), Filters(type="atelier"))
    )
