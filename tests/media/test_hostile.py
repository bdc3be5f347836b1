"""The sixty files of hostile.py, sent to the program's own web server: none is served as given, and it lives on.

The control stands among them: plain photos under strange names are taken.
"""

import http.client
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from participation.extensions import db
from participation.following import codes
from participation.media import storage
from participation.media.models import Media
from participation.opinions.models import Opinion
from participation.speaking.doors import find_door
from tests.media import hostile
from tests.media.made import CANARY, described
from tests.speaking.sending import key
from tests.support import ROOT
from tests.support.apps import SECRETS
from tests.support.factory import make_contract, make_quartier

MOST = 300
"""Megabytes that no process may use (security.md R15)."""


@dataclass
class Server:
    """The program's web server in processes of its own, watched from outside."""

    address: str
    process: subprocess.Popen[str]
    log: Path
    peaks: dict[str, float] = field(default_factory=dict)
    """Megabytes at most, of the server's own processes and of those that read files."""

    def workers(self) -> list[int]:
        """Return the processes that answer."""
        return children_of(self.process.pid)

    def watch(self) -> None:
        """Note what each process uses, again and again, until the server ends."""
        while self.process.poll() is None:
            for worker in self.workers():
                self._note("server", worker)
                for reader in children_of(worker):
                    self._note("reader", reader)
            time.sleep(0.005)

    def _note(self, name: str, pid: int) -> None:
        with suppress(OSError):
            said = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
            if said:
                self.peaks[name] = max(self.peaks.get(name, 0), int(said[1]) / 1024)

    def send(self, file: hostile.File, cle: str, code: str) -> tuple[int, str]:
        """Send a file as a phone does; return the status and the answer."""
        body, boundary = b"", b"limite-des-champs"
        for name, value in {"code": code, "lecture": "publie", "langue": "fr"}.items():
            body += b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n' % (
                *(boundary, name.encode(), value.encode()),
            )
        head = b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\nContent-Type: %b\r\n\r\n'
        body += head % (boundary, file.field.encode(), file.name.encode(), file.type.encode()) + file.data
        body += b"\r\n--%b--\r\n" % boundary
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary.decode()}",
            "Accept": "application/json",
        }
        connection.request("POST", f"/envoi/{cle}", body, headers)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode()
        connection.close()
        return found

    def get(self, path: str) -> int:
        """Return the status of a page."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status


def children_of(pid: int) -> list[int]:
    """Return the processes whose parent is `pid`."""
    with suppress(OSError):
        lists = [thread.read_text() for thread in Path(f"/proc/{pid}/task").glob("*/children")]
        return [int(child) for children in lists for child in children.split()]
    return []


@pytest.fixture
def server(app: Flask, db_url: str, tmp_path: Path) -> Iterator[Server]:
    """`participation serve` on the test's own database."""
    with app.app_context():
        make_contract()
        make_quartier("le-quai")
        db.session.commit()
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PARTICIPATION", "MAIL"))}
    environ |= {name.upper(): value for name, value in SECRETS.items()}
    environ |= {"DATABASE_URL": db_url, "PARTICIPATION_INSTANCE": str(tmp_path / "instance")}
    log = tmp_path / "server.log"
    program = [sys.executable, "-c", "from participation.cli import main; main()", "serve", "--port", "0"]
    with log.open("w") as errors:
        process = subprocess.Popen(
            program, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
    assert process.stdout
    address = next(
        (found[0] for line in process.stdout if (found := re.findall(r"répond sur (http://127.0.0.1:\d+)", line))), ""
    )
    running = Server(address, process, log)
    watcher = threading.Thread(target=running.watch)
    watcher.start()
    yield running
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(20)
    watcher.join()
    process.stdout.close()


def corpus(folder: Path) -> list[hostile.File]:
    """Return all of them."""
    return [*hostile.photos(), *hostile.sounds(folder)]


def test_sixty_hostile_files(server: Server, app: Flask, tmp_path: Path, record_property: Callable[..., None]):
    files = corpus(tmp_path)
    assert len(files) >= 60
    assert len({file.what for file in files}) == len(files)
    with app.app_context():
        door = find_door(db.session(), "q", 1)
        keys = [(key(door), codes.new_code()) for _file in files]
        db.session.rollback()
    workers = server.workers()
    assert workers
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda sent: server.send(sent[0], *sent[1]), zip(files, keys, strict=True)))

    wrong = [_wrong(file, *answer) for file, answer in zip(files, answers, strict=True)]
    assert [fault for fault in wrong if fault] == []
    assert server.workers() == workers, "a process that answers has died"
    assert server.get("/sante/pret") == 200
    assert server.log.read_text() == "", "nothing to complain of"
    record_property("peaks in megabytes", server.peaks)
    assert server.peaks["server"] < MOST, server.peaks
    assert server.peaks["reader"] < MOST, server.peaks

    with app.app_context():
        kept = list(db.session.scalars(sa.select(Media).order_by(Media.id)))
        assert len(kept) == sum(file.taken for file in files)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Opinion)) == len(kept), "nothing half"
        assert sorted(storage.stored_names()) == sorted(media.stored_name for media in kept)
        assert list(storage.waiting_folder().iterdir()) == []
        sent = {file.data for file in files}
        for media in kept:
            _assert_clean(media, storage.find(media.stored_name).read_bytes(), sent, tmp_path)
    everywhere = [path for path in (tmp_path / "instance").rglob("*") if path.is_file()]
    assert not [path.name for path in everywhere if CANARY.encode() in path.read_bytes()], "not in the database either"


def _wrong(file: hostile.File, status: int, answer: str) -> str:
    """Return what is wrong with the answer to a file; nothing for what is expected."""
    if status == 201 and file.taken:
        return ""
    sentence = json.loads(answer).get("fautes", {}).get(file.field, "") if status in {413, 422} else ""
    plain = sentence.endswith(".") and CANARY not in sentence
    return "" if plain and not file.taken else f"{file.what}: {status} {answer[:200]}"


def _assert_clean(media: Media, data: bytes, sent: set[bytes], folder: Path) -> None:
    assert data not in sent, "as it was given"
    for mark in (CANARY.encode(), b"<script", b"PK\x03\x04", b"%PDF", b"root:"):
        assert mark not in data
    if media.kind == "photo":
        image = Image.open(io.BytesIO(data))
        image.load()
        assert image.format == "JPEG"
        assert max(image.size) <= 1600
        assert not image.getexif()
        assert not image.info.keys() & {"exif", "comment", "icc_profile", "xmp", "photoshop"}
        assert data.endswith(b"\xff\xd9")
    else:
        said = described(data, folder)
        assert "Audio: aac" in said
        assert not re.search(r"Video|Subtitle|Attachment|title|location|comment|Lav[fc]\d", said.split("Input #0")[1])
