"""Recordings and photos as phones make them, made here: nothing is fetched, nobody is heard or seen."""

import io
import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pillow_heif
from PIL import Image, ImageDraw

CANARY = "CANARI-7f3a"
"""Planted in metadata and in what follows a file; it must be nowhere afterwards."""
FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
PHONES = {
    "webm-opus": "-c:a libopus -b:a 24k -f webm",
    "mp4-aac": "-c:a aac -b:a 32k -f mp4",
    "mp4-opus": "-c:a libopus -b:a 24k -f mp4",
    "ogg-opus": "-c:a libopus -b:a 24k -f ogg",
    "ogg-vorbis": "-c:a libvorbis -f ogg",
    "3gp-amr": "-ar 8000 -ac 1 -c:a libopencore_amrnb -f 3gp",
    "amr": "-ar 8000 -ac 1 -c:a libopencore_amrnb -f amr",
    "wav": "-c:a pcm_s16le -ar 16000 -f wav",
    "mp3": "-c:a libmp3lame -f mp3",
    "caf": "-c:a pcm_s16le -ar 16000 -f caf",
    "aac": "-c:a aac -f adts",
    "mov-alac": "-c:a alac -f mov",
    "flac": "-c:a flac -f flac",
}
"""What recorders of phones and browsers give (ux.md R18), and what comes out of messaging applications."""


def ffmpeg(*arguments: str, data: bytes | None = None) -> bytes:
    """Run ffmpeg, quietly; return its standard output. Raises CalledProcessError."""
    quiet = [FFMPEG, "-hide_banner", "-loglevel", "error", "-y"]
    return subprocess.run([*quiet, *arguments], input=data, capture_output=True, check=True).stdout


def sound(options: str, folder: Path, seconds: float = 2, *more: str) -> bytes:
    """Return a tone of `seconds`, encoded with `options`; `more` are inputs and options that come before them."""
    out = folder / "sound"
    tone = ["-f", "lavfi", "-i", f"sine=frequency=300:duration={seconds}"]
    ffmpeg(*tone, *more, *options.split(), str(out))
    return out.read_bytes()


def described(data: bytes, folder: Path) -> str:
    """Return what ffmpeg says of a recording: streams and every metadata, of any kind."""
    path = folder / "described"
    path.write_bytes(data)
    asked = subprocess.run([FFMPEG, "-hide_banner", "-i", str(path)], capture_output=True, text=True, check=False)
    return asked.stderr


def seconds_of(data: bytes, folder: Path) -> float:
    """Return how long a recording is, decoded to its end."""
    path = folder / "timed"
    path.write_bytes(data)
    said = ffmpeg("-i", str(path), "-progress", "pipe:1", "-f", "null", "-").decode()
    return int(re.findall(r"out_time_us=(\d+)", said)[-1]) / 1_000_000


def picture(width: int = 640, height: int = 480) -> Image.Image:
    """Return a picture whose upper left corner is red, upper right green, and the rest blue."""
    image = Image.new("RGB", (width, height), "blue")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill="red")
    draw.rectangle((width // 2, 0, width, height // 2 - 1), fill="green")
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return the picture as a file of Pillow's format `kind`."""
    if kind == "HEIF":
        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, **options)  # type: ignore[arg-type]  # each format has its own
    return out.getvalue()


def with_gps(orientation: int = 1) -> bytes:
    """Return a JPEG with all that a phone writes in it: place, camera, owner, comment, profile, thumbnail's place."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112], exif[0x9C9D] = f"{CANARY} make", f"{CANARY} model", orientation, b"C\0A\0"
    exif.get_ifd(0x8825).update({1: "N", 2: (50.0, 17.0, 30.0), 3: "E", 4: (2.0, 46.0, 41.0)})
    exif.get_ifd(0x8769)[0x9003] = "2026:03:12 14:00:00"
    note = f"<script>{CANARY}</script>".encode()
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{CANARY}</x:xmpmeta>".encode()
    return saved(picture(), "JPEG", quality=90, exif=exif, comment=note, xmp=xmp, icc_profile=b"x" * 200 + note)
