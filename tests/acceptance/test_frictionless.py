"""`frictionless validate` finds nothing wrong with what leaves: the yearly open data, and the exports."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import time_machine

from tests.acceptance.package import PORT, QUAYS, Package
from tests.acceptance.program import Program
from tests.acceptance.test_round_trip import full
from tests.support.checkers import run_checker

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+33 3 21",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "'=1",
    '"',
    '""',
    "a\r\nb",
    "1;2,3",
    "😀",
    "NULL",
    "é",
)
Change = Callable[[dict[str, bytes]], Any]


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-02-10T12:00:00+00:00", tick=False):
        yield


def hostile() -> Package:
    """Return a package with every column filled, and texts that a careless reader of CSV stumbles over."""
    package = full()
    for number, text in enumerate(HOSTILE):
        ref = f"h{number}"
        package.meeting(ref, "2025-05-02", QUAYS, titre=f"{text} ?", lieu=text, participants=0, compte_rendu=text)
        package.add("propositions", ref=ref, titre=f"{text} !", instance=PORT, texte=text)
        package.add("etapes", proposition=ref, date="2025-05-02", etape="recueillie", motif=text)
        package.add(
            "avis", ref=ref, date="2025-05-02", rencontre=ref, texte=f"{text}.", moderation="publie", langue="fr"
        )
        package.add("decisions", ref=ref, rencontre=ref, texte=text, responsable=text)
        package.mandate(ref, QUAYS, "2025-01-01", nom=text)
    return package


@dataclass(frozen=True)
class Verdict:
    """What frictionless says."""

    valid: bool
    faults: list[str]
    rows: dict[str, int]


def verdict(folder: Path) -> Verdict:
    done = run_checker("frictionless", "validate", "--json", "datapackage.json", within=folder)
    report = json.loads(done.stdout)
    assert (done.returncode == 0) == report["valid"], done.stderr
    faults = [f"{task['name']}: {error['message']}" for task in report["tasks"] for error in task["errors"]]
    faults += [*report["warnings"], *(error["message"] for error in report["errors"])]
    return Verdict(report["valid"], faults, {task["name"]: task["stats"].get("rows", 0) for task in report["tasks"]})


def assert_valid(folder: Path) -> dict[str, int]:
    said = verdict(folder)
    assert said.valid
    assert said.faults == []
    return said.rows


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


@pytest.mark.parametrize("options", [(), ("--open-data",)], ids=["whole", "open data"])
def test_an_export_is_valid(program: Program, options: tuple[str, ...]) -> None:
    program.take(hostile())
    folder = program.new_path()
    assert program.run("export", folder, *options).status == 0
    rows = assert_valid(folder)
    assert min(rows.values()) > 0
    assert rows["rencontres"] == 3 + len(HOSTILE)


def test_the_open_data_of_a_year_is_valid(program: Program) -> None:
    program.take(hostile())
    client = program.app.test_client()
    folder = unpacked(client.get("/donnees/2025.zip").data, program.new_path())
    assert min(assert_valid(folder).values()) > 0
    nothing = unpacked(client.get("/donnees/2026.zip").data, program.new_path())
    assert assert_valid(nothing)["rencontres"] == 0


def replace(name: str, old: bytes, new: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    "change",
    [
        replace("rencontres.csv", b"2025-03-14", b"hier"),
        replace("rencontres.csv", b",tenue,", b",rangee,"),
        replace("etapes.csv", b"p2,", b"p99,"),
        replace("avis.csv", b"ref,", b"reference,"),
        replace("datapackage.json", b'"mandats.csv"', b'"sieges.csv"'),
    ],
    ids=["date", "unknown word", "reference to nowhere", "column", "file"],
)
def test_what_is_wrong_is_seen(program: Program, change: Change) -> None:
    program.take(full())
    files = program.export()
    change(files)
    folder = program.new_path()
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    said = verdict(folder)
    assert not said.valid
    assert said.faults
