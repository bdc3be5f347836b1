"""The address of a proposal: the ref alone decides, even where refs and titles hold hyphens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participation.extensions import db
from participation.proposals import queries
from participation.proposals.addresses import canonical_path, prefixes
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_body, make_proposal
from tests.support.html import Page
from tests.support.town import Town


@pytest.mark.parametrize(
    ("ref", "title", "path"),
    [
        ("prop-1", "Éclairer la place du Quai", "prop-1-eclairer-la-place-du-quai"),
        ("prop-1", "مقعد في الحديقة", "prop-1"),
        ("prop-1", "🌳🌳", "prop-1"),
        ("P_1.b", "Un cœur", "P_1.b-un-coeur"),
        (
            "prop-1",
            "un deux trois quatre cinq six sept huit neuf dix",
            "prop-1-un-deux-trois-quatre-cinq-six-sept-huit",
        ),
        ("prop-1", "x" * 300, "prop-1-" + "x" * 80),
    ],
)
def test_an_address_is_the_ref_then_the_words_of_the_title(ref: str, title: str, path: str):
    assert canonical_path(ref, title) == path


@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", fullmatch=True), st.text(max_size=60))
def test_an_address_always_holds_its_ref(ref: str, title: str):
    assert ref in prefixes(canonical_path(ref, title))


def test_every_form_of_the_address_leads_to_the_canonical_one(client: CheckedClient, town: Town):
    make_proposal("prop-12", title="Bistro du quai")
    for path in ("prop-12", "prop-12-ancien-titre", "prop-12-"):
        answer = client.get(f"/propositions/{path}")
        assert (answer.status_code, answer.location) == (302, "/propositions/prop-12-bistro-du-quai")
    assert client.get("/propositions/prop-12-bistro-du-quai").status_code == 200


@pytest.mark.parametrize("path", ["prop-123", "prop", "PROP-12", "prop_12", "-", "12", "prop-1", "%00", "a" * 3000])
def test_an_address_of_nothing_is_not_found(client: CheckedClient, town: Town, path: str):
    make_proposal("prop-12", title="Bistro")
    assert client.get(f"/propositions/{path}").status_code == 404


def test_refs_that_begin_alike_are_not_taken_for_one_another(client: CheckedClient, town: Town):
    titles = {
        "prop-12": "Bistro",
        "prop-12-bis": "Un autre",
        "prop-12-bis-ter": "Encore un",
        "prop": "12 bis",  # its words read as another's ref
        "Prop-12": "Capitales",
    }
    for ref, title in titles.items():
        make_proposal(ref, title=title, body=town.commission)
    page = client.get("/propositions")
    links = [a.get("href") for a in Page(page.text).find_all("a") if a.get("href").startswith("/propositions/")]
    assert len(links) == len(titles)
    for ref, title in titles.items():
        shown = client.get(f"/propositions/{ref}", follow_redirects=True)
        assert shown.status_code == 200
        assert f"<bdi>{ref}</bdi>" in shown.text
        assert title in shown.text
        assert shown.request.path in links


@pytest.mark.both_databases
@pytest.mark.usefixtures("app_context")
def test_any_refs_and_titles_lead_each_to_their_own():
    body = make_body()
    words = ["a", "a-b", "b", "a-b-c", "c", "b-c"]
    proposals = [make_proposal(ref, body=body) for ref in words]
    for shift in range(len(words)):
        for number, proposal in enumerate(proposals):
            proposal.title = words[(number + shift) % len(words)]
        db.session.commit()
        paths = queries.canonical_paths(db.session(), [(row.ref, row.title) for row in proposals])
        assert {ref: queries.resolve(db.session(), path) for ref, path in paths.items()} == {ref: ref for ref in words}
        assert {ref: queries.resolve(db.session(), ref) for ref in words} == {ref: ref for ref in words}
