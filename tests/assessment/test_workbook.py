"""The assessment's workbook, read by openpyxl: figures are numbers, dates are dates, and no data is ever a formula."""

import io
import re
import zipfile
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from participation.assessment.indicators import BLOCKS, INDICATORS
from participation.assessment.workbook import as_xlsx, list_name

HOSTILE = (
    "=cmd|' /C calc'!A0", "+33 3 21 00 00 00", "-1", "@SUM(A1:A9)", "\t=1", "\r=1", "＝1+1", "{=1}", "'=1",
    "https://exemple.fr", "mailto:a@exemple.fr", "007", "1E5", "2025-01-31", "TRUE", "_x0041_", "a\nb", "", "😀",
)  # fmt: skip
FORMULAS = re.compile(rb"<f[ >]|<hyperlink|externalReference|<ddeLink")


def document(names: list[str], **changes: Any) -> dict[str, Any]:
    """An assessment in which every indicator counts `names`."""
    count: dict[str, Any] = {"value": len(names), "rows": names}
    figures: dict[str, Any] = dict.fromkeys(INDICATORS, count)
    figures["G3.count"] = {"value": len(names), "rows": names, "by": {"institution": dict.fromkeys(names, 1)}}
    figures["PC4.answered_share"] = {
        "value": 0.75, "numerator": 9, "denominator": 12, "coverage": None, "rows": names, "of_rows": names,
    }  # fmt: skip
    figures["D1.first_time_share"] = {
        "value": None, "why": "petit_effectif", "numerator": None, "denominator": None,
        "coverage": {"counted": 3, "of": 4}, "rows": names,
    }  # fmt: skip
    scope = {"kind": "commune", "slug": "arras"}
    head = {"contract": "essai", "year": 2025, "scope": scope, "as_of": "2026-01-31", "rules": "1", "closed": None}
    return {**head, "indicators": figures, **changes}


def opened(content: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            assert not FORMULAS.search(archive.read(name)), name
    return openpyxl.load_workbook(io.BytesIO(content))


def column(sheet: Any, number: int) -> list[Any]:
    return [row[number] for row in sheet.iter_rows(min_row=2)]


def text_of(cell: Any) -> str:
    """Return a text as a spreadsheet shows it (ECMA-376, 22.9.2.19: `_x000D_` stands for a carriage return)."""
    return unescape(cell.value or "")


def test_there_is_a_sheet_for_each_block_and_for_each_list() -> None:
    book = opened(as_xlsx(document(["renc-1"])))
    lists = [list_name(code, "") for code in INDICATORS]
    of_lists = [list_name("PC4.answered_share", " sur"), list_name("G3.count", " par")]
    assert len(book.sheetnames) == 1 + len(BLOCKS) + len(lists) + len(of_lists)
    assert set(book.sheetnames) >= {*lists, *of_lists}
    for block, sheet in zip(BLOCKS, book.worksheets[1:], strict=False):
        assert sheet.title.startswith(f"{block} ")
        assert [cell.value for cell in column(sheet, 0)] == [c for c, one in INDICATORS.items() if one.block == block]
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)


def test_figures_are_numbers_and_what_is_unknown_is_empty() -> None:
    book = opened(as_xlsx(document(["renc-1"])))
    cells = {row[0].value: row[2:8] for sheet in book.worksheets[1 : 1 + len(BLOCKS)] for row in sheet.iter_rows()}
    share = cells["PC4.answered_share"]
    assert [cell.value for cell in share] == [0.75, 9, 12, None, None, None]
    assert {cell.data_type for cell in share if cell.value is not None} == {"n"}
    assert [cell.value for cell in cells["D1.first_time_share"]] == [None, None, None, 3, 4, "petit_effectif"]


def test_dates_are_dates() -> None:
    closed = {"version": 2, "closed_at": "2026-02-01T09:30:00+00:00", "by": "Direction", "sha256": "0" * 64}
    sheet = opened(as_xlsx(document([], closed=closed)))["Bilan"]
    head = {row[0].value: row[1] for row in sheet.iter_rows()}
    assert head["année"].value == 2025
    assert head["lu le"].is_date
    assert head["lu le"].value.isoformat() == "2026-01-31T00:00:00"
    assert head["fermé le (UTC)"].is_date
    assert head["fermé le (UTC)"].value.isoformat() == "2026-02-01T09:30:00"
    assert head["version"].value == 2
    assert opened(as_xlsx(document([], year="2024-2026")))["Bilan"]["B2"].value == "2024-2026"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_is_a_formula_a_link_or_a_number(name: str) -> None:
    book = opened(as_xlsx(document([name])))
    for sheet, at in (("G3.count", 0), ("G3.count par", 1), ("PC4.answered_share sur", 0)):
        [cell] = column(book[sheet], at)
        assert text_of(cell) == name
        assert cell.data_type in {"s", "inlineStr"}


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=3, unique=True))
def test_whatever_a_name_is_it_is_read_back_as_it_was(names: list[str]) -> None:
    whole = document(names)
    book = opened(as_xlsx({**whole, "indicators": {"G3.count": whole["indicators"]["G3.count"]}}))
    assert [text_of(cell) for cell in column(book["G3.count"], 0)] == names
    assert [text_of(cell) for cell in column(book["G3.count par"], 1)] == names
