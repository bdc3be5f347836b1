"""Files damaged at random: each is met with faults or with correct data, never with an exception or half an import."""

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from participation.exchange import exporting, writing
from participation.extensions import db
from tests.exchange.conftest import Make
from tests.exchange.helpers import exported, faults_of, load
from tests.exchange.test_import import WHOLE

pytestmark = pytest.mark.usefixtures("contract")
Rounds = Callable[[], Iterator[random.Random]]


@pytest.fixture(params=[60, pytest.param(2_000, marks=pytest.mark.full)])
def rounds(request: pytest.FixtureRequest) -> Rounds:
    """As many sources of chance as rounds."""
    return lambda: (random.Random(number) for number in range(request.param))


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Return the content with some bytes changed, left out or repeated."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 3, 20))):
        place = chance.randrange(len(changed))
        what = chance.randrange(4)
        if what == 0:
            changed[place] = chance.choice(b'\0\n\r",;=<>&/\xff\xe9Z09')
        elif what == 1:
            changed[place] = chance.randrange(256)
        elif what == 2:
            del changed[place : place + chance.choice((1, 5, 200))]
        else:
            changed[place:place] = changed[place : place + chance.choice((1, 5, 200))]
        changed = changed or bytearray(b"x")
    return bytes(changed)


def test_a_damaged_table_does_no_harm(write: Make, rounds: Rounds) -> None:
    load(write(WHOLE))
    files = exported()
    for chance in rounds():
        name = chance.choice(sorted(files))
        faults_of(write({**files, name: damaged(files[name], chance)}))


def test_a_damaged_archive_does_no_harm(write: Make, rounds: Rounds, tmp_path: Path) -> None:
    load(write(WHOLE))
    file = io.BytesIO()
    with exporting.contents(db.engine, small_count=5) as contents:
        writing.write_zip(contents, file)
    for chance in rounds():
        path = tmp_path / "p.zip"
        path.write_bytes(damaged(file.getvalue(), chance))
        faults_of(path)


def test_a_damaged_workbook_does_no_harm(write: Make, rounds: Rounds, tmp_path: Path) -> None:
    load(write(WHOLE))
    file = io.BytesIO()
    with exporting.contents(db.engine, small_count=5) as contents:
        writing.write_xlsx(contents, file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    read = [name for name in parts if "theme" not in name and "docProps" not in name]
    for chance in rounds():
        name = chance.choice(read)
        path = tmp_path / "p.xlsx"
        with zipfile.ZipFile(path, "w") as archive:
            for part, content in parts.items():
                archive.writestr(part, damaged(content, chance) if part == name else content)
        faults_of(path)
