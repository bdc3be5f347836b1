"""XLSX read as text: the sheets of a workbook, row by row, whatever type its cells have.

Read with the standard parser and no more: a workbook from outside must neither run anything (formulas, macros,
entities) nor fill the memory, and each cell's fault must name the cell. Written: writing.py.
"""

import datetime as dt
import functools
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any, BinaryIO
from xml.parsers import expat

from flask_babel import gettext as _

from participation.exchange.csvcells import LONGEST_CELL, Unreadable
from participation.exchange.sources import BROKEN, MOST_BYTES, MOST_ENTRIES

MOST_COLUMNS = 200
_MOST_STRINGS = 3_000_000
_BYTES = 256 * 1024
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_IN_QUOTES = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Number formats that every spreadsheet has, for dates and times (ECMA-376 part 1, 18.8.30)."""
_DAY_ONE = dt.datetime(1899, 12, 30)  # noqa: DTZ001  # a civil date has no zone
_DAY_ONE_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001

Trouble = Callable[[int, int, str], None]
"""Told of a cell that cannot be read: line, column from 0, and what to do."""


def sheets(open_file: Callable[[], BinaryIO]) -> "Workbook":
    """Return the workbook; raise Unreadable if it is none."""
    file = open_file()
    try:
        return Workbook(file)
    except Unreadable:
        file.close()
        raise
    except (expat.ExpatError, *BROKEN):
        file.close()
        raise Unreadable(
            _("ce classeur est abîmé ; ouvrez-le dans un tableur et enregistrez-le de nouveau en .xlsx")
        ) from None


class Workbook:
    """An open workbook."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._archive = zipfile.ZipFile(file)
        infos = self._archive.infolist()
        if len(infos) > MOST_ENTRIES or sum(info.file_size for info in infos) > MOST_BYTES:
            raise Unreadable(_("ce classeur est trop grand une fois ouvert ; partagez-le en plusieurs imports"))
        if any(info.flag_bits & 1 for info in infos):
            raise Unreadable(_("ce classeur est chiffré ; enregistrez-le sans mot de passe"))
        self._first_day = _DAY_ONE
        self._parts: dict[str, str] = {}
        self._read_parts()
        self._formats = _Formats()
        self._optional("xl/styles.xml", self._formats)
        self._strings = _Strings()
        self._optional("xl/sharedStrings.xml", self._strings)

    @property
    def names(self) -> list[str]:
        """The names of its sheets, in order."""
        return list(self._parts)

    def close(self) -> None:
        """Close the file."""
        self._archive.close()
        self._file.close()

    def rows(self, name: str, trouble: Trouble) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, texts) of each row of a sheet that is not blank; raise Unreadable."""
        sheet = _Sheet(self._strings.texts, self._formats.dates, self._first_day, trouble)
        try:
            for _chunk in self._feed(self._parts[name], sheet):
                yield from sheet.rows
                sheet.rows.clear()
        except (expat.ExpatError, *BROKEN):
            raise Unreadable(
                _("cette feuille est abîmée ; ouvrez le classeur dans un tableur et enregistrez-le de nouveau"),
                sheet.line,
            ) from None

    def _optional(self, path: str, handler: "_Handler") -> None:
        if path in self._archive.namelist():
            for _chunk in self._feed(path, handler):
                pass

    def _read_parts(self) -> None:
        book, targets = _Book(), _Targets()
        for path, handler in (("xl/workbook.xml", book), ("xl/_rels/workbook.xml.rels", targets)):
            for _chunk in self._feed(path, handler):
                pass
        if book.from_1904:
            self._first_day = _DAY_ONE_1904
        for name, relation in book.sheets:
            target = targets.paths[relation]
            self._parts[name] = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)

    def _feed(self, path: str, handler: "_Handler") -> Iterator[None]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = _no_doctype
        with closing(self._archive.open(path)) as stream:
            while chunk := stream.read(_BYTES):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
            yield


def _no_doctype(*_declaration: Any) -> None:
    """Refuse entities: no spreadsheet writes them, and they can be made to grow without end."""
    raise Unreadable(_("ce classeur n'a pas été fait par un tableur ; enregistrez-le de nouveau en .xlsx"))


@functools.cache
def _local(name: str) -> str:
    """Return an element's name without its namespace: there are two families of them for the same elements."""
    return name.rpartition(" ")[2]


class _Handler:
    """What hears a part of the workbook being read; it gathers the text between `listen` and its end."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._listening = self._in_reading_aid = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Text within an element."""
        if self._listening:
            self._pieces.append(data)
            self._length += len(data)
            if self._length > LONGEST_CELL:
                raise Unreadable(_("une cellule de ce classeur est bien trop longue"))

    def _clear(self) -> None:
        self._pieces, self._length = [], 0


class _Book(_Handler):
    """The list of sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []
        self.from_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(" id")), "")
            self.sheets.append((attributes["name"], relation))
        elif _local(name) == "workbookPr":
            self.from_1904 = attributes.get("date1904") in {"1", "true"}


class _Targets(_Handler):
    """Where each sheet lies."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if _local(name) == "Relationship":
            self.paths[attributes["Id"]] = attributes["Target"]


class _Formats(_Handler):
    """Which styles show a number as a date or a time."""

    def __init__(self) -> None:
        super().__init__()
        self.dates: list[bool] = []
        self._own: dict[int, bool] = {}
        self._in_styles = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "numFmt":
            code = _IN_QUOTES.sub("", attributes["formatCode"].partition(";")[0]).lower()
            self._own[int(attributes["numFmtId"])] = any(letter in code for letter in "dmyhsaj")
        elif tag == "cellXfs":
            self._in_styles = True
        elif tag == "xf" and self._in_styles:
            number = int(attributes.get("numFmtId", 0))
            self.dates.append(self._own.get(number, number in _DATE_FORMATS))

    def end(self, name: str) -> None:
        if _local(name) == "cellXfs":
            self._in_styles = False


class _Strings(_Handler):
    """The texts that cells refer to by number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "t":
            self._listening = not self._in_reading_aid
        elif tag == "si":
            self._clear()
        elif tag == "rPh":
            self._in_reading_aid = True

    def end(self, name: str) -> None:
        tag = _local(name)
        if tag == "t":
            self._listening = False
        elif tag == "rPh":
            self._in_reading_aid = False
        elif tag == "si":
            self.texts.append(unescape("".join(self._pieces)))
            if len(self.texts) > _MOST_STRINGS:
                raise Unreadable(_("ce classeur contient trop de textes ; partagez-le en plusieurs imports"))


class _Sheet(_Handler):
    """The rows of a sheet, gathered until they are taken from `rows`."""

    def __init__(self, strings: list[str], dates: list[bool], first_day: dt.datetime, trouble: Trouble) -> None:
        super().__init__()
        self.rows: list[tuple[int, list[str]]] = []
        self.line = 0
        self._strings = strings
        self._dates = dates
        self._first_day = first_day
        self._trouble = trouble
        self._numbers: dict[tuple[str, bool], str] = {}
        self._row: list[str] = []
        self._column = -1
        self._type = self._style = ""
        self._formula = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _local(name)
        if tag == "c":
            self._begin_cell(attributes)
        elif tag in {"v", "t"}:
            self._listening = not self._in_reading_aid
        elif tag == "row":
            self.line = int(attributes["r"]) if "r" in attributes else self.line + 1
            self._row, self._column = [], -1
        elif tag == "f":
            self._formula = True
        elif tag == "rPh":
            self._in_reading_aid = True

    def end(self, name: str) -> None:
        tag = _local(name)
        if tag in {"v", "t"}:
            self._listening = False
        elif tag == "c":
            self._end_cell()
        elif tag == "row":
            if any(map(str.strip, self._row)):
                self.rows.append((self.line, self._row))
        elif tag == "rPh":
            self._in_reading_aid = False

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = _CELL.fullmatch(attributes.get("r", ""))
        self._column = _column_number(place[1]) if place else self._column + 1
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._formula = False
        self._clear()

    def _end_cell(self) -> None:
        text = self._cell_text()
        if not text:
            return
        if self._column >= MOST_COLUMNS:
            raise Unreadable(_("cette feuille a trop de colonnes ; attendu : %(n)s au plus", n=MOST_COLUMNS), self.line)
        self._row.extend([""] * (self._column + 1 - len(self._row)))
        self._row[self._column] = text

    def _cell_text(self) -> str:
        written = "".join(self._pieces)
        if self._formula:
            return self._refuse(
                _("cette cellule contient une formule ; remplacez-la par sa valeur (Collage spécial, Valeurs)")
            )
        if self._type == "e":
            return self._refuse(
                _("cette cellule contient une erreur de calcul (%(code)s) ; corrigez-la ou videz-la", code=written[:20])
            )
        return self._converted(written)

    def _refuse(self, problem: str) -> str:
        self._trouble(self.line, self._column, problem)
        return REFUSED

    def _converted(self, written: str) -> str:
        if self._type == "s":
            return self._strings[int(written)] if written else ""
        if self._type in {"inlineStr", "str"}:
            return unescape(written)
        if self._type == "b":
            return _("VRAI") if written == "1" else _("FAUX")
        if self._type == "d":
            return written.removesuffix("T00:00:00")
        return self._number(written)

    def _number(self, written: str) -> str:
        style = int(self._style) if self._style else 0
        is_date = style < len(self._dates) and self._dates[style]
        key = (written, is_date)
        if key not in self._numbers:
            self._numbers[key] = _number_text(written, self._first_day if is_date else None)
        return self._numbers[key]


REFUSED = "\0"
"""Stands for a cell whose fault is told already. No text holds it: NUL is a fault of its own."""


def _number_text(written: str, first_day: dt.datetime | None) -> str:
    """Return a number as people read it, or the date or time that it stands for."""
    if not written:
        return ""
    value = float(written)
    if first_day is None:
        return f"{value:.15g}" if abs(value) < 1e15 else written
    if not 0 <= value < 2_958_466:  # 31 December 9999
        return written
    moment = first_day + dt.timedelta(seconds=round(value * 86_400))
    if value < 1:
        return f"{moment:%H:%M}" if not moment.second else f"{moment:%H:%M:%S}"
    day = moment.date().isoformat()
    return day if moment.time() == dt.time() else f"{day} {moment:%H:%M}"


def unescape(text: str) -> str:
    """Return the text with `_x000D_` and the like read as what they stand for (ECMA-376 part 1, 22.9.2.19)."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)


@functools.cache
def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
