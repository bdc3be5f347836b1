"""Everything that a row names must be somewhere: in the contract, in the database, or in the package itself."""

from typing import Any

from participation.exchange.draft import Draft, words
from participation.exchange.nearest import Nearest
from participation.exchange.reading import Sheet
from participation.exchange.steprules import unknown_word
from participation.exchange.tables import Column


def check(draft: Draft) -> None:
    """Tell every name that names nothing, with the nearest one that does."""
    likes: dict[str, Nearest] = {}
    for sheet in draft.sheets.values():
        for column in sheet.table.read:
            if column.names and column.name in sheet.given:
                _check_column(draft, sheet, column, likes)


def _check_column(draft: Draft, sheet: Sheet, column: Column, likes: dict[str, Nearest]) -> None:
    assert column.names
    if draft.is_cut(column.names):  # the row may be among those that could not be read
        return
    known = draft.ids[column.names].keys() | draft.keys(column.names)
    unknown = words(sheet.columns[column.name]) - known
    if not unknown:
        return
    like = likes.setdefault(column.names, Nearest(known, always=column.names not in ("rencontres", "propositions")))
    for row, value in enumerate(sheet.columns[column.name]):
        for word in sorted(unknown.intersection(_words_of(value))):
            problem = unknown_word(column.names, word, like)
            draft.faults.add(sheet.file, problem, line=sheet.lines[row], column=column.name, value=word)


def _words_of(value: Any) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()
