"""Carry out a plan: everything in the caller's transaction, in bulk, with the journal of what changed."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from participation.bodies.models import BodyAlias, BodyKind
from participation.clock import from_local, today
from participation.database import now
from participation.errors import Conflict
from participation.exchange.draft import Draft, StepGroup
from participation.exchange.known import chunks
from participation.exchange.plan import Change, Plan, TablePlan
from participation.exchange.progress import SILENT, Progress
from participation.exchange.tables import BODIES, MEETINGS, PROPOSALS, STEPS, WRITING_ORDER, Column, Table
from participation.extensions import Model
from participation.journal import PROGRAM, Actor, Chain, JournalEntry
from participation.meetings.models import MinutesVersion
from participation.proposals.held import held
from participation.proposals.rules import settle
from participation.proposals.search import forget, index_rows

BATCH = 2_000
_STAMPED = {"rencontres", "propositions", "etapes", "avis"}
"""Tables with `created_at`."""
_VERSIONED = {"rencontres", "propositions", "avis", "instances"}
"""Tables with `version`: a form opened before the import must not overwrite it unseen."""
_OBJECTS = {
    "rencontres": "meeting",
    "propositions": "proposal",
    "avis": "opinion",
    "decisions": "decision",
    "instances": "body",
    "mandats": "mandate",
}
"""Objects of the journal."""


def carry_out(
    connection: sa.Connection,
    plan: Plan,
    *,
    by: Actor | None,
    ref: str | None = None,
    progress: Progress = SILENT,
) -> None:
    """Write what the plan says; the caller commits. `by` is who imports, None for the command line; `ref` is what the
    journal calls the import (default: its moment).

    Raises Conflict where somebody else has just written the same rows: the caller rolls back, and asks to start again.
    """
    if not plan:
        return
    writer = _Writer(connection, plan, by, ref, progress)
    progress.begin(_("Écriture"), sum(len(part.added) + len(part.changed) for part in plan.tables.values()))
    try:
        writer.write()
    except sa.exc.IntegrityError as error:
        raise Conflict(
            _("Quelqu'un d'autre a changé les mêmes données pendant l'import. Rien n'est importé : recommencez.")
        ) from error
    finally:
        progress.end()


class _Writer:
    def __init__(
        self, connection: sa.Connection, plan: Plan, by: Actor | None, ref: str | None, progress: Progress
    ) -> None:
        self.connection = connection
        self.plan = plan
        self.draft: Draft = plan.draft
        self.by = by
        self.progress = progress
        self.now = now()
        self.ref = ref or f"{self.now:%Y-%m-%dT%H:%M:%S.%fZ}"
        self.settled: dict[str, SimpleNamespace] = {}
        """By proposal: what it repeats of its steps (proposals.rules.settle), where they are new or changed."""

    def write(self) -> None:
        """Write every table: what is named before what names it."""
        self._settle()
        for table in WRITING_ORDER:
            part = self.plan.tables.get(table.name)
            if part is None:
                continue
            if table is BODIES:
                self._add_kinds(part)
            if table is STEPS:
                self._write_steps(part)
            else:
                self._add(table, part)
                self._change(table, part)
        self._settle_known_proposals()
        self._journal()

    # Rows that are added

    def _add(self, table: Table, part: TablePlan) -> None:
        if not part.added:
            return
        numbers = self._reserve(table, len(part.added))
        assert table.key
        keys = part.sheet.columns[table.key]
        if table.name in self.draft.ids:
            self.draft.ids[table.name].update(
                (keys[row], number) for row, number in zip(part.added, numbers, strict=True)
            )
        fields = {"id": numbers, **self._fields(table, part, part.added)}
        if table.name in _STAMPED:
            fields["created_at"] = [self.now] * len(part.added)
        self._insert(table.main, fields)
        if table is PROPOSALS:
            index_rows(self.connection, self._said(part, part.added, numbers))
        for column in table.read:
            values = _picked(part.sheet.columns[column.name], part.added)
            if column.link is not None:
                self._link(column, numbers, values)
            elif column.side is not None:
                self._set_aside(column, numbers, values)

    def _reserve(self, table: Table, number: int) -> Sequence[int]:
        """Return identifiers that nobody else will get: rows that name new rows can then be made at once."""
        if self.connection.dialect.name == "sqlite":  # one writer at a time
            last = self.connection.scalar(sa.select(sa.func.max(table.main.c.id))) or 0
            return range(last + 1, last + number + 1)
        sequence = self.connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.main.name, "id")))
        series = sa.func.generate_series(1, number).table_valued("n")
        return list(self.connection.scalars(sa.select(sa.func.nextval(sequence)).select_from(series)))

    def _fields(self, table: Table, part: TablePlan, rows: Sequence[int]) -> dict[str, Sequence[Any]]:
        """Return the values of some rows by column of the database."""
        columns = part.sheet.columns
        fields: dict[str, Sequence[Any]] = {}
        for column in table.read:
            if column.db is None or column.side is not None:
                continue
            values = _picked(columns[column.name], rows)
            if column.names:
                values = list(map(self.draft.ids[column.names].get, values))
            fields[column.db] = values
        if table is MEETINGS:
            fields |= {name: _picked(columns[name], rows) for name in ("starts_at", "ends_at")}
        if table is PROPOSALS:
            fields |= self._settled_fields([columns["ref"][row] for row in rows])
        return fields

    def _settled_fields(self, refs: Sequence[str]) -> dict[str, Sequence[Any]]:
        """Return what the proposals repeat of their steps; nothing where one of them keeps its steps as they are."""
        if not all(ref in self.settled for ref in refs):
            return {}
        names = ("received_on", "answered_on", "state", "state_on", "road", "sent_on", "due_on")
        return {name: [getattr(self.settled[ref], name) for ref in refs] for name in names}

    def _insert(self, table: sa.Table, fields: dict[str, Sequence[Any]], *, counted: bool = True) -> None:
        statement = table.insert()
        names = list(fields)
        for batch in chunks(zip(*fields.values(), strict=True), BATCH):
            self.connection.execute(statement, [dict(zip(names, values, strict=True)) for values in batch])
            if counted:
                self.progress.advance(len(batch))

    def _link(self, column: Column, numbers: Iterable[int], lists: Iterable[tuple[str, ...]]) -> None:
        """Write what lists hold."""
        assert column.link is not None
        own, other = (place.name for place in list(column.link.c)[:2])
        get: Callable[[str], Any] = self.draft.ids[column.names].__getitem__ if column.names else str
        pairs = [(number, get(word)) for number, words in zip(numbers, lists, strict=True) for word in words]
        if pairs:
            owners, others = zip(*pairs, strict=True)
            self._insert(column.link, {own: owners, other: others}, counted=False)

    def _set_aside(self, column: Column, numbers: Iterable[int], values: Iterable[Any]) -> None:
        """Write the values that stand in a table of their own (personal data)."""
        assert column.side is not None
        assert column.db
        known = [(number, value) for number, value in zip(numbers, values, strict=True) if value is not None]
        if known:
            owners, texts = zip(*known, strict=True)
            own = next(iter(column.side.primary_key)).name
            self._insert(column.side, {own: owners, column.db: texts}, counted=False)

    # Rows that change

    def _change(self, table: Table, part: TablePlan) -> None:
        if not part.changed:
            return
        if table is BODIES:
            self._keep_old_names(part)
        if table is MEETINGS:
            self._keep_old_minutes(part)
        rows = [change.row for change in part.changed]
        fields = {"of": [change.before.id for change in part.changed], **self._fields(table, part, rows)}
        self._update(table, fields)
        if table is PROPOSALS:
            self._index_again(part)
        for column in table.read:
            changed = [change for change in part.changed if column.name in change.columns]
            if changed and (column.link is not None or column.side is not None):
                self._replace(column, changed, part)

    def _index_again(self, part: TablePlan) -> None:
        """Write the words of the proposals that say something else now."""
        changed = [change for change in part.changed if {"titre", "texte"}.intersection(change.columns)]
        numbers = [change.before.id for change in changed]
        forget(self.connection, numbers)
        index_rows(self.connection, self._said(part, [change.row for change in changed], numbers))

    @staticmethod
    def _said(part: TablePlan, rows: Sequence[int], numbers: Sequence[int]) -> Iterator[tuple[int, str, str | None]]:
        columns = part.sheet.columns
        return zip(numbers, _picked(columns["titre"], rows), _picked(columns["texte"], rows), strict=True)

    def _update(self, table: Table, fields: dict[str, Sequence[Any]]) -> None:
        main = table.main
        values: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in fields if name != "of"}
        if table.name in _VERSIONED:
            values["version"] = main.c.version + 1
        statement = main.update().where(main.c.id == sa.bindparam("of")).values(values)
        names = [name if name == "of" else f"new_{name}" for name in fields]
        for batch in chunks(zip(*fields.values(), strict=True), BATCH):
            self.connection.execute(statement, [dict(zip(names, row, strict=True)) for row in batch])
            self.progress.advance(len(batch))

    def _replace(self, column: Column, changed: Sequence[Change], part: TablePlan) -> None:
        """Write lists (or values apart) anew."""
        numbers = [change.before.id for change in changed]
        values = [part.sheet.columns[column.name][change.row] for change in changed]
        apart = column.link if column.link is not None else column.side
        assert apart is not None
        own = next(iter(apart.c))
        delete = apart.delete().where(own == sa.bindparam("of"))
        self.connection.execute(delete, [{"of": number} for number in numbers])
        if column.link is not None:
            self._link(column, numbers, values)
        else:
            self._set_aside(column, numbers, values)

    def _keep_old_names(self, part: TablePlan) -> None:
        """A renamed instance keeps its old name as an alias: posters and minutes still bear it."""
        old = [
            {"body_id": change.before.id, "name": change.before.values["nom"]}
            for change in part.changed
            if "nom" in change.columns
        ]
        known = (
            {tuple(row) for row in self.connection.execute(sa.select(BodyAlias.body_id, BodyAlias.name))}
            if old
            else set()
        )
        new = [row for row in old if (row["body_id"], row["name"]) not in known]
        if new:
            self.connection.execute(_table(BodyAlias).insert(), new)

    def _keep_old_minutes(self, part: TablePlan) -> None:
        """Minutes that were published and change: the earlier text stays readable (meetings.rules.correct_minutes)."""
        for batch in chunks(change for change in part.changed if _corrects_minutes(change)):
            self._keep_versions(batch, part)

    def _keep_versions(self, changes: Sequence[Change], part: TablePlan) -> None:
        ids = [change.before.id for change in changes]
        last = sa.func.max(MinutesVersion.number)
        query = sa.select(MinutesVersion.meeting_id, last).where(MinutesVersion.meeting_id.in_(ids))
        numbers = {row[0]: row[1] for row in self.connection.execute(query.group_by(MinutesVersion.meeting_id))}
        rows = []
        for change in changes:
            number = numbers.get(change.before.id, 0)
            before, after = change.before.values, part.sheet.columns["compte_rendu"][change.row]
            if number == 0 and before["compte_rendu"]:
                number = 1
                moment = from_local(before["compte_rendu_publie_le"], dt.time(12))
                rows.append(_version(change.before.id, number, before["compte_rendu"], None, moment))
            reason = _("Corrigé par un import de tableaux.")
            rows.append(_version(change.before.id, number + 1, after or "", reason, self.now))
        if rows:
            self.connection.execute(_table(MinutesVersion).insert(), rows)

    def _add_kinds(self, part: TablePlan) -> None:
        """Kinds of instances are data: a new one is added with a name made of its code."""
        rows = [*part.added, *(change.row for change in part.changed)]
        new = sorted({part.sheet.columns["genre"][row] for row in rows} - self.draft.known.kinds)
        if not new:
            return
        last = self.connection.scalar(sa.select(sa.func.max(BodyKind.position))) or 0
        names = ({"slug": slug, "name": slug.replace("_", " ").capitalize()} for slug in new)
        kinds = [{**row, "position": last + number} for number, row in enumerate(names, start=1)]
        self.connection.execute(_table(BodyKind).insert(), kinds)

    # Steps

    def _settle(self) -> None:
        """Compute what each proposal repeats of its steps, and when each step is superseded."""
        part = self.plan.tables.get(STEPS.name)
        if part is None:
            return
        changed = {change.row for change in part.changed}
        for group in self.draft.groups.values():
            if group.appended or changed.intersection(group.rows):
                proposal = SimpleNamespace(steps=[self._passage(part, row) for row in group.rows])
                settle(proposal)  # type: ignore[arg-type]  # it has what settle reads and writes
                self.settled[group.proposal] = proposal

    @staticmethod
    def _passage(part: TablePlan, row: int) -> SimpleNamespace:
        columns = part.sheet.columns
        return SimpleNamespace(
            row=row,
            kind=columns["etape"][row],
            on_date=columns["date"][row],
            due_on=columns["echeance"][row],
            voided_on=columns["annulee_le"][row],
            superseded_on=None,
        )

    def _write_steps(self, part: TablePlan) -> None:
        with held(self.connection, self._with_changed_steps(part)):
            self._add_steps(part)
            self._change_steps(part)

    def _with_changed_steps(self, part: TablePlan) -> Iterator[int]:
        """Return the proposals of which steps are voided or not voided any more: others only get new ones."""
        voided = {change.row for change in part.changed if "annulee_le" in change.columns}
        for group in self.draft.groups.values():
            if voided.intersection(group.rows):
                yield self.draft.ids["propositions"][group.proposal]

    def _add_steps(self, part: TablePlan) -> None:
        rows: list[int] = []
        positions: list[int] = []
        for group in self.draft.groups.values():
            last = group.recorded[-1].position if group.recorded else 0
            rows += group.appended
            positions += range(last + 1, last + len(group.appended) + 1)
        if not rows:
            return
        superseded = {step.row: step.superseded_on for settled in self.settled.values() for step in settled.steps}
        fields = {
            **self._fields(STEPS, part, rows),
            **self._whither(part, rows),
            "position": positions,
            "superseded_on": [superseded[row] for row in rows],
            "created_at": [self.now] * len(rows),
        }
        self._insert(STEPS.main, fields)

    def _whither(self, part: TablePlan, rows: Sequence[int]) -> dict[str, Sequence[Any]]:
        """Return the three columns that `vers` stands for; a slug of both kinds is the instance's."""
        kinds, words = part.sheet.columns["etape"], part.sheet.columns["vers"]
        ids = self.draft.ids
        found: dict[str, list[Any]] = {"to_body_id": [], "to_recipient_id": [], "to_proposal_id": []}
        for row in rows:
            word, merged = words[row], kinds[row] == "regroupee"
            body = None if merged else ids["instances"].get(word)
            found["to_body_id"].append(body)
            found["to_recipient_id"].append(None if merged or body else ids["destinataires"].get(word))
            found["to_proposal_id"].append(ids["propositions"].get(word) if merged else None)
        return dict(found)

    def _change_steps(self, part: TablePlan) -> None:
        """Write restitution, voiding, and what follows of them and of the new steps for the recorded ones."""
        columns = part.sheet.columns
        meetings = self.draft.ids["rencontres"]
        changed = {change.row for change in part.changed}
        rows = [
            (
                step.id,
                columns["restituee_le"][passage.row],
                meetings.get(columns["restituee_a"][passage.row]),
                columns["annulee_le"][passage.row],
                columns["annulee_motif"][passage.row],
                passage.superseded_on,
            )
            for name, settled in self.settled.items()
            for passage, step in zip(settled.steps, self.draft.groups[name].recorded, strict=False)
            if passage.row in changed or passage.superseded_on != step.superseded_on
        ]
        if rows:
            names = ("of", "told_on", "told_meeting_id", "voided_on", "voided_reason", "superseded_on")
            self._update(STEPS, dict(zip(names, zip(*rows, strict=True), strict=True)))

    def _settle_known_proposals(self) -> None:
        """Write what proposals that were there before repeat of their steps."""
        refs = [name for name in self.settled if self.draft.groups[name].recorded]
        if refs:
            numbers = [self.draft.ids["propositions"][ref] for ref in refs]
            self._update(PROPOSALS, {"of": numbers, **self._settled_fields(refs)})

    # Journal

    def _journal(self) -> None:
        insert, chain = _table(JournalEntry).insert(), Chain(self.connection)
        sentence = _("Import : %(what)s.", what=self.plan.sentence())
        last = self._entry("import.done", self.ref, sentence)
        for batch in chunks([*self._changed_rows(), *self._moved_proposals(), last], BATCH):
            self.connection.execute(insert, [line | {"hash": chain.stamp(line)} for line in batch])

    def _changed_rows(self) -> Iterator[dict[str, Any]]:
        for name, part in self.plan.tables.items():
            if name == STEPS.name:
                continue
            for change in part.changed:
                assert part.sheet.table.key
                ref = part.sheet.columns[part.sheet.table.key][change.row]
                sentence = _("Modification par un import : %(columns)s.", columns=", ".join(change.columns))
                details = {column: _before_and_after(part, change, column) for column in change.columns}
                yield self._entry(f"{_OBJECTS[name]}.imported", ref, sentence) | {"details": details}
                if name == MEETINGS.name and _corrects_minutes(change):
                    yield self._entry("meeting.minutes_corrected", ref, _("Compte rendu corrigé."))

    def _moved_proposals(self) -> Iterator[dict[str, Any]]:
        """One line for each proposal that was there and whose steps are added to or change."""
        for ref in self.settled:
            group: StepGroup = self.draft.groups[ref]
            if group.recorded:
                kinds = self.plan.tables[STEPS.name].sheet.columns["etape"]
                added = [kinds[row] for row in group.appended]
                if added:
                    sentence = _("Étapes ajoutées par un import : %(kinds)s.", kinds=", ".join(added))
                else:
                    sentence = _("Étapes corrigées par un import : restitution ou annulation.")
                details = {"etapes": [len(group.recorded), len(group.rows)]}
                yield self._entry("proposal.steps_imported", ref, sentence) | {"details": details}

    def _entry(self, action: str, ref: str, sentence: str) -> dict[str, Any]:
        return {
            "at": self.now,
            "account_id": self.by.id if self.by else None,
            "actor": str(self.by.function) if self.by else PROGRAM,
            "action": action,
            "object_kind": action.partition(".")[0],
            "object_ref": ref,
            "sentence": sentence,
            "details": None,
        }


def _table(model: type[Model]) -> sa.Table:
    table = model.__table__
    assert isinstance(table, sa.Table)
    return table


def _picked(values: Sequence[Any], rows: Iterable[int]) -> list[Any]:
    """Return the values of some rows."""
    return [values[row] for row in rows]


def _version(meeting: int, number: int, text: str, reason: str | None, moment: dt.datetime) -> dict[str, Any]:
    return {"meeting_id": meeting, "number": number, "text": text, "reason": reason, "published_at": moment}


def _corrects_minutes(change: Change) -> bool:
    published_on: dt.date | None = change.before.values["compte_rendu_publie_le"]
    return "compte_rendu" in change.columns and published_on is not None and published_on <= today()


def _before_and_after(part: TablePlan, change: Change, name: str) -> list[str | None]:
    """Return a column's texts before and after; of free texts and personal data only that they changed."""
    column = part.sheet.table.column(name)
    if column.kind.free or column.personal or column.side is not None:
        return [None, None]
    values = change.before.values[name], part.sheet.columns[name][change.row]
    return [None if value in (None, ()) else column.kind.write(value) for value in values]
