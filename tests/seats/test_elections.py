"""An election that was held opens several mandates at once, once; everybody reads how many, never who."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.bodies.models import Mandate, MandatePerson
from participation.extensions import db
from participation.journal import list_entries
from participation.meetings.models import Meeting
from participation.people.models import Account
from participation.seats.models import Elected, Substitute
from tests.seats.conftest import COUNCIL, MANDATES
from tests.support.checked_client import CheckedClient
from tests.support.filling import fill, send
from tests.support.town import Town

FORM = "/equipe/rencontres/election/mandats"
SEATS = {"kind": "representant", "seat_body": COUNCIL}
NAMES = {"holder_names": "Ana Fictive\n\n  Bo   Fictif ", "substitute_names": "Cléo Fictive"}


def opened() -> list[tuple[str, dt.date, str | None, bool]]:
    """Return kind, first day, name and whether a substitute's, of each mandate that the election opened."""
    db.session.expire_all()
    query = (
        sa.select(Mandate.kind, Mandate.started_on, MandatePerson.name, Substitute.mandate_id.is_not(None))
        .join(Elected, Elected.mandate_id == Mandate.id)
        .outerjoin(MandatePerson, MandatePerson.mandate_id == Mandate.id)
        .outerjoin(Substitute, Substitute.mandate_id == Mandate.id)
        .order_by(Mandate.id)
    )
    return [tuple(row) for row in db.session.execute(query)]


@pytest.mark.both_databases
def test_several_mandates_are_opened_at_once_and_once(as_animator: CheckedClient, election: Meeting) -> None:
    page = as_animator.get(FORM, follow_redirects=True)
    for _double_click in range(2):
        assert send(as_animator, page, FORM, **SEATS, **NAMES).status_code == 303
    day = dt.date(2026, 3, 15)
    assert opened() == [
        ("representant", day, "Ana Fictive", False),
        ("representant", day, "Bo Fictif", False),
        ("representant", day, "Cléo Fictive", True),
    ]
    lines = list_entries(db.session(), "meeting", "election")
    assert [line.action for line in lines] == ["meeting.elected"]
    assert "Fictive" not in str([(line.sentence, line.details) for line in lines])


def test_everybody_reads_how_many_and_nobody_s_name(as_animator: CheckedClient, election: Meeting, app: Flask) -> None:
    everybody = app.test_client()
    assert "Ce que l'élection a donné" not in everybody.get("/rencontres/election").text
    fill(as_animator, FORM, **SEATS, **NAMES)
    page = everybody.get("/rencontres/election").text
    assert "Cette élection a ouvert 3 mandats, dont 1 de suppléant." in page
    assert "Fictive" not in page
    assert "Déjà noté" in as_animator.get(FORM, follow_redirects=True).text
    assert "Fictive" not in as_animator.get("/equipe/rencontres/election").text


def test_a_mandate_leads_to_its_election(as_animator: CheckedClient, election: Meeting) -> None:
    fill(as_animator, FORM, holders="1")
    ref = db.session.scalars(sa.select(Mandate.ref)).one()
    for page in (MANDATES, f"{MANDATES}/{ref}"):
        text = as_animator.get(page).text
        assert 'href="/rencontres/election"' in text
        assert "Élection au Quai" in text


def test_numbers_are_enough_and_may_be_more_than_the_names(as_animator: CheckedClient, election: Meeting) -> None:
    answer = fill(as_animator, FORM, holders="3", holder_names="Ana Fictive", started_on="01/04/2026")
    assert answer.status_code == 303
    day = dt.date(2026, 4, 1)
    assert opened() == [("membre", day, "Ana Fictive", False), *[("membre", day, None, False)] * 2]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"holder_names": ""}, "combien de personnes"),
        ({"holders": "1", "holder_names": "Ana Fictive\nBo Fictif"}, "plus de noms"),
        ({"holders": "100"}, "entre 0 et 99"),
        ({"holders": "deux"}, "nombre entier"),
        ({"holders": "1", "substitutes": "1"}, "Seuls des représentants"),
        ({"holders": "1", "kind": "representant"}, "où cette personne siège"),
        ({"holders": "1", "started_on": "14/03/2026"}, "le jour de l&#39;élection"),
        ({"holders": "1", "started_on": ""}, "date de début"),
        ({"holders": "1", "ended_on": "15/03/2025"}, "La fin est avant le début"),
        ({"holder_names": "A" * 201}, "un nom par ligne"),
    ],
)
def test_a_fault_opens_nothing_and_keeps_what_was_typed(
    as_animator: CheckedClient, election: Meeting, fields: dict[str, str], sentence: str
) -> None:
    answer = fill(as_animator, FORM, **({"substitute_names": ""} | {"holder_names": "Zoé Gardée"} | fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields.get("holder_names", "Zoé Gardée") in answer.text
    assert opened() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"status": "prevue"}, "n'a pas encore eu lieu"),
        ({"status": "annulee"}, "annulée"),
        ({"type": "reunion"}, "n'est pas une élection"),
    ],
)
def test_before_it_is_held_the_refusal_says_what_to_do(
    as_animator: CheckedClient, election: Meeting, change: dict[str, str], sentence: str
) -> None:
    page = as_animator.get(FORM, follow_redirects=True)
    for name, value in change.items():
        setattr(election, name, value)
    db.session.commit()
    sent = send(as_animator, page, FORM, holders="2", holder_names="Zoé Gardée")
    assert sent.status_code == 422
    assert sentence.replace("'", "&#39;") in sent.text
    assert "Zoé Gardée" in sent.text
    shown = as_animator.get(FORM)
    assert shown.status_code == 422
    assert sentence in shown.text.replace("&#39;", "'")
    assert opened() == []
    assert "ouvrir les mandats des personnes élues" not in as_animator.get("/equipe/rencontres/election").text.lower()


def test_whoever_reads_no_name_writes_numbers(
    as_admin: CheckedClient, town: Town, election: Meeting, enter: Callable[[Account], CheckedClient]
) -> None:
    for client in (as_admin, enter(town.representative)):
        page = client.get(FORM, follow_redirects=True)
        assert "holder_names" not in page.text
        refused = send(client, page, FORM, holders="1", holder_names="Zoé Fictive")
        assert refused.status_code == 422
        assert "Écrivez des nombres" in refused.text
        assert fill(client, FORM, holders="1").status_code == 303
    assert [name for _kind, _day, name, _substitute in opened()] == [None, None]


def test_of_a_joint_election_each_opens_the_mandates_of_its_own(
    as_animator: CheckedClient, town: Town, election: Meeting
) -> None:
    election.bodies.append(town.council)
    db.session.commit()
    page = as_animator.get(FORM, follow_redirects=True)
    body = page.text[page.text.index('name="body"') : page.text.index('name="kind"')]
    assert COUNCIL not in body
    assert send(as_animator, page, FORM, body=COUNCIL, holders="1").status_code == 422
    assert opened() == []


def test_names_and_the_form_are_the_instances_own(
    as_animator: CheckedClient, election: Meeting, others: dict[str, Account], enter: Callable[[Account], CheckedClient]
) -> None:
    fill(as_animator, FORM, **SEATS, **NAMES)
    pages = (FORM, "/equipe/rencontres/election", "/rencontres/election", "/rencontres", f"/instances/{COUNCIL}")
    for name, account in others.items():
        client = enter(account)
        for page in pages:
            assert "Fictive" not in client.get(page, follow_redirects=True).text, (name, page)
    for name in ("animateur d'ailleurs", "représentant d'ailleurs", "représentant du conseil", "élue"):
        client = enter(others[name])
        assert client.get(FORM).status_code == 404, name
    assert len(opened()) == 3
