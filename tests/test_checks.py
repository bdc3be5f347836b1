"""The checks of `make check` see what they are there to see."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tests.checks.files import faults_of as faults_of_file
from tests.checks.translations import faults_of as faults_of_catalog

TEAM = frozenset({"participation/templates/meetings/edit.html"})


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("a.lock", "https://files.python" + "hosted.org/x", "registry"),
        ("a.json", "https://registry.npm" + "js.org/x", "registry"),
        ("a.py", 'open("/ro' + 'ot/x")', "one machine"),
        ("a.md", "cd /ho" + "me/awa/x", "one machine"),
        ("static/htmx.min.js", "x", "somebody else's"),
        ("static/a.js", "/*" + "! htmx */", "somebody else's"),
        ("static/a.css", "a{}" * 1000, "somebody else's"),
        ("static/a.ttf", "x", "somebody else's"),
        ("a.txt", "x" * 500_000, "KB"),
    ],
)
def test_a_file_that_does_not_belong_is_seen(name: str, content: str, fault: str):
    assert any(fault in found for found in faults_of_file(Path(name), content.encode()))


@pytest.mark.parametrize("content", [b"https://participation.exemple.fr/home/", b"\xff\xfe", "à la racine".encode()])
def test_a_file_that_belongs_has_no_fault(content: bytes):
    assert list(faults_of_file(Path("a.py"), content)) == []


@pytest.fixture
def template() -> Catalog:
    catalog = Catalog()
    catalog.add("Bonjour %(name)s", locations=[("participation/people/views.py", 1)])
    catalog.add(("%(num)s avis", "%(num)s avis."), locations=[("participation/templates/home.html", 1)])
    catalog.add("Enregistrer la rencontre", locations=[("./participation/templates/meetings/edit.html", 1)])
    return catalog


def english(greeting: str, *opinions: str) -> Catalog:
    catalog = Catalog(locale="en")
    catalog.add("Bonjour %(name)s", greeting)
    catalog.add(("%(num)s avis", "%(num)s avis."), opinions)
    return catalog


def test_a_whole_catalogue_has_no_fault(template: Catalog):
    assert list(faults_of_catalog(english("Hello %(name)s", "One opinion", "%(num)s opinions"), template, TEAM)) == []


@pytest.mark.parametrize(
    ("catalog", "fault"),
    [
        (english("", "One", "%(num)s"), "not translated"),
        (english("Hello %(name)s", "One", ""), "not translated"),
        (english("Hello", "One", "%(num)s"), "differ from the source: name"),
        (english("Hello %(nom)s", "One", "%(num)s"), "differ from the source: name, nom"),
        (english("Hello %(name)s", "One", "%(n)s"), "differ from the source: n"),
        (Catalog(locale="en"), "missing"),
    ],
)
def test_a_bad_catalogue_has_its_fault(catalog: Catalog, fault: str, template: Catalog):
    assert any(fault in found for found in faults_of_catalog(catalog, template, TEAM))


def test_what_is_no_longer_used_is_seen(template: Catalog):
    catalog = english("Hello %(name)s", "One", "%(num)s")
    catalog.add("Adieu", "Bye")
    assert ["no page any more" in fault for fault in faults_of_catalog(catalog, template, TEAM)] == [True]


def test_a_guess_must_be_read_again(template: Catalog):
    catalog = english("Hello %(name)s", "One", "%(num)s")
    catalog.add("Bonjour %(name)s", "Hello %(name)s", flags=["fuzzy"])
    assert any("fuzzy" in fault for fault in faults_of_catalog(catalog, template, TEAM))


def test_texts_outside_the_team_s_pages_need_translation(template: Catalog):
    catalog = english("Hello %(name)s", "One", "%(num)s")
    assert any("rencontre" in fault for fault in faults_of_catalog(catalog, template, frozenset()))
