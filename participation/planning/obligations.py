"""The cadences of the contract as a board: held, planned, late, and how many months are left.

What a cadence asks for and what was held is R1.cadence of the assessment, and nothing is defined anew here. What is
added looks forward: meetings that are planned. Where the contract gives no number, there is no alarm.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.assessment import engine
from participation.assessment.frame import Frame, find_frame
from participation.assessment.period import Period
from participation.assessment.relations import joint_meetings
from participation.assessment.scope import Scope, UnknownPlace
from participation.bodies.models import CAMPAIGN_KIND, Body, Cadence
from participation.meetings.models import Meeting, meeting_body
from participation.meetings.queries import list_bodies
from participation.permissions import TEAM, Acting, in_scope

INDICATOR = "R1.cadence"
REMINDED_BEFORE = 92
"""Days before the end of the year from which a meeting that nobody has planned is one to be reminded of."""
KEPT, PLANNED, TO_PLAN, LATE, MISSED = "kept", "planned", "to_plan", "late", "missed"
"""Enough were held; enough are held or planned; some are to be planned; behind the pace; the year is over without."""


@dataclass(frozen=True)
class Coming:
    """A meeting of a cadence that is not held: to come, or past and neither held nor cancelled yet."""

    ref: str
    title: str
    held_on: dt.date


@dataclass(frozen=True)
class Duty:
    """One cadence in one year. `expected`, `held`: as R1.cadence has them."""

    cadence: Cadence
    expected: int
    held: int
    planned: Sequence[Coming]
    unconfirmed: Sequence[Coming]
    """Their day is past, and nobody has said whether they took place."""
    state: str
    months_left: int

    @property
    def missing(self) -> int:
        """Return how many are neither held nor planned."""
        return max(self.expected - self.held - len(self.planned), 0)


@dataclass(frozen=True)
class Unnumbered:
    """An instance to which the contract gives no number of meetings, and what it did."""

    body: Body
    held: int
    planned: int


@dataclass(frozen=True)
class Board:
    """The board of one year."""

    year: int
    years: range
    """Those of the contract, in which its cadences bind."""
    duties: list[Duty]
    unnumbered: list[Unnumbered]


def board(session: Session, account: Acting, year: int, today: dt.date) -> Board | None:
    """Return the board of the instances in the account's scope; None where no contract is loaded."""
    frame = _frame(session, year, today)
    if frame is None:
        return None
    mine = [body for body in list_bodies(session) if account.role in TEAM or in_scope(account, body)]
    slugs = {body.slug for body in mine}
    duties = list_duties(session, frame)
    numbered = {body.slug for duty in duties for body in duty.cadence.bodies}
    return Board(
        year,
        range(frame.contract_years[0], frame.contract_years[1] + 1),
        [duty for duty in duties if slugs.intersection(body.slug for body in duty.cadence.bodies)],
        _unnumbered(session, frame, [body for body in mine if body.slug not in numbered]),
    )


def _frame(session: Session, year: int, today: dt.date) -> Frame | None:
    try:
        return find_frame(session, Period(year, year), Scope(), today)
    except UnknownPlace:
        return None


def duties_of_year(session: Session, year: int, today: dt.date) -> list[Duty]:
    """Return every cadence in force in that year; none where no contract is loaded."""
    frame = _frame(session, year, today)
    return list_duties(session, frame) if frame else []


def list_duties(session: Session, frame: Frame) -> list[Duty]:
    """Return every cadence in force, in the contract's order."""
    numbers = engine.told_apart(session, INDICATOR, frame)
    query = sa.select(Cadence).where(Cadence.key.in_(numbers)).order_by(Cadence.position, Cadence.key)
    coming = _not_held(session, frame)
    return [
        _duty(cadence, numbers[cadence.key], coming.get(cadence.id, []), frame)
        for cadence in session.scalars(query.options(selectinload(Cadence.bodies)))
    ]


def _duty(cadence: Cadence, numbers: Any, coming: Sequence[Coming], frame: Frame) -> Duty:
    planned = [meeting for meeting in coming if meeting.held_on >= frame.as_of]
    held, expected = numbers["held"], numbers["expected"]
    state = _state(held, len(planned), expected, frame)
    unconfirmed = [meeting for meeting in coming if meeting.held_on < frame.as_of]
    return Duty(cadence, expected, held, planned, unconfirmed, state, months_left(frame))


def _state(held: int, planned: int, expected: int, frame: Frame) -> str:
    if held >= expected:
        return KEPT
    if frame.as_of > frame.period.last:
        return MISSED
    if held + planned >= expected:
        return PLANNED
    return LATE if held < pace(expected, frame) else TO_PLAN


def pace(expected: int, frame: Frame) -> int:
    """Return how many would be held by the day of reading, were they spread evenly over the year (rounded down)."""
    gone = (frame.end - frame.period.first).days
    return max(expected * gone // frame.period.days, 0)


def months_left(frame: Frame) -> int:
    """Return how many whole months follow the month of reading; 12 before the year begins, 0 once it is over."""
    if frame.as_of < frame.period.first:
        return 12
    return 12 - frame.as_of.month if frame.as_of <= frame.period.last else 0


def is_slipping(duty: Duty, today: dt.date) -> bool:
    """Whether somebody is to be reminded: behind the pace, or the year is nearly over and something is not planned."""
    near = (dt.date(today.year, 12, 31) - today).days <= REMINDED_BEFORE
    return duty.state == LATE or (duty.state == TO_PLAN and near)


def _not_held(session: Session, frame: Frame) -> dict[int, list[Coming]]:
    """Return cadence -> its meetings of the year that are neither held nor cancelled, by date."""
    condition = sa.and_(Meeting.status == "prevue", Meeting.held_on.between(frame.period.first, frame.period.last))
    joint = joint_meetings(condition).subquery("planned")
    query = (
        sa.select(joint.c.cadence_id, Meeting.ref, Meeting.title, Meeting.held_on)
        .join(Meeting, Meeting.id == joint.c.id)
        .order_by(Meeting.held_on, Meeting.id)
    )
    found: dict[int, list[Coming]] = {}
    for cadence_id, *rest in session.execute(query):
        found.setdefault(cadence_id, []).append(Coming(*rest))
    return found


def _unnumbered(session: Session, frame: Frame, bodies: Sequence[Body]) -> list[Unnumbered]:
    """Return what instances without a number did; those that were closed before the year began stay out."""
    shown = [body for body in bodies if body.kind != CAMPAIGN_KIND and _exists(body, frame)]
    held = sa.and_(Meeting.status == "tenue", Meeting.held_on <= frame.end)
    planned = sa.and_(Meeting.status == "prevue", Meeting.held_on >= frame.as_of)
    query = (
        sa.select(meeting_body.c.body_id, _number(held), _number(planned))
        .join(Meeting, Meeting.id == meeting_body.c.meeting_id)
        .where(
            meeting_body.c.body_id.in_([body.id for body in shown]),
            Meeting.held_on.between(frame.period.first, frame.period.last),
        )
        .group_by(meeting_body.c.body_id)
    )
    numbers = {body_id: (done, coming) for body_id, done, coming in session.execute(query)}
    return [Unnumbered(body, *numbers.get(body.id, (0, 0))) for body in shown]


def _number(condition: sa.ColumnElement[bool]) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _exists(body: Body, frame: Frame) -> bool:
    opened = body.opened_on is None or body.opened_on <= frame.period.last
    return opened and (body.closed_on is None or body.closed_on >= frame.period.first)
