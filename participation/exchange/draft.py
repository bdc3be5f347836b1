"""An import being checked: what the package says, beside what the database holds."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from participation.exchange import stored
from participation.exchange.faults import Faults
from participation.exchange.known import Known, ids_of
from participation.exchange.reading import BAD, Sheet
from participation.exchange.stored import Stored
from participation.exchange.tables import NAMED_TABLES, PROPOSALS, STEPS


@dataclass
class StepGroup:
    """The steps of one proposal: those recorded, and the package's rows in their order (the first are the recorded)."""

    proposal: str
    recorded: list[Stored]
    rows: list[int]
    sound: bool = True
    """False once a fault is told that would only cause others."""

    @property
    def appended(self) -> list[int]:
        """The rows that are new steps."""
        return self.rows[len(self.recorded) :]


@dataclass
class Draft:
    """Everything that the rules need to know of an import."""

    connection: sa.Connection
    known: Known
    sheets: dict[str, Sheet]
    faults: Faults
    writes: bool = False
    """Whether it will be written: the rows that change are then kept from others from here on."""
    stored: dict[str, dict[str, Stored]] = field(default_factory=dict)
    """By table, then by ref or slug: the rows of the package that exist already."""
    ids: dict[str, dict[str, int]] = field(default_factory=dict)
    """Identifiers in the database, by vocabulary or table, of all that the package names."""
    groups: dict[str, StepGroup] = field(default_factory=dict)

    def keys(self, name: str) -> set[str]:
        """Return the refs or slugs that the package brings to a table."""
        sheet = self.sheets.get(name)
        if sheet is None or sheet.table.key is None:
            return set()
        return {key for key in sheet.columns.get(sheet.table.key, ()) if isinstance(key, str)}

    def is_cut(self, name: str) -> bool:
        """Whether the package has a table that could not be read whole: what names its rows cannot be judged."""
        sheet = self.sheets.get(name)
        return sheet is not None and sheet.cut

    def rows_of(self, sheet: Sheet, *columns: str) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Yield (row, values of `columns`); BAD stands where a cell could not be read."""
        return enumerate(zip(*(sheet.columns[name] for name in columns), strict=True))


def complete(draft: Draft) -> None:
    """Find the rows that exist already, and give each table every column: what the file leaves out stays as it is."""
    draft.ids = {name: dict(words) for name, words in draft.known.ids.items()}
    for name, sheet in draft.sheets.items():
        if sheet.table.key is None:
            continue
        keys = draft.keys(name)
        if draft.writes:
            stored.lock(draft.connection, sheet.table, keys)
        draft.stored[name] = dict(stored.rows(draft.connection, draft.known, sheet.table, keys))
        if name in NAMED_TABLES:
            draft.ids.setdefault(name, {}).update((key, row.id) for key, row in draft.stored[name].items())
        _fill(sheet, draft.stored[name])
    _find_named(draft)
    _group_steps(draft)


def _fill(sheet: Sheet, known: dict[str, Stored]) -> None:
    """Add the columns that the file lacks, with the values of the rows that exist."""
    key = sheet.table.key
    keys = sheet.columns.get(key or "", [BAD] * len(sheet))
    for column in sheet.table.read:
        if column.name in sheet.columns:
            continue
        if column.required:
            sheet.columns[column.name] = [BAD] * len(sheet)
        elif known:
            before = (known.get(key) for key in keys)
            sheet.columns[column.name] = [row.values[column.name] if row else column.empty for row in before]
        else:
            sheet.columns[column.name] = [column.empty] * len(sheet)


def _find_named(draft: Draft) -> None:
    """Find the identifiers of the meetings and proposals that the package names and does not bring."""
    for name in ("rencontres", "propositions"):
        named: set[str] = set()
        for sheet in draft.sheets.values():
            for column in sheet.table.read:
                if column.names == name or (name == "propositions" and column.name == "vers"):
                    named |= words(sheet.columns.get(column.name, ()))
        known = draft.ids.setdefault(name, {})
        known.update(ids_of(draft.connection, name, sorted(named - draft.keys(name) - known.keys())))


def words(values: Iterable[Any]) -> set[str]:
    """Return every text among values, those within lists too."""
    found: set[str] = set()
    for value in set(values):
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, tuple):
            found.update(value)
    return found


def _group_steps(draft: Draft) -> None:
    """Put the steps of each proposal in order, beside those recorded; complete them like other rows."""
    sheet = draft.sheets.get(STEPS.name)
    if sheet is None:
        return
    given = set(sheet.columns)
    _fill(sheet, {})
    rows: dict[str, list[int]] = {}
    for row, (proposal,) in draft.rows_of(sheet, "proposition"):
        if isinstance(proposal, str):
            rows.setdefault(proposal, []).append(row)
    known = rows.keys() & draft.ids[PROPOSALS.name].keys()
    if draft.writes:
        stored.lock(draft.connection, PROPOSALS, known)
    recorded = dict(stored.steps(draft.connection, draft.known, known))
    days, kinds = sheet.columns["date"], sheet.columns["etape"]
    left_out = [column.name for column in STEPS.columns if column.name not in given]
    for proposal, own in rows.items():
        group = draft.groups[proposal] = StepGroup(proposal, recorded.get(proposal, []), own)
        if any(days[row] in (BAD, None) or kinds[row] in (BAD, None) for row in own):
            group.sound = False
            continue
        own.sort(key=days.__getitem__)
        for row, step in zip(own, group.recorded, strict=False):
            for name in left_out:
                sheet.columns[name][row] = step.values[name]
