"""Recordings: any phone's in, AAC out, with nothing in it but the voice."""

import io
import itertools
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from participation.errors import Refusal
from participation.media import audio, confined, storage
from tests.media.made import CANARY, PHONES, described, ffmpeg, seconds_of, sound

AMR = b"#!AMR\n"
pytestmark = pytest.mark.usefixtures("request_context")


@pytest.fixture
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        audio.read(io.BytesIO(data))
    assert refused.value.field == "enregistrement"
    assert refused.value.status == 422
    assert list(storage.waiting_folder().iterdir()) == [], "nothing of it is left"
    return refused.value.message


@pytest.mark.parametrize("phone", sorted(PHONES))
def test_every_phone_is_heard(phone: str, tmp_path: Path):
    sent = sound(PHONES[phone], tmp_path)
    kept = audio.read(io.BytesIO(sent))
    assert (kept.kind, kept.seconds) == ("audio", 2)
    said = described(kept.data, tmp_path)
    assert "Audio: aac (LC)" in said
    assert "24000 Hz, mono" in said
    assert 1.9 < seconds_of(kept.data, tmp_path) < 2.2
    assert kept.data[4:11] == b"ftypM4A", "iPhones before 2018 play it"
    assert list(storage.waiting_folder().iterdir()) == []


def test_a_minute_is_light_and_quick(tmp_path: Path):
    sent = sound(PHONES["webm-opus"], tmp_path, 60)
    began = time.monotonic()
    kept = audio.read(io.BytesIO(sent))
    assert kept.seconds == 60
    assert len(kept.data) < 300_000
    assert time.monotonic() - began < 10, "the phone waits (0.3 s on a quiet machine)"


def test_nothing_that_came_with_it_stays(tmp_path: Path):
    tags = [f"-metadata title={CANARY}", f"-metadata location=+50.29+002.77/{CANARY}", f"-metadata artist={CANARY}"]
    tags += [f"-metadata:s:a:0 handler_name={CANARY}", "-movflags use_metadata_tags"]
    sent = sound(f"{' '.join(tags)} -c:a aac -f mp4", tmp_path)
    assert CANARY.encode() in sent
    kept = audio.read(io.BytesIO(sent + CANARY.encode()))
    assert CANARY.encode() not in kept.data
    left = set(re.findall(r"^ {4,}(\w+) +:", described(kept.data, tmp_path), re.MULTILINE))
    assert left <= {"major_brand", "minor_version", "compatible_brands", "handler_name", "vendor_id"}
    assert "Lav" not in described(kept.data, tmp_path).split("Input #0")[1], "not even what made it"


def test_a_video_is_listened_to_only(tmp_path: Path):
    film = ["-f", "lavfi", "-i", "color=red:size=64x64:duration=2"]
    sent = sound("-c:v libx264 -c:a aac -f mp4", tmp_path, 2, *film)
    kept = audio.read(io.BytesIO(sent))
    assert "Video" not in described(kept.data, tmp_path)


def test_a_minute_and_a_little(tmp_path: Path):
    too_long = "Votre message est trop long. Parlez une minute au plus."
    frames = sound("-ar 8000 -ac 1 -c:a libopencore_amrnb -b:a 4.75k -f amr", tmp_path, 2).removeprefix(AMR)
    second = frames[: 50 * 13]  # 20 ms in 13 bytes each (RFC 4867)
    assert audio.read(io.BytesIO(AMR + second * 74)).seconds == 74
    assert refusal_of(AMR + second * 77) == too_long
    began = time.monotonic()
    assert refusal_of(AMR + second * 2 * 3600) == too_long
    assert time.monotonic() - began < 10, "two hours are not listened to"


def test_how_long_it_says_it_is_does_not_count(tmp_path: Path):
    """A recorder's WebM has no length; a hostile WAV says any."""
    sent = bytearray(sound(PHONES["wav"], tmp_path))
    data = sent.index(b"data") + 4
    sent[data : data + 4] = b"\xff\xff\xff\xff"
    assert audio.read(io.BytesIO(bytes(sent))).seconds == 2
    piped = ffmpeg("-f", "lavfi", "-i", "sine=duration=3", "-c:a", "libopus", "-f", "webm", "-live", "1", "pipe:1")
    assert "Duration: N/A" in described(piped, tmp_path)
    assert audio.read(io.BytesIO(piped)).seconds == 3


def test_what_is_no_recording_is_refused_in_plain_words(tmp_path: Path):
    empty = "L'enregistrement est vide. Recommencez, ou écrivez votre avis."
    unreadable = "Nous ne pouvons pas écouter ce fichier. Enregistrez de nouveau, ou écrivez votre avis."
    assert refusal_of(b"") == empty
    assert refusal_of(sound(PHONES["wav"], tmp_path, 0.05)) == empty
    assert refusal_of(b"<html><script>") == unreadable
    assert refusal_of(sound(PHONES["mp4-aac"], tmp_path)[:200]) == unreadable
    film = tmp_path / "film.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64:duration=1", "-c:v", "libx264", str(film))
    assert refusal_of(film.read_bytes()) == unreadable
    assert refusal_of(b"\x1aE\xdf\xa3" + b"\0" * (13 * 1024 * 1024)) == (
        "Cet enregistrement est trop lourd. Parlez une minute au plus."
    )


def test_no_more_is_read_than_the_limit():
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"\x1aE\xdf\xa3" * (size // 4)

    endless = Endless()
    with pytest.raises(Refusal):
        audio.read(endless)
    assert endless.given <= 13 * 1024 * 1024


def test_a_list_of_files_is_no_recording(tmp_path: Path):
    """Neither by itself nor under a recorder's first bytes does a text name other files or addresses."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(sound(PHONES["wav"], tmp_path))
    hls = f"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2.0,\nfile://{secret}\n#EXT-X-ENDLIST\n".encode()
    concat = f"ffconcat version 1.0\nfile {secret}\n".encode()
    for text in (hls, concat, b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n"):
        for head in (b"", b"ID3\x04\0\0\0\0\0\0", b"OggS", b"\x1aE\xdf\xa3", b"\0\0\0\x18ftypM4A "):
            assert "Nous ne pouvons pas écouter" in refusal_of(head + text)


def test_only_the_named_reader_opens_it(tmp_path: Path):
    """The command itself would refuse another container, another decoder, another protocol."""
    command = audio._command("matroska", Path("sent"), Path("out"))
    before = command[: command.index("-i")]
    asked = dict(itertools.pairwise(before))
    assert asked["-protocol_whitelist"] == "file,pipe"
    assert asked["-format_whitelist"] == asked["-f"] == "matroska"
    assert "-nostdin" in command
    path = tmp_path / "sent"
    path.write_bytes(sound("-c:a wmav2 -f matroska", tmp_path))
    assert "Nous ne pouvons pas écouter" in refusal_of(path.read_bytes()), "a decoder that no phone needs"


def test_a_reader_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    sent = sound(PHONES["wav"], tmp_path)
    limits = confined.Limits(processor=10, wall=1, memory=1024**3, written=1024**2)
    monkeypatch.setattr(audio, "LIMITS", limits)
    monkeypatch.setattr(audio, "_command", lambda *_: ["/bin/sleep", "30"])
    began = time.monotonic()
    assert "Nous ne pouvons pas écouter" in refusal_of(sent)
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "program",
    [
        "x = bytearray(2 * 1024**3)",
        "while True: pass",
        "open('big', 'wb').write(b'x' * 3 * 1024**2)",
        "import os; os.kill(os.getpid(), 11)",
    ],
    ids=["memory", "processor", "disk", "crash"],
)
def test_the_limits_hold(program: str, tmp_path: Path):
    limits = confined.Limits(processor=1, wall=20, memory=1024**3, written=2 * 1024**2)
    with pytest.raises(confined.Failed):
        confined.run([sys.executable, "-I", "-S", "-c", program], limits, tmp_path)


def test_what_a_reader_says_is_bounded_and_it_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", CANARY)
    limits = confined.Limits(processor=5, wall=20, memory=1024**3, written=2 * 1024**2)
    program = "import os, sys; print(dict(os.environ)); print(sys.stdin.read()); print('x' * 9999)"
    said = confined.run([sys.executable, "-I", "-S", "-c", program], limits, tmp_path)
    assert CANARY not in said
    assert len(said) == 4096


def test_too_many_at_once_wait_then_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sent = sound(PHONES["wav"], tmp_path)
    monkeypatch.setattr(confined, "PATIENCE", 0.1)
    for _turn in range(confined.AT_ONCE):
        confined._turns.acquire()
    try:
        assert refusal_of(sent) == "Beaucoup de personnes envoient en même temps. Réessayez dans une minute."
    finally:
        for _turn in range(confined.AT_ONCE):
            confined._turns.release()


def test_a_machine_without_ffmpeg_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def missing() -> str:
        raise RuntimeError("No ffmpeg exe could be found")

    sent = sound(PHONES["wav"], tmp_path)
    monkeypatch.setattr(audio.imageio_ffmpeg, "get_ffmpeg_exe", missing)
    assert refusal_of(sent) == "Nous ne pouvons pas garder votre message vocal. Écrivez votre avis."
    assert "ffmpeg is missing" in caplog.text


def test_ffmpeg_would_have_followed_the_list(tmp_path: Path):
    """The control: without our care, the very same playlist is read."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(sound(PHONES["wav"], tmp_path))
    playlist = tmp_path / "list"
    playlist.write_text(f"ffconcat version 1.0\nfile {secret.name}\n")
    ffmpeg("-i", str(playlist), "-f", "null", "-")
