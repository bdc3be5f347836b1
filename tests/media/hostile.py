"""Sixty files that mean harm, or look as if they did; each is made here and holds no one's data.

`taken` says what becomes of a file: True: it is a photo or a recording after all, and what is kept of it is clean;
False: refused. Where a file carries something that must not survive, that something is the CANARY.
"""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.media.made import CANARY, PHONES, ffmpeg, picture, saved, sound, with_gps

HTML = f"<!doctype html><script>fetch('/{CANARY}')</script>".encode()
SVG = f"<svg xmlns='http://www.w3.org/2000/svg' onload='{CANARY}'><script>1</script></svg>".encode()
BIG = 50_000
"""Pixels of each side of a bomb: 2.5 thousand million in all."""


@dataclass(frozen=True)
class File:
    """A file to send: as what (`photo`, `enregistrement`), under which name and type."""

    what: str
    field: str
    data: bytes
    taken: bool
    name: str = "fichier"
    type: str = "application/octet-stream"


def photos() -> Iterator[File]:
    """Give the photos, or what comes as one."""
    for what, data, taken in (*_plain_lies(), *_polyglots(), *_notes(), *_bombs(), *_broken()):
        yield File(what, "photo", data, taken, "photo.jpg", "image/jpeg")
    jpeg = saved(picture(), "JPEG")
    for what, name in (
        ("a name that climbs", "../../../../etc/cron.d/photo.jpg"),
        ("a name with NUL", "photo.jpg\0.html"),
        ("an absolute name", "/etc/passwd"),
        ("a name of markup", f"<script>{CANARY}</script>.jpg"),
        ("a name of 5,000 letters", "a" * 5000 + ".jpg"),
        ("a name of a device", "CON"),
        ("a name that runs on a Windows", "photo.jpg.exe"),
    ):
        yield File(what, "photo", jpeg, True, name, "text/html")


def _plain_lies() -> Iterator[tuple[str, bytes, bool]]:
    yield "nothing", b"", False
    yield "one byte", b"\xff", False
    yield "HTML", HTML, False
    yield "SVG", SVG, False
    yield "SVG, compressed", gzip.compress(SVG), False
    yield "a programme", b"\x7fELF\x02\x01\x01" + b"\0" * 200, False
    yield "a PDF", saved(picture(), "PDF"), False
    yield "a GIF", saved(picture(), "GIF"), False
    yield "a PostScript, which some readers run", b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file\n", False
    yield "a zip", _zip(b"x" * 10_000), False
    yield "AVIF", saved(picture(), "AVIF"), False
    yield "JPEG 2000", saved(picture(), "JPEG2000"), False


def _polyglots() -> Iterator[tuple[str, bytes, bool]]:
    jpeg = saved(picture(), "JPEG")
    yield "JPEG followed by HTML", jpeg + HTML, True
    yield "JPEG followed by a zip", jpeg + _zip(HTML), True
    yield "JPEG whose comment is PHP", saved(picture(), "JPEG", comment=f"<?php {CANARY} ?>".encode()), True
    yield "JPEG that begins as a script", b"\xff\xd8\xff\xe1\0\x10" + b"*/alert(1)/*\0\0" + jpeg[2:] + HTML, True
    yield "PNG followed by HTML", saved(picture(), "PNG") + HTML, True
    yield "PNG with HTML before its end", _png(64, 64, text=HTML), True
    yield "WebP followed by HTML", saved(picture(), "WEBP") + HTML, True
    yield "GIF followed by a JPEG", saved(picture(), "GIF") + jpeg, False
    yield "PDF followed by a JPEG", b"%PDF-1.4\n" + jpeg, False
    yield "HTML followed by a JPEG", HTML + jpeg, False


def _notes() -> Iterator[tuple[str, bytes, bool]]:
    yield "JPEG with its place and owner", with_gps(), True
    yield "JPEG with an XMP of 60 KB", saved(picture(), "JPEG", xmp=CANARY.encode() * 5000), True
    yield "JPEG with a broken EXIF", saved(picture(), "JPEG", exif=b"Exif\0\0MM\0*" + b"\xff" * 90), True
    yield "JPEG with a profile that is none", saved(picture(), "JPEG", icc_profile=CANARY.encode() * 900), True
    yield "PNG whose text is a bomb", _png(64, 64, text=HTML, packed=zlib.compress(b"\0" * 80_000_000)), False
    yield "HEIC with its place", saved(picture(), "HEIF", exif=b"Exif\0\0" + with_gps()[30:500]), True


def _bombs() -> Iterator[tuple[str, bytes, bool]]:
    yield f"PNG of {BIG} x {BIG}, whole", _png(BIG, BIG, bits=1), False
    yield f"PNG of {BIG} x {BIG} in colours", _png(BIG, BIG, rows=3, bits=8, colour=6), False
    yield f"JPEG of {BIG} x {BIG}", _resized_jpeg(saved(picture(), "JPEG")), False
    yield f"progressive JPEG of {BIG} x {BIG}", _resized_jpeg(saved(picture(), "JPEG", progressive=True)), False
    yield f"WebP of {BIG} x {BIG}", _resized_webp(), False
    yield f"HEIC of {BIG} x {BIG}", _resized_heic(), False
    yield f"GIF of {BIG} x {BIG}", b"GIF89a" + struct.pack("<HH", BIG, BIG) + saved(picture(), "GIF")[10:], False
    yield f"TIFF of {BIG} x {BIG}", _tiff(BIG, BIG), False
    yield "a zip of 100 MB of nothing", _zip(b"\0" * 100_000_000), False


def _broken() -> Iterator[tuple[str, bytes, bool]]:
    yield "JPEG cut in its middle", saved(picture(1000, 1000), "JPEG")[:4000], False
    yield "PNG cut in its middle", saved(picture(), "PNG")[:-300], False
    yield "HEIC cut in its middle", saved(picture(), "HEIF")[:-100], False
    png = saved(picture(), "PNG")
    yield "PNG whose sums are wrong", png[:29] + bytes(4) + png[33:], False


def sounds(folder: Path) -> Iterator[File]:
    """Give the recordings, or what comes as one; `folder` is for making them."""
    for what, data, taken in (*_lists(folder), *_tagged(folder), *_strange_sounds(folder)):
        yield File(what, "enregistrement", data, taken, "voix.m4a", "audio/mp4")


def _lists(folder: Path) -> Iterator[tuple[str, bytes, bool]]:
    """Give texts that name other files and addresses; a reader that follows them would let them be heard."""
    secret = folder / "secret.wav"
    secret.write_bytes(sound(PHONES["wav"], folder))
    head = "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:2.0,\n"
    yield "a playlist of a local file", f"{head}file:///etc/passwd\n#EXT-X-ENDLIST\n".encode(), False
    yield "a playlist of an address", f"{head}http://127.0.0.1:9/{CANARY}\n#EXT-X-ENDLIST\n".encode(), False
    yield "a playlist of a local recording", f"{head}concat:{secret}|/etc/passwd\n".encode(), False
    yield "a script that joins files", f"ffconcat version 1.0\nfile {secret}\n".encode(), False
    yield "a description of a stream", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", False
    yield "a DASH manifest", f"<MPD><BaseURL>file://{secret}</BaseURL></MPD>".encode(), False
    yield "a playlist behind an ID3 mark", b"ID3\4\0\0\0\0\0\0" + f"{head}file://{secret}\n".encode(), False
    yield "MP4 whose sound is another file", _elsewhere(folder, secret), False


def _tagged(folder: Path) -> Iterator[tuple[str, bytes, bool]]:
    tags = ("title", "artist", "comment", "location", "com.apple.quicktime.location.ISO6709", "encoder")
    options = " ".join(f"-metadata {tag}={CANARY}" for tag in tags)
    yield "MP4 with its place and title", sound(f"{options} -movflags use_metadata_tags -c:a aac -f mp4", folder), True
    yield "WebM with a title", sound(f"{options} -c:a libopus -f webm", folder), True
    yield "OGG with a title", sound(f"{options} -c:a libopus -f ogg", folder), True
    yield "MP3 with a cover that is a bomb", _id3(sound(PHONES["mp3"], folder), _png(BIG, BIG, rows=3)), True
    (folder / "page.html").write_bytes(HTML)
    page = ["-attach", str(folder / "page.html"), "-metadata:s:t", "mimetype=text/html"]
    yield "MKV with a page in it", sound("-c:a libopus -f matroska", folder, 2, *page), True
    (folder / "said.srt").write_text(f"1\n00:00:00,000 --> 00:00:01,000\n{CANARY}\n")
    subtitles = ["-i", str(folder / "said.srt"), "-map", "0", "-map", "1"]
    yield "MKV with subtitles", sound("-c:a libopus -c:s srt -f matroska", folder, 2, *subtitles), True
    film = ["-f", "lavfi", "-i", "color=red:size=64x64:duration=2"]
    yield "a film with its sound", sound("-c:v libx264 -c:a aac -f mp4", folder, 2, *film), True
    yield "MP4 followed by HTML", sound(PHONES["mp4-aac"], folder) + HTML, True


def _strange_sounds(folder: Path) -> Iterator[tuple[str, bytes, bool]]:
    frames = sound("-ar 8000 -ac 1 -c:a libopencore_amrnb -b:a 4.75k -f amr", folder)[6 : 6 + 50 * 13]
    wav = sound(PHONES["wav"], folder)
    yield "two hours", b"#!AMR\n" + frames * 7200, False
    yield (
        "WAV that says that it has 4 GB",
        wav.replace(b"data" + wav[wav.index(b"data") + 4 :][:4], b"data\xff\xff\xff\xff"),
        True,
    )
    yield "WAV of 65,535 channels", wav[:22] + b"\xff\xff" + wav[24:], False
    yield "OGG cut in its middle", sound(PHONES["ogg-opus"], folder)[:700], False
    yield "noise behind a WebM's first bytes", b"\x1aE\xdf\xa3" + bytes(range(256)) * 40, False
    yield "more than is taken", wav + b"\0" * 12 * 1024 * 1024, False


# Parts


def _zip(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("page.html", data)
    return out.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(
    width: int,
    height: int,
    *,
    rows: int | None = None,
    bits: int = 8,
    colour: int = 0,
    text: bytes = b"",
    packed: bytes = b"",
) -> bytes:
    """Return a PNG, black, of that size; of `rows` rows only, if fewer are to be there than it says."""
    samples = {0: 1, 2: 3, 6: 4}[colour]
    packer = zlib.compressobj(1)
    row = b"\0" * (1 + (width * bits * samples + 7) // 8)
    lines = [packer.compress(row) for _row in range(rows or height)]
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    notes = _chunk(b"tEXt", b"Comment\0" + text) if text else b""
    notes += _chunk(b"zTXt", b"Comment\0\0" + packed) if packed else b""
    data = _chunk(b"IDAT", b"".join(lines) + packer.flush())
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + notes + data + _chunk(b"IEND", b"")


def _resized_jpeg(jpeg: bytes) -> bytes:
    """Return the JPEG, saying that it is BIG on each side."""
    frame = max(jpeg.find(b"\xff\xc0\0\x11"), jpeg.find(b"\xff\xc2\0\x11"))
    assert frame > 0
    return jpeg[: frame + 5] + struct.pack(">HH", BIG, BIG) + jpeg[frame + 9 :]


def _resized_webp() -> bytes:
    """Return a moving WebP whose canvas is BIG on each side (VP8X: 24 bits each, less one)."""
    frames = [picture(64, 64), Image.new("RGB", (64, 64))]
    webp = bytearray(saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]))
    canvas = webp.index(b"VP8X") + 12
    webp[canvas : canvas + 6] = (BIG - 1).to_bytes(3, "little") * 2
    return bytes(webp)


def _resized_heic() -> bytes:
    """Return a HEIC whose picture says that it is BIG on each side (`ispe`, ISO 23008-12)."""
    heic = bytearray(saved(picture(), "HEIF"))
    said = heic.index(b"ispe") + 8
    heic[said : said + 8] = struct.pack(">II", BIG, BIG)
    return bytes(heic)


def _tiff(width: int, height: int) -> bytes:
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (279, 4, 100)]
    table = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + table + b"\0" * 4


def _id3(mp3: bytes, cover: bytes) -> bytes:
    """Return the MP3 with a title and a cover (ID3 2.4: sizes of seven bits a byte)."""

    def size(number: int) -> bytes:
        return bytes(number >> shift & 127 for shift in (21, 14, 7, 0))

    frames = {b"TIT2": b"\3" + CANARY.encode(), b"APIC": b"\0image/png\0\3\0" + cover + CANARY.encode()}
    body = b"".join(name + size(len(data)) + b"\0\0" + data for name, data in frames.items())
    return b"ID3\4\0\0" + size(len(body)) + body + mp3


def _elsewhere(folder: Path, other: Path) -> bytes:
    """Return a MOV whose sound lies in another file, that it names (`dref` with an alias; QuickTime File Format)."""
    film = folder / "film.mov"
    ffmpeg("-i", str(other), "-c:a", "pcm_s16le", "-f", "mov", str(film))
    data = film.read_bytes()
    path = str(other).encode()
    name = path.rpartition(b"/")[2]
    alias = b"\0" * 10 + bytes([1]) + b"v" * 27 + b"\0" * 12 + bytes([len(name)]) + name.ljust(63, b"\0") + b"\0" * 16
    alias += struct.pack(">HH", 1, 1) + b"\0" * 16 + struct.pack(">HH", 2, len(path)) + path + b"\0" * (len(path) % 2)
    entry = b"alis" + b"\0" * 4 + alias + b"\xff\xff\0\0" + b"\0" * 40
    place = data.index(b"url ", data.index(b"dref")) - 4
    return _grown(data[:place], len(entry) + 4 - 12) + struct.pack(">I", len(entry) + 4) + entry + data[place + 12 :]


def _grown(start: bytes, more: int) -> bytes:
    """Return the start of a MOV, up to within its data reference, whose boxes say that they hold `more` bytes."""
    grown = bytearray(start)
    within = start.rindex(b"moov")
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        within = start.index(kind, within)
        (size,) = struct.unpack_from(">I", start, within - 4)
        struct.pack_into(">I", grown, within - 4, size + more)
    return bytes(grown)
