"""« Vous avez dit, nous avons fait » : the page, the feed and the poster of answers."""

import datetime as dt
import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from flask import Flask

from participation.extensions import db
from participation.proposals.answers import last_full_quarter
from participation.proposals.answers_poster import MOST
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.factory import make_meeting, make_opinion, make_proposal, make_quartier, make_theme
from tests.support.paper import codes_of, open_pdf, words_of
from tests.support.pdf_ua import pdf_faults
from tests.support.town import Town

ATOM = "{http://www.w3.org/2005/Atom}"
DAY = dt.date(2025, 11, 3)


def answered(kind: str = "retenue", on: dt.date = DAY, **values: object) -> Proposal:
    """Add a proposal with an answer of that day."""
    step = {"kind": kind, "on_date": on, "short_answer": "Oui, en mai.", "reason": "Le budget est voté."}
    steps = [{"kind": "transmise", "on_date": on}, {**step, **values.pop("step", {})}, *values.pop("after", ())]  # type: ignore[dict-item,misc]
    return make_proposal(steps=steps, received_on=on, **values)  # type: ignore[arg-type]


def cards(client: CheckedClient, address: str) -> list[str]:
    """Return what is read in each answer of the page."""
    page = client.get(address)
    assert page.status_code == 200
    found = re.findall(r'<article class="card" id="[^"]*">(.*?)</article>', page.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


# The page


def test_an_answer_says_what_was_said_what_was_answered_and_when_it_was_told(client: CheckedClient, town: Town):
    told = {"told_on": dt.date(2026, 1, 8), "told_meeting": town.session}
    proposal = answered(title="Des bancs", body=town.commission, quartiers=[town.quay], theme=town.theme, step=told)
    make_opinion(text="secret", moderation="en_attente", meeting=town.cafe, proposal_id=proposal.id)
    make_opinion(
        text="retirée",
        meeting=town.cafe,
        proposal_id=proposal.id,
        withdrawal_asked_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    )
    make_opinion(text="On attend debout.", meeting=town.cafe, proposal_id=proposal.id)
    make_opinion(text="Moi aussi.", meeting=town.cafe, proposal_id=proposal.id)
    [card] = cards(client, "/reponses")
    for words in (
        "Oui, prévu", "Des bancs", "Vous avez dit :", "On attend debout.", "Café du Quai, 12 mars 2026",
        "Réponse : Oui, en mai.", "Le budget est voté.", "Réponse du 3 novembre 2025", "Le Quai", "Cadre de vie",
        "Réponse donnée aux habitants le 8 janvier 2026. Séance du conseil",
    ):  # fmt: skip
        assert words in card
    for words in ("secret", "retirée", "Moi aussi."):
        assert words not in card


def test_the_states_that_residents_read(client: CheckedClient, town: Town):
    done = {"kind": "realisee", "on_date": DAY + dt.timedelta(days=9), "reason": "Posés hier."}
    answered(title="Fait", body=town.commission, after=[done])
    answered("non_retenue", title="Non", body=town.commission)
    answered("ajournee", title="Plus tard", body=town.commission)
    found = {card.split()[0] for card in cards(client, "/reponses")}
    assert found == {"Fait", "Non", "Plus"}


def test_an_adjournment_is_told_while_it_holds_and_once(client: CheckedClient, town: Town):
    sent = {"kind": "transmise", "on_date": DAY + dt.timedelta(days=3)}
    answered("ajournee", title="Repris", body=town.commission, after=[sent])
    decided = {"kind": "retenue", "on_date": DAY + dt.timedelta(days=5)}
    answered("ajournee", title="Décidé", body=town.commission, after=[decided])
    assert len(cards(client, "/reponses")) == 1
    assert "Décidé" in cards(client, "/reponses")[0]


def test_an_opinion_with_a_short_answer_of_its_own_is_there_if_it_is_published(client: CheckedClient, town: Town):
    for moderation in ("publie", "en_attente", "reserve", "rejete"):
        make_opinion(
            text=f"dit-{moderation}", moderation=moderation, meeting=town.cafe, answer="Merci.", answered_on=DAY
        )
    make_opinion(text="sans date", meeting=town.cafe, answer="Oui.", received_on=dt.date(2025, 1, 2))
    first, second = cards(client, "/reponses")
    assert "dit-publie" in first
    assert "Réponse : Merci." in first
    assert "sans date" in second
    assert "Date de la réponse : non renseignée" in second


def test_filters_find_answers_by_place_theme_meeting_and_year(client: CheckedClient, town: Town):
    other = make_meeting("autre", [town.council], title="Autre rencontre")
    born = answered(title="Ici", body=town.commission, theme=town.theme, meeting=town.cafe)
    fed = answered(title="Là", body=town.council, on=dt.date(2024, 6, 1))
    make_opinion(meeting=other, proposal_id=fed.id, moderation="en_attente")
    make_opinion(text="Seul", meeting=town.cafe, quartier=town.quay, theme=town.theme, answer="Merci.", answered_on=DAY)
    db.session.commit()
    for query, found in {
        "quartier=le-quai": ["Ici", "Seul"],
        "theme=cadre-de-vie": ["Ici", "Seul"],
        "rencontre=cafe": ["Ici", "Seul"],
        "rencontre=autre": ["Là"],
        "annee=2025": ["Ici", "Seul"],
        "annee=2024": ["Là"],
        "annee=2024&rencontre=cafe": [],
        "annee=0000": [],
        "annee=hier": [],
        "rencontre=nulle-part": [],
        "quartier=%00": [],
    }.items():
        texts = " ".join(cards(client, f"/reponses?{query}"))
        assert [name for name in ("Ici", "Là", "Seul") if re.search(rf"\b{name}\b", texts)] == found, query
    page = client.get("/reponses?rencontre=autre").text
    assert "Autre rencontre" in page
    assert '<option selected value="autre">' in page
    assert born.ref


def test_late_answers_are_said_openly(client: CheckedClient, town: Town):
    for number in range(7):
        due = dt.date(2026, 3, 1) + dt.timedelta(days=number)
        make_proposal(title=f"Tard-{number}", steps=[{"kind": "transmise", "due_on": due}], body=town.commission)
    make_proposal(title="Ailleurs", steps=[{"kind": "transmise", "due_on": dt.date(2026, 2, 1)}], body=town.council)
    make_proposal(
        title="Sans date annoncée", steps=[{"kind": "transmise"}], body=town.commission, received_on=dt.date(2025, 1, 1)
    )
    page = client.get("/reponses?quartier=le-quai").text
    assert "7 réponses sont en retard." in page
    assert "La réponse devait venir avant le 1er mars 2026." in page
    assert [name for name in (f"Tard-{number}" for number in range(7)) if name in page] == [
        f"Tard-{n}" for n in range(5)
    ]
    assert 'href="/propositions?retard=1&amp;quartier=le-quai"' in page
    assert "Ailleurs" not in page
    assert "Sans date annoncée" not in client.get("/reponses").text
    town.contract.response_days_confirmed = True
    assert "Sans date annoncée" in client.get("/reponses").text


@pytest.mark.both_databases
def test_pages_go_on_without_losing_or_repeating_any(client: CheckedClient, town: Town):
    for number in range(24):
        answered(title=f"P{number}", body=town.commission, on=DAY + dt.timedelta(days=number % 3))
        make_opinion(
            text=f"O{number}", meeting=town.cafe, answer="Merci.", answered_on=DAY + dt.timedelta(days=number % 3)
        )
    seen, address = [], "/reponses?quartier=le-quai"
    while address:
        page = client.get(address).text
        seen.append(list(dict.fromkeys(re.findall(r"\b([PO]\d+)\b", " ".join(cards(client, address))))))
        following = re.search(r'rel="next" href="([^"]*)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert [len(page) for page in seen] == [20, 20, 8]
    expected = {f"{kind}{number}" for kind in "PO" for number in range(24)}
    assert set(itertools.chain(*seen)) == expected


def test_a_code_that_is_lost_is_no_dead_end(client: CheckedClient, town: Town):
    page = client.get("/reponses").text
    assert "Code perdu ?" in page
    assert "Aucune réponse pour le moment." in page


# The feed


def feed(client: CheckedClient, query: str = "") -> ET.Element:
    answer = client.get(f"/reponses/flux.atom{query}")
    assert answer.status_code == 200
    assert answer.mimetype == "application/atom+xml"
    return ET.fromstring(answer.data)


def text(element: ET.Element, name: str) -> str:
    found = element.find(ATOM + name)
    assert found is not None, name
    return found.text or ""


@pytest.mark.both_databases
def test_the_feed_is_what_the_standard_asks(client: CheckedClient, town: Town):
    proposal = answered("non_retenue", title="Un <banc> & 市", body=town.commission)
    make_opinion(text="On attend\x0b debout.", meeting=town.cafe, proposal_id=proposal.id)
    make_opinion(text="Merci", meeting=town.cafe, answer="À vous.", answered_on=DAY)
    root = feed(client, "?quartier=le-quai")
    assert root.tag == ATOM + "feed"
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"
    links = {link.get("rel"): link.get("href") for link in root.findall(ATOM + "link")}
    assert links == {
        "self": "http://127.0.0.1:8000/reponses/flux.atom?quartier=le-quai",
        "alternate": "http://127.0.0.1:8000/reponses?quartier=le-quai",
    }
    assert text(root.find(ATOM + "author"), "name") == "Ville d'essai"  # type: ignore[arg-type]
    entries = root.findall(ATOM + "entry")
    assert {text(entry, "title") for entry in entries} == {"Un <banc> & 市", "Merci"}
    for entry in [root, *entries]:
        assert text(entry, "id").startswith("urn:uuid:")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text(entry, "updated"))
    assert text(root, "updated") == max(text(entry, "updated") for entry in entries)
    content = " ".join(text(entry, "content") for entry in entries)
    assert "Vous avez dit : On attend debout." in content
    assert "Réponse : Oui, en mai." in content
    assert len({text(entry, "id") for entry in entries}) == 2


def test_identifiers_stay_while_what_they_name_changes(client: CheckedClient, town: Town):
    proposal = answered(title="Un banc", body=town.commission)
    before = feed(client)
    proposal.title = "Deux bancs"
    after = feed(client)
    assert text(after, "id") == text(before, "id")
    old, new = before.find(ATOM + "entry"), after.find(ATOM + "entry")
    assert old is not None
    assert new is not None
    assert text(new, "id") == text(old, "id")
    assert text(new, "title") == "Deux bancs"
    assert text(feed(client, "?theme=cadre-de-vie"), "id") != text(before, "id")


def test_a_reader_that_has_the_feed_is_sent_nothing(client: CheckedClient, town: Town):
    answered(title="Un banc", body=town.commission)
    first = client.get("/reponses/flux.atom")
    again = client.get("/reponses/flux.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    later = client.get("/reponses/flux.atom", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert later.status_code == 304
    answered("non_retenue", title="Un bus", body=town.commission)
    new = client.get("/reponses/flux.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert new.status_code == 200


@pytest.mark.usefixtures("app_context")
def test_an_empty_feed_is_one_too(client: CheckedClient):
    root = feed(client)
    assert root.findall(ATOM + "entry") == []
    assert text(root, "updated")
    assert feed(client, "?l=ar").get("{http://www.w3.org/XML/1998/namespace}lang") == "ar"


def test_the_page_names_its_feed(client: CheckedClient, town: Town):
    page = client.get("/reponses?quartier=le-quai").text
    head = page.partition("</head>")[0]
    assert '<link rel="alternate" type="application/atom+xml" href="/reponses/flux.atom?quartier=le-quai"' in head


# The poster


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (dt.date(2026, 3, 20), dt.date(2025, 10, 1), dt.date(2025, 12, 31)),
        (dt.date(2026, 4, 1), dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        (dt.date(2026, 6, 30), dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        (dt.date(2026, 12, 31), dt.date(2026, 7, 1), dt.date(2026, 9, 30)),
    ],
)
def test_the_last_full_quarter(today: dt.date, first: dt.date, last: dt.date):
    quarter = last_full_quarter(today)
    assert (quarter.first, quarter.last) == (first, last)


def test_the_poster_shows_the_answers_of_the_last_quarter(client: CheckedClient, town: Town):
    proposal = answered(title="Des bancs 😀", body=town.commission, quartiers=[town.quay])
    make_opinion(text="نريد مقاعد 市", language="ar", meeting=town.cafe, proposal_id=proposal.id)
    answered(title="Trop tôt", body=town.commission, on=dt.date(2025, 9, 30))
    answered(title="Trop tard", body=town.commission, on=dt.date(2026, 1, 1))
    content = client.get("/reponses/affiche.pdf").data
    assert not pdf_faults(content)
    assert len(open_pdf(content)) == 1
    assert codes_of(content) == ["http://127.0.0.1:8000/reponses"]
    said = words_of(content)
    page = client.get("/reponses/affiche").text
    for words in ("octobre à décembre 2025", "Oui, prévu", "Oui, en mai.", "Le Quai", "Toutes les réponses :"):
        assert words in said
        assert words in page
    for words in ("Trop tôt", "Trop tard"):
        assert words not in said
        assert words not in page
    assert "نريد مقاعد" in page
    assert open_pdf(content).get_metadata_dict()["Title"].endswith("octobre à décembre 2025")


@pytest.mark.parametrize("length", [1, 12])
@pytest.mark.parametrize("number", [1, 2, 5, 40])
def test_the_poster_is_one_page_and_says_how_many_more_there_are(
    client: CheckedClient, town: Town, length: int, number: int
):
    long = "Très long mot " * length
    for _n in range(number):
        proposal = answered(title=long, body=town.commission, quartiers=[town.quay], step={"short_answer": long})
        make_opinion(text=long, meeting=town.cafe, proposal_id=proposal.id)
    content = client.get("/reponses/affiche.pdf").data
    assert len(open_pdf(content)) == 1
    shown = words_of(content).count("Vous avez dit :")
    assert 1 <= shown <= min(number, MOST)
    left = number - shown
    assert (f"Et {left} autre" in words_of(content)) == (left > 0)
    page = client.get("/reponses/affiche").text
    left = number - page.count('class="paper-answer"')
    assert (f"Et {left} autre" in page) == (left > 0)


def test_the_poster_of_a_quartier_says_whose_it_is_and_what_is_late(client: CheckedClient, town: Town):
    answered(title="Ici", body=town.commission, quartiers=[town.quay])
    answered(title="Là-bas", body=town.council, quartiers=[town.hill])
    make_proposal(steps=[{"kind": "transmise", "due_on": dt.date(2026, 3, 1)}], body=town.commission)
    content = client.get("/reponses/affiche.pdf?quartier=le-quai").data
    said = words_of(content)
    assert "Le Quai" in said
    assert "Là-bas" not in said
    assert "1 réponse est en retard." in said
    assert codes_of(content) == ["http://127.0.0.1:8000/reponses?quartier=le-quai"]
    assert client.get("/reponses/affiche?quartier=nulle-part").status_code == 200


def test_a_quarter_without_answers_says_so(client: CheckedClient, town: Town):
    sentence = "Aucune réponse n'a été donnée pendant ces trois mois."
    assert sentence in words_of(client.get("/reponses/affiche.pdf").data)
    assert sentence in client.get("/reponses/affiche").text.replace("&#39;", "'")
    assert not pdf_faults(client.get("/reponses/affiche.pdf?l=ar").data)


# All three


def test_the_number_of_queries_does_not_grow(app: Flask, client: CheckedClient, town: Town):
    addresses = ["/reponses", "/reponses?quartier=le-quai&theme=cadre-de-vie&rencontre=cafe&annee=2025",
                 "/reponses/flux.atom", "/reponses/affiche", "/reponses/affiche.pdf?quartier=le-quai"]  # fmt: skip

    def add() -> None:
        told = {"told_on": dt.date(2026, 1, 8), "told_meeting": make_meeting()}
        proposal = answered(body=town.commission, theme=town.theme, quartiers=[town.quay], meeting=town.cafe, step=told)
        make_opinion(meeting=make_meeting(), proposal_id=proposal.id)
        make_opinion(meeting=town.cafe, quartier=town.quay, theme=town.theme, answer="Merci.", answered_on=DAY)
        make_proposal(steps=[{"kind": "transmise", "due_on": dt.date(2026, 3, 1)}], body=town.commission)
        make_quartier()
        make_theme()

    def count() -> list[int]:
        numbers = []
        for address in addresses:
            with count_queries(app) as counted:
                assert client.get(address).status_code == 200
            numbers.append(counted.number)
        return numbers

    add()
    few = count()
    for _n in range(6):
        add()
    assert count() == few
    assert max(few) <= 40
