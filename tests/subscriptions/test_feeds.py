"""Feeds of steps and calendars: whoever gives no address follows too."""

import datetime as dt
import xml.etree.ElementTree as ET

import pytest
from icalendar import Calendar

from participation.circuit.models import ToDecide
from participation.extensions import db
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, make_proposal
from tests.support.town import TODAY, Town

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/propositions/prop-bancs/flux.atom",
    "/instances/commission-du-quai/flux.atom",
    "/quartiers/le-quai/flux.atom",
)


def entries(client: CheckedClient, address: str) -> list[ET.Element]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.data).findall(f"{ATOM}entry")


def text_of(entry: ET.Element, name: str) -> str:
    return entry.findtext(f"{ATOM}{name}") or ""


@pytest.fixture
def told(town: Town) -> Proposal:
    """A proposal that was accepted and told back, with one step noted by mistake."""
    steps = [
        {"kind": "transmise", "to_body": town.council, "due_on": TODAY + dt.timedelta(days=9)},
        {"kind": "ajournee", "voided_on": TODAY, "voided_reason": "Noté deux fois."},
        {
            "kind": "retenue",
            "body": town.council,
            "short_answer": "Oui, en mai.",
            "reason": "Parce que c'est utile.",
            "told_on": TODAY,
            "told_meeting": town.session,
        },
    ]
    proposal = make_proposal("prop-bancs", steps, title="Des bancs <au> square", body=town.commission)
    make_proposal("prop-autre", body=town.council)
    db.session.commit()
    return proposal


@pytest.mark.both_databases
@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_gives_the_steps_the_latest_first(client: CheckedClient, told: Proposal, address: str):
    found = entries(client, address)
    assert len(found) == 4
    assert {text_of(entry, "title") for entry in found} == {"Des bancs <au> square"}
    latest, voided = text_of(found[0], "content"), text_of(found[1], "content")
    assert latest.split("\n") == [
        "Le 15 mars 2026, le conseil du Sud a dit oui.",
        *("Oui, en mai.", "Parce que c'est utile.", "Réponse donnée aux habitants le 20 mars 2026."),
    ]
    assert "Étape annulée : Noté deux fois." in voided
    assert len({text_of(entry, "id") for entry in found}) == 4


def test_entries_are_the_same_in_each_feed_and_lead_to_the_step(client: CheckedClient, told: Proposal):
    first, *others = ([(text_of(one, "id"), text_of(one, "updated")) for one in entries(client, a)] for a in FEEDS)
    assert all(other == first for other in others)
    link = entries(client, FEEDS[0])[0].find(f"{ATOM}link")
    assert link is not None
    path = link.get("href", "").removeprefix("http://127.0.0.1:8000")
    page = client.get(path.partition("#")[0], follow_redirects=True)
    assert f'id="{path.partition("#")[2]}"' in page.text


def test_a_feed_in_another_language_holds_no_markup(client: CheckedClient, told: Proposal):
    content = text_of(entries(client, f"{FEEDS[0]}?l=en")[2], "content")
    assert "Conseil du Sud" in content
    assert "bdi" not in content


def test_a_reader_that_has_a_feed_gets_nothing_again(client: CheckedClient, told: Proposal):
    first = client.get(FEEDS[1])
    again = client.get(FEEDS[1], headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("address", ["/propositions/x/flux.atom", "/instances/x/flux.atom", "/quartiers/x/flux.atom"])
def test_a_feed_of_nothing_is_not_found(client: CheckedClient, town: Town, address: str):
    assert client.get(address).status_code == 404


def test_an_empty_feed_is_one(client: CheckedClient, town: Town):
    assert entries(client, "/quartiers/la-colline/flux.atom") == []


def test_a_long_feed_costs_no_more_queries(client: CheckedClient, app, town: Town):
    make_proposal(body=town.commission)
    db.session.commit()
    with count_queries(app) as few:
        client.get(FEEDS[1])
    for _ in range(8):
        make_proposal(None, [{"kind": "transmise"}, {"kind": "retenue"}], body=town.commission)
    db.session.commit()
    with count_queries(app) as many:
        client.get(FEEDS[1])
    assert many.number <= few.number + 3, "what steps lead to, asked once each"


# Calendar


def events(client: CheckedClient, address: str) -> dict[str, object]:
    answer = client.get(address)
    assert answer.status_code == 200
    return {str(event["summary"]): event["dtstart"].dt for event in Calendar.from_ical(answer.data).walk("VEVENT")}


@pytest.mark.both_databases
def test_the_calendar_of_a_proposal_has_its_meetings_and_its_due_date(client: CheckedClient, town: Town):
    due = TODAY + dt.timedelta(days=9)
    proposal = make_proposal("prop-bancs", [{"kind": "transmise", "to_body": town.council, "due_on": due}])
    proposal.meeting = town.cafe
    deciding = make_meeting("renc-b", [town.council], title="Pour décider", held_on=TODAY + dt.timedelta(days=5))
    make_meeting("renc-c", [town.council], title="Autre rencontre")
    db.session.add(ToDecide(meeting_id=deciding.id, proposal_id=proposal.id, position=1))
    db.session.commit()
    found = events(client, "/propositions/prop-bancs/agenda.ics")
    assert found == {
        f"Réponse attendue : {proposal.title}": due,
        "Café du Quai": town.cafe.held_on,
        "Pour décider": deciding.held_on,
    }


def test_a_date_that_the_public_may_not_read_is_not_in_the_calendar(client: CheckedClient, town: Town):
    make_proposal("prop-bancs", [{"kind": "transmise", "to_body": town.council}])
    db.session.commit()
    assert events(client, "/propositions/prop-bancs/agenda.ics") == {}
    town.contract.response_days_confirmed = True
    db.session.commit()
    assert len(events(client, "/propositions/prop-bancs/agenda.ics")) == 1


@pytest.mark.parametrize(
    ("page", "links"),
    [
        ("proposition/prop-bancs", ("/propositions/prop-bancs/flux.atom", "/propositions/prop-bancs/agenda.ics")),
        ("instance/le-sud", ("/instances/le-sud/flux.atom", "/rencontres/agenda.ics?instance=le-sud")),
        ("quartier/le-quai", ("/quartiers/le-quai/flux.atom", "/rencontres/agenda.ics?quartier=le-quai")),
    ],
)
def test_the_page_to_follow_leads_to_feed_and_calendar(client: CheckedClient, town: Town, page: str, links: tuple):
    make_proposal("prop-bancs")
    town.council.slug = "le-sud"
    db.session.commit()
    text = client.get(f"/suivre/{page}", follow_redirects=True).text
    for link in links:
        assert f'href="{link}"' in text
        assert client.get(link).status_code == 200
