"""A file on its way in: copied to a private folder up to a limit, then re-encoded; of the original nothing is kept."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from participation.media import storage
from participation.media.signatures import HEAD

MOST_BYTES = 12 * 1024 * 1024
"""Of a file as it is sent: a photo of an old phone, or a minute of sound that is not compressed (ux.md R19)."""
_CHUNK = 256 * 1024


class TooHeavy(Exception):
    """More bytes than MOST_BYTES."""


@dataclass(frozen=True)
class Encoded:
    """What we made of a file: all that will be kept of it. It fits in memory: a minute of voice, a small photo."""

    kind: str
    data: bytes
    seconds: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Received:
    """A file as it was sent, for the time of re-encoding it; `folder` is private and goes with it."""

    folder: Path
    path: Path
    head: bytes


@contextmanager
def received(stream: IO[bytes]) -> Iterator[Received]:
    """Copy what was sent into a folder of its own, under a name of ours; all of it is gone at the end.

    Raises TooHeavy without reading further than the limit, and OSError where the disk refuses.
    """
    with tempfile.TemporaryDirectory(dir=storage.waiting_folder()) as name:
        folder = Path(name)
        path = folder / "sent"
        _copy(stream, path)
        with path.open("rb") as file:
            head = file.read(HEAD)
        yield Received(folder, path, head)


def _copy(stream: IO[bytes], path: Path) -> None:
    left = MOST_BYTES
    with path.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise TooHeavy
            out.write(chunk)
