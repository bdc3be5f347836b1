"""The checker of documents sees what it is there to see: each fault is put into a good document."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from participation import qr
from participation.printing import pdf
from tests.support.pdf_ua import pale_texts, pdf_faults
from tests.test_printing import poster

Change = Callable[[pikepdf.Pdf], Any]


@pytest.fixture(scope="module")
def good() -> bytes:
    columns = ["Indicateur", "2025", "2024", "Repères"]
    line = {"label": "Réunions", "value": "12", "before": "9", "share": 0.5, "more": ""}
    data = {
        "demo": None, "place": "Arras", "as_of": "", "findings": ["Une phrase."], "columns": columns,
        "blocks": [{"title": "Gouvernance", "lines": [line]}], "cadences": [], "notes": [], "signatures": 2,
        "standing": "", "qr": {**qr.drawn_for_paper("HTTPS://EXEMPLE.FR", label="Code à scanner"), "address": "x"},
        "texts": dict.fromkeys(
            ("in_short", "cadences", "notes", "signatures", "function", "choice", "date", "hand", "online"), "Mot"
        ),
    }  # fmt: skip
    return pdf("assessment", data, title="Bilan", language="fr")


def changed(content: bytes, change: Change) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        change(document)
        document.save(out)
    return out.getvalue()


def element(document: pikepdf.Pdf, role: str) -> Any:
    """Return the first structure element of a role."""
    return next(one for one in document.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == f"/{role}")


def drop_heading_of_level_2(document: pikepdf.Pdf) -> None:
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/H2":
            one.S = pikepdf.Name.H3


def drop_fonts(document: pikepdf.Pdf) -> None:
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor":
            for name in ("/FontFile", "/FontFile2", "/FontFile3"):
                if name in one:
                    del one[name]


def drop_meaning(document: pikepdf.Pdf) -> None:
    for one in document.objects:
        if isinstance(one, pikepdf.Dictionary) and "/ToUnicode" in one:
            del one["/ToUnicode"]


def untag_page(document: pikepdf.Pdf) -> None:
    page = document.pages[0]
    kept = [one for one in pikepdf.parse_content_stream(page) if str(one.operator) not in {"BDC", "BMC", "EMC"}]
    page.Contents = document.make_stream(pikepdf.unparse_content_stream(kept))


def test_a_good_document_has_no_fault(good: bytes) -> None:
    assert pdf_faults(good, language="fr") == []
    assert pdf_faults(changed(good, lambda document: None), language="fr") == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda document: document.Root.__delitem__("/Lang"), "language"),
        (lambda document: document.Root.__delitem__("/StructTreeRoot"), "UA-01-005"),
        (lambda document: document.Root.__delitem__("/MarkInfo"), "UA-01-002"),
        (lambda document: document.Root.__delitem__("/Metadata"), "PDF/UA-1"),
        (lambda document: document.docinfo.__delitem__("/Title"), "no title"),
        (untag_page, "UA-01-003"),
        (lambda document: element(document, "H1").__setitem__("/S", pikepdf.Name.P), "0 headings of level 1"),
        (lambda document: element(document, "H1").__delitem__("/K"), "empty heading"),
        (drop_heading_of_level_2, "a heading of level 3 after one of level 1"),
        (lambda document: element(document, "TH").__setitem__("/S", pikepdf.Name.TD), "a cell with the headers"),
        (lambda document: element(document, "TD").__delitem__("/A"), "a cell with the headers []"),
        (lambda document: element(document, "TH").__delitem__("/A"), "does not say of what"),
        (lambda document: element(document, "LI").__setitem__("/S", pikepdf.Name.TR), "TR stands in L"),
        (lambda document: element(document, "LI").__setitem__("/S", pikepdf.Name.Point), "no tag"),
        (drop_fonts, "not carried along"),
        (drop_meaning, "does not say what its signs mean"),
    ],
)  # fmt: skip
def test_each_fault_is_seen(good: bytes, change: Change, fault: str) -> None:
    found = pdf_faults(changed(good, change), language="fr")
    assert any(fault in one for one in found), found


def test_another_language_is_seen(good: bytes) -> None:
    assert pdf_faults(good, language="ar") == ["in the language 'fr'"]


def a_poster() -> bytes:
    return pdf("poster", poster(), title="Affiche")


@pytest.mark.parametrize("words", ["", "code.svg"])
def test_a_picture_without_words_is_seen(words: str) -> None:
    def unsay(document: pikepdf.Pdf) -> None:
        element(document, "Figure").Alt = words

    assert not pdf_faults(a_poster())
    assert any("a picture" in one for one in pdf_faults(changed(a_poster(), unsay)))


def test_a_pale_text_is_seen() -> None:
    """White on the dark head stands; the ochre of the bands would be too pale for words on white."""
    assert not pale_texts(a_poster())

    def fade(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        page.Contents = document.make_stream(b"0.95 0.71 0.2 rg " + page.Contents.read_bytes().replace(b" scn", b" %"))

    assert pale_texts(changed(a_poster(), fade))
