"""Photos: any phone's in, JPEG out, with nothing in it but the picture."""

import io
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image

from participation.errors import Refusal
from participation.media import photo, redraw, storage
from tests.media.made import CANARY, picture, saved, with_gps

pytestmark = pytest.mark.usefixtures("request_context")

UNREADABLE = "Nous ne pouvons pas lire cette photo. Prenez-en une autre."
NOT_A_PHOTO = "Ce fichier n'est pas une photo. Choisissez une photo."
TOO_LARGE = "La photo est trop grande. Choisissez une photo plus petite."
QUICK = {"PNG": {"compress_level": 1}, "WEBP": {"lossless": True, "quality": 0, "method": 0}}


@pytest.fixture
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def redrawn(data: bytes) -> Image.Image:
    """Return the picture that is kept of a file, after a look at what came with it."""
    kept = photo.read(io.BytesIO(data))
    assert CANARY.encode() not in kept.data
    assert kept.data.startswith(b"\xff\xd8\xff")
    assert kept.data.endswith(b"\xff\xd9")
    assert list(storage.waiting_folder().iterdir()) == []
    image = Image.open(io.BytesIO(kept.data))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (kept.width, kept.height))
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert not image.getexif()
    image.load()
    return image


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refusal) as refused:
        photo.read(io.BytesIO(data))
    assert refused.value.field == "photo"
    assert list(storage.waiting_folder().iterdir()) == []
    return refused.value.message


def colours(image: Image.Image) -> list[str]:
    """Return the colour of each corner: upper left, upper right, lower right, lower left."""
    wide, high = image.size
    corners = [(5, 5), (wide - 5, 5), (wide - 5, high - 5), (5, high - 5)]
    names = {(1, 0, 0): "red", (0, 1, 0): "green", (0, 0, 1): "blue"}
    return [names[tuple(int(part > 90) for part in image.getpixel(corner))] for corner in corners]  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_phone_is_seen(kind: str):
    image = redrawn(saved(picture(), kind))
    assert image.size == (640, 480)
    assert colours(image) == ["red", "green", "blue", "blue"]


def test_a_large_photo_is_made_smaller():
    image = redrawn(saved(picture(4032, 3024), "JPEG"))
    assert image.size == (1600, 1200)
    assert colours(image) == ["red", "green", "blue", "blue"]
    assert redrawn(saved(picture(300, 4000), "PNG")).size == (120, 1600)


def test_place_camera_comment_and_profile_are_gone():
    sent = with_gps()
    assert sent.count(CANARY.encode()) >= 4
    assert Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825), "the control: the place is there"
    redrawn(sent + f"<html>{CANARY}".encode())


@pytest.mark.parametrize(("orientation", "upper_left"), [(1, "red"), (3, "blue"), (6, "blue"), (8, "green")])
def test_it_stands_as_it_was_taken(orientation: int, upper_left: str):
    image = redrawn(with_gps(orientation))
    assert colours(image)[0] == upper_left
    assert image.size == ((640, 480) if orientation in {1, 3} else (480, 640))


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16", "YCbCr"])
def test_any_sort_of_colours(mode: str):
    image = Image.new("I;16", (64, 64), 65535) if mode == "I;16" else picture(64, 64).convert(mode)
    redrawn(saved(image, "JPEG" if mode in {"CMYK", "YCbCr"} else "PNG"))


def test_what_is_transparent_is_white():
    assert redrawn(saved(Image.new("RGBA", (64, 64), (255, 0, 0, 0)), "PNG")).getpixel((9, 9)) == (255, 255, 255)


def test_the_first_picture_of_a_moving_one():
    frames = [picture(80, 80), Image.new("RGB", (80, 80), "white")]
    for kind in ("PNG", "WEBP"):
        image = redrawn(saved(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert colours(image)[0] == "red"


def test_what_is_no_photo_is_refused_in_plain_words():
    assert refusal_of(b"") == "La photo est vide. Prenez-la de nouveau."
    assert refusal_of(b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>") == NOT_A_PHOTO
    assert refusal_of(b"<!doctype html><script>1</script>") == NOT_A_PHOTO
    assert refusal_of(saved(picture(), "GIF")) == NOT_A_PHOTO
    assert refusal_of(saved(picture(), "PDF")) == NOT_A_PHOTO
    assert refusal_of(b"\xff\xd8\xff" * 100) == UNREADABLE
    assert refusal_of(saved(picture(), "PNG")[:-200]) == UNREADABLE
    assert refusal_of(saved(picture(), "JPEG")[:900]) == UNREADABLE
    heavy = "La photo est trop lourde. Choisissez une autre photo."
    assert refusal_of(saved(picture(), "JPEG") + b"\0" * 13 * 1024 * 1024) == heavy


def test_the_name_of_one_format_opens_no_other():
    """Under a PNG's first bytes, no other of Pillow's readers is tried."""
    assert refusal_of(b"\x89PNG\r\n\x1a\n" + saved(picture(), "GIF")) == UNREADABLE


def png_header(width: int, height: int) -> bytes:
    """Return a PNG that declares a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def test_what_a_photo_declares_is_looked_at_first():
    assert refusal_of(png_header(50_000, 50_000)) == TOO_LARGE
    assert refusal_of(png_header(6_000, 4_001)) == TOO_LARGE
    assert refusal_of(png_header(6_000, 4_000)) == UNREADABLE, "large enough, but broken"


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("JPEG", (8160, 6120)),
        ("PNG", (5990, 4000)),
        ("WEBP", (4618, 3464)),
        pytest.param("HEIF", (6528, 4896), marks=pytest.mark.full),  # long to make
    ],
)
def test_the_largest_photos_stay_under_300_megabytes(kind: str, size: tuple[int, int], tmp_path: Path):
    mode = "RGB" if kind in {"JPEG", "HEIF"} else "RGBA"
    assert size[0] * size[1] <= redraw.MOST_PIXELS[kind]
    data = saved(Image.new(mode, size, "blue"), kind, **QUICK.get(kind, {}))
    redrawn(data)
    (tmp_path / "sent").write_bytes(data)
    assert peak_of(redraw.__file__, kind, "sent", "out", folder=tmp_path) < 300
    if kind == "JPEG":
        (tmp_path / "sent").write_bytes(saved(Image.new(mode, size, "blue"), kind, progressive=True))
        assert peak_of(redraw.__file__, kind, "sent", "out", folder=tmp_path) < 300


def peak_of(*argv: str, folder: Path) -> float:
    """Return the most memory that a Python script used, in megabytes; measured from a small process, whose child it is.

    (Of a child of this one the system would count what the tests themselves use.)
    """
    watch = "import resource, subprocess, sys; subprocess.run([sys.executable, '-I', *sys.argv[1:]], check=True); "
    watch += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    said = subprocess.run([sys.executable, "-c", watch, *argv], cwd=folder, capture_output=True, text=True, check=True)
    return int(said.stdout.splitlines()[-1]) / 1024


def test_a_good_photo_with_broken_notes_is_taken():
    sent = saved(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + b"\xff" * 40)
    redrawn(sent)


def test_a_disk_that_refuses(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(photo, "_redraw", refuse)
    assert refusal_of(b"x") == "Nous ne pouvons pas garder votre photo. Écrivez votre avis."
    assert "No space left" in caplog.text


@pytest.mark.full  # it takes all the time that it is given
def test_a_photo_of_thousands_of_scans_is_given_up():
    jpeg = saved(picture(64, 64), "JPEG", progressive=True)
    frame, scan = jpeg.index(b"\xff\xc2\0\x11"), jpeg.rindex(b"\xff\xda")
    wide = jpeg[: frame + 5] + struct.pack(">HH", 7000, 7000) + jpeg[frame + 9 :]
    began = time.monotonic()
    assert refusal_of(wide[:scan] + wide[scan:-2] * 20_000 + b"\xff\xd9") == UNREADABLE
    assert time.monotonic() - began < 30
