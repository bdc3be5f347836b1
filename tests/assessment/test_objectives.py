"""Objectives of the contract that got proposals in a period and place, against a plain count of the same package."""

import datetime as dt
import re
from collections.abc import Iterator
from html import unescape

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from participation.assessment import objectives
from participation.assessment.engine import rows_of
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.contract.models import Objective
from participation.extensions import db
from participation.proposals.models import Proposal, proposal_objective
from tests.assessment.packages import make_package
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_account, make_ambition, make_objective, sign_in
from tests.support.package_rows import insert_package

NUMBER = 7
"""Operational objectives: some are served often, the last ones never."""


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(dt.datetime(2026, 2, 10, 12, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def year(app_context: Flask) -> Flask:
    """A random year whose proposals serve objectives: number n serves the n-th, and every third one the first too."""
    insert_package(db.session.connection(), make_package(9))
    ambition = make_ambition("APA")
    strategic = make_objective("APA-1", ambition)
    codes = [make_objective(f"APA-1{letter}", ambition, strategic).id for letter in "ABCDEFG"]
    for proposal in db.session.scalars(sa.select(Proposal.id)):
        for objective in {codes[proposal % (NUMBER - 2)], *([codes[0]] if proposal % 3 == 0 else [])}:
            db.session.execute(sa.insert(proposal_objective).values(proposal_id=proposal, objective_id=objective))
    db.session.commit()
    return app_context


def served(scope: Scope, year: int) -> dict[str, set[str]]:
    """Return the proposals of PC4.received by the code of each objective that they serve."""
    frame = find_frame(db.session(), Period(year, year), scope)
    refs = rows_of(db.session(), "PC4.received", frame)
    query = (
        sa.select(Objective.code, Proposal.ref)
        .join(proposal_objective, proposal_objective.c.objective_id == Objective.id)
        .join(Proposal, Proposal.id == proposal_objective.c.proposal_id)
        .where(Proposal.ref.in_(refs))
    )
    found: dict[str, set[str]] = {}
    for code, ref in db.session.execute(query):
        found.setdefault(code, set()).add(ref)
    return found


@pytest.mark.both_databases
@pytest.mark.parametrize("year_read", [2024, 2025, 2026])
@pytest.mark.parametrize("place", ["contract", "commune:arras", "quartier:nord", "instance:instance-0"])
def test_objectives_with_proposals_are_those_of_the_proposals_received(year: Flask, place: str, year_read: int) -> None:
    scope, session = Scope.parse(place), db.session()
    wanted, frame = served(scope, year_read), find_frame(session, Period(year_read, year_read), scope)
    found = objectives.count_covered(session, frame)
    assert (found.number, found.of) == (len(wanted), NUMBER)
    (branch,) = objectives.list_branches(session, frame)
    assert {objective.code: number for objective, number in branch.covered} == {
        code: len(refs) for code, refs in wanted.items()
    }
    assert branch.of == NUMBER
    for objective, _number in branch.covered:
        listed = objectives.list_proposals(session, frame, objective, after="", limit=1000)
        assert set(listed) == wanted[objective.code]
        assert listed == sorted(listed)


@pytest.mark.parametrize("start", ["/bilan/2025", "/elus/bilan/2025"])
def test_first_page_leads_to_objectives_and_to_their_proposals(year: Flask, client: CheckedClient, start: str) -> None:
    sign_in(client, make_account("elu"))
    db.session.commit()
    wanted = served(Scope(), 2025)
    first = client.get(start)
    assert f"{len(wanted)} objectifs du contrat sur {NUMBER} ont reçu une proposition." in first.text
    page = client.get(f"{start}/objectifs")
    ways = re.findall(rf'href="({start}/objectifs/[^"]+)">(\d+) propositions?', page.text)
    assert {unescape(way).rpartition("/")[2]: int(number) for way, number in ways} == {
        code: len(refs) for code, refs in wanted.items()
    }
    assert f"{NUMBER - len(wanted)} objectifs sans proposition" in page.text
    for way, number in ways:
        rows = re.findall(r'href="/propositions/([^"?]+)"', client.get(unescape(way)).text.partition("<main")[2])
        assert len(rows) == int(number)


def test_long_list_of_proposals_goes_on(year: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("participation.assessment.objective_views.PAGE", 1)
    wanted = max(served(Scope(), 2025).items(), key=lambda found: len(found[1]))
    assert len(wanted[1]) > 2
    link: str | None = f"/bilan/2025/objectifs/{wanted[0]}"
    seen = 0
    while link:
        page = client.get(link)
        seen += len(re.findall(r'href="/propositions/[^"?]+"', page.text.partition("<main")[2].partition("</main>")[0]))
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        link = unescape(following[1]) if following else None
    assert seen == len(wanted[1])


@pytest.mark.parametrize("code", ["APA", "APA-1", "APA-9Z"])
def test_what_is_no_operational_objective_is_not_found(year: Flask, client: CheckedClient, code: str) -> None:
    assert client.get(f"/bilan/2025/objectifs/{code}").status_code == 404


def test_a_contract_without_objectives_says_nothing_of_them(app_context: Flask, client: CheckedClient) -> None:
    insert_package(db.session.connection(), make_package(9))
    db.session.commit()
    assert "objectif" not in client.get("/bilan/2025").text.partition("<main")[2].partition("</main>")[0]
    assert client.get("/bilan/2025/objectifs").status_code == 200
