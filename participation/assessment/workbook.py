"""An assessment as a workbook: a sheet for each block, one for each list of rows; figures are numbers, texts texts."""

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from participation.assessment.indicators import BLOCKS, INDICATORS
from participation.assessment.outputs import CSV_COLUMNS
from participation.workbooks import open_workbook

if TYPE_CHECKING:  # loaded by open_workbook, not at every start
    import xlsxwriter

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
        sheets = _Sheets(book)
        sheets.add("Bilan", ([name, value] for name, value in _standing(document)), titles=False)
        for block, title in BLOCKS.items():
            lines = [code for code in document["indicators"] if INDICATORS[code].block == block]
            sheets.add(
                f"{block} {title}", [CSV_COLUMNS, *(_line(code, document["indicators"][code]) for code in lines)]
            )
        for code, figure in document["indicators"].items():
            for part, ending in _LISTS.items():
                if figure.get(part) is not None:
                    sheets.add(list_name(code, ending), _list(code, figure[part], ending))
            if figure.get("by"):
                sheets.add(list_name(code, " par"), _told_apart(figure["by"]))
    return file.getvalue()


def list_name(code: str, ending: str) -> str:
    """Return the name of the sheet of an indicator's list; spreadsheets accept no longer one."""
    return code[: _LONGEST_NAME - len(ending)] + ending


def _standing(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, title in _HEADINGS.items():
        value = document[name]
        yield title, ":".join(filter(None, value.values())) if isinstance(value, Mapping) else _typed(name, value)
    for name, title in _CLOSING.items():
        if document["closed"]:
            yield title, _typed(name, document["closed"][name])


def _typed(name: str, value: Any) -> Any:
    """Return dates as dates, without their time zone, which no cell can hold: the title says that it is UTC."""
    if name == "as_of":
        return dt.date.fromisoformat(value)
    return dt.datetime.fromisoformat(value).replace(tzinfo=None) if name == "closed_at" else value


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


class _Sheets:
    """Writes sheets: numbers as numbers, dates as dates, and all else as texts, so that no formula comes from data."""

    def __init__(self, book: "xlsxwriter.Workbook") -> None:
        self._book = book
        self._bold = book.add_format({"bold": True})
        self._formats = {
            dt.date: book.add_format({"num_format": "dd/mm/yyyy", "align": "left"}),
            dt.datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm", "align": "left"}),
            float: book.add_format({"num_format": "0.000"}),
        }

    def add(self, name: str, rows: Iterable[Sequence[Any]], *, titles: bool = True) -> None:
        """Add a sheet. `titles`: the first row has titles; else the first column."""
        sheet = self._book.add_worksheet(_sheet_name(name))
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        if titles:
            sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                self._write(sheet, number, column, value, title=(number if titles else column) == 0)

    def _write(self, sheet: Any, row: int, column: int, value: Any, *, title: bool) -> None:
        style = self._bold if title else self._formats.get(type(value))
        if isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, style)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, style)
        elif value is not None:
            sheet.write_string(row, column, str(value), style)


def _sheet_name(name: str) -> str:
    """Return the name without what no sheet's name may hold."""
    return "".join(character for character in name if character not in "[]:*?/\\")[:_LONGEST_NAME].strip("'")
