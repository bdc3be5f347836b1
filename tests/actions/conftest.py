"""The small territory of tests/support/town.py, in which the élus of the north are those of its commune."""

import datetime as dt

import pytest

from participation.extensions import db
from participation.proposals.models import Proposal
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_proposal, sign_in
from tests.support.town import Town, as_admin, as_animator, enter, today, town

__all__ = ["as_admin", "as_animator", "as_elu", "enter", "owed", "today", "town"]


@pytest.fixture
def owed(town: Town) -> Proposal:
    """A proposal of the commission that waits for the élus of the north, until 30 June 2026."""
    town.elected.communes = [town.north]
    sent = {"kind": "transmise", "to_recipient": town.elected, "due_on": dt.date(2026, 6, 30)}
    proposal = make_proposal("prop-1", [sent], title="Des bancs au Quai", body=town.commission)
    db.session.commit()
    return proposal


@pytest.fixture
def as_elu(town: Town, client: CheckedClient) -> CheckedClient:
    """A browser in which the élu of the north is signed in."""
    sign_in(client, town.elu)
    return client
