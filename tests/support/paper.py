"""What is printed, read back: pages as pictures, codes as a phone reads them, words as a screen reader says them."""

import unicodedata
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from PIL import Image

DPI = 150
"""What a cheap copier gives (ux.md R26)."""


def open_pdf(content: bytes) -> Any:
    """Return the document."""
    assert content.startswith(b"%PDF-")
    return pypdfium2.PdfDocument(content)


def pages_of(content: bytes) -> list[Image.Image]:
    """Return each page as a picture at 150 dots an inch."""
    return [page.render(scale=DPI / 72, grayscale=True).to_pil() for page in open_pdf(content)]


def codes_of(content: bytes) -> list[str]:
    """Return what the codes of all pages say, in the order of the pages."""
    found = []
    for picture in pages_of(content):
        barcodes = zxingcpp.read_barcodes(picture)
        found += [
            barcode.text for barcode in sorted(barcodes, key=lambda b: (b.position.top_left.y, b.position.top_left.x))
        ]
    return found


def code_sizes(content: bytes) -> list[float]:
    """Return the side of each code without its margin, in millimetres."""
    sizes = []
    for picture in pages_of(content):
        for barcode in zxingcpp.read_barcodes(picture):
            corners = barcode.position
            sizes.append(abs(corners.top_right.x - corners.top_left.x) / DPI * 25.4)
    return sizes


def words_of(content: bytes) -> str:
    """Return the text of all pages, composed (NFC), with single blanks."""
    text = " ".join(page.get_textpage().get_text_range() for page in open_pdf(content))
    text = text.replace("\ufffe", "-")  # how PDFium writes a hyphen at the end of a line
    return unicodedata.normalize("NFC", " ".join(text.split()))
