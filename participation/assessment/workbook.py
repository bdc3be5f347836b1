"""An assessment as a workbook: a sheet for each block, one for each list of rows; figures are numbers, texts texts."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import xlsxwriter

from participation.assessment.indicators import BLOCKS, INDICATORS
from participation.assessment.outputs import CSV_COLUMNS
from participation.workbooks import open_workbook

_WIDTHS = (34, 44, 12, 12, 12, 12, 12, 22)
_LONGEST_NAME = 31
"""Characters of a sheet's name that a spreadsheet accepts."""
_LISTS = {"rows": "", "of_rows": " sur"}
_HEADINGS = {
    "contract": "contrat", "year": "année", "scope": "périmètre", "as_of": "lu le", "rules": "règles",
}  # fmt: skip
_CLOSING = {"version": "version", "closed_at": "fermé le (UTC)", "by": "fermé par", "sha256": "empreinte SHA-256"}


def as_xlsx(document: Mapping[str, Any]) -> bytes:
    """Return the workbook of an assessment given as in interfaces.md (outputs.as_dict)."""
    file = io.BytesIO()
    with open_workbook(file) as book:
        bold = book.add_format({"bold": True})
        _add(book, "Bilan", ([name, value] for name, value in _standing(document)), bold, titles=False)
        for block, title in BLOCKS.items():
            lines = [code for code in document["indicators"] if INDICATORS[code].block == block]
            rows = [CSV_COLUMNS, *(_line(code, document["indicators"][code]) for code in lines)]
            _add(book, f"{block} {title}", rows, bold)
        for code, figure in document["indicators"].items():
            for part, ending in _LISTS.items():
                if figure.get(part) is not None:
                    _add(book, list_name(code, ending), _list(code, figure[part], ending), bold)
            if figure.get("by"):
                _add(book, list_name(code, " par"), _told_apart(figure["by"]), bold)
    return file.getvalue()


def list_name(code: str, ending: str) -> str:
    """Return the name of the sheet of an indicator's list; spreadsheets accept no longer one."""
    return code[: _LONGEST_NAME - len(ending)] + ending


def _standing(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, title in _HEADINGS.items():
        value = document[name]
        yield title, ":".join(filter(None, value.values())) if isinstance(value, Mapping) else value
    for name, title in _CLOSING.items():
        if document["closed"]:
            yield title, document["closed"][name]


def _line(code: str, figure: Mapping[str, Any]) -> list[Any]:
    coverage = figure.get("coverage") or {}
    parts = (figure.get("numerator"), figure.get("denominator"), coverage.get("counted"), coverage.get("of"))
    return [code, str(INDICATORS[code].label), figure["value"], *parts, figure.get("why")]


def _list(code: str, refs: Sequence[str], ending: str) -> Iterator[list[Any]]:
    label = str(INDICATORS[code].label)
    yield [f"{label} : sur quoi le chiffre est compté" if ending else f"{label} : ce qui est compté"]
    for ref in refs:
        yield [ref]


def _told_apart(by: Mapping[str, Any]) -> Iterator[list[Any]]:
    yield ["selon", "clé", "nombre"]
    for grouping, numbers in by.items():
        for key, number in numbers.items():
            yield [grouping, key, number]


def _add(
    book: xlsxwriter.Workbook,
    name: str,
    rows: Any,
    bold: xlsxwriter.format.Format,
    *,
    titles: bool = True,
) -> None:
    sheet = book.add_worksheet(_sheet_name(name))
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    if titles:
        sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            style = bold if (titles and number == 0) or (not titles and column == 0) else None
            _write(sheet, number, column, value, style)


def _sheet_name(name: str) -> str:
    """Return the name without what no sheet's name may hold."""
    return "".join(character for character in name if character not in "[]:*?/\\")[:_LONGEST_NAME].strip("'")


def _write(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    """Write a number as a number and anything else as a text: nothing from the data is ever a formula."""
    if value is None:
        return
    if isinstance(value, int | float):
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, str(value), style)
