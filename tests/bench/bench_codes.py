"""Whether the time of an answer tells a code that opens a page from one that opens none (security.md R06).

Both are typed at /suivi in turn, each time from another address: nobody waits, as after too many failures.
"""

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from participation.extensions import db
from participation.following import codes, guesses, rules
from tests.bench import Ratio, compare
from tests.bench.bench_import import fresh_app
from tests.support.apps import dispose
from tests.support.factory import make_opinion, make_quartier

ROUNDS, ROUNDS_FULL = 300, 2_000
LIMIT = 1.25
"""Alike, but for what else the machine does; the page that a code opens is another request."""
CODE = "chat-lune-pain-velo-pont"


def measure(full: bool) -> Iterator[Ratio]:
    """Type a code that is none and one that is, in turn."""
    guesses.FREE_EVERYWHERE = 10 * ROUNDS_FULL
    with tempfile.TemporaryDirectory() as folder:
        app = fresh_app(Path(folder) / "instance")
        with app.app_context():
            rules.attach(db.session(), CODE, make_opinion(quartier=make_quartier("le-quai")))
            db.session.commit()
        addresses = (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in itertools.count())
        miss, hit = (_typed(app, code, addresses) for code in (codes.new_code(), CODE))
        ours, reference = compare(miss, hit, rounds=ROUNDS_FULL if full else ROUNDS)
        yield Ratio("a code that opens nothing", ours, reference, "one that opens a page", LIMIT)
        dispose(app)


def _typed(app: Flask, code: str, addresses: Iterator[str]) -> Callable[[], object]:
    client = app.test_client()

    def send() -> None:
        answer = client.post("/suivi/chercher", data={"mots": code}, environ_base={"REMOTE_ADDR": next(addresses)})
        assert answer.status_code == 303

    return send
