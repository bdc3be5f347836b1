"""How long a search and the first page of proposals take with 100 times as many proposals.

A page costs the same whatever the table holds, at most twice as much: the reference is the same question asked of
1,000 proposals. A rare word is in ten proposals whatever their number, a common one in every second proposal.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from participation import clock
from participation.bodies.models import Body
from participation.database import now
from participation.extensions import db
from participation.proposals import queries, search, similar
from participation.proposals.models import Proposal
from tests.bench import Ratio, compare
from tests.bench.bench_import import fresh_app
from tests.support.apps import dispose

FEW, MANY = 1_000, 100_000
LIMIT = 2
BATCH = 10_000
QUESTIONS = {
    "the first page": "",
    "a rare word": "observatoire",
    "a common word": "bancs",
    "a common word and a rare one": "bancs observatoire",
    "two common words": "bancs ombre",
    "a word of one proposal": "baleine",
    "no such word": "dragon",
}


def measure(full: bool) -> Iterator[Ratio]:
    """Ask the same of both tables, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        many, few = (filled_app(Path(folder) / str(count), count) for count in (MANY, FEW))
        for name, question in QUESTIONS.items():
            ours, reference = compare(_asked(many, question), _asked(few, question), rounds=15)
            yield Ratio(f"{name} among {MANY} proposals", ours, reference, f"among {FEW}", LIMIT)
        ours, reference = compare(_near(many), _near(few), rounds=15)
        yield Ratio(f"near proposals among {MANY}", ours, reference, f"among {FEW}", LIMIT)
        dispose(many)
        dispose(few)


def filled_app(folder: Path, count: int) -> Flask:
    """Return an application with so many proposals, indexed."""
    app = fresh_app(folder)
    with app.app_context():
        body = db.session.scalars(sa.select(Body.id)).first()
        for start in range(0, count, BATCH):
            rows = [_row(number, count, body) for number in range(start, min(start + BATCH, count))]
            db.session.execute(sa.insert(Proposal), rows)
        search.index_missing(db.session())
        db.session.commit()
    return app


def _row(number: int, count: int, body: int | None) -> dict[str, object]:
    words = ["Des bancs" if number % 2 else "Une fontaine", "à l'ombre" if number % 3 else "au soleil", f"rue {number}"]
    words += ["près de l'observatoire"] if number % (count // 10) == 7 else []
    words += ["et une baleine"] if number == count // 2 else []
    day = clock.today()
    received = day.replace(year=day.year - number % 7, day=1 + number % 28)
    return {
        "ref": f"prop-{number}",
        "title": " ".join(words),
        "text": "Pour que chacun se repose et se parle.",
        "body_id": body,
        "received_on": received,
        "state": "recueillie",
        "state_on": received,
        "created_at": now(),
        "version": 1,
    }


def _asked(app: Flask, question: str) -> Callable[[], object]:
    filters = queries.Filters(search=question or None)

    def ask() -> None:
        with app.test_request_context():
            queries.list_for_everybody(db.session(), filters, {}, clock.today())
            db.session.remove()

    return ask


def _near(app: Flask) -> Callable[[], object]:
    def ask() -> None:
        with app.test_request_context():
            similar.similar(db.session(), "Il faudrait des bancs à l'ombre près de l'observatoire, pour se reposer.")
            db.session.remove()

    return ask
