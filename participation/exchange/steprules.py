"""What the steps of a proposal must satisfy: the machine, what is recorded stays, merges without a circle."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from participation.exchange.draft import Draft, StepGroup
from participation.exchange.known import NOUNS
from participation.exchange.nearest import Nearest
from participation.exchange.reading import BAD, Sheet
from participation.exchange.tables import PROPOSALS, STEPS
from participation.proposals.models import DECISIONS, Proposal, Step
from participation.proposals.rules import needs_reason, path_faults

CHANGEABLE = ("restituee_le", "restituee_a", "annulee_le", "annulee_motif")
"""Columns of a recorded step that may still change: restitution and voiding (exchange-format.md)."""
FROZEN = tuple(column.name for column in STEPS.columns if column.name not in {"proposition", *CHANGEABLE})


@dataclass(slots=True)
class _Passage:
    """A step as far as the machine is concerned (proposals.rules.StepLike)."""

    kind: str
    on_date: dt.date
    voided_on: dt.date | None


def check(draft: Draft) -> None:
    """Tell every fault of the steps, and the new proposals that have none."""
    _check_new_proposals(draft)
    sheet = draft.sheets.get(STEPS.name)
    if sheet is None:
        return
    _check_rows(draft, sheet)
    _check_whither(draft, sheet)
    _check_groups(draft, sheet)
    _check_circles(draft, sheet)


def _check_new_proposals(draft: Draft) -> None:
    sheet = draft.sheets.get(PROPOSALS.name)
    if sheet is None or draft.is_cut(STEPS.name):
        return
    known = draft.stored[PROPOSALS.name].keys() | draft.groups.keys()
    without = [(row, ref) for row, (ref,) in draft.rows_of(sheet, "ref") if isinstance(ref, str) and ref not in known]
    steps = draft.sheets.get(STEPS.name)
    lost = [name for name in steps.columns["proposition"] if not isinstance(name, str)] if steps else []
    if len(without) <= len(lost):  # each may be that of a line whose proposal could not be read
        return
    problem = _("n'a pas d'étape ; une nouvelle proposition en a au moins une, « recueillie », dans etapes")
    for row, ref in without:
        sheet.fault(draft.faults, row, "ref", problem, value=ref)


def _check_rows(draft: Draft, sheet: Sheet) -> None:
    for row, (kind, reason, told_on, told_at) in draft.rows_of(sheet, "etape", "motif", "restituee_le", "restituee_a"):
        if not isinstance(kind, str):
            continue
        if reason is None and needs_reason(kind):
            problem = _("cette cellule est vide ; « %(kind)s » demande un motif, en une phrase", kind=kind)
            sheet.fault(draft.faults, row, "motif", problem)
        if kind not in DECISIONS:
            _check_untold(draft, sheet, row, told_on, told_at)
    for row, (voided_on, voided_reason) in draft.rows_of(sheet, "annulee_le", "annulee_motif"):
        if voided_on is None and isinstance(voided_reason, str):
            sheet.fault(
                draft.faults,
                row,
                "annulee_le",
                _("cette cellule est vide ; attendu : le jour de l'annulation, ou pas de motif"),
            )
        elif voided_reason is None and isinstance(voided_on, dt.date):
            sheet.fault(
                draft.faults, row, "annulee_motif", _("cette cellule est vide ; une étape annulée dit pourquoi")
            )


def _check_untold(draft: Draft, sheet: Sheet, row: int, told_on: Any, told_at: Any) -> None:
    for column, value in (("restituee_le", told_on), ("restituee_a", told_at)):
        if value is not None and value is not BAD:
            problem = _(
                "n'a de sens que pour une décision (%(decisions)s) ; videz cette cellule",
                decisions=", ".join(DECISIONS),
            )
            sheet.fault(draft.faults, row, column, problem, value=value)


def _check_whither(draft: Draft, sheet: Sheet) -> None:
    """`vers` names an instance or a recipient, or for a merge another proposal."""
    receivers = draft.ids["instances"].keys() | draft.keys("instances") | draft.ids["destinataires"].keys()
    proposals = draft.ids["propositions"].keys() | draft.keys("propositions")
    whither = _Whither(draft, sheet, receivers, proposals)
    for row, (ref, kind, target) in draft.rows_of(sheet, "proposition", "etape", "vers"):
        if target is not BAD and isinstance(kind, str):
            problem = whither.problem(ref, kind, target)
            if problem:
                sheet.fault(draft.faults, row, "vers", problem, value=target)


class _Whither:
    def __init__(self, draft: Draft, sheet: Sheet, receivers: Collection[str], proposals: Collection[str]) -> None:
        self.receivers = None if draft.is_cut("instances") else receivers
        self.proposals = None if draft.is_cut("propositions") else proposals
        self._like_receivers, self._like_proposals = Nearest(receivers, always=True), Nearest(proposals, always=False)

    def problem(self, ref: Any, kind: str, target: str | None) -> str | None:
        """Return what is wrong with `vers`, or None."""
        if kind == "transmise":
            return self._receiver_problem(target)
        if kind == "regroupee":
            return self._merge_problem(ref, target)
        return None if target is None else _("n'a de sens que pour transmise ou regroupee ; videz cette cellule")

    def _receiver_problem(self, target: str | None) -> str | None:
        if target is None:
            return _("cette cellule est vide ; attendu : à qui la proposition est transmise (instance ou destinataire)")
        return self._unknown("destinataires", target, self.receivers, self._like_receivers)

    def _merge_problem(self, ref: Any, target: str | None) -> str | None:
        if target is None:
            return _("cette cellule est vide ; attendu : la proposition à laquelle celle-ci est regroupée")
        if target == ref:
            return _("est la proposition elle-même ; attendu : une autre proposition")
        return self._unknown("propositions", target, self.proposals, self._like_proposals)

    @staticmethod
    def _unknown(vocabulary: str, word: str, known: Collection[str] | None, like: Nearest) -> str | None:
        return None if known is None or word in known else unknown_word(vocabulary, word, like)


def unknown_word(vocabulary: str, word: str, like: Nearest) -> str:
    """Return what is wrong with a word that names nothing, and the nearest one that does."""
    problem, nearest_is = NOUNS[vocabulary]
    likely = like(word)
    return f"{problem} ; {nearest_is} : {likely}" if likely else str(problem)


@dataclass(slots=True)
class _Fault:
    row: int
    column: str
    problem: str
    value: Any = None


def _check_groups(draft: Draft, sheet: Sheet) -> None:
    """Judge the steps of each proposal together, unless a line that could not be read may be one of them."""
    if sheet.cut:
        return
    lost = [row for row, (proposal,) in draft.rows_of(sheet, "proposition") if not isinstance(proposal, str)]
    for group in draft.groups.values():
        if not group.sound:
            continue
        faults = _faults_of(sheet, group, group.rows)
        if not faults or any(_explains(sheet, group, row, len(faults)) for row in lost):
            continue
        group.sound = False
        for fault in faults:
            sheet.fault(draft.faults, fault.row, fault.column, fault.problem, value=fault.value, quotes=False)


def _explains(sheet: Sheet, group: StepGroup, lost: int, number: int) -> bool:
    """Whether the proposal's steps would have fewer faults than `number` if the line `lost` were one of them."""
    day, kind = sheet.columns["date"][lost], sheet.columns["etape"][lost]
    if day in (BAD, None) or kind in (BAD, None):
        return True
    rows = sorted({*group.rows, lost}, key=lambda row: (sheet.columns["date"][row], row))
    return len(_faults_of(sheet, group, rows)) < number


def _faults_of(sheet: Sheet, group: StepGroup, rows: Sequence[int]) -> list[_Fault]:
    """Return what is wrong with `rows` as the steps of a proposal; a cell that could not be read is told already."""
    fault = _recorded_fault(sheet, group, rows)
    if fault:
        return [fault]
    kinds, days, voided = (sheet.columns[name] for name in ("etape", "date", "annulee_le"))
    if any(voided[row] is BAD for row in rows):
        return []
    steps = [_Passage(kinds[row], days[row], voided[row]) for row in rows]
    return [_Fault(rows[index], "etape", problem, kinds[rows[index]]) for index, problem in path_faults(steps)]


def _recorded_fault(sheet: Sheet, group: StepGroup, rows: Sequence[int]) -> _Fault | None:
    """The file's steps begin with those recorded; only their restitution and voiding may change."""
    if not group.recorded:
        return None
    for number, (row, step) in enumerate(zip(rows, group.recorded, strict=False), start=1):
        changed = next((name for name in FROZEN if sheet.columns[name][row] not in (BAD, step.values[name])), None)
        if changed:
            last = group.recorded[-1].values["date"]
            problem = _(
                "l'étape n° %(number)s de %(proposal)s est enregistrée (%(kind)s, %(day)s) et ne change plus ; "
                "les nouvelles viennent après, datées du %(last)s au plus tôt",
                number=number, proposal=group.proposal, kind=step.values["etape"], day=step.values["date"], last=last,
            )  # fmt: skip
            return _Fault(row, changed, problem, sheet.columns[changed][row])
    missing = group.recorded[len(rows) :]
    if not missing:
        return None
    problem = _(
        "les étapes enregistrées de %(proposal)s doivent toutes être là ; il manque : %(kind)s, %(day)s",
        proposal=group.proposal, kind=missing[0].values["etape"], day=missing[0].values["date"],
    )  # fmt: skip
    return _Fault(rows[-1], "etape", problem)


def _check_circles(draft: Draft, sheet: Sheet) -> None:
    """No proposal is merged into itself by way of others, the database's own merges included."""
    own = dict(_merges_of(draft, sheet))
    if not own:
        return
    target: dict[str, str] = {ref: to for ref, to in _recorded_merges(draft.connection) if ref not in draft.groups}
    target |= {ref: to for ref, (to, _row) in own.items()}
    for ref, (to, row) in own.items():
        seen, at = {ref}, to
        while at in target and at not in seen:
            seen.add(at)
            at = target[at]
        if at == ref and to != ref:
            problem = _(
                "ramène à %(ref)s : les regroupements tournent en rond ; gardez-en une qui n'est pas regroupée", ref=ref
            )
            sheet.fault(draft.faults, row, "vers", problem, value=to)


def _merges_of(draft: Draft, sheet: Sheet) -> Iterator[tuple[str, tuple[str, int]]]:
    kinds, targets, voided = (sheet.columns[name] for name in ("etape", "vers", "annulee_le"))
    for group in draft.groups.values():
        for row in group.rows:
            if kinds[row] == "regroupee" and voided[row] is None and isinstance(targets[row], str):
                yield group.proposal, (targets[row], row)


def _recorded_merges(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    own, other = sa.alias(Proposal.__table__), sa.alias(Proposal.__table__)
    query = (
        sa.select(own.c.ref, other.c.ref)
        .select_from(Step)
        .join(own, own.c.id == Step.proposal_id)
        .join(other, other.c.id == Step.to_proposal_id)
        .where(Step.kind == "regroupee", Step.voided_on.is_(None))
    )
    yield from ((ref, to) for ref, to in connection.execute(query))
