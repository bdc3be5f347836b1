"""A package as read: each table's rows with their lines, every cell turned into its value.

Column by column: a column has few different texts (dates, slugs, words of a list), and each is read once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from participation.exchange import csvcells, xlsxcells
from participation.exchange.cells import BadCell
from participation.exchange.faults import Faults
from participation.exchange.nearest import nearest
from participation.exchange.progress import Progress
from participation.exchange.sources import BROKEN, Member, Source, descriptor_fault
from participation.exchange.tables import BY_NAME, DESCRIPTOR, TABLES, Column, Table
from participation.exchange.xlsxcells import REFUSED

MOST_ROWS = 300_000
"""Of one table."""
HELP_SHEET = "Aide"
"""Goes with the blank templates; not read."""
BAD: Any = object()
"""Stands for the value of a cell whose fault is told already."""
_BATCH = 4096
_LINE_ENDS = re.compile("\r+\n")

Rows = Iterator[tuple[int, Sequence[str]]]
"""(line, texts) of each row."""


@dataclass
class Sheet:
    """A table as read. `columns` has one list of values for each column, all as long as `lines`."""

    table: Table
    file: str
    """As faults name it."""
    lines: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    """The columns that the file has: the others leave the values as they are."""
    cut: bool = False
    """Whether rows are missing, because the file could not be read to its end."""

    def fault(
        self, faults: Faults, row: int, column: str, problem: str, *, value: Any = None, quotes: bool | None = None
    ) -> None:
        """Add a fault at a row (index) and column; `value` as read, shown as its text."""
        text = None if value is None or value is BAD else self.table.column(column).kind.write(value)
        faults.add(self.file, problem, line=self.lines[row], column=column, value=text, quotes=quotes is not False)

    def __len__(self) -> int:
        return len(self.lines)


def read(source: Source, faults: Faults, progress: Progress) -> dict[str, Sheet]:
    """Return the tables of a package by name, having told every fault of form."""
    sheets: dict[str, Sheet] = {}
    for table, file, rows, padded in _tables(source, faults):
        sheet = _Reader(table, file, padded, faults, progress).read(rows)
        if table.name in sheets:
            faults.add(file, _("la table %(name)s est là deux fois ; gardez-en une", name=table.name))
        sheets.setdefault(table.name, sheet)
    if not sheets and not faults:
        known = ", ".join(table.name for table in TABLES)
        faults.add(_("l'ensemble"), _("aucune table à importer ; attendu : au moins une parmi %(known)s", known=known))
    return sheets


def _tables(source: Source, faults: Faults) -> Iterator[tuple[Table, str, Rows, bool]]:
    """Yield each table, its name for faults, its rows, and whether blank cells at the end of a row are left out."""
    for member in source.files:
        table = BY_NAME.get(member.name.removesuffix(".csv"))
        if table and member.name.endswith(".csv"):
            yield table, member.name, _csv_rows(member, table), False
        elif member.name == DESCRIPTOR:
            problem = descriptor_fault(member)
            if problem:
                faults.add(member.name, problem)
    for member in source.workbooks:
        yield from _workbook_tables(member, faults)


def _csv_rows(member: Member, table: Table) -> Rows:
    rows = csvcells.read_rows(member.open, table.by_name)
    try:
        for line, row in enumerate(rows, start=1):
            if any(cell.strip() for cell in row):
                yield line, [csvcells.unprotect(cell) if cell[:1] == "'" else cell for cell in row]
    except BROKEN:
        raise csvcells.Unreadable(_("ce fichier est abîmé ; refaites l'archive")) from None


def _workbook_tables(member: Member, faults: Faults) -> Iterator[tuple[Table, str, Rows, bool]]:
    try:
        workbook = xlsxcells.sheets(member.open)
    except csvcells.Unreadable as unreadable:
        faults.add(member.name, unreadable.message)
        return
    try:
        for name in workbook.names:
            table = BY_NAME.get(name.strip().removesuffix(".csv"))
            file = _("feuille %(name)s", name=name)
            if table:
                yield table, file, _sheet_rows(workbook, name, table, file, faults), True
            elif name.strip() != HELP_SHEET:
                _tell_unknown_sheet(workbook, name, file, faults)
    finally:
        workbook.close()


def _sheet_rows(workbook: xlsxcells.Workbook, name: str, table: Table, file: str, faults: Faults) -> Rows:
    header: list[str] = []
    troubles: list[tuple[int, int, str]] = []

    def tell() -> None:
        for line, column, problem in troubles:
            named = header[column].strip() if column < len(header) else None
            cell = _("cellule %(cell)s : %(problem)s", cell=f"{_letters(column)}{line}", problem=problem)
            faults.add(file, cell, line=line, column=named)
        troubles.clear()

    # Many rows are read at once: the titles are known before the troubles of the rows below are told.
    for line, row in workbook.rows(name, lambda *where: troubles.append(where)):
        header = header or list(row)
        tell()
        yield line, row
    tell()


def _letters(column: int) -> str:
    name = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(65 + letter) + name
    return name


def _tell_unknown_sheet(workbook: xlsxcells.Workbook, name: str, file: str, faults: Faults) -> None:
    """A sheet of another name is a fault, unless it is blank: tableurs add blank ones."""
    try:
        blank = next(workbook.rows(name, lambda *_where: None), None) is None
    except csvcells.Unreadable:
        blank = False
    if not blank:
        likely = nearest(name.lower(), BY_NAME)
        known = likely or ", ".join(BY_NAME)
        faults.add(file, _("cette feuille n'est pas connue ; attendu : %(known)s", known=known))


class _Reader:
    """Reads one table; used once."""

    def __init__(self, table: Table, file: str, padded: bool, faults: Faults, progress: Progress) -> None:
        self.sheet = Sheet(table, file)
        self.padded = padded
        self.names: list[str | None] = []
        """The column of each place in a row; None: a place without a (known) column."""
        self.unnamed: set[int] = set()
        self.texts: dict[str, list[str]] = {}
        self.faults = faults
        self.progress = progress

    def read(self, rows: Rows) -> Sheet:
        """Return the table."""
        try:
            self._header(next(rows, None))
            self._body(rows)
        except csvcells.Unreadable as unreadable:
            self.sheet.cut = True
            self.faults.add(self.sheet.file, unreadable.message, line=unreadable.line)
        for column in self.sheet.table.read:
            if column.name in self.texts:
                self.sheet.columns[column.name] = self._values(column, self.texts.pop(column.name))
        return self.sheet

    def _header(self, first: tuple[int, Sequence[str]] | None) -> None:
        table = self.sheet.table
        if first is None:
            needed = ", ".join(column.name for column in table.columns if column.required)
            raise csvcells.Unreadable(
                _("cette table est vide ; attendu : une ligne de titres (%(needed)s…)", needed=needed)
            )
        line, cells = first
        names = [cell.strip() for cell in cells]
        if any("\0" in name for name in names):
            raise csvcells.Unreadable(_("ce fichier n'est pas un tableau ; attendu : un .csv ou un .xlsx"))
        while names and not names[-1]:
            names.pop()
        for place, name in enumerate(names):
            self._name_place(line, place, name)
        self.sheet.given = frozenset(name for name in self.names if name)
        for column in table.columns:
            if column.required and column.name not in self.sheet.given:
                self.faults.add(
                    self.sheet.file, _("cette colonne manque ; elle est obligatoire"), line=line, column=column.name
                )
        self.texts = {column.name: [] for column in table.read if column.name in self.sheet.given}

    def _name_place(self, line: int, place: int, name: str) -> None:
        known = self.sheet.table.by_name
        problem = None
        if not name:
            self.unnamed.add(place)
        elif name not in known:
            problem = _unknown_column(name, known)
        elif name in self.names:
            problem = _("cette colonne est là deux fois ; gardez-en une")
        if problem:
            self.faults.add(self.sheet.file, problem, line=line, column=name)
        self.names.append(name if name and not problem else None)

    def _body(self, rows: Rows) -> None:
        batch: list[Sequence[str]] = []
        try:
            for line, row in rows:
                fitted = self._fit(line, row)
                if fitted is None:
                    continue
                batch.append(fitted)
                self.sheet.lines.append(line)
                if len(batch) == _BATCH:
                    self._take(batch)
                    batch = []
        finally:  # the rows before one that cannot be read are checked too
            self._take(batch)

    def _fit(self, line: int, row: Sequence[str]) -> Sequence[str] | None:
        """Return the row with as many cells as there are columns; None, with a fault, if it cannot be."""
        width = len(self.names)
        if len(row) == width:
            return row
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            return row[:width]
        if len(row) < width and self.padded:
            return [*row, *[""] * (width - len(row))]
        problem = _(
            "cette ligne a %(cells)s cellules et l'en-tête %(width)s ; "
            "un séparateur ou un guillemet manque ou est en trop",
            cells=len(row),
            width=width,
        )
        self.faults.add(self.sheet.file, problem, line=line)
        self.sheet.cut = True
        return None

    def _take(self, batch: list[Sequence[str]]) -> None:
        """Add a batch of rows to the columns."""
        if not batch:
            return
        first = len(self.sheet.lines) - len(batch)
        if len(self.sheet.lines) > MOST_ROWS:
            last = self.sheet.lines[-1]
            del self.sheet.lines[first:]
            batch.clear()
            raise csvcells.Unreadable(_("plus de %(n)s lignes ; partagez le fichier", n=MOST_ROWS), last)
        for place, cells in enumerate(zip(*batch, strict=True)):
            name = self.names[place]
            if name in self.texts:
                self.texts[name].extend(self._without_nul(name, first, cells))
            elif place in self.unnamed and any(cell.strip() for cell in cells):
                row = next(number for number, cell in enumerate(cells) if cell.strip())
                self._fault(first + row, None, _("cette cellule est dans une colonne sans titre"), cells[row])
                self.unnamed.discard(place)
        self.progress.advance(len(batch))

    def _without_nul(self, name: str, first: int, cells: Sequence[str]) -> Sequence[str]:
        if not any("\0" in cell for cell in cells):
            return cells
        clean = []
        for number, cell in enumerate(cells):
            if "\0" in cell and cell != REFUSED:
                self._fault(
                    first + number, name, _("contient un caractère nul, qu'aucun texte ne contient ; enlevez-le"), cell
                )
            clean.append(REFUSED if "\0" in cell else cell)
        return clean

    def _fault(self, row: int, column: str | None, problem: str, value: str | None, *, quotes: bool = True) -> None:
        self.faults.add(self.sheet.file, problem, line=self.sheet.lines[row], column=column, value=value, quotes=quotes)

    def _values(self, column: Column, texts: list[str]) -> list[Any]:
        values = [_words(text) for text in texts] if column.kind.free else self._meanings(column, texts)
        if column.required:
            self._tell_missing(column, values)
        elif column.default is not None:
            values = [column.default if value is None else value for value in values]
        return values

    def _meanings(self, column: Column, texts: list[str]) -> list[Any]:
        known: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for text in set(texts):
            try:
                known[text] = _meaning(column, text)
            except BadCell as bad:
                known[text] = BAD
                problems[text] = str(bad)
        if problems:
            for row, text in enumerate(texts):
                if text in problems:
                    self._fault(row, column.name, problems[text], text.strip())
        return list(map(known.__getitem__, texts))

    def _tell_missing(self, column: Column, values: Iterable[Any]) -> None:
        for row, value in enumerate(values):
            if value is None or value == ():
                problem = _("cette cellule est vide ; attendu : %(hint)s", hint=column.kind.hint())
                self._fault(row, column.name, problem, None)


def _words(text: str) -> Any:
    r"""Return a free text as it was written, line ends as `\n`; None where nothing is written."""
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    if not text or text.isspace():
        return None
    return BAD if text == REFUSED else text


def _meaning(column: Column, text: str) -> Any:
    stripped = text.strip()
    if not stripped:
        return () if column.kind.many else None
    return BAD if stripped == REFUSED else column.kind.parse(stripped)


def _unknown_column(name: str, known: Iterable[str]) -> str:
    if "\t" in name:
        return _("les colonnes sont séparées par des tabulations ; attendu : des virgules ou des points-virgules")
    likely = nearest(name.lower(), known)
    if likely:
        return _("cette colonne n'est pas connue ; la plus proche : %(likely)s", likely=likely)
    return _("cette colonne n'est pas connue ; attendu : %(known)s", known=", ".join(known))
