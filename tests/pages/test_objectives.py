"""An objective of the contract: what was said, asked, decided and done; and those of which nobody has spoken."""

import datetime as dt
import html
import re
from dataclasses import dataclass

import pytest

from participation.contract.models import Objective
from participation.extensions import db
from participation.pages import objectives
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.database import count_queries
from tests.support.deeds import make_action
from tests.support.factory import make_ambition, make_objective, make_opinion, make_proposal
from tests.support.town import TODAY, Town, today, town

__all__ = ["today", "town"]


@dataclass
class Tree:
    """One ambition with two strategic objectives, the second without any below; another ambition."""

    first: Objective
    lit: Objective
    dark: Objective
    lone: Objective


@pytest.fixture
def tree(town: Town) -> Tree:
    town.contract.announced = {"strategic": 3, "operational": 2, "by_ambition": {}}
    ambition = make_ambition("APA", name="Quartier apaisé")
    first = make_objective("APA-1", ambition, name="Éclairer")
    made = Tree(
        first=first,
        lit=make_objective("APA-1A", ambition, first, name="Éclairer les rues"),
        dark=make_objective("APA-1B", ambition, first, name="Éclairer les cours"),
        lone=make_objective("APA-2", ambition, name="Se reposer"),
    )
    make_objective("EMP-1", make_ambition("EMP", name="Quartier actif"), name="Travailler")
    db.session.commit()
    return made


def asked(town: Town, *served: Objective, ref: str | None = None, kinds: str = "") -> Proposal:
    steps = [{"kind": kind} for kind in kinds.split()]
    proposal = make_proposal(ref, steps, body=town.commission, objectives=list(served))
    db.session.commit()
    return proposal


def read(client: CheckedClient, path: str) -> str:
    page = client.get(path)
    assert page.status_code == 200
    main = page.text.partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_each_state_is_counted_once_and_opens_its_proposals(client: CheckedClient, town: Town, tree: Tree):
    for kinds in ("", "etude", "transmise", "transmise ajournee", "transmise retenue", "transmise non_retenue"):
        asked(town, tree.lit, kinds=kinds)
    asked(town, tree.lit, kinds="transmise retenue realisee")
    asked(town, tree.lit, kinds="retiree")
    asked(town, tree.lit, kinds="regroupee")
    account = objectives.account_of(db.session(), "APA-1A", TODAY, confirmed=False)
    assert account.proposals == 7
    assert sum(account.states.values()) == 7
    assert account.states["fait"] == 1
    page = client.get("/contrat/APA-1A").text
    for word, number in account.states.items():
        link = f"/propositions?objectif=APA-1A&amp;etat={word}"
        assert (link in page) == (number > 0)
        if number:
            listed = client.get(link.replace("&amp;", "&")).text
            assert len(set(re.findall(r'href="/propositions/(prop-\d+)', listed))) == number, word


def test_an_objective_above_counts_what_is_below_once(client: CheckedClient, town: Town, tree: Tree):
    asked(town, tree.lit, tree.dark, tree.first)
    for code in ("APA", "APA-1", "APA-1A", "APA-1B"):
        assert objectives.account_of(db.session(), code, TODAY, confirmed=False).proposals == 1
    assert objectives.account_of(db.session(), "EMP", TODAY, confirmed=False).proposals == 0
    assert "Personne n'a encore parlé de cet objectif." in read(client, "/contrat/EMP-1")


def test_what_was_done_is_shown_the_latest_first(client: CheckedClient, town: Town, tree: Tree):
    proposal = asked(town, tree.lit, kinds="transmise retenue")
    for day in range(1, 8):
        make_action(proposal=proposal, text=f"Lampe {day}", done_on=dt.date(2026, 3, day + 9))
    make_action(proposal=proposal, text="Lampe à venir")
    make_action(proposal=proposal, text="Lampe oubliée", dropped_on=TODAY, dropped_reason="Le mur s'effrite.")
    db.session.commit()
    page = read(client, "/contrat/APA-1A")
    assert "8 actions prévues, 7 faites." in page
    shown = re.findall(r"Lampe [\wà]+", page)
    assert shown == [f"Lampe {day}" for day in (7, 6, 5, 4, 3)]


def test_lateness_is_public_only_where_a_date_was_announced(client: CheckedClient, town: Town, tree: Tree):
    late = {"kind": "transmise", "due_on": dt.date(2026, 3, 15)}
    make_proposal("prop-1", [late], body=town.commission, objectives=[tree.lit])
    early = make_proposal("prop-2", [{"kind": "transmise"}], body=town.commission,
                          objectives=[tree.lit], received_on=dt.date(2025, 1, 6))  # fmt: skip
    db.session.commit()
    assert early.sent_on == dt.date(2025, 1, 7)
    assert objectives.account_of(db.session(), "APA-1A", TODAY, confirmed=False).late == 1
    assert objectives.account_of(db.session(), "APA-1A", TODAY, confirmed=True).late == 2
    town.contract.response_days_confirmed = False
    db.session.commit()
    assert "En retard : 1 proposition" in read(client, "/contrat/APA-1A")
    town.contract.response_days_confirmed = True
    db.session.commit()
    assert "En retard : 2 propositions" in read(client, "/contrat/APA-1A")


def test_voices_are_counted_and_only_public_words_quoted(client: CheckedClient, town: Town, tree: Tree):
    proposal = asked(town, tree.lit)
    for moderation in ("publie", "en_attente", "reserve", "rejete"):
        make_opinion(proposal_id=proposal.id, moderation=moderation, text=f"Voix {moderation}.", meeting=town.cafe)
    db.session.commit()
    page = read(client, "/contrat/APA-1A")
    assert "Voix publie." in page
    for moderation in ("en_attente", "reserve", "rejete"):
        assert f"Voix {moderation}." not in page


def test_objectives_of_which_nobody_spoke_are_listed(client: CheckedClient, town: Town, tree: Tree):
    asked(town, tree.lit)
    assert "Les habitants ont parlé de 1 objectif sur 4." in read(client, "/contrat")
    silent = client.get("/contrat?sans=1").text
    codes = re.findall(r'href="/contrat/([A-Z]{3}-\w+)"', silent)
    assert codes == ["APA-1", "APA-1B", "APA-2", "EMP-1"]
    assert "3 objectifs dont personne n'a encore parlé." in read(client, "/contrat?sans=1")
    asked(town, tree.dark)
    asked(town, tree.lone)
    assert re.findall(r'href="/contrat/([A-Z]{3}-\w+)"', client.get("/contrat?sans=1").text) == ["EMP-1"]


def test_what_was_withdrawn_is_no_voice(client: CheckedClient, town: Town, tree: Tree):
    asked(town, tree.lit, kinds="retiree")
    codes = re.findall(r'href="/contrat/([A-Z]{3}-\w+)"', client.get("/contrat?sans=1").text)
    assert "APA-1A" in codes


@pytest.mark.both_databases
@pytest.mark.parametrize("path", ["/contrat/APA-1A", "/contrat/APA", "/contrat?sans=1", "/contrat"])
def test_the_pages_cost_the_same_however_much_was_asked(client: CheckedClient, town: Town, tree: Tree, path: str):
    def cost() -> int:
        with count_queries(client.application) as counted:
            assert client.get(path).status_code == 200
        return counted.number

    def more() -> None:
        proposal = asked(town, tree.lit, kinds="transmise retenue")
        make_opinion(proposal_id=proposal.id, meeting=town.cafe)
        make_action(proposal=proposal, done_on=TODAY)
        db.session.commit()

    more()
    cost()
    few = cost()
    for _number in range(7):
        more()
    assert cost() == few
