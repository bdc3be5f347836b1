r"""CSV: files as office software writes them in France are read, one form is written (exchange-format.md).

Read: UTF-8 with or without BOM, Windows-1252; `,` or `;`. Written: UTF-8, `,`, `\n`, minimal quoting.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import BinaryIO

from flask_babel import gettext as _

LONGEST_CELL = 1_000_000
"""Characters of a cell: twenty times the longest minutes."""
_RUNS = re.compile(r"'*[=+\-@\t\r]")
"""Beginnings that a spreadsheet would run as a formula, or that a `'` already stands before."""
_PROTECTED = re.compile(r"'+[=+\-@\t\r]")
_NEEDS_QUOTES = re.compile('[",\n\r]')
_DELIMITERS = (",", ";")
_BYTES = 1024 * 1024
_FRENCH_IN_UTF8 = re.compile(rb"\xc3[\x80-\xbf]|\xe2\x80[\x90-\xbf]")
"""Accents and quotes as UTF-8 has them; in Windows-1252 they would read "Ã©": no French text holds them."""


class Unreadable(Exception):
    """The file cannot be read on from `line` (None: at all); the message says what to do."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def protect(text: str) -> str:
    """Return the text as a CSV cell holds it: with a `'` before what a spreadsheet would run as a formula."""
    return f"'{text}" if _RUNS.match(text) else text


def unprotect(cell: str) -> str:
    """Return the text of a CSV cell: one `'` is taken off where it protects, and nowhere else."""
    return cell[1:] if _PROTECTED.match(cell) else cell


def csv_line(texts: Iterable[str]) -> str:
    """Return one line of a CSV file, its cells protected and quoted only where they must be."""
    return ",".join(map(_cell, texts)) + "\n"


def _cell(text: str) -> str:
    text = protect(text)
    return '"' + text.replace('"', '""') + '"' if _NEEDS_QUOTES.search(text) else text


def read_rows(open_file: Callable[[], BinaryIO], known: Collection[str]) -> Iterator[list[str]]:
    """Yield every row of a CSV file as it stands, header and blank rows included; raise Unreadable.

    `known` are names of columns, by which the separator is told.
    """
    encoding = _encoding(open_file)
    csv.field_size_limit(LONGEST_CELL)
    with io.TextIOWrapper(open_file(), encoding, newline="") as lines:
        delimiter = _delimiter(lines.readline(LONGEST_CELL), known)
    with io.TextIOWrapper(open_file(), encoding, newline="") as lines:
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            try:
                row = next(rows)
            except StopIteration:
                return
            except csv.Error as error:
                raise Unreadable(_csv_problem(error), number) from None
            yield row


def _csv_problem(error: csv.Error) -> str:
    if "field limit" in str(error):
        return _(
            "une cellule est bien trop longue, ou un guillemet ouvert ici n'est jamais fermé ; corrigez cette ligne"
        )
    return _(
        "les guillemets de cette ligne sont mal placés ou pas fermés ; corrigez-les "
        "(dans un texte, un guillemet se double)"
    )


def _delimiter(header: str, known: Collection[str]) -> str:
    """Return the separator that gives the most known columns; where none is known, the most frequent one."""

    def found(delimiter: str) -> tuple[int, int]:
        names = [name.strip(' \r\n"') for name in header.split(delimiter)]
        return sum(name in known for name in names), header.count(delimiter)

    return max(_DELIMITERS, key=found)


def _encoding(open_file: Callable[[], BinaryIO]) -> str:
    """Return how the file is encoded, having read it whole; raise Unreadable at the first line that cannot be read."""
    with open_file() as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unreadable(_("ce fichier est en UTF-16 ; enregistrez-le en « CSV UTF-8 »"))
    bad_line, accents = _try(open_file, "utf-8")
    if bad_line is None:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if accents:
        raise Unreadable(_("ce fichier mélange deux encodages ; enregistrez-le en « CSV UTF-8 »"), bad_line)
    bad_line, _accents = _try(open_file, "cp1252")
    if bad_line is not None:
        raise Unreadable(
            _("ce texte n'est ni de l'UTF-8 ni du Windows-1252 ; enregistrez le fichier en « CSV UTF-8 »"), bad_line
        )
    return "cp1252"


def _try(open_file: Callable[[], BinaryIO], encoding: str) -> tuple[int | None, bool]:
    """Return the first line that is not in the encoding, if any, and whether the file has accents as UTF-8 has them."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, bad_line, accents, more = 1, None, False, True
    with open_file() as file:
        while more:
            chunk = file.read(_BYTES)
            more = bool(chunk)
            accents = accents or _FRENCH_IN_UTF8.search(chunk) is not None
            if bad_line is None:
                try:
                    decoder.decode(chunk, final=not more)
                except UnicodeDecodeError as error:
                    bad_line = line + error.object.count(b"\n", 0, error.start)
            line += chunk.count(b"\n")
    return bad_line, accents
