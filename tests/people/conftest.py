"""Accounts that can sign in, and the mails that wait."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from participation.extensions import db
from participation.people import rules
from participation.people.models import Account, AccountIdentity, AccountScope, OutboxMail
from tests.support import factory

PASSWORD = "trois chats sur un toit"
MakePerson = Callable[..., int]


@pytest.fixture
def make_person(app: Flask) -> MakePerson:
    """Add an account that can sign in; gives its number."""

    def make(email: str = "animatrice@exemple.fr", role: str = "animateur", *scopes: tuple[str, str]) -> int:
        with app.app_context():
            account = factory.make_account(role)
            account.identity = AccountIdentity(email=email)
            account.scopes = [AccountScope(kind=kind, slug=slug) for kind, slug in scopes]
            db.session.commit()
            return account.id

    return make


@pytest.fixture
def make_link(app: Flask) -> Callable[..., str]:
    """Make a one-time link of an account; gives its path."""

    def make(number: int, purpose: str = "sign_in") -> str:
        with app.app_context():
            account = db.session.get(Account, number)
            assert account is not None
            token = rules.issue_link(db.session(), account, purpose)
            db.session.commit()
            return f"/equipe/entrer/{token}"

    return make


@pytest.fixture
def mails(app: Flask) -> Callable[[], list[tuple[str, str, str]]]:
    """Give the mails that wait: (to, subject, body), oldest first."""

    def read() -> list[tuple[str, str, str]]:
        with app.app_context():
            query = sa.select(OutboxMail.to_address, OutboxMail.subject, OutboxMail.body).order_by(OutboxMail.id)
            return [(to, subject, body) for to, subject, body in db.session.execute(query)]

    return read


def link_in(body: str) -> str:
    """Return the path of the one-time link in a mail."""
    found = re.search(r"https?://[^/\s]+(/equipe/entrer/\S+)", body)
    assert found, body
    return found[1]
