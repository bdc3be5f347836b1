"""Whose rows may be imported by whom: the rights of permissions.py, row by row.

The team imports everything, and so does the command line (no account); somebody with scopes only rows whose places
are theirs, before the change and after it. Unlike on a page, a row outside is named: it comes from their own file.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from participation.exchange import stored
from participation.exchange.draft import Draft, StepGroup
from participation.exchange.reading import Sheet
from participation.exchange.steprules import CHANGEABLE
from participation.exchange.tables import MEETINGS, NAMED_TABLES, PROPOSALS
from participation.permissions import PERMISSIONS, TEAM, Acting, Place
from participation.proposals.models import OUTCOMES

Places = frozenset[Place]
_NOWHERE: Places = frozenset()
_PROGRESS = ("en_cours", "realisee")
"""Steps that whoever carries a proposal out may record; the others need the right to edit it (proposals.rules)."""


@dataclass(frozen=True)
class _Placed:
    """Something that belongs somewhere (permissions.Placed)."""

    around: Places

    def places(self) -> set[Place]:
        return set(self.around)


def check(draft: Draft, account: Acting | None) -> None:
    """Tell every row that the account may not write; None may write all."""
    if account is None or account.role in TEAM:
        return
    checker = _Checker(draft, account)
    for name, sheet in draft.sheets.items():
        if name == "etapes":
            checker.check_steps(sheet)
        else:
            checker.check_rows(sheet, *_NEEDED[name])


_NEEDED: dict[str, tuple[str, str]] = {
    "rencontres": ("meeting.create", "meeting.edit"),
    "decisions": ("meeting.edit", "meeting.edit"),
    "propositions": ("proposal.create", "proposal.edit"),
    "avis": ("opinion.create", "opinion.moderate"),
    "instances": ("body.manage", "body.manage"),
    "mandats": ("mandate.edit", "mandate.edit"),
}
"""By table: what a new row needs, and a changed one."""


class _Checker:
    def __init__(self, draft: Draft, account: Acting) -> None:
        self.draft = draft
        self.account = account
        self.bodies: Mapping[str, Places] = draft.known.body_places
        self.quartiers: Mapping[str, Places] = draft.known.quartier_places
        self.of: dict[str, dict[str, Places]] = {}
        for name in (MEETINGS.name, PROPOSALS.name):
            self.of[name] = self._places_of(name)

    def check_rows(self, sheet: Sheet, to_create: str, to_change: str) -> None:
        """Check a table whose rows have a ref or slug."""
        assert sheet.table.key
        known = self.draft.stored[sheet.table.name]
        names = [column.name for column in sheet.table.read]
        for row, values in self.draft.rows_of(sheet, *names):
            after = dict(zip(names, values, strict=True))
            key = after[sheet.table.key]
            before = known.get(key) if isinstance(key, str) else None
            needed = [(to_change if before else to_create, self.places(sheet.table.name, after))]
            if before:
                needed.append((to_change, self.places(sheet.table.name, before.values)))
            if not all(self._may(permission, places) for permission, places in needed):
                self._refuse(sheet, row, sheet.table.key, key)

    def check_steps(self, sheet: Sheet) -> None:
        """Check the steps that are new or changed; an outcome needs the meeting that decided it."""
        for group in self.draft.groups.values():
            places = self._circuit(group)
            for row in group.appended:
                kind = sheet.columns["etape"][row]
                if kind in OUTCOMES:
                    self._check_outcome(sheet, row, places)
                elif not self._may("proposal.step" if kind in _PROGRESS else "proposal.edit", places):
                    self._refuse(sheet, row, "proposition", group.proposal)
            for row, permission in _changed(sheet, group):
                if not self._may(permission, places):
                    self._refuse(sheet, row, "proposition", group.proposal)

    def _circuit(self, group: StepGroup) -> Places:
        """Return the places of a proposal and of the instances it was passed to (proposals.models.Circuit)."""
        passed = (step.values["vers"] for step in group.recorded if step.values["annulee_le"] is None)
        return _all([self.named(PROPOSALS.name, group.proposal), *map(self.body, passed)])

    def _check_outcome(self, sheet: Sheet, row: int, places: Places) -> None:
        meeting = sheet.columns["rencontre"][row]
        at = self.named(MEETINGS.name, meeting)
        if not self._may("proposal.decide", places) and not self._may("proposal.decide_at_meeting", at):
            problem = _("attendu : la rencontre de votre périmètre où c'est décidé ; sinon, c'est à un élu de le noter")
            sheet.fault(self.draft.faults, row, "rencontre", problem, value=meeting, quotes=False)

    def _may(self, permission: str, places: Places) -> bool:
        return PERMISSIONS[permission](self.account, _Placed(places))

    def _refuse(self, sheet: Sheet, row: int, column: str, value: Any) -> None:
        problem = _("n'est pas dans votre périmètre ; demandez à l'équipe du contrat d'importer cette ligne")
        sheet.fault(self.draft.faults, row, column, problem, value=value)

    def places(self, name: str, values: Mapping[str, Any]) -> Places:
        """Return where a row belongs, as `places()` of its model does."""
        return _PLACES[name](self, values)

    def body(self, slug: Any) -> Places:
        """Return the places of an instance."""
        return self.bodies.get(slug, _NOWHERE) if isinstance(slug, str) else _NOWHERE

    def named(self, name: str, ref: Any) -> Places:
        """Return the places of a meeting or proposal."""
        return self.of[name].get(ref, _NOWHERE) if isinstance(ref, str) else _NOWHERE

    def _places_of(self, name: str) -> dict[str, Places]:
        """Return the places of every meeting (proposal) that the package brings or names."""
        table = NAMED_TABLES[name]
        elsewhere = self.draft.ids[name].keys() - self.draft.keys(name)
        rows = stored.rows(self.draft.connection, self.draft.known, table, elsewhere)
        found = {ref: self.places(name, row.values) for ref, row in rows}
        sheet = self.draft.sheets.get(name)
        if sheet:
            names = [column.name for column in table.read]
            for _row, values in self.draft.rows_of(sheet, *names):
                after = dict(zip(names, values, strict=True))
                found[after["ref"]] = self.places(name, after)
        return found


def _all(parts: Iterable[Places]) -> Places:
    return frozenset().union(*parts)


def _own_quartiers(values: Mapping[str, Any]) -> Places:
    quartiers = values["quartiers"]
    return frozenset(("quartier", slug) for slug in quartiers) if isinstance(quartiers, tuple) else _NOWHERE


def _meeting(checker: _Checker, values: Mapping[str, Any]) -> Places:
    bodies = values["instances"]
    around = [checker.body(slug) for slug in bodies] if isinstance(bodies, tuple) else []
    return _all([*around, _own_quartiers(values)])


def _proposal(checker: _Checker, values: Mapping[str, Any]) -> Places:
    return _all([checker.body(values["instance"]), _own_quartiers(values)])


def _opinion(checker: _Checker, values: Mapping[str, Any]) -> Places:
    quartier = values["quartier"]
    around = checker.quartiers.get(quartier, _NOWHERE) if isinstance(quartier, str) else _NOWHERE
    return _all([checker.named(MEETINGS.name, values["rencontre"]), checker.body(values["instance"]), around])


def _mandate(checker: _Checker, values: Mapping[str, Any]) -> Places:
    return _all([checker.body(values["instance"]), checker.body(values["aupres_de"])])


_PLACES: dict[str, Callable[[_Checker, Mapping[str, Any]], Places]] = {
    "rencontres": _meeting,
    "propositions": _proposal,
    "avis": _opinion,
    "mandats": _mandate,
    "decisions": lambda checker, values: checker.named(MEETINGS.name, values["rencontre"]),
    "instances": lambda checker, values: checker.body(values["slug"]),
}


def _changed(sheet: Sheet, group: StepGroup) -> Iterable[tuple[int, str]]:
    """Yield (row, right needed) of each recorded step that the package changes."""
    if not group.sound:
        return
    for row, step in zip(group.rows, group.recorded, strict=False):
        for name in CHANGEABLE:
            if sheet.columns[name][row] != step.values[name]:
                yield row, "proposal.told" if name.startswith("restituee") else "proposal.void_step"
