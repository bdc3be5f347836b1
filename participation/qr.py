"""QR codes: as small as the address allows, drawn as SVG for pages and for paper alike.

ISO/IEC 18004: the alphanumeric mode (capitals, digits, nine signs) needs a third fewer modules than bytes; a light
margin of four modules belongs to the symbol; level M restores 15 % of a code that is
folded or stained.
"""

import io
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup, escape

if TYPE_CHECKING:  # loaded by the first code, not at every start
    import segno

MARGIN = 4
"""Light modules around the code."""
LEVEL = "m"
_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def short(address: str) -> str:
    """Return the address in capitals where each of its characters fits the alphanumeric mode, else as it is.

    Only for addresses that are answered in capitals too (`/M/...`, `/R/...`, `/C/...`).
    """
    capitals = address.upper()
    return capitals if len(capitals) == len(address) and _ALPHANUMERIC.issuperset(capitals) else address


def public_address(public_url: str, path: str) -> str:
    """Return the address that a code carries for `path` (`/m/<ref>`), short where the site stands at the root."""
    address = public_url.rstrip("/") + path
    # A folder in front of the paths belongs to the server, which may tell capitals from small letters.
    return address if urlsplit(public_url).path.strip("/") else short(address)


def qr_svg(address: str, border: int = MARGIN, *, label: str | None = None) -> Markup:
    """Return the QR code of exactly this address as an SVG element without size or style, for a class to size.

    `label` is read aloud; without one the code is hidden from screen readers, as the address stands beside it.
    """
    seen = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    drawn = _code(address).svg_inline(border=border, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    return Markup(drawn.replace("<svg ", f"<svg {seen} ", 1))  # noqa: S704  # drawn by segno; the label is escaped


def modules(address: str) -> tuple[int, str]:
    """Return the QR code of this address for a script to draw: modules a side, and their bits row by row in hex."""
    rows = ["".join(str(int(module > 0)) for module in row) for row in _code(address).matrix]
    bits = "".join(rows)
    return len(rows), f"{int(bits, 2):0{-(-len(bits) // 4)}x}"


def qr_bytes(address: str, border: int = MARGIN) -> bytes:
    """Return the QR code of exactly this address as an SVG document, for paper."""
    out = io.BytesIO()
    _code(address).save(out, kind="svg", border=border, light="#fff", omitsize=True, xmldecl=False, lineclass=None)
    return out.getvalue()


def drawn_for_paper(address: str, *, label: str) -> dict[str, object]:
    """Return a code as the templates of paper take it: the drawing, its words, and how wide it is with its margin.

    `whole` is that width over the width of the code alone: a size on paper is said of the code alone.
    """
    modules = _code(address).symbol_size(border=0)[0]
    return {"svg": qr_bytes(address).decode(), "alt": label, "whole": (modules + 2 * MARGIN) / modules}


def _code(address: str) -> "segno.QRCode":
    import segno

    return segno.make_qr(address, error=LEVEL)  # a higher level where it costs no module
