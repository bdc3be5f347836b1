"""Campaigns, as the summer of 2023 was run: the same questions at several meetings, one of each quartier's own."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from participation.errors import Refusal
from participation.extensions import db
from participation.journal import list_entries
from participation.meetings.models import Meeting
from participation.planning import rules
from participation.planning.models import Campaign
from participation.planning.rules import Draft
from participation.speaking.doors import meeting_door
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, make_opinion
from tests.support.filling import fields_of, fill
from tests.support.plans import make_campaign
from tests.support.town import Town

NEW, LIST = "/equipe/demarches/nouvelle", "/equipe/demarches"
EVERYWHERE = "Que pensez-vous de votre quartier ?"
HERE = "Avez-vous entendu parler du jardin partagé ?"


def texts(meeting: Meeting) -> list[str]:
    db.session.refresh(meeting)
    return [question.text for question in meeting.questions]


def draft(town: Town, **values: Any) -> Draft:
    return Draft(
        **({"body": town.commission, "title": "Parole aux quartiers", "starts_on": dt.date(2026, 7, 1)} | values)
    )


@pytest.fixture
def summer(town: Town) -> Campaign:
    campaign = make_campaign("ete", town.commission, [(None, EVERYWHERE), (town.quay, HERE)])
    db.session.commit()
    return campaign


@pytest.fixture
def market(town: Town) -> Meeting:
    """A stand to come in the quartier, with no questions of its own."""
    meeting = make_meeting("marche", [town.commission], title="Stand au marché", held_on=dt.date(2026, 7, 4))
    db.session.commit()
    return meeting


def test_it_is_made_then_given_its_meetings_which_ask_its_questions(
    as_animator: CheckedClient, town: Town, market: Meeting
):
    quay = f"quartier_{town.quay.id}"
    answer = fill(
        as_animator, NEW, LIST, title="Parole aux quartiers", body="commission-du-quai", starts_on="2026-07-01",
        ends_on="2026-08-31", restitution_on="2026-08-29", questions=f"{EVERYWHERE}\n\n{EVERYWHERE}", **{quay: HERE},
    )  # fmt: skip
    assert answer.status_code == 303
    campaign = db.session.query(Campaign).one()
    assert answer.location == f"/equipe/demarches/{campaign.ref}/rencontres"
    assert [(row.quartier, row.text) for row in campaign.questions] == [(None, EVERYWHERE), (town.quay, HERE)]
    answer = fill(as_animator, answer.location, answer.location, meetings=["marche"])
    assert answer.status_code == 303
    assert texts(market) == [EVERYWHERE, HERE]
    assert meeting_door(db.session(), market).questions == [EVERYWHERE, HERE], "what a resident's form asks"
    live = as_animator.get("/equipe/rencontres/marche/en-direct").text
    assert f"<option>{EVERYWHERE}</option>" in live
    sentences = [entry.sentence for entry in list_entries(db.session(), "campaign", campaign.ref)]
    assert sentences == ["Démarche créée.", "Rencontres de la démarche modifiées."]


def test_sent_twice_it_is_made_once(as_animator: CheckedClient, town: Town):
    fields = fields_of(as_animator.get(NEW, follow_redirects=True), LIST)
    data = fields | {"title": ["Été"], "body": ["commission-du-quai"], "starts_on": ["2026-07-01"]}
    assert [as_animator.post(LIST, data=data).status_code for _time in range(2)] == [303, 303]
    assert db.session.query(Campaign).count() == 1


@pytest.mark.both_databases
def test_changed_questions_reach_meetings_to_come_alone_and_never_replace_others(town: Town, summer: Campaign):
    here = make_meeting("ici", [town.commission], held_on=dt.date(2026, 7, 2))
    elsewhere = make_meeting("la-bas", [town.council], held_on=dt.date(2026, 7, 3))
    past = make_meeting("passee", [town.commission], held_on=dt.date(2026, 7, 1), status="tenue")
    own = make_meeting("a-elle", [town.commission], held_on=dt.date(2026, 7, 5))
    rules.opening.ask_at_meeting(db.session(), own, ["Une autre ?"], by=town.animator)
    rules.attach(db.session(), summer, [here, elsewhere, past, own], by=town.admin)
    db.session.commit()
    assert [texts(one) for one in (here, elsewhere, past, own)] == [
        [EVERYWHERE, HERE],
        [EVERYWHERE],
        [],
        ["Une autre ?"],
    ]
    changed = draft(town, questions=((town.quay, HERE), (None, "Et demain ?")), ends_on=dt.date(2026, 8, 31))
    assert rules.edit(db.session(), summer, changed, by=town.admin)
    db.session.commit()
    assert [texts(one) for one in (here, elsewhere, past, own)] == [
        ["Et demain ?", HERE], ["Et demain ?"], [], ["Une autre ?"]
    ]  # fmt: skip
    assert not rules.edit(db.session(), summer, changed, by=town.admin), "nothing left to change"


def test_a_meeting_that_leaves_no_longer_asks(town: Town, summer: Campaign, market: Meeting):
    rules.attach(db.session(), summer, [market], by=town.admin)
    db.session.commit()
    assert not rules.attach(db.session(), summer, [market], by=town.admin)
    rules.attach(db.session(), summer, [], by=town.admin)
    db.session.commit()
    assert texts(market) == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": dt.date(2026, 6, 30)}, "ends_on"),
        ({"restitution_on": dt.date(2026, 6, 30)}, "restitution_on"),
        ({"starts_on": dt.date(1926, 7, 1)}, "held_on"),
        ({"questions": tuple((None, f"Question {n} ?") for n in range(7))}, "questions"),
        ({"questions": ((None, "?" * 301),)}, None),
    ],
)
def test_what_cannot_be_is_refused(town: Town, values: dict[str, Any], field: str | None):
    with pytest.raises(Refusal) as refusal:
        rules.create(db.session(), draft(town, **values), by=town.admin)
    assert refusal.value.field == field


def test_six_questions_count_with_those_of_one_quartier(town: Town):
    five = tuple((None, f"Question {n} ?") for n in range(5))
    rules.create(db.session(), draft(town, questions=(*five, (town.quay, "Ici ?"), (town.hill, "Là ?"))), by=town.admin)
    with pytest.raises(Refusal):
        rules.create(
            db.session(), draft(town, questions=(*five, (town.quay, "Ici ?"), (town.quay, "Là ?"))), by=town.admin
        )


def test_an_instance_of_others_is_neither_offered_nor_taken(as_animator: CheckedClient, town: Town, words: Any):
    assert "conseil-du-sud" not in as_animator.get(NEW, follow_redirects=True).text
    with pytest.raises(Refusal):
        rules.create(db.session(), draft(town, body=town.council), by=town.animator)


def test_what_was_typed_stays_when_something_is_wrong(as_animator: CheckedClient, town: Town, words: Any):
    answer = fill(as_animator, NEW, LIST, title="", questions=EVERYWHERE, **{f"quartier_{town.quay.id}": HERE})
    assert answer.status_code == 422
    text = words(answer)
    for sentence in ("Donnez un nom à la démarche.", "Choisissez l'instance qui mène la démarche.", EVERYWHERE, HERE):
        assert sentence in text


def test_two_people_at_once_see_both_versions(as_animator: CheckedClient, town: Town, summer: Campaign, words: Any):
    address = "/equipe/demarches/ete/modifier"
    fields = fields_of(as_animator.get(address), address)
    assert fields["questions"] == [EVERYWHERE]
    first, second = fields | {"title": ["Premier"]}, fields | {"title": ["Second"]}
    assert as_animator.post(address, data=first).status_code == 303
    answer = as_animator.post(address, data=second)
    assert answer.status_code == 409
    assert "Premier" in words(answer)
    assert 'value="Second"' in answer.text


def test_the_team_page_says_what_each_meeting_asks(
    as_animator: CheckedClient, town: Town, summer: Campaign, market: Meeting, words: Any
):
    rules.attach(db.session(), summer, [market], by=town.admin)
    db.session.commit()
    text = words(as_animator.get("/equipe/demarches/ete"))
    assert 'href="/equipe/rencontres/marche"' in text
    assert "<td>2</td>" in text
    assert "/equipe/demarches/ete" in as_animator.get("/equipe/rencontres/marche").text


# For everybody


def test_everybody_reads_what_is_asked_where_and_how_much_was_said(
    client: CheckedClient, town: Town, summer: Campaign, words: Any
):
    summer.restitution_on = dt.date(2026, 8, 29)
    summer.meetings = [town.cafe]
    make_opinion(meeting=town.cafe)
    make_opinion(meeting=town.cafe, moderation="en_attente", text="Encore caché")
    make_opinion(meeting=town.cafe, moderation="rejete")
    make_opinion(meeting=town.session)
    db.session.commit()
    text = words(client.get("/demarches/ete"))
    for sentence in ("2 avis recueillis", EVERYWHERE, HERE, "Le Quai", "Café du Quai", "samedi 29 août 2026"):
        assert sentence in text
    assert "Encore caché" not in text
    assert "Parole aux quartiers" in words(client.get("/demarches"))
    assert 'href="/demarches/ete"' in client.get("/rencontres/cafe").text
    assert 'href="/demarches/ete"' in client.get("/instances/commission-du-quai").text
    assert client.get("/demarches/nulle-part").status_code == 404


def test_the_pages_cost_the_same_for_many(app: Flask, as_admin: CheckedClient, town: Town, summer: Campaign):
    summer.meetings = [make_meeting(bodies=[town.commission], held_on=dt.date(2026, 7, 1))]
    db.session.commit()
    pages = (
        "/demarches",
        "/demarches/ete",
        "/equipe/demarches",
        "/equipe/demarches/ete",
        "/equipe/demarches/ete/rencontres",
    )
    numbers: list[list[int]] = []
    for turn in range(2):
        numbers.append([])
        for page in pages:
            as_admin.get(page)
            with count_queries(app) as count:
                assert as_admin.get(page).status_code == 200
            numbers[-1].append(count.number)
        for number in range(6):
            summer.meetings.append(make_meeting(bodies=[town.council], held_on=dt.date(2026, 7, number + 1)))
            make_campaign(f"autre-{turn}-{number}", town.council)
        db.session.commit()
    assert numbers[0] == numbers[1]
    assert max(numbers[0]) <= 20
