"""The program's command on a database of its own, in this process: the words of a command line in, what it says out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from participation.cli import program as command_line
from tests.acceptance.package import Package


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    status: int
    out: str
    faults: list[str]
    """The lines on standard error."""


class Program:
    """`participation`, as somebody at a terminal uses it."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self._runner = app.test_cli_runner()
        self._made = 0

    def run(self, *words: object) -> Said:
        """Run a command; an error that nobody foresaw fails the test with its traceback."""
        result = self._runner.invoke(command_line, [str(word) for word in words])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.stdout, result.stderr.splitlines())

    def new_path(self, suffix: str = "") -> Path:
        """Return a path where nothing is yet."""
        self._made += 1
        return self.folder / f"lot-{self._made}{suffix}"

    def write(self, files: Mapping[str, str | bytes]) -> Path:
        """Write files (`rencontres` is `rencontres.csv`) to a new folder; return it."""
        folder = self.new_path()
        folder.mkdir()
        for name, content in files.items():
            path = folder / (name if "." in name else f"{name}.csv")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    def load(self, what: Path | Package | Mapping[str, str | bytes], *options: str) -> Said:
        """Import a package: a path, files, or rows."""
        if isinstance(what, Package):
            what = what.files()
        return self.run("import", what if isinstance(what, Path) else self.write(what), *options)

    def take(self, what: Path | Package | Mapping[str, str | bytes]) -> str:
        """Import a package that is right; return the sentence that says what changed."""
        said = self.load(what)
        assert said.status == 0, "\n".join(said.faults)
        return said.out.strip()

    def refuses(self, what: Path | Package | Mapping[str, str | bytes]) -> list[str]:
        """Import a package that is wrong; return its faults, having made sure that nothing of it was kept."""
        before = self.export()
        said = self.load(what)
        assert said.status == 1, said.out
        assert said.faults
        assert self.export() == before
        return said.faults

    def export(self, *options: str) -> dict[str, bytes]:
        """Return the files of an export."""
        folder = self.new_path()
        said = self.run("export", folder, *options)
        assert said.status == 0, said.faults
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    def assess(self, year: int | str, scope: str = "contract", as_of: str | None = None) -> dict[str, Any]:
        """Return the assessment's JSON."""
        words = ["assess", "--year", year, "--scope", scope, *(["--as-of", as_of] if as_of else [])]
        said = self.run(*words)
        assert said.status == 0, said.faults
        answer: dict[str, Any] = json.loads(said.out)
        return answer

    def figures(self, year: int | str, scope: str = "contract", as_of: str | None = None) -> dict[str, Any]:
        """Return the assessment's indicators."""
        indicators: dict[str, Any] = self.assess(year, scope, as_of)["indicators"]
        return indicators
