"""Senders killed at the worst moments: each mail is sent once or reported, none is lost, none is sent twice.

Four processes of `participation work` share the box. Each has a mail server's port of its own, so that the server can
kill the very process that talks to it: once it has named the mail, once it has handed it over, once it has its answer.
"""

import email
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from participation.database import now
from participation.extensions import db
from participation.people import outbox
from participation.people.models import MailReport, OutboxMail
from tests.people.test_mails import AnyPort
from tests.support.apps import SECRETS, dispose, make_app

WORKERS, KILLS = 4, 5
STAGES = ("named", "handed", "answered")
COMMAND = [sys.executable, "-c", "from participation.cli import main; main()", "work", "--once"]
FROM = "participation@exemple.fr"
MOST_SECONDS = 1800
"""Ten thousand mails took 460 s on a machine that eight others used."""


class Post:
    """The mail servers together: what they received, and whom they kill when."""

    def __init__(self, mails: int, seed: int) -> None:
        chance = random.Random(seed)
        self.received: list[str] = []
        stages = chance.sample(2 * STAGES, KILLS)
        self.to_kill = list(zip(sorted(chance.sample(range(1, mails * 4 // 5), KILLS)), stages, strict=True))
        self.killed: list[str] = []

    def may_kill(self, worker: "Worker", stage: str) -> None:
        """Kill the worker if this is the moment."""
        if self.to_kill and len(self.received) >= self.to_kill[0][0] and self.to_kill[0][1] == stage:
            self.to_kill.pop(0)
            self.killed.append(stage)
            worker.kill()


class Worker:
    """A process of `participation work`, and the mail server that it alone talks to."""

    def __init__(self, post: Post, environ: dict[str, str]) -> None:
        self.post = post
        self.server = AnyPort(self, hostname="127.0.0.1", port=0)
        self.server.start()
        self.environ = environ | {"MAIL_URL": f"smtp://127.0.0.1:{self.server.port}", "MAIL_FROM": FROM}
        self.begin()

    def begin(self) -> None:
        """Start a round."""
        self.process = subprocess.Popen(COMMAND, env=self.environ, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """Kill it as a power cut does: nothing of it runs any more."""
        self.process.kill()

    def stop(self) -> None:
        """End it if it still runs."""
        self.kill()
        self.process.wait()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802  # aiosmtpd's name
        envelope.rcpt_tos.append(address)
        self.post.may_kill(self, "named")
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  # aiosmtpd's name
        self.post.received.append(email.message_from_bytes(envelope.content)["Message-ID"].strip("<>").split("@")[0])
        self.post.may_kill(self, "handed")
        server.loop.call_later(0.0005, self.post.may_kill, self, "answered")
        return "250 OK"


def environ(url: str, folder: Path) -> dict[str, str]:
    secrets = {name.upper(): value for name, value in SECRETS.items()}
    return {**os.environ, **secrets, "DATABASE_URL": url, "PARTICIPATION_INSTANCE": str(folder / "instance")}


@contextmanager
def workers(post: Post, environment: dict[str, str]) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        team = []
        for _number in range(WORKERS):
            team.append(Worker(post, environment))
            stack.callback(team[-1].server.stop)
            stack.callback(team[-1].stop)
        yield team


def fill_box(mails: int) -> set[str]:
    """Put mails in the box; return their names."""
    values: dict[str, Any] = {"subject": "Il y a du nouveau", "body": "Bonjour,\n", "attempts": 0}
    moment = now()
    rows = [
        {**values, "dedup_key": f"n{number}", "to_address": f"n{number}@exemple.fr", "created_at": moment}
        for number in range(mails)
    ]
    db.session.execute(sa.insert(OutboxMail), [{**row, "run_after": moment} for row in rows])
    names = {outbox.message_name(mail) for mail in db.session.scalars(sa.select(OutboxMail))}
    db.session.commit()
    return names


def left(*conditions: Any) -> int:
    number = db.session.scalar(sa.select(sa.func.count()).select_from(OutboxMail).where(*conditions)) or 0
    db.session.rollback()
    return number


def work(team: list[Worker]) -> None:
    """Let them work until each has found nothing left to take, or was killed."""
    end = time.monotonic() + MOST_SECONDS
    while any(worker.process.poll() is None for worker in team):
        assert time.monotonic() < end, "the mails did not leave in time"
        killed = [worker for worker in team if worker.process.poll() == -signal.SIGKILL]
        if len(killed) > WORKERS // 2:  # as a service manager does; not each at once, for a start takes a second
            killed[0].begin()
        time.sleep(0.1)


def check(url: str, folder: Path, mails: int) -> None:
    """Send so many mails with five kills; each must be sent once or reported."""
    post = Post(mails, seed=mails)
    app = make_app(url, folder / "instance", mail_from=FROM)
    with app.app_context():
        names = fill_box(mails)
        with workers(post, environ(url, folder)) as team:
            work(team)
            db.session.execute(sa.update(OutboxMail).values(lease_until=now() - outbox.LEASE))  # time passes
            db.session.commit()
            team[0].begin()
            assert team[0].process.wait(MOST_SECONDS) == 0
        reported = list(db.session.scalars(sa.select(MailReport.message_id)))
        assert left() == 0
    dispose(app)
    assert len(post.killed) == KILLS
    assert len(post.received) == len(set(post.received)), "a mail was sent twice"
    assert len(reported) == len(set(reported)), "a mail was reported twice"
    assert set(post.received) | set(reported) == names, "a mail was lost"
    assert len(reported) <= KILLS, "mails were reported that nobody had begun to hand over"
    assert len(reported) >= post.killed.count("handed"), "a mail whose sender died was taken for sent"


def test_each_mail_is_sent_once_or_reported(new_sqlite_database: Callable[[], str], tmp_path: Path) -> None:
    check(new_sqlite_database(), tmp_path, 300)


@pytest.mark.full
@pytest.mark.parametrize("mails", [300, 10_000])
def test_each_of_more_mails_is_sent_once_or_reported(db_url: str, tmp_path: Path, mails: int) -> None:
    check(db_url, tmp_path, mails)
