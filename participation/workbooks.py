"""Workbooks (.xlsx) that hold data and nothing that runs."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:  # a heavy library: loaded by the first workbook, not at every start
    import xlsxwriter


@contextmanager
def open_workbook(file: BinaryIO) -> Iterator["xlsxwriter.Workbook"]:
    """Open a new workbook that keeps one row in memory and runs nothing."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"created": dt.datetime(2000, 1, 1)})  # noqa: DTZ001  # always the same bytes
    try:
        yield book
    finally:
        book.close()
