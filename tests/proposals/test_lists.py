"""Lists of proposals: filters, pages, what is never shown, and a number of queries that does not grow."""

import datetime as dt
import itertools
import re
from collections.abc import Callable

import pytest
from flask import Flask

from participation.extensions import db
from participation.people.models import Account
from participation.proposals.history import STATES
from participation.proposals.models import STEP_KINDS
from tests.proposals.test_machine import proposal_in
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import (
    make_account,
    make_ambition,
    make_body,
    make_objective,
    make_opinion,
    make_proposal,
    make_theme,
)
from tests.support.town import Town


def titles(client: CheckedClient, address: str) -> list[str]:
    """Return the titles of the cards, in their order."""
    page = client.get(address)
    assert page.status_code == 200
    return re.findall(r'class="card-title"><a href="[^"]*"><bdi>([^<]*)</bdi>', page.text)


@pytest.fixture
def several(town: Town) -> None:
    ambition = make_ambition("APA", name="Quartier apaisé")
    strategic = make_objective("APA-6", ambition)
    operational = make_objective("APA-6D", ambition, strategic)
    other = make_objective("EMP-1", make_ambition("EMP"))
    make_proposal(title="Quai", body=town.commission, theme=town.theme, objectives=[operational])
    make_proposal(title="Sud", body=town.council, theme=make_theme(), objectives=[other])
    make_proposal(title="Colline", body=town.commission, quartiers=[town.hill], objectives=[strategic])
    make_proposal("prop-t", [{"kind": "transmise", "due_on": dt.date(2026, 3, 19)}], title="Attend", body=town.council)
    db.session.commit()


@pytest.mark.usefixtures("several")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "Attend Colline Sud Quai"),
        ("instance=commission-du-quai", "Colline Quai"),
        ("commune=sud", "Attend Sud"),
        ("quartier=le-quai", "Quai"),  # by its instance, since it names none
        ("quartier=la-colline", "Colline"),  # by its own
        ("theme=cadre-de-vie", "Quai"),
        ("objectif=APA-6D", "Quai"),
        ("objectif=APA-6", "Colline Quai"),
        ("objectif=APA", "Colline Quai"),
        ("etat=transmis", "Attend"),
        ("etat=lu", "Colline Sud Quai"),
        ("retard=1", "Attend"),
        ("retard=y", "Attend"),
        ("commune=nord&theme=cadre-de-vie&etat=lu", "Quai"),
        ("commune=nulle-part", ""),
        ("etat=n-importe-quoi", "Attend Colline Sud Quai"),
        ("apres=hier_soir", "Attend Colline Sud Quai"),
        ("instance=%00%F0%9F%98%80", ""),
    ],
)
def test_everybody_filters_the_list(client: CheckedClient, query: str, found: str):
    assert " ".join(titles(client, f"/propositions?{query}")) == found


@pytest.mark.usefixtures("several")
def test_the_filters_that_are_set_are_shown(client: CheckedClient):
    page = client.get("/propositions?objectif=APA-6D&etat=transmis&retard=1").text
    assert '<option selected value="APA-6D">' in page
    assert '<option selected value="transmis">' in page
    assert 'name="retard" value="y" checked' in page
    assert "Aucune proposition ne correspond à ces choix." in page


def test_each_state_is_found_under_the_word_that_residents_read(client: CheckedClient, town: Town):
    for kind in STEP_KINDS:
        proposal_in(kind, title=f"T-{kind}")
    for word, (_name, kinds) in STATES.items():
        found = [title for title in titles(client, f"/propositions?etat={word}") if title.startswith("T-")]
        assert sorted(found) == sorted(f"T-{kind}" for kind in kinds)
    assert sorted(itertools.chain(*(kinds for _name, kinds in STATES.values()))) == sorted(STEP_KINDS)


@pytest.mark.both_databases
def test_pages_go_forth_and_back_without_losing_or_repeating_any(client: CheckedClient, app_context: Flask):
    body = make_body()
    for number in range(45):
        make_proposal(title=f"T{number}", body=body, received_on=dt.date(2026, 3, 1 + number % 7))
    forth, address = [], "/propositions?instance=" + body.slug
    while address:
        page = client.get(address).text
        forth.append(titles(client, address))
        following = re.search(r'rel="next" href="([^"]*)"', page)
        last, address = address, following[1].replace("&amp;", "&") if following else ""
    assert [len(page) for page in forth] == [20, 20, 5]
    assert sorted(itertools.chain(*forth)) == sorted(f"T{number}" for number in range(45))
    back = []
    while last:
        back.append(titles(client, last))
        previous = re.search(r'rel="prev" href="([^"]*)"', client.get(last).text)
        last = previous[1].replace("&amp;", "&") if previous else ""
    assert back[::-1] == forth


def test_answers_are_the_latest_decisions_newest_first(client: CheckedClient, town: Town):
    day = dt.date(2026, 3, 1)

    def decided(title: str, *kinds: tuple[str, int], **values: object) -> None:
        steps = [{"kind": kind, "on_date": day + dt.timedelta(days=later)} for kind, later in kinds]
        make_proposal(title=title, steps=steps, body=town.commission, received_on=day, **values)

    decided("Oui", ("transmise", 1), ("retenue", 4))
    decided("Non puis oui", ("transmise", 1), ("non_retenue", 2), ("transmise", 3), ("retenue", 6))
    decided("Fait", ("transmise", 1), ("retenue_en_partie", 5), ("realisee", 9))
    decided("Attend", ("transmise", 1))
    decided("Ajournée", ("transmise", 1), ("ajournee", 2))
    decided("Thème", ("transmise", 1), ("non_retenue", 3), theme=town.theme, quartiers=[town.hill])
    voided = {"kind": "retenue", "on_date": day, "voided_on": day}
    make_proposal(title="Annulée", steps=[{"kind": "transmise", "on_date": day}, voided], received_on=day)
    assert titles(client, "/reponses") == ["Non puis oui", "Fait", "Oui", "Thème", "Ajournée"]
    assert titles(client, "/reponses?theme=cadre-de-vie") == ["Thème"]
    assert titles(client, "/reponses?quartier=la-colline") == ["Thème"]
    assert titles(client, "/reponses?quartier=le-quai") == ["Non puis oui", "Fait", "Oui", "Ajournée"]
    assert len(titles(client, "/reponses?annee=2026")) == 5
    assert titles(client, "/reponses?annee=2025") == []
    assert titles(client, "/reponses?annee=%C3%A9t%C3%A9") == []


def test_a_short_answer_is_read_before_its_reasons(client: CheckedClient, town: Town):
    answered = {"kind": "retenue", "short_answer": "Oui, en mai.", "reason": "Long texte."}
    make_proposal(steps=[{"kind": "transmise"}, answered], body=town.commission)
    make_proposal(steps=[{"kind": "transmise"}, {"kind": "non_retenue", "reason": "r" * 400}], body=town.commission)
    page = client.get("/reponses").text
    assert page.index("Oui, en mai.") < page.index("Long texte.")
    assert "r" * 299 + "…" in page
    assert "r" * 300 not in page


def test_an_abandoned_proposal_says_why_it_stopped_not_the_yes_of_before(client: CheckedClient, town: Town):
    answered = {"kind": "retenue", "short_answer": "Oui, en mai."}
    stopped = {"kind": "abandonnee", "reason": "Le bâtiment ferme."}
    make_proposal(steps=[{"kind": "transmise"}, answered, stopped], body=town.commission)
    db.session.commit()
    for address in ("/propositions", "/reponses"):
        page = client.get(address).text
        assert "Le bâtiment ferme." in page
        assert "Oui, en mai." not in page


def test_the_team_sees_its_own_first_and_others_on_demand(enter: Callable[[Account], CheckedClient], town: Town):
    make_proposal(title="Ici", body=town.commission)
    make_proposal(title="Ailleurs", body=town.council)
    make_proposal(title="Reçue", body=make_body(), steps=[{"kind": "transmise", "to_body": town.commission}])
    animator = enter(town.animator)
    assert titles(animator, "/equipe/propositions") == ["Reçue", "Ici"]
    assert titles(animator, "/equipe/propositions?toutes=1") == ["Reçue", "Ailleurs", "Ici"]
    assert len(titles(enter(town.admin), "/equipe/propositions")) == 3


def test_the_number_of_queries_does_not_grow(
    app: Flask, client: CheckedClient, enter: Callable[[Account], CheckedClient], town: Town
):
    make_account("chef_projet")
    admin, animator = enter(town.admin), enter(town.animator)

    def add(number: int) -> None:
        for _n in range(number):
            steps = [
                {"kind": "transmise", "to_body": make_body(), "body": make_body(), "meeting": town.cafe},
                {"kind": "retenue", "body": make_body(), "meeting": town.session, "told_on": dt.date(2026, 3, 19),
                 "told_meeting": town.session},
            ]  # fmt: skip
            proposal = make_proposal(steps=steps, body=town.commission, meeting=town.cafe, quartiers=[town.quay])
            make_proposal(steps=[{"kind": "transmise"}], body=town.commission, theme=make_theme())
            make_proposal(steps=[{"kind": "regroupee", "to_proposal": whole}], body=make_body())
            for moderation in ("publie", "en_attente"):
                make_opinion(meeting=town.cafe, moderation=moderation, proposal_id=proposal.id)
                make_opinion(body=make_body(), moderation=moderation, proposal_id=whole.id, theme=make_theme())
                make_opinion(quartier=town.quay, moderation=moderation)

    whole = make_proposal("prop-1", title="Un banc", body=town.commission)
    add(1)
    pages = [
        (client, "/propositions"),
        (client, "/propositions?commune=nord&retard=1&objectif=APA"),
        (client, "/propositions/prop-1-un-banc"),
        (client, "/reponses"),
        (client, "/rencontres/cafe"),
        (client, "/avis"),
        (admin, "/equipe/propositions"),
        (admin, "/equipe/suites"),
        (admin, "/equipe/propositions/prop-1"),
        (admin, "/equipe/propositions/prop-1/etape"),
        (admin, "/equipe/propositions/prop-1/avis"),
        (admin, "/equipe/propositions/nouvelle?cle=" + "k" * 40),
        (admin, "/equipe/avis"),
        (admin, "/equipe/avis?moderation="),
        (admin, "/equipe/rencontres/cafe"),
        (animator, "/equipe/propositions"),
        (animator, "/equipe/suites"),
        (animator, "/equipe/propositions/prop-1"),
        (animator, "/equipe/propositions/prop-1/avis"),
        (animator, "/equipe/avis"),
        (animator, "/propositions/prop-1-un-banc"),
    ]

    def count() -> list[int]:
        numbers = []
        for who, address in pages:
            with count_queries(app) as counted:
                assert who.get(address).status_code == 200, address
            numbers.append(counted.number)
        return numbers

    few = count()
    add(9)
    many = count()
    assert many == few, [page for page, one, other in zip(pages, few, many, strict=True) if one != other]
    assert max(many) <= 45
