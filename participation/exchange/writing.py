"""Packages written to a folder, a .zip or an .xlsx: whole, or not at all."""

import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from flask_babel import gettext as _

from participation.errors import Refusal
from participation.exchange.csvcells import csv_line
from participation.exchange.datapackage import descriptor
from participation.exchange.exporting import Contents
from participation.exchange.progress import SILENT, Progress
from participation.exchange.tables import DESCRIPTOR, TABLES, Table
from participation.workbooks import open_workbook

if TYPE_CHECKING:  # loaded by open_workbook, not at every start
    import xlsxwriter

_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""Date of every file in an archive: the same content gives the same bytes."""
_LINES = 500
LONGEST_XLSX_CELL = 32_767
MOST_XLSX_ROWS = 1_048_576


class CannotWrite(Refusal):
    """The package cannot be written there, or in that form."""


def write(contents: Contents, target: Path, progress: Progress = SILENT) -> None:
    """Write the package to `target`: an archive or a workbook by its suffix, otherwise a folder.

    It appears there once it is whole; what fails leaves nothing, and leaves an earlier package as it was. Raises
    CannotWrite.
    """
    writers = {".zip": write_zip, ".xlsx": write_xlsx}
    writer = writers.get(target.suffix.lower())
    _check_place(target, folder=writer is None)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        if writer is None:
            _write_folder(contents, draft, progress)
        else:
            with draft.open("xb") as file:
                writer(contents, file, progress)
                file.flush()
                os.fsync(file.fileno())
        _put(draft, target)
    except OSError as error:
        raise CannotWrite(_("Impossible d'écrire dans %(path)s : %(why)s.", path=target, why=error.strerror)) from error
    finally:
        _remove(draft)


def _check_place(target: Path, *, folder: bool) -> None:
    if not target.parent.is_dir():
        raise CannotWrite(_("Le dossier %(path)s n'existe pas. Créez-le, ou écrivez ailleurs.", path=target.parent))
    if folder and target.exists():
        ours = {DESCRIPTOR, *(table.file for table in TABLES)}
        if not target.is_dir() or {entry.name for entry in target.iterdir()} - ours:
            raise CannotWrite(
                _("%(path)s existe et contient autre chose qu'un export. Choisissez un autre nom.", path=target)
            )
    elif target.is_dir():
        raise CannotWrite(_("%(path)s est un dossier. Choisissez un autre nom.", path=target))


def _put(draft: Path, target: Path) -> None:
    """Put what is written in its place; an earlier folder is moved away first, for a folder cannot replace one."""
    if not target.is_dir():
        draft.replace(target)
        return
    old = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    target.rename(old)
    try:
        draft.rename(target)
    except OSError:
        old.rename(target)
        raise
    _remove(old)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def csv_chunks(contents: Contents, table: Table, progress: Progress = SILENT) -> Iterator[bytes]:
    """Yield a table's CSV file in pieces."""
    lines = [csv_line(column.name for column in contents.columns(table))]
    for row in contents.rows(table):
        lines.append(csv_line(row))
        if len(lines) == _LINES:
            yield "".join(lines).encode()
            progress.advance(len(lines))
            lines = []
    yield "".join(lines).encode()
    progress.advance(len(lines))


def _files(contents: Contents, progress: Progress) -> Iterator[tuple[str, Iterator[bytes]]]:
    yield DESCRIPTOR, iter([descriptor(contents).encode()])
    for table in TABLES:
        yield table.file, csv_chunks(contents, table, progress)


def _write_folder(contents: Contents, folder: Path, progress: Progress) -> None:
    folder.mkdir()
    for name, chunks in _files(contents, progress):
        with (folder / name).open("xb") as file:
            file.writelines(chunks)


def write_zip(contents: Contents, file: BinaryIO, progress: Progress = SILENT) -> None:
    """Write the package as an archive."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, chunks in _files(contents, progress):
            with zip_member(archive, name) as member:
                member.writelines(chunks)


@contextmanager
def zip_member(archive: zipfile.ZipFile, name: str) -> Iterator[BinaryIO]:
    """Open a new file of an archive, always with the same date and rights."""
    info = zipfile.ZipInfo(name, _ALWAYS)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.create_system = 3
    with archive.open(info, "w") as member:
        yield member  # type: ignore[misc]  # a writable stream of bytes


def write_xlsx(contents: Contents, file: BinaryIO, progress: Progress = SILENT) -> None:
    """Write the package as a workbook: one sheet a table, every cell a text, no formula. Raises CannotWrite."""
    with open_workbook(file) as book:
        for table in TABLES:
            names = [column.name for column in contents.columns(table)]
            sheet = Sheet(book, table.name, names)
            for row in contents.rows(table):
                sheet.add(row)
                progress.advance(1)


class Sheet:
    """A sheet being written: titles in bold, texts below."""

    def __init__(
        self, book: "xlsxwriter.Workbook", name: str, titles: list[str], widths: list[int] | None = None
    ) -> None:
        self.name = name
        self._sheet = book.add_worksheet(name)
        self._text = book.add_format({"num_format": "@"})
        for column, title in enumerate(titles):
            width = widths[column] if widths else max(12, len(title) + 2)
            self._sheet.set_column(column, column, width, self._text)
        self._sheet.freeze_panes(1, 0)
        self._rows = 0
        self.add(titles, book.add_format({"bold": True, "num_format": "@"}))

    def add(self, texts: list[str], style: "xlsxwriter.format.Format | None" = None) -> None:
        """Add a row. Raises CannotWrite for what no workbook can hold: it would be cut in silence."""
        if self._rows >= MOST_XLSX_ROWS:
            raise CannotWrite(_("Il y a trop de lignes pour un classeur. Exportez en .zip."))
        for column, text in enumerate(texts):
            if text:
                self._write(column, text, style or self._text)
        self._rows += 1

    def _write(self, column: int, text: str, style: "xlsxwriter.format.Format") -> None:
        if len(text) > LONGEST_XLSX_CELL:
            raise CannotWrite(
                _(
                    "Un texte de « %(sheet)s », ligne %(line)s, est trop long pour un classeur. Exportez en .zip.",
                    sheet=self.name,
                    line=self._rows + 1,
                )
            )
        if text.startswith("<r>") and text.endswith("</r>"):
            # The library takes such a text for its own markup and would write it as it is: in two pieces it is a text.
            self._sheet.write_rich_string(self._rows, column, text[:1], style, text[1:], style)
        else:
            self._sheet.write_string(self._rows, column, text, style)
