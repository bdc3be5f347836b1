"""Contracts to load."""

import pytest

from participation.contract.file import ContractFile, read_contract
from tests.contract.helpers import FICTITIOUS_CONTRACT


@pytest.fixture(scope="session")
def fictitious() -> ContractFile:
    """The small contract of an invented place."""
    return read_contract(FICTITIOUS_CONTRACT)
