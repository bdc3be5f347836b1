"""Run as a script: `redraw.py FORMAT SENT OUT` draws the photo SENT anew as the JPEG OUT; prints its width and height.

It runs confined (confined.py) and imports nothing of the program, so that it starts in a tenth of a second. Exit
status: 0 done, TOO_LARGE, UNREADABLE; whatever else happens to it (out of memory, a crash) is the reader's end alone.
"""

import json
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageOps

TOO_LARGE, UNREADABLE = 3, 4
LONGEST_SIDE = 1600
"""Pixels: enough to see a hole in a pavement on a large screen."""
QUALITY = 80
MOST_PIXELS = {"JPEG": 50_000_000, "PNG": 24_000_000, "WEBP": 16_000_000, "HEIF": 32_000_000}
"""What a photo may declare, looked at before a pixel is read. JPEG is read at a fraction of its size; the others need
10 (PNG), 16 (WebP) and 8 (HEIC) bytes a pixel, and with these limits all stay under 250 MB (measured)."""


def main(reader: str, sent: str, out: str) -> int:
    """Draw the photo anew; return the exit status."""
    Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())
    warnings.simplefilter("ignore")  # of metadata that is broken: it is not kept
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # of a picture up to twice too large
    if reader == "HEIF":
        _learn_heif()
    try:
        width, height = redraw(reader, Path(sent), Path(out))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError, OverflowError):
        return TOO_LARGE
    except Exception:  # noqa: BLE001  # a broken file may break its reader anywhere
        return UNREADABLE
    print(json.dumps([width, height]))  # noqa: T201  # the answer to whoever runs this
    return 0


def redraw(reader: str, sent: Path, out: Path) -> tuple[int, int]:
    """Read `sent` as `reader` (Pillow's name) and no other format, and write `out`; return its width and height.

    The picture is pasted into a new one, so that nothing is left of what came with it: Pillow hands comments on when
    a picture is only saved again (measured). Colours of a wide range are taken as they are: a reader of colour profiles
    is one more that a file could harm.
    """
    with Image.open(sent, formats=[reader]) as picture:
        if picture.width * picture.height > MOST_PIXELS[reader]:
            raise Image.DecompressionBombError
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        upright = _upright(picture).convert("RGBA")
    fresh = Image.new("RGB", upright.size, "white")
    fresh.paste(upright, mask=upright.getchannel("A"))
    fresh.save(out, "JPEG", quality=QUALITY, progressive=True, optimize=True)
    return fresh.size


def _upright(picture: Image.Image) -> Image.Image:
    """Return the picture turned as it was taken; as it is, where what says so is broken."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # noqa: BLE001  # metadata of a good photo may be broken in many ways
        return picture


def _learn_heif() -> None:
    import pillow_heif

    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
