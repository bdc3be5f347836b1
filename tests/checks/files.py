"""What must not be in the repository: names of registries and of machines, others' code, generated or heavy files.

A lock with a registry's name would break behind a mirror; others' code has its own licence and grows old unseen.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.checks import report
from tests.support import ROOT

LARGEST = 400 * 1024  # bytes
LARGEST_CATALOGUE = 1024 * 1024  # bytes: every text of the program, and where it stands
LONGEST_LINE = 2000  # characters: more is written by a machine

# The dots are in brackets so that this file does not name what it looks for.
_REGISTRIES = re.compile(
    r"pypi[.](org|python[.]org)|pythonhosted[.]org|npmjs[.](org|com)|yarnpkg[.]com|deb[.]debian[.]org"
)
_MACHINES = re.compile(r"(?<![\w.~)}])/(home|Users)/[a-z]\w*/|(?<![\w.~)}])/(root|work|farm)/")
_OTHERS_NAME = re.compile(r"\.min\.(js|css)$|(^|/)node_modules/|\.(whl|egg|mo|pyc|woff2?|ttf|otf)$")
_OTHERS_MARK = re.compile(r"sourceMapping" + r"URL=|@" + r"license\b|/\*" + r"! ")
_PROSE_OF_MACHINES = {"package-lock.json"}  # its `funding` entries name hosts that nothing is fetched from


def tracked() -> list[Path]:
    """Return the files that git keeps, as paths under the project."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]  # the clone may be somebody else's, as in a container
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def faults_of(path: Path, content: bytes) -> Iterator[str]:
    """Say what is wrong with one file."""
    if _OTHERS_NAME.search(path.as_posix()):
        yield f"{path}: generated, or somebody else's: it comes from a package or a build"
    if len(content) > (LARGEST_CATALOGUE if path.suffix == ".po" else LARGEST):
        yield f"{path}: {len(content) // 1024} KB: generated, or somebody else's?"
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, 1):
        yield from (f"{path}:{number}: {fault}" for fault in _faults_of_line(path, line))


def _faults_of_line(path: Path, line: str) -> Iterator[str]:
    if path.name not in _PROSE_OF_MACHINES and (found := _REGISTRIES.search(line)):
        yield f"names a registry ({found[0]})"
    if found := _MACHINES.search(line):
        yield f"names a place of one machine ({found[0]})"
    if path.suffix in {".js", ".css"} and (_OTHERS_MARK.search(line) or len(line) > LONGEST_LINE):
        yield "looks like somebody else's code"


def main() -> None:
    """Check every tracked file."""
    paths = tracked()
    report((fault for path in paths for fault in faults_of(path, (ROOT / path).read_bytes())), f"{len(paths)} files")


if __name__ == "__main__":
    main()
