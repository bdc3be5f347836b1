"""Minutes as a DOCX file (Office Open XML, ISO/IEC 29500): real headings, lists and tables, so that whoever cannot
see the page's layout moves in it by its parts, and whoever goes on writing has styles to change in one place.
"""

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

from participation.minutes.outline import Block, Run

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.table import _Cell
    from docx.text.paragraph import Paragraph

_FONT = "Atkinson Hyperlegible"
_LEVELS = 3
"""Of lists: the template that python-docx carries has styles for so many."""
_CONTROLS = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))
"""Signs that XML 1.0 cannot hold."""


def as_docx(data: dict[str, Any], *, title: str, language: str, written: datetime) -> bytes:
    """Return the file of `document.document_of`; `language` is a BCP 47 tag, `written` the moment it says it is of."""
    import docx  # here, not at every start: heavy, for files alone

    document = docx.Document()
    _describe(document, title, language, written)
    document.add_heading(_clean(data["heading"]), level=1)
    for line in data["standing"]:
        document.add_paragraph(_clean(line))
    _facts(document, data["facts"])
    for block in data["blocks"]:
        _block(document, block)
    if data["decisions"]:
        document.add_heading(_clean(data["decisions"]["title"]), level=2)
        _table(document, data["decisions"]["head"], data["decisions"]["rows"])
    document.add_paragraph(_clean(f"{data['online']} : {data['address']}"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _describe(document: "Document", title: str, language: str, written: datetime) -> None:
    """Say the title and the language, for the reader's program as for a screen reader (WCAG 2.4.2, 3.1.1)."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    known = document.core_properties
    known.title, known.language = _clean(title), language
    known.author, known.comments, known.created, known.modified = "", "", written, written
    normal: ParagraphStyle = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(11)
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), language)
    normal.element.get_or_add_rPr().append(spoken)
    defaults = document.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    if defaults is not None:
        defaults.set(qn("w:val"), language)


def _facts(document: "Document", facts: list[list[str]]) -> None:
    for name, value in facts:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{_clean(name)} : ").bold = True
        paragraph.add_run(_clean(value))


def _block(document: "Document", block: Block, depth: int = 0) -> None:
    kind = block["kind"]
    if kind == "heading":
        _write(document.add_heading(level=block["level"]), block["runs"])
    elif kind == "paragraph":
        _write(document.add_paragraph(), block["runs"])
    elif kind == "list":
        _list(document, block, depth)
    elif kind == "quote":
        for inner in block["blocks"]:
            _quoted(document, inner, depth)
    elif kind == "table":
        _table(document, block["head"], block["rows"])
    elif kind == "code":
        document.add_paragraph(_clean(block["text"]))


def _quoted(document: "Document", block: Block, depth: int) -> None:
    if block["kind"] == "paragraph":
        _write(document.add_paragraph(style="Quote"), block["runs"])
    else:
        _block(document, block, depth)


def _list(document: "Document", block: Block, depth: int) -> None:
    """Write a list; an item's first paragraph bears its mark, what follows in it stands below."""
    level = min(depth + 1, _LEVELS)
    style = ("List Number" if block["ordered"] else "List Bullet") + (f" {level}" if level > 1 else "")
    for item in block["items"]:
        first, rest = (item[0], item[1:]) if item and item[0]["kind"] == "paragraph" else (None, item)
        _write(document.add_paragraph(style=style), first["runs"] if first else [])
        for inner in rest:
            _block(document, inner, depth + 1)


def _table(document: "Document", head: list[Any], rows: list[list[Any]]) -> None:
    """Write a table whose first row is named as the titles of its columns, and said again on each page."""
    from docx.oxml import OxmlElement

    table = document.add_table(rows=0, cols=len(head), style="Table Grid")
    for number, row in enumerate([head, *rows]):
        cells = table.add_row().cells
        for cell, said in zip(cells, row, strict=True):
            _cell(cell, said, bold=number == 0)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # no public way
    document.add_paragraph()


def _cell(cell: "_Cell", said: str | list[Run], *, bold: bool) -> None:
    runs = [{"text": said, "bold": False}] if isinstance(said, str) else said
    _write(cell.paragraphs[0], [{**run, "bold": bold or run["bold"]} for run in runs])


def _write(paragraph: "Paragraph", runs: list[Run]) -> None:
    for run in runs:
        piece = paragraph.add_run(_clean(run["text"]) + (f" ({run['href']})" if _shows_address(run) else ""))
        piece.bold, piece.italic = run["bold"] or None, run.get("italic") or None
        piece.font.strike = run.get("struck") or None


def _shows_address(run: Run) -> bool:
    """Whether the address of a link is written after it: on paper nobody can press it."""
    return bool(run.get("href")) and run["href"].partition(":")[2].lstrip("/") not in run["text"]


def _clean(text: str) -> str:
    return text.translate(_CONTROLS)
