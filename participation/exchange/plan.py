"""What an import would do: checked whole before anything is written."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from participation.exchange import draft as drafts
from participation.exchange import known, reading, references, rights, rowrules, steprules
from participation.exchange.draft import Draft, StepGroup
from participation.exchange.faults import Faults
from participation.exchange.progress import SILENT, Progress
from participation.exchange.reading import Sheet
from participation.exchange.sources import Source
from participation.exchange.stored import Stored
from participation.exchange.tables import STEPS, TABLES
from participation.permissions import Acting


@dataclass(frozen=True)
class Change:
    """A row that exists and changes; `columns` are those that do."""

    row: int
    before: Stored
    columns: tuple[str, ...]


@dataclass
class TablePlan:
    """What happens to one table: rows (indexes) that are added, and changes."""

    sheet: Sheet
    added: list[int] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)


@dataclass
class Plan:
    """What an import would do."""

    draft: Draft
    tables: dict[str, TablePlan]

    def __bool__(self) -> bool:
        return any(part.added or part.changed for part in self.tables.values())

    def counts(self) -> list[tuple[str, int, int, int]]:
        """Return (table, rows added, changed, left as they are) of each table of the package, in the format's order."""
        parts = [(table.name, self.tables[table.name]) for table in TABLES if table.name in self.tables]
        return [
            (name, len(part.added), len(part.changed), len(part.sheet) - len(part.added) - len(part.changed))
            for name, part in parts
        ]

    def fingerprint(self) -> str:
        """Return what tells two plans of the same files apart: any change meanwhile to what they would overwrite."""
        digest = hashlib.sha256()
        for name, part in sorted(self.tables.items()):
            digest.update(repr((name, part.added)).encode())
            for change in part.changed:
                before = [change.before.values[column] for column in change.columns]
                digest.update(repr((change.row, change.before.id, change.columns, before)).encode())
        return digest.hexdigest()

    def sentence(self) -> str:
        """Return in one French sentence what changes: « 12 rencontres ajoutées, 3 modifiées ; 40 avis ajoutés »."""
        parts = [text for name, added, changed, _same in self.counts() if (text := _part(name, added, changed))]
        return " ; ".join(parts) or _("rien ne change")


def _part(name: str, added: int, changed: int) -> str:
    said = [_added(name, added)] if added else []
    if changed:
        said.append(_changed(name, changed) if not added else _also_changed(name, changed))
    return ", ".join(said)


def _added(name: str, number: int) -> str:
    return {
        "rencontres": lambda n: ngettext("%(num)s rencontre ajoutée", "%(num)s rencontres ajoutées", n),
        "propositions": lambda n: ngettext("%(num)s proposition ajoutée", "%(num)s propositions ajoutées", n),
        "etapes": lambda n: ngettext("%(num)s étape ajoutée", "%(num)s étapes ajoutées", n),
        "avis": lambda n: ngettext("%(num)s avis ajouté", "%(num)s avis ajoutés", n),
        "decisions": lambda n: ngettext("%(num)s décision ajoutée", "%(num)s décisions ajoutées", n),
        "instances": lambda n: ngettext("%(num)s instance ajoutée", "%(num)s instances ajoutées", n),
        "mandats": lambda n: ngettext("%(num)s mandat ajouté", "%(num)s mandats ajoutés", n),
    }[name](number)


def _changed(name: str, number: int) -> str:
    return {
        "rencontres": lambda n: ngettext("%(num)s rencontre modifiée", "%(num)s rencontres modifiées", n),
        "propositions": lambda n: ngettext("%(num)s proposition modifiée", "%(num)s propositions modifiées", n),
        "etapes": lambda n: ngettext("%(num)s étape modifiée", "%(num)s étapes modifiées", n),
        "avis": lambda n: ngettext("%(num)s avis modifié", "%(num)s avis modifiés", n),
        "decisions": lambda n: ngettext("%(num)s décision modifiée", "%(num)s décisions modifiées", n),
        "instances": lambda n: ngettext("%(num)s instance modifiée", "%(num)s instances modifiées", n),
        "mandats": lambda n: ngettext("%(num)s mandat modifié", "%(num)s mandats modifiés", n),
    }[name](number)


def _also_changed(name: str, number: int) -> str:
    if name in {"avis", "mandats"}:
        return ngettext("%(num)s modifié", "%(num)s modifiés", number)
    return ngettext("%(num)s modifiée", "%(num)s modifiées", number)


def make(
    connection: sa.Connection,
    source: Source,
    faults: Faults,
    *,
    by: Acting | None = None,
    writes: bool = False,
    progress: Progress = SILENT,
) -> Plan:
    """Read and check a package whole; return what importing it would do, nothing being written.

    `faults` holds those of the source itself; `by` is the account whose scopes limit the rows (None: no limit);
    `writes` says that the plan will be carried out in the same transaction. Raises BadPackage with every fault at once,
    NoContract if there is no contract to import into.
    """
    vocabulary = known.load(connection)
    sheets = reading.read(source, faults, progress)
    draft = Draft(connection, vocabulary, sheets, faults, writes)
    drafts.complete(draft)
    references.check(draft)
    rowrules.check(draft)
    steprules.check(draft)
    rights.check(draft, by)
    faults.refuse(sheet.file for sheet in sheets.values())
    return Plan(draft, dict(_table_plans(draft)))


def _table_plans(draft: Draft) -> Iterable[tuple[str, TablePlan]]:
    for name, sheet in draft.sheets.items():
        if name == STEPS.name:
            yield name, _plan_steps(sheet, draft.groups.values())
        else:
            yield name, _plan_rows(sheet, draft.stored[name])


def _plan_rows(sheet: Sheet, before: dict[str, Stored]) -> TablePlan:
    plan = TablePlan(sheet)
    if not before:
        plan.added = list(range(len(sheet)))
        return plan
    assert sheet.table.key
    columns = [(column.name, sheet.columns[column.name]) for column in sheet.table.read if column.name in sheet.given]
    for row, key in enumerate(sheet.columns[sheet.table.key]):
        known_row = before.get(key)
        if known_row is None:
            plan.added.append(row)
            continue
        changed = tuple(name for name, values in columns if values[row] != known_row.values[name])
        if changed:
            plan.changed.append(Change(row, known_row, changed))
    return plan


def _plan_steps(sheet: Sheet, groups: Iterable[StepGroup]) -> TablePlan:
    plan = TablePlan(sheet)
    for group in groups:
        plan.added += group.appended
        for row, step in zip(group.rows, group.recorded, strict=False):
            changed = tuple(name for name in steprules.CHANGEABLE if sheet.columns[name][row] != step.values[name])
            if changed:
                plan.changed.append(Change(row, step, changed))
    return plan
