"""What keeps a document from PDF/UA-1 (ISO 14289-1): what `pdfua` finds, and the rules that it does not look at.

`pdfua` knows 16 of the 106 rules that a machine can check. Looked at here besides: which tag may stand in which,
headings without a gap, each cell of a table with its headers, words for each picture, fonts carried along with what
their signs mean, and ink dark enough for a black-and-white printer.
"""

import ctypes
import io
import itertools
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pdfua
import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

STUMBLES = {"UA-14-001"}
"""Rules of pdfua 0.1.3 that end in an error of their own on arrays of content; `_headings` looks at the same."""
PARENTS = {
    "LI": {"L"},
    "Lbl": {"LI"},
    "LBody": {"LI"},
    "THead": {"Table"},
    "TBody": {"Table"},
    "TR": {"Table", "THead", "TBody"},
    "TH": {"TR"},
    "TD": {"TR"},
}
"""Where a tag may stand (ISO 32000-1, tables 336 and 337)."""
STANDARD = {
    *("Document", "Div", "H1", "H2", "H3", "H4", "P", "Span", "L", "Figure", "Table", "Caption"),
    *("BlockQuote", "Code", "Em", "Link", "Strong", *PARENTS),
}
LEAST_CONTRAST = 4.5
"""Of a text on white, WCAG 1.4.3; a grey of the same luminance is what a black-and-white printer makes of it."""


@dataclass(frozen=True)
class Tag:
    """An element of the structure tree."""

    role: str
    parent: str
    element: pikepdf.Dictionary

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of all its owners."""
        owners: Any = self.element.get("/A", [])
        found = [owners] if isinstance(owners, pikepdf.Dictionary) else list(owners)
        return {name: value for owner in found for name, value in owner.items()}

    @property
    def marks_content(self) -> bool:
        """Whether something of a page is in it."""
        return _marks_content(self.element.get("/K"))


def pdf_faults(content: bytes, *, language: str | None = None) -> list[str]:
    """Return what is wrong with a document; `language` is the one that it should say to be in."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        tags = list(_tags(pdf))
        return [
            *_by_pdfua(content),
            *_head(pdf, language),
            *_places(tags),
            *_headings(tags),
            *_tables(tags),
            *_figures(tags),
            *_fonts(pdf),
            *pale_texts(content),
        ]


def _by_pdfua(content: bytes) -> Iterator[str]:
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        report = pdfua.validate(file.name)
    yield from (f"{one.rule_id}: {one.message}" for one in report.findings)
    yield from (f"{one.rule_id} not run: {one.skipped_reason}" for one in report.skipped if one.rule_id not in STUMBLES)


def _head(pdf: pikepdf.Pdf, language: str | None) -> Iterator[str]:
    if not str(pdf.docinfo.get("/Title", "")).strip():
        yield "no title"
    said = str(pdf.Root.get("/Lang", ""))
    if not said or (language and said != language):
        yield f"in the language {said!r}"
    with pdf.open_metadata() as told:
        if told.get("pdfuaid:part") != "1":
            yield "does not say that it follows PDF/UA-1"


# Tags


def _tags(pdf: pikepdf.Pdf) -> Iterator[Tag]:
    root = pdf.Root.get("/StructTreeRoot")
    if isinstance(root, pikepdf.Dictionary):
        mapped: Any = root.get("/RoleMap", {})
        roles = {name: str(role) for name, role in mapped.items()}
        yield from _below(root, "", roles)


def _below(node: pikepdf.Dictionary, parent: str, roles: dict[str, str]) -> Iterator[Tag]:
    kids: Any = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            role = roles.get(str(kid.S), str(kid.S)).removeprefix("/")
            yield Tag(role, parent, kid)
            yield from _below(kid, role, roles)


def _marks_content(kids: Any) -> bool:
    if isinstance(kids, int):
        return True
    if isinstance(kids, pikepdf.Dictionary):
        return kids.get("/Type") == pikepdf.Name.MCR or _marks_content(kids.get("/K"))
    return isinstance(kids, pikepdf.Array) and any(_marks_content(kid) for kid in kids)


def _places(tags: list[Tag]) -> Iterator[str]:
    for tag in tags:
        if tag.role not in STANDARD:
            yield f"{tag.role} is no tag of the standard"
        elif tag.parent not in PARENTS.get(tag.role, {tag.parent}):
            yield f"{tag.role} stands in {tag.parent}"


def _headings(tags: list[Tag]) -> Iterator[str]:
    headings = [tag for tag in tags if tag.role[0] == "H" and tag.role[1:].isdigit()]
    levels = [0, *(int(tag.role[1:]) for tag in headings)]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} headings of level 1"
    for before, level in itertools.pairwise(levels):
        if level > before + 1:
            yield f"a heading of level {level} after one of level {before}"
    yield from (f"an empty heading of level {tag.role[1:]}" for tag in headings if not tag.marks_content)


def _tables(tags: list[Tag]) -> Iterator[str]:
    known = {str(tag.element.ID) for tag in tags if "/ID" in tag.element}
    for tag in tags:
        if tag.role == "TH" and str(tag.attributes.get("/Scope")) not in {"/Column", "/Row", "/Both"}:
            yield "a header of a table that does not say of what"
        if tag.role == "TH" and not tag.marks_content:
            yield "an empty header of a table"
        headers = [str(name) for name in tag.attributes.get("/Headers", ())]
        if tag.role == "TD" and (not headers or not known.issuperset(headers)):
            yield f"a cell with the headers {headers}"


def _figures(tags: list[Tag]) -> Iterator[str]:
    for tag in tags:
        words = str(tag.element.get("/Alt", ""))
        if tag.role == "Figure" and (not words.strip() or "/BBox" not in tag.attributes):
            yield f"a picture with the words {words!r}, or without its place"
        if tag.role == "Figure" and " " not in words.strip():
            yield f"a picture whose words are a name, not a sentence: {words!r}"


# Fonts and ink


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for item in pdf.objects:
        if not isinstance(item, pikepdf.Dictionary) or item.get("/Type") != pikepdf.Name.Font:
            continue
        if not str(item.Subtype).startswith("/CIDFont"):
            if "/ToUnicode" not in item:
                yield f"{item.get('/BaseFont')} does not say what its signs mean"
        elif not any(name in item.FontDescriptor for name in ("/FontFile", "/FontFile2", "/FontFile3")):
            yield f"{item.get('/BaseFont')} is not carried along"


def pale_texts(content: bytes) -> list[str]:
    """Return the texts too pale for white paper; white ones stand on a dark ground of their own."""
    found = []
    for page in pypdfium2.PdfDocument(content):
        words = page.get_textpage()
        for one in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_TEXT,), max_depth=15):
            luminance = _luminance(*_colour(one))
            if luminance < 1 and 1.05 / (luminance + 0.05) < LEAST_CONTRAST:
                found.append(f"a pale text: {_text_of(one, words)!r}")
    return found


def _colour(text: Any) -> tuple[int, int, int]:
    parts = [ctypes.c_uint() for _ in range(4)]
    assert pdfium.FPDFPageObj_GetFillColor(text, *map(ctypes.byref, parts))
    red, green, blue, _opacity = (part.value for part in parts)
    return red, green, blue


def _luminance(*colour: int) -> float:
    """Return the relative luminance of a colour in sRGB (WCAG 2.2), from 0 to 1."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _text_of(text: Any, words: Any) -> str:
    size = pdfium.FPDFTextObj_GetText(text, words, None, 0)
    buffer = (ctypes.c_ushort * size)()
    pdfium.FPDFTextObj_GetText(text, words, buffer, size)
    return bytes(buffer).decode("utf-16-le").rstrip("\0")
