"""Two imports at once: the database lets one through, the other is told."""

import pytest
import sqlalchemy as sa

from participation.errors import Conflict
from participation.exchange import importing, plan, sources
from participation.exchange.faults import Faults
from participation.extensions import db
from participation.meetings.models import Meeting
from tests.exchange.conftest import Make
from tests.exchange.helpers import load, meeting, table

pytestmark = pytest.mark.usefixtures("contract")


@pytest.fixture
def database_kind() -> str:
    """PostgreSQL: SQLite has one writer at a time."""
    return "postgresql"


def test_somebody_who_was_first_is_told_and_nothing_is_written(write: Make) -> None:
    path = write({"rencontres": table(meeting(), meeting(ref="r2"))})
    with db.engine.connect() as connection:
        faults = Faults()
        done = plan.make(connection, sources.from_path(path, faults), faults, writes=True)
        load(write({"rencontres": table(meeting())}))
        with pytest.raises(Conflict):
            importing.carry_out(connection, done, by=None)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Meeting)) == 1


def test_a_row_being_imported_is_kept_from_others(write: Make) -> None:
    load(write({"rencontres": table(meeting())}))
    path = write({"rencontres": table(meeting(niveau="concertation"))})
    with db.engine.connect() as connection:
        faults = Faults()
        done = plan.make(connection, sources.from_path(path, faults), faults, writes=True)
        with db.engine.connect() as other:
            other.execute(sa.text("SET lock_timeout = '50ms'"))
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                other.execute(sa.update(Meeting).values(level="information"))
        importing.carry_out(connection, done, by=None)
        connection.commit()
    assert db.session.scalars(sa.select(Meeting.level)).one() == "concertation"
