"""What has changed since a closing, in words: figures then and now, the rows that entered or left and their pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from participation.assessment.difference import Change
from participation.assessment.indicators import INDICATORS
from participation.assessment.records import Record, list_records
from participation.assessment.words import written

MOST_NAMED = 20
"""Rows named of each change; the workbooks of both readings have all of them."""


@dataclass(frozen=True)
class ToldChange:
    """One figure that differs. `more`: rows that entered or left and are not named."""

    label: str
    then: str
    now: str
    entered: Sequence[Record]
    left: Sequence[Record]
    more: int


def tell(session: Session, changes: Iterable[Change]) -> list[ToldChange]:
    """Return the changes in words. Six queries a figure at most, whatever the number of rows."""
    return [_told(session, change) for change in changes]


def _told(session: Session, change: Change) -> ToldChange:
    indicator = INDICATORS[change.code]
    entered, left = change.entered[:MOST_NAMED], change.left[:MOST_NAMED]
    return ToldChange(
        label=str(indicator.label),
        then=written(indicator, change.before),
        now=written(indicator, change.after),
        entered=list_records(session, indicator.rows, entered),
        left=list_records(session, indicator.rows, left),
        more=len(change.entered) - len(entered) + len(change.left) - len(left),
    )
