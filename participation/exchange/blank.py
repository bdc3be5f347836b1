"""Blank templates: what to fill in, and a page that says what may be written where."""

import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from participation.exchange.cells import Choice, Clock, Count, Day, Euros, Kind
from participation.exchange.known import Known
from participation.exchange.reading import HELP_SHEET
from participation.exchange.sources import README
from participation.exchange.tables import TABLES, Column, Table
from participation.exchange.writing import Sheet, zip_member
from participation.workbooks import open_workbook

if TYPE_CHECKING:  # loaded by open_workbook, not at every start
    import xlsxwriter

_ROWS = 5_000
"""Rows that offer the closed lists."""
_VOCABULARIES = ("instances", "communes", "quartiers", "thematiques", "objectifs", "destinataires")
_FORMATS: tuple[tuple[type[Kind], str], ...] = (
    (Day, "yyyy-mm-dd"),
    (Clock, "hh:mm"),
    (Count, "0"),
    (Euros, "0.00"),
)
_HEADINGS = ["table", "colonne", "obligatoire", "ce qu'on écrit", "ce que c'est"]


def write_zip(known: Known, file: BinaryIO) -> None:
    """Write a .zip of CSV files with titles, separated by `;` as French spreadsheets open them, and a help page."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in TABLES:
            with zip_member(archive, table.file) as member:
                member.write((";".join(_titles(table)) + "\r\n").encode("utf-8-sig"))
        with zip_member(archive, README) as member:
            member.write("\r\n".join(_readme(known)).encode("utf-8-sig"))


def write_xlsx(known: Known, file: BinaryIO) -> None:
    """Write a workbook: a sheet for each table, its closed lists to choose from, and a help sheet."""
    with open_workbook(file) as book:
        for table in TABLES:
            _add_sheet(book, table)
        sheet = Sheet(book, HELP_SHEET, _HEADINGS, [14, 22, 12, 50, 60])
        for row in _help_rows():
            sheet.add(row)
        for line in _known_lines(known):
            sheet.add([line])


def _add_sheet(book: "xlsxwriter.Workbook", table: Table) -> None:
    sheet = book.add_worksheet(table.name)
    bold = book.add_format({"bold": True})
    for number, column in enumerate(table.read):
        sheet.set_column(
            number, number, max(12, len(column.name) + 2), book.add_format({"num_format": _format(column)})
        )
        sheet.write_string(0, number, column.name, bold)
        if isinstance(column.kind, Choice):
            sheet.data_validation(1, number, _ROWS, number, {"validate": "list", "source": list(column.kind.values)})
    sheet.freeze_panes(1, 0)


def _format(column: Column) -> str:
    """Return a number format: dates and counts as such, everything else as a text that the spreadsheet leaves alone."""
    return next((code for kind, code in _FORMATS if isinstance(column.kind, kind)), "@")


def _titles(table: Table) -> list[str]:
    return [column.name for column in table.read]


def _help_rows() -> Iterator[list[str]]:
    for table in TABLES:
        yield [table.name, "", "", "", table.help]
        for column in table.read:
            yield [table.name, column.name, "oui" if column.required else "", column.kind.hint(), column.help]


def _known_lines(known: Known) -> Iterator[str]:
    yield ""
    yield "Noms courts et codes de votre contrat"
    for vocabulary in _VOCABULARIES:
        yield f"{vocabulary} : {', '.join(sorted(known.ids[vocabulary]))}"
    yield f"genres d'instances : {', '.join(sorted(known.kinds))}"


def _readme(known: Known) -> Iterator[str]:
    yield "Importer des tables dans Participation"
    yield ""
    yield "Remplissez une ou plusieurs de ces tables dans un tableur, sans changer leur nom ni les titres des colonnes,"
    yield "puis envoyez-les par la page « Importer ». Une colonne facultative peut être enlevée ; une cellule vide veut"
    yield "dire « on ne sait pas ». Une ligne dont la référence existe déjà est mise à jour ; rien n'est supprimé."
    yield "Tout est vérifié avant d'être écrit : à la moindre faute, rien n'est importé et chaque faute est montrée."
    for table in TABLES:
        yield ""
        yield f"{table.file} : {table.help}"
        for column in table.read:
            needed = ", obligatoire" if column.required else ""
            yield f"  {column.name} ({column.kind.hint()}{needed}) : {column.help}"
    yield from _known_lines(known)
