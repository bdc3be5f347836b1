"""The yearly assessment of a large year against one GROUP BY over the same opinions, read from a covering index.

One year of 20,000 opinions, 2,000 proposals and 1,000 meetings; with `full`, of ten times as many. On SQLite (without
statistics, as it is run) and on PostgreSQL, for the contract, a commune, a quartier and an instance: the figures of
page 1, uncached (this year's and the year's before), without the page around them.

The large year is held to 5 times the reference, which reads the opinions alone: the proposals' steps and the meetings'
headcounts weigh as much.
"""

import datetime as dt
import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from participation.assessment import closing
from participation.assessment.engine import assess, assess_frame
from participation.assessment.frame import find_frame
from participation.assessment.period import Period
from participation.assessment.scope import Scope
from participation.bodies.load import load_contract
from participation.config import SHIPPED_CONTRACT
from participation.contract.file import read_contract
from participation.extensions import db
from participation.simulation.generate import Sizes, simulate
from tests.bench import Ratio, compare
from tests.support.apps import dispose, make_app
from tests.support.database import upgrade
from tests.support.postgres import postgres

YEAR = Period(2025, 2025)
READ_ON = dt.date(2026, 1, 31)
SCOPES = (
    Scope(),
    Scope("commune", "arras"),
    Scope("quartier", "cheminots-jean-jaures-moulin-hacart"),
    Scope("instance", "fabrique-citoyenne"),
)
REFERENCE = sa.text(
    "SELECT received_on, moderation, COUNT(*) FROM opinion"
    " WHERE received_on BETWEEN :first AND :last AND moderation <> 'rejete' GROUP BY received_on, moderation"
)
"""The opinions that count, by day: ix_opinion_counted holds all that it reads."""
LIMIT_FEW, LIMIT_MANY = 20, 5
"""A small year is mostly the fixed cost of its 24 statements."""
BARE, LIMIT_CLOSED = "/accessibilite", 3
FEW, MANY = Sizes(1, 1_000, 2_000, 20_000), Sizes(1, 10_000, 20_000, 200_000)


def measure(full: bool) -> Iterator[Ratio]:
    """Fill a database of each kind, and measure on it."""
    with tempfile.TemporaryDirectory() as folder, postgres() as server:
        for name, url in (("SQLite", f"sqlite:///{folder}/bench.db"), ("PostgreSQL", server.url())):
            yield from _measure(name, url, Path(folder), full)


def _measure(name: str, url: str, folder: Path, full: bool) -> Iterator[Ratio]:
    limit = LIMIT_MANY if full else LIMIT_FEW
    app = make_app(url, folder / "instance")
    upgrade(app)
    with app.app_context():
        load_contract(db.session(), read_contract(SHIPPED_CONTRACT))
        simulate(db.session(), MANY if full else FEW, seed=1, until=dt.date(2025, 12, 31))
        db.session.commit()
        if name == "PostgreSQL":  # which does it by itself, a minute later
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        with Session(db.engine) as session:
            for scope in SCOPES:
                ours, reference = compare(
                    functools.partial(_figures, session, scope), functools.partial(_reference, session), rounds=7
                )
                yield Ratio(f"assessment, {name}, {scope}", ours, reference, "a GROUP BY over the opinions", limit)
        yield _closed(app, name)
    dispose(app)


def _closed(app: Flask, name: str) -> Ratio:
    """Measure the page of a closed year beside a page that has nothing to read: the layout, and words."""
    closing.close(db.session(), find_frame(db.session(), YEAR, Scope(), READ_ON))
    db.session.commit()
    client = FlaskClient(app, app.response_class)  # not the one of the tests, which reads what it is given
    closed, bare = (functools.partial(_open, client, path) for path in ("/bilan/2025/version/1", BARE))
    ours, reference = compare(closed, bare, rounds=15)
    return Ratio(f"closed year, {name}", ours, reference, "a page without figures", LIMIT_CLOSED)


def _open(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 200


def _figures(session: Session, scope: Scope) -> None:
    """Work out what page 1 shows: the year, then the year before beside it (views.first_page)."""
    year = assess(session, YEAR, scope, READ_ON, rows=False)
    before = find_frame(session, YEAR.before or YEAR, scope, READ_ON)
    assess_frame(session, before, rows=False, beside=year)


def _reference(session: Session) -> None:
    session.execute(REFERENCE, {"first": YEAR.first, "last": YEAR.last}).all()
