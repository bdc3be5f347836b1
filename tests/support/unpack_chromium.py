"""Unpack the Chromium that npm brought: `python -m tests.support.unpack_chromium FOLDER`.

The package is made for another place (a cloud function), hence two repairs: a fonts.conf with the paths of this
machine, without which the browser ends as soon as it draws text, and a font with Arabic letters.
"""

import importlib.util
import io
import platform
import shutil
import sys
import tarfile
from pathlib import Path

import brotli

from tests.support import ROOT

PACKED = ROOT / "node_modules" / "@sparticuz" / "chromium" / "bin"
ARCHIVES = {"al2023.tar.br": "lib", "swiftshader.tar.br": ".", "fonts.tar.br": "fonts"}
"""Packed archive -> folder of its own under the destination."""

_FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def unpack(destination: Path) -> None:
    """Make `destination` hold a Chromium that runs: `lib/lib`, `fonts/fonts.conf` and, last of all, `chromium`."""
    destination = destination.absolute()
    shutil.rmtree(destination, ignore_errors=True)
    destination.parent.mkdir(parents=True, exist_ok=True)
    for archive, inside in ARCHIVES.items():
        _extract(archive, destination / inside)
    _add_fonts(destination / "fonts")
    unfinished = destination / "chromium.part"
    unfinished.write_bytes(_decompressed("chromium.br"))
    unfinished.chmod(0o755)
    unfinished.rename(destination / "chromium")


def _extract(archive: str, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(_decompressed(archive))) as packed:
        # Python before 3.11.4 has no `filter`; the archive's bytes are those of package-lock.json, by their hash.
        if hasattr(tarfile, "data_filter"):
            packed.extractall(folder, filter="data")
        else:
            packed.extractall(folder)


def _decompressed(name: str) -> bytes:
    content: bytes = brotli.decompress((PACKED / name).read_bytes())
    return content


def _add_fonts(folder: Path) -> None:
    fonts, cache = folder / "fonts", folder / "cache"
    cache.mkdir()
    spec = importlib.util.find_spec("fontpkg_noto_sans_arabic")
    assert spec is not None
    assert spec.submodule_search_locations
    for font in Path(spec.submodule_search_locations[0], "files").glob("*.ttf"):
        shutil.copy(font, fonts)
    (folder / "fonts.conf").write_text(_FONTS_CONF.format(fonts=fonts, cache=cache))


def main() -> None:
    """Unpack into the folder named on the command line."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        sys.exit(
            f"Le Chromium des tests n'existe que pour Linux x86_64 (ici : {platform.system()} {platform.machine()}).\n"
            "Installez Chromium ou Chrome, puis : make test CHROME=/chemin/vers/chromium"
        )
    unpack(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
