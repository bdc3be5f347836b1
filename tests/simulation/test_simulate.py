"""Generated years keep the rules that people's data keeps."""

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.bodies.load import load_contract
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.meetings.models import MEETING_STATUSES, MEETING_TYPES, Meeting
from participation.opinions.models import MODERATIONS, Opinion
from participation.people.models import ROLES, Account
from participation.proposals.models import STEP_KINDS, Proposal
from participation.proposals.rules import path_faults, settle
from participation.simulation import demo
from participation.simulation.generate import Sizes, simulate

SIZES = Sizes(years=2, meetings=60, proposals=45, opinions=90)


@pytest.fixture
def loaded(app_context: Flask) -> Flask:
    """A database with the shipped contract."""
    load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
    db.session.commit()
    return app_context


def _digest() -> list[tuple[object, ...]]:
    columns = (Opinion.ref, Opinion.text, Opinion.received_on, Opinion.proposal_id)
    return [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(Opinion.id))]


@pytest.mark.both_databases
def test_simulate_fills_every_state_by_valid_paths(loaded: Flask) -> None:
    simulate(db.session(), SIZES, 7)
    proposals = list(db.session.scalars(sa.select(Proposal)))
    assert {proposal.state for proposal in proposals} == set(STEP_KINDS)
    for proposal in proposals:
        kept = (proposal.received_on, proposal.state, proposal.state_on, proposal.due_on)
        superseded = [step.superseded_on for step in proposal.steps]
        assert path_faults(proposal.steps) == []
        settle(proposal)
        assert kept == (proposal.received_on, proposal.state, proposal.state_on, proposal.due_on)
        assert superseded == [step.superseded_on for step in proposal.steps]
    assert set(db.session.scalars(sa.select(Meeting.type))) == set(MEETING_TYPES)
    assert set(db.session.scalars(sa.select(Meeting.status))) == set(MEETING_STATUSES)
    assert set(db.session.scalars(sa.select(Opinion.moderation))) == set(MODERATIONS)


def test_simulate_gives_the_same_rows_for_the_same_seed(loaded: Flask) -> None:
    simulate(db.session(), SIZES, 7)
    first = _digest()
    db.session.rollback()
    simulate(db.session(), SIZES, 7)
    assert _digest() == first


def test_simulate_refuses_a_seed_twice(loaded: Flask) -> None:
    simulate(db.session(), SIZES, 7)
    with pytest.raises(ValueError, match="seed 7"):
        simulate(db.session(), SIZES, 7)


def test_simulate_needs_a_contract(app_context: Flask) -> None:
    with pytest.raises(LookupError):
        simulate(db.session(), SIZES, 7)


def test_demo_has_an_account_and_a_link_for_each_role(loaded: Flask) -> None:
    demo.fill(db.session())
    tokens = demo.tokens(db.session())
    assert len(tokens) == len(ROLES) == len({token for _role, token in tokens})
    assert set(db.session.scalars(sa.select(Account.role))) == set(ROLES)
    languages = set(db.session.scalars(sa.select(Opinion.language)))
    assert {"ar", "en", "fr"} <= languages


def test_demo_filled_again_adds_nothing(loaded: Flask) -> None:
    demo.fill(db.session())
    before = _digest()
    demo.fill(db.session())
    demo.tokens(db.session())
    assert len(demo.tokens(db.session())) == len(ROLES)
    assert _digest() == before
    assert db.session.scalar(sa.select(sa.func.count(Account.id))) == len(ROLES)
