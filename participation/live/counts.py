"""Headcounts of a meeting as sums of its events, so that what several devices recorded adds up."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.live.events import OVER_60, UNDER_26
from participation.live.models import LiveEvent
from participation.meetings import rules as meetings
from participation.meetings.models import BREAKDOWNS, HEADCOUNTS, Meeting
from participation.meetings.values import Attendance

COUNTED = ("arrivee", "compte", "institution", "termine", "annule")
"""Kinds after which the counts may be others."""
FEWEST = 15
"""Below so many residents nothing but their number is kept: a few people are easily told apart (issue 4; R18)."""


@dataclass
class Tally:
    """What the events of a meeting add up to."""

    over: bool = False
    """Whether somebody said that it is over."""
    bands: Counter[str] = field(default_factory=Counter)
    counts: dict[str, int] = field(default_factory=dict)
    """Only what was counted: the rest is unknown, not zero."""
    institutions: tuple[str, ...] = ()

    @property
    def residents(self) -> int | None:
        """Return how many arrived, None where nobody counted."""
        return max(sum(self.bands.values()), 0) if self.bands else None

    @property
    def few(self) -> bool:
        """Whether too few came for anything but their number."""
        return (self.residents or 0) < FEWEST


def tally(events: Iterable[LiveEvent]) -> Tally:
    """Return what events add up to; those taken back do not count."""
    found = Tally()
    present: Counter[str] = Counter()
    for event in events:
        if event.undone_by:
            continue
        data = event.data
        if event.kind == "termine":
            found.over = True
        elif event.kind == "arrivee":
            found.bands[data["tranche"]] += data["n"]
        elif event.kind == "compte":
            found.counts[data["champ"]] = max(found.counts.get(data["champ"], 0) + data["n"], 0)
        elif event.kind == "institution":
            present[data["nom"]] += data["n"]
    found.institutions = tuple(sorted(name for name, times in present.items() if times > 0))
    return found


def of_meeting(session: Session, meeting: Meeting) -> Tally:
    """Return the tally of a meeting."""
    kinds = ("arrivee", "compte", "institution", "termine")
    query = sa.select(LiveEvent).where(LiveEvent.meeting_id == meeting.id, LiveEvent.kind.in_(kinds))
    return tally(session.scalars(query.order_by(LiveEvent.recorded_at, LiveEvent.id)))


def settle(session: Session, meeting: Meeting, *, by: Any) -> None:
    """Write the sums on the meeting once it is over; what nobody counted live stays as it is.

    Raises Refusal where the parts do not fit in their whole (meetings/rules.py).
    """
    found = of_meeting(session, meeting)
    if not found.over:
        return
    if found.residents is not None and found.few:
        _forget_details(session, meeting)
    known = {name: getattr(meeting, name) for name in HEADCOUNTS}
    institutions = {row.name for row in meeting.institutions}.union(found.institutions)
    attendance = Attendance({**known, **figures(found)}, tuple(sorted(institutions)))
    meetings.hold(session, meeting, attendance, by=by)


def figures(found: Tally) -> dict[str, int | None]:
    """Return the headcounts that were counted, by name of HEADCOUNTS; of few residents nothing but their number."""
    counted: dict[str, int | None] = dict(found.counts)
    if found.residents is None:
        return counted
    counted["residents"] = found.residents
    counted["participants"] = found.residents + found.counts.get("elus", 0) + found.counts.get("agents", 0)
    all_known = not found.bands["inconnue"]
    for name, bands in (("under_26", UNDER_26), ("over_60", OVER_60)):
        counted[name] = max(sum(found.bands[band] for band in bands), 0) if all_known else None
    if found.few:
        counted.update(dict.fromkeys(BREAKDOWNS))
    return counted


def _forget_details(session: Session, meeting: Meeting) -> None:
    """Leave of few residents only that they came."""
    for event in session.scalars(
        sa.select(LiveEvent).where(LiveEvent.meeting_id == meeting.id, LiveEvent.kind.in_(("arrivee", "compte")))
    ):
        if event.kind == "arrivee":
            event.data = {**event.data, "tranche": "inconnue"}
        elif event.data["champ"] in BREAKDOWNS:
            event.data = {**event.data, "n": 0}
