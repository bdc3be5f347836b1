"""Published minutes are told to those who follow, whatever dies between publication and mail: once, never twice."""

import os
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from participation.extensions import db
from participation.meetings import rules as meetings
from participation.meetings.models import Meeting
from participation.subscriptions import tasks
from tests.subscriptions.conftest import Follow, mails, work
from tests.support.factory import declare_checks
from tests.support.town import Town

KILLED = 9


@pytest.fixture
def published(town: Town, follow: Follow) -> None:
    """One address follows the commission, whose minutes are then published; no job has run yet."""
    follow("/suivre/instance/commission-du-quai")
    cafe = db.session.get_one(Meeting, town.cafe.id)
    meetings.draft_minutes(db.session(), cafe, "On a parlé de bancs.", by=None)
    declare_checks(cafe)
    meetings.publish_minutes(db.session(), cafe, by=None)
    db.session.commit()


def _die(_session: Any) -> None:
    os._exit(KILLED)


def _work_and_die(app: Flask, moment: str) -> None:
    """Run the job in a process that is gone at this moment of its first transaction, without a word of goodbye."""
    child = os.fork()
    if child == 0:
        try:
            db.engine.dispose(close=False)  # the connections of the parent stay the parent's
            with app.app_context():
                sa.event.listen(Session, moment, _die)
                tasks.tell_news(db.session())
        finally:
            os._exit(1)  # it was to die before
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


@pytest.mark.both_databases
@pytest.mark.parametrize(("moment", "kept"), [("before_commit", 0), ("after_commit", 1)])
def test_a_job_that_dies_tells_once(app: Flask, published: None, moment: str, kept: int) -> None:
    db.session.rollback()
    _work_and_die(app, moment)
    assert len(mails()) == kept
    work()
    [mail] = work()
    assert "Le compte rendu de la rencontre du jeudi 12 mars 2026 est publié.\n" in mail.body


@pytest.mark.both_databases
def test_a_publication_that_dies_is_neither_published_nor_told(town: Town, follow: Follow) -> None:
    follow("/suivre/instance/commission-du-quai")
    cafe = db.session.get_one(Meeting, town.cafe.id)
    meetings.draft_minutes(db.session(), cafe, "On a parlé de bancs.", by=None)
    declare_checks(cafe)
    db.session.commit()
    meetings.publish_minutes(db.session(), cafe, by=None)
    db.session.flush()
    db.session.rollback()
    assert work() == []
    assert db.session.get_one(Meeting, town.cafe.id).minutes_published_on is None
