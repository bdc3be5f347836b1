"""A database session without the application, and packages put into it."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.database import Base
from tests.assessment.naive import Package
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
        for table in reversed(Base.metadata.sorted_tables):
            if not table.name.startswith(("journal", "closed_assessment")):  # the database refuses
                session.execute(sa.delete(table))
        insert_package(session.connection(), package)
        session.commit()

    return replace
