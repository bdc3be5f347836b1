"""What a file is, by its first bytes; never by its name or by what the browser says (ux.md, Device facts).

A short list of our own: a library of file types calls an iPhone's photo a video, and reads an HLS playlist as text.
What is named here is only which reader is allowed to open the file; the reader itself says whether it can.
"""

import re

HEAD = 4096
"""Bytes looked at."""

_PHOTO_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_SOUNDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\x1aE\xdf\xa3"), "matroska"),  # WebM too: Chrome, Firefox, Samsung Internet
    (re.compile(rb"....ftyp", re.DOTALL), "mov"),  # MP4, M4A, 3GP: Safari, Android's recorders
    (re.compile(rb"OggS"), "ogg"),
    (re.compile(rb"#!AMR(-WB)?\n"), "amr"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), "wav"),
    (re.compile(rb"caff"), "caf"),
    (re.compile(rb"fLaC"), "flac"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "aac"),
    (re.compile(rb"ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"), "mp3"),
)
_PICTURES: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"\xff\xd8\xff"), "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "WEBP"),
)


def sound_reader(head: bytes) -> str | None:
    """Return the ffmpeg demuxer of a recording that begins so; None for what is no recording we read."""
    if _brand(head) in _PHOTO_BRANDS:
        return None
    return next((name for pattern, name in _SOUNDS if pattern.match(head)), None)


def picture_reader(head: bytes) -> str | None:
    """Return Pillow's name of the format of a photo that begins so; None for what is no photo we read."""
    if _brand(head) in _PHOTO_BRANDS:
        return "HEIF"
    return next((name for pattern, name in _PICTURES if pattern.match(head)), None)


def _brand(head: bytes) -> bytes:
    """Return the major brand of a file made of boxes (ISO 14496-12); nothing for others."""
    return head[8:12] if head[4:8] == b"ftyp" else b""
