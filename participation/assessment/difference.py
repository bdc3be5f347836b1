"""What has changed since an assessment was closed: figures, rows, and the lines of the journal that explain them.

Both are read at the same date: what happened later is not a change, only what was written differently since.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.models import ClosedAssessment
from participation.assessment.outputs import figure_dict
from participation.assessment.results import Assessment, Figure
from participation.journal import JournalEntry

MOST_LINES = 100
"""Lines of the journal shown on one page."""
_BATCH = 500


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


def list_edits(session: Session, closed: ClosedAssessment, changes: Iterable[Change]) -> list[JournalEntry]:
    """Return the lines of the journal since the closing that are about rows of changed figures, the oldest ones."""
    wanted = {
        ref.partition("#")[0] for change in changes for figure in (change.before, change.after) for ref in _refs(figure)
    }
    found: list[JournalEntry] = []
    last = 0
    while wanted and len(found) < MOST_LINES:
        query = sa.select(JournalEntry).where(JournalEntry.at >= closed.closed_at, JournalEntry.id > last)
        lines = list(session.scalars(query.order_by(JournalEntry.id).limit(_BATCH)))
        found += [line for line in lines if line.object_ref in wanted]
        if len(lines) < _BATCH:
            break
        last = lines[-1].id
    return found[:MOST_LINES]
