"""A database session without the application, and packages put into it."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from tests.assessment.naive import Package
from tests.support.emptying import empty
from tests.support.package_rows import insert_package

Fill = Callable[[Package], None]


@pytest.fixture
def session(db_url: str) -> Iterator[Session]:
    engine = sa.create_engine(db_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def fill(session: Session) -> Fill:
    """Replace what the database holds by a package."""

    def replace(package: Package) -> None:
        session.rollback()
        empty(session)
        insert_package(session.connection(), package)
        session.commit()

    return replace
