"""The small territory of tests/support/town.py, a proposal of it, and an address that follows."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from participation.extensions import db
from participation.people.models import OutboxMail
from participation.proposals.models import Proposal
from participation.subscriptions import rules, tasks
from tests.support.checked_client import CheckedClient
from tests.support.factory import make_proposal
from tests.support.filling import fill
from tests.support.town import Town, as_admin, enter, today, town

__all__ = ["as_admin", "enter", "today", "town"]

ADDRESS = "amina@exemple.fr"
GOOD: dict[str, Any] = {"courriel": ADDRESS, "rythme": "tout", "accord": "y", "age": "y"}
NOW = dt.datetime(2026, 3, 20, 11, 5, tzinfo=dt.UTC)
"""A Friday, just after noon in Paris."""
Follow = Callable[..., str]


@pytest.fixture(autouse=True)
def clock(today: dt.date) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as moving:
        yield moving


@pytest.fixture
def proposal(town: Town) -> Proposal:
    """A proposal of the commission, passed to the council of the south."""
    made = make_proposal(
        "prop-bancs",
        [{"kind": "transmise", "to_body": town.council}],
        title="Des bancs au square",
        body=town.commission,
        text="texte-de-la-proposition",
    )
    db.session.commit()
    return made


@pytest.fixture
def follow(client: CheckedClient, town: Town) -> Follow:
    """Ask to follow something and confirm; gives the path of the mail's link, and leaves the box of mails empty."""

    def ask(path: str, language: str = "fr", **values: Any) -> str:
        client.set_cookie("langue", language)
        assert fill(client, path, f"{path}/envoi", **GOOD | values).status_code == 303
        link = link_in(mails()[-1])
        assert client.post(f"{link}/confirmer").status_code == 303
        empty_box()
        return link

    return ask


def mails() -> list[OutboxMail]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(OutboxMail).order_by(OutboxMail.id)))


def empty_box() -> None:
    db.session.execute(sa.delete(OutboxMail))
    db.session.commit()


def link_in(mail: OutboxMail) -> str:
    found = re.search(r"/abonnement/[\w-]+", mail.body)
    assert found
    return found[0]


def work() -> list[OutboxMail]:
    """Do the jobs of subscriptions once; return the mails that wait."""
    for job in (tasks.tell_news, rules.purge):
        job(db.session())
        db.session.commit()
    return mails()
