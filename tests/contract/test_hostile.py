"""Whatever stands where a value should be, a contract file is read or told its faults: never a traceback."""

import contextlib
import copy
import datetime as dt
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from participation.contract import shape
from participation.contract.coherence import find_incoherences
from participation.contract.file import ContractFile, check_contract
from tests.contract.helpers import FICTITIOUS

DOCUMENT = tomllib.loads(FICTITIOUS)
Path = tuple[str | int, ...]
odd_values = st.sampled_from(
    [
        True, -1, 0, 10**30, 1.5, float("nan"), "", "x", "+", "\0", "é" * 5000, [], [[]], {}, {"a": 1}, [1, "a"],
        ["les-quais"], dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.date(2020, 1, 1), dt.time(1),
    ]
)  # fmt: skip


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from _paths(part, (*path, key))


PATHS = list(_paths(DOCUMENT))


def _put(document: Any, path: Path, value: Any) -> None:
    """Put the value at `path`, if an earlier one has not taken its place away."""
    *way, last = path
    with contextlib.suppress(KeyError, IndexError, TypeError):
        for key in way:
            document = document[key]
        document[last] = copy.deepcopy(value)


@given(st.lists(st.tuples(st.sampled_from(PATHS), odd_values), min_size=1, max_size=12))
def test_odd_values_anywhere_are_faults_or_values(changes: list[tuple[Path, Any]]) -> None:
    document = copy.deepcopy(DOCUMENT)
    for path, value in changes:
        _put(document, path, value)
    faults: list[shape.Fault] = []
    contract = shape.build(ContractFile, document, "", faults)
    assert contract is not None
    for fault in [*faults, *find_incoherences(contract)]:
        assert fault.message
        assert "\0" not in str(fault)
        assert len(str(fault)) < 2000


@given(st.binary(max_size=300))
def test_any_bytes_are_told_what_is_wrong(content: bytes) -> None:
    assert check_contract(content)


@given(st.integers(0, len(FICTITIOUS)), st.text(max_size=5))
def test_any_slip_of_the_keyboard_is_read_or_told(at: int, typed: str) -> None:
    for fault in check_contract((FICTITIOUS[:at] + typed + FICTITIOUS[at:]).encode("utf-8", "surrogatepass")):
        assert fault.message
