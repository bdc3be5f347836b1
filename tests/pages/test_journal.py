"""The journal's page: the latest first, page by page, of one kind or object."""

import re
from pathlib import Path

import pytest
from flask import Flask

from participation import journal
from participation.exchange import importing
from participation.extensions import db
from participation.journal import record
from participation.pages.journal import KINDS, PAGE_SIZE, list_lines
from tests.support import factory
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries

pytestmark = pytest.mark.usefixtures("app_context")


def write(count: int, action: str = "meeting.created", ref: str = "renc-1") -> None:
    for number in range(count):
        record(db.session(), action, ref, f"Ligne {number} de {ref}.", by=None)
    db.session.commit()


@pytest.fixture
def reader(client: CheckedClient) -> CheckedClient:
    """The browser of somebody who may read the journal."""
    factory.sign_in(client, factory.make_account("chef_projet"))
    return client


def read(client: CheckedClient, address: str = "/equipe/journal") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def test_empty_journal_says_so(reader: CheckedClient) -> None:
    assert "Le journal est vide." in read(reader)


def test_team_can_read_the_journal_latest_first(reader: CheckedClient) -> None:
    write(3)
    text = read(reader)
    assert re.findall(r"Ligne (\d)", text) == ["2", "1", "0"]
    assert "programme" in text


@pytest.mark.both_databases
def test_journal_goes_on_over_pages_both_ways(reader: CheckedClient) -> None:
    write(PAGE_SIZE * 2 + 5)
    address, seen, previous = "/equipe/journal", [], ""
    while address:
        text = read(reader, address)
        seen += [int(number) for number in re.findall(r"Ligne (\d+)", text)]
        link = re.search(r'rel="next" href="([^"]+)"', text)
        back = re.search(r'rel="prev" href="([^"]+)"', text)
        address, previous = (link[1].replace("&amp;", "&") if link else ""), (back[1] if back else "")
    assert seen == list(reversed(range(PAGE_SIZE * 2 + 5)))
    middle = read(reader, previous.replace("&amp;", "&"))
    assert re.findall(r"Ligne (\d+)", middle) == [str(n) for n in range(PAGE_SIZE + 4, 4, -1)]


def test_journal_of_one_kind_or_object(reader: CheckedClient) -> None:
    write(2, "meeting.created", "renc-1")
    write(2, "opinion.logged", "avis-1")
    write(2, "opinion.logged", "avis-2")
    assert len(re.findall(r"Ligne \d de avis", read(reader, "/equipe/journal?genre=opinion"))) == 4
    assert "de renc-1." not in read(reader, "/equipe/journal?genre=opinion")
    assert read(reader, "/equipe/journal?genre=opinion&ref=avis-2").count("de avis-2.") == 2
    assert "Aucune ligne ne correspond" in read(reader, "/equipe/journal?ref=rien")


@pytest.mark.parametrize(
    "odd", ["apres=x", "avant=-1", "apres=99999999999999999999", "genre=%00&ref=%F0%9F%98%80", "apres=0"]
)
def test_odd_addresses_are_answered(reader: CheckedClient, odd: str) -> None:
    write(1)
    read(reader, f"/equipe/journal?{odd}")


def test_journal_costs_the_same_however_long_it_is(app: Flask, reader: CheckedClient) -> None:
    write(2)
    with count_queries(app) as few:
        read(reader)
    write(PAGE_SIZE * 2)
    with count_queries(app) as many:
        read(reader)
    assert many.number == few.number


@pytest.mark.parametrize("role", ["animateur", "elu", "representant"])
def test_others_cannot_read_the_journal(client: CheckedClient, role: str) -> None:
    factory.sign_in(client, factory.make_account(role, ("commune", "arras")))
    assert client.get("/equipe/journal").status_code == 404


def test_pages_are_read_by_key() -> None:
    write(5)
    first = list_lines(db.session(), None, None, {}, size=2)
    assert not first.previous
    write(1)  # a new line never shifts the next page
    second = list_lines(db.session(), None, None, first.next, size=2)
    assert [line.sentence for line in second.items] == ["Ligne 2 de renc-1.", "Ligne 1 de renc-1."]
    assert list_lines(db.session(), None, None, second.previous, size=2).items == first.items


def test_every_kind_of_line_that_the_program_writes_has_its_words() -> None:
    source = Path(journal.__file__).parent
    written = set()
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        written |= set(re.findall(r"\b(?:record\(\s*[\w.()]*,|_entry\()\s*\"(\w+)\.", text))
    assert {"meeting", "import"} <= written
    assert written | set(importing._OBJECTS.values()) <= KINDS.keys()
