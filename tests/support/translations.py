"""The catalogues of translations, as the tests and checks need them."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from tests.support import ROOT

FOLDER = ROOT / "participation" / "translations"


def catalogues() -> dict[str, Path]:
    """Return the catalogue of each language."""
    return {path.parents[1].name: path for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))}


def read(path: Path) -> Catalog:
    """Return the catalogue in `path`."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parents[1].name)


def compile_catalogues() -> None:
    """Compile each catalogue that has changed since it was compiled."""
    for path in catalogues().values():
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < path.stat().st_mtime:
            with compiled.open("wb") as file:
                write_mo(file, read(path))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile what was translated since the last run; with several processes, the first one does it alone."""
    if not hasattr(session.config, "workerinput"):
        compile_catalogues()
