"""An application with the small fictitious contract, and packages to import into it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from participation.bodies.load import load_contract
from participation.contract.file import read_contract
from participation.extensions import db
from tests.contract.helpers import FICTITIOUS_CONTRACT
from tests.exchange import helpers

Make = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def contract(app: Flask) -> Iterator[Flask]:
    """The application's context, with the contract loaded."""
    with app.app_context():
        load_contract(db.session(), read_contract(FICTITIOUS_CONTRACT))
        db.session.commit()
        yield app
        db.session.rollback()


@pytest.fixture
def write(tmp_path: Path) -> Make:
    """Write a package: {table: CSV text}; give its folder."""
    return lambda files: helpers.package(tmp_path / "package", files)
