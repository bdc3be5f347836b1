"""What has changed since an assessment was closed: figures, rows, and the lines of the journal that explain them.

Both are read at the same date: what happened later is not a change, only what was written differently since.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.closing import ref_of_closed
from participation.assessment.indicators import INDICATORS, RELATIONS
from participation.assessment.models import ClosedAssessment
from participation.assessment.outputs import figure_dict
from participation.assessment.results import Assessment, Figure
from participation.assessment.scope import CONTRACT
from participation.assessment.shapes import Part, Sum
from participation.bodies.models import Body, Mandate
from participation.database import REF_LENGTH
from participation.journal import JournalEntry

MOST_LINES = 100
"""Lines of the journal shown on one page."""
_BATCH, _READ = 500, 5_000
HELD = "G1.total"


@dataclass(frozen=True)
class Change:
    """One figure that is not what it was. `entered`, `left`: references of the rows that count now, or no longer do."""

    code: str
    before: Figure
    after: Figure
    entered: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def compare(before: Assessment, after: Assessment) -> list[Change]:
    """Return the figures that differ, in the order of indicators.md; rows are compared too."""
    return [
        _change(code, figure, after.figures[code])
        for code, figure in before.figures.items()
        if code in after.figures and not _same(figure, after.figures[code])
    ]


def _same(one: Figure, other: Figure) -> bool:
    return figure_dict(one) == figure_dict(other)


def _change(code: str, before: Figure, after: Figure) -> Change:
    then, now = _refs(before), _refs(after)
    return Change(code, before, after, tuple(sorted(now - then)), tuple(sorted(then - now)))


def _refs(figure: Figure) -> set[str]:
    return {*(figure.rows or ()), *(figure.of_rows or ())}


def list_edits(
    session: Session, closed: ClosedAssessment, then: Assessment, changes: Sequence[Change]
) -> list[JournalEntry]:
    """Return the lines of the journal since the closing that explain the changes, the oldest ones first.

    `then`: the closed figures. A line explains a change if it is about a row that counts now or no longer does; of a
    headcount, if it changed that headcount at one of its meetings; of institutions, if it changed nothing else there;
    of another figure over the same rows, if it is about one of them. New rows of an import have no line of their own:
    there the import's stands for them.
    """
    culprits = _culprits(session, then, changes)
    found: list[JournalEntry] = []
    for kind, wanted in culprits.items():
        for refs in _batches(sorted(wanted)):
            query = _since(closed).where(JournalEntry.object_kind == kind, JournalEntry.object_ref.in_(refs))
            found += [line for line in session.scalars(query) if _explains(line, wanted[line.object_ref])]
    if _unexplained(culprits, found):
        found += session.scalars(_since(closed).where(JournalEntry.action == "import.done"))
    return sorted(found, key=lambda line: line.id)[:MOST_LINES]


Culprits = dict[str, dict[str, set[str]]]
"""Kind of object of the journal -> its ref -> columns whose change matters; no column: any change does."""

_OBJECTS = {
    "meeting": "meeting",
    "body": "body",
    "proposal": "proposal",
    "step": "proposal",
    "opinion": "opinion",
    "mandate": "mandate",
}
"""Object of the journal for each kind of row. Lines on a mandate are its body's, those on institutions a meeting's; a
cadence has none: the meetings that make it are rows of other figures."""
INSTITUTIONS = "institutions"
"""Stands for a column: a line on who was present that tells of no headcount tells of institutions."""
_WITHOUT_EFFECT = re.compile(
    r"meeting\.(cards_printed|key_\w+|speaking_\w+|minutes_drafted|minutes_corrected|names_read|represented)|body\.name_erased"
    r"|opinion\.(answered|audio_erased|photo_\w+|translated|written_down|withdrawal_asked)"
)
"""Actions that change no figure."""


def _culprits(session: Session, then: Assessment, changes: Sequence[Change]) -> Culprits:
    found: Culprits = {}
    for change in changes:
        rows, moved = INDICATORS[change.code].rows, {*change.entered, *change.left}
        if rows == "institution":
            for ref in then.figures[HELD].rows or ():
                _accuse(found, "meeting", ref, {INSTITUTIONS})
        for ref in moved:
            _accuse(found, rows, ref, set())
        counts = _headcounts(change.code)
        same_value = (change.before.value, change.before.by) == (change.after.value, change.after.by)
        if counts or (not moved and not same_value):
            for ref in (_refs(change.before) | _refs(change.after)) - moved:
                _accuse(found, rows, ref, counts)
    _name_bodies(session, found)
    return found


def _accuse(found: Culprits, rows: str, ref: str, counts: set[str]) -> None:
    """Add an object; of one accused twice, once of any change, any change matters."""
    if rows not in _OBJECTS:
        return
    objects = found.setdefault(_OBJECTS[rows], {})
    name = ref.partition("#")[0]
    known = objects.get(name)
    objects[name] = set() if not counts or known == set() else counts | (known or set())


def _headcounts(code: str) -> set[str]:
    """Return the columns that a headcount figure sums; none for a figure that counts rows."""
    shape = INDICATORS[code].describe(RELATIONS[INDICATORS[code].relation](CONTRACT).c)
    if isinstance(shape, Sum):
        return {shape.column.name}
    return {shape.part.name, *(column.name for column in shape.whole)} if isinstance(shape, Part) else set()


def _name_bodies(session: Session, found: Culprits) -> None:
    """Replace mandates by the bodies that the journal names in their place."""
    mandates = sorted(found.pop("mandate", ()))
    for refs in _batches(mandates):
        slugs = session.scalars(
            sa.select(Body.slug).join(Mandate, Mandate.body_id == Body.id).where(Mandate.ref.in_(refs))
        )
        for slug in slugs:
            _accuse(found, "body", slug, set())


def _explains(line: JournalEntry, counts: set[str]) -> bool:
    if _WITHOUT_EFFECT.fullmatch(line.action):
        return False
    told = line.details or ({INSTITUTIONS} if line.action in ("meeting.held", "meeting.counted") else {})
    return not counts or line.action.endswith("imported") or not counts.isdisjoint(told)


def _unexplained(culprits: Culprits, found: Iterable[JournalEntry]) -> bool:
    told = {(line.object_kind, line.object_ref) for line in found}
    return any((kind, ref) not in told for kind, objects in culprits.items() for ref in objects if not objects[ref])


def _since(closed: ClosedAssessment) -> Any:
    """Lines after the one that tells of the closing."""
    closing = (
        sa.select(sa.func.max(JournalEntry.id))
        .where(
            JournalEntry.object_kind == "assessment",
            JournalEntry.object_ref == ref_of_closed(closed)[:REF_LENGTH],
            JournalEntry.action == "assessment.closed",
        )
        .scalar_subquery()
    )
    return sa.select(JournalEntry).where(JournalEntry.id > closing).order_by(JournalEntry.id).limit(_READ)


def _batches(refs: list[str]) -> Iterator[list[str]]:
    return (refs[start : start + _BATCH] for start in range(0, len(refs), _BATCH))
