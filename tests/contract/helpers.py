"""Contract files as text, edited by the tests before they are read."""

import re
from pathlib import Path

from participation.config import SHIPPED_CONTRACT
from participation.contract.file import ContractFile, read_contract

FICTITIOUS_CONTRACT = Path(__file__).parent.parent / "data" / "contrat-fictif.toml"
REAL = SHIPPED_CONTRACT.read_text(encoding="utf-8")
FICTITIOUS = FICTITIOUS_CONTRACT.read_text(encoding="utf-8")


def edited(text: str, *changes: tuple[str, str]) -> bytes:
    """Return `text` with each (old, new) replaced once; `old` must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def contract_of(text: str, *changes: tuple[str, str]) -> ContractFile:
    """Read `text` after the changes."""
    return read_contract(edited(text, *changes))


def without_block(text: str, table: str, name: str) -> str:
    """Return `text` without the `[[table]]` whose slug or code is `name`."""
    block = rf'^\[\[{re.escape(table)}\]\]\n(slug|code) = "{name}"\n.*?(?=^\[|^#|\Z)'
    left, n = re.subn(block, "", text, flags=re.MULTILINE | re.DOTALL)
    assert n == 1, name
    return left
