"""The small territory of tests/support/town.py, and an opinion that is followed by a code."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from participation.extensions import db
from participation.following import rules
from participation.opinions.models import Opinion
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_opinion
from tests.support.town import Town, as_admin, as_animator, enter, today, town

__all__ = ["as_admin", "as_animator", "enter", "give", "opened", "today", "town"]

CODE = "chat-lune-pain-velo-pont"
NOW = dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC)

Give = Callable[..., Opinion]


@pytest.fixture
def give(town: Town) -> Give:
    """Make an opinion with a code, sent at NOW unless told otherwise."""

    def make(code: str = CODE, sent: dt.datetime = NOW, **values: Any) -> Opinion:
        defaults = {"moderation": "en_attente", "channel": "telephone", "meeting": town.cafe, "text": "Des bancs."}
        opinion = make_opinion(created_at=sent, received_on=sent.date(), **(defaults | values))
        rules.attach(db.session(), code, opinion)
        db.session.commit()
        return opinion

    return make


@pytest.fixture
def opened(client: CheckedClient) -> Callable[[], str]:
    """Type the words; return the path of the page they open."""

    def enter_code() -> str:
        answer = client.post("/suivi/chercher", data={"mots": CODE})
        assert answer.status_code == 303
        return str(answer.location)

    return enter_code
