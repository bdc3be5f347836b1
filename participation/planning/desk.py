"""What comes next for each instance of an account: the meeting to finish, the one to prepare, the answers owed.

A constant number of queries, however many instances and meetings there are.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.bodies.models import Body
from participation.meetings.models import Meeting, meeting_body
from participation.meetings.queries import list_bodies
from participation.permissions import TEAM, Acting, in_scope
from participation.planning.models import Campaign
from participation.proposals.models import DECISIONS, WAITING, Proposal, Step
from participation.seats.models import Presence
from participation.seats.queries import list_untold

RESTITUTION_SOON = dt.timedelta(days=30)
"""The date of a campaign's restitution is shown from so long before it, and for as long after it."""


@dataclass(frozen=True)
class Desk:
    """One instance and what comes next for it; `left` counts the meetings that are not finished."""

    body: Body
    today: Meeting | None = None
    unfinished: Meeting | None = None
    left: int = 0
    coming: Meeting | None = None
    latest: Meeting | None = None
    """The one to be repeated: the last that was not cancelled."""
    owed: int = 0
    late: int = 0
    untold: int = 0
    to_tell: Sequence[Presence] = field(default_factory=tuple)
    """Meetings of other instances where its representatives were, and of which they told nothing yet."""
    campaigns: Sequence[Campaign] = field(default_factory=tuple)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits and nothing is planned."""
        return not (self.today or self.unfinished or self.coming or self.owed or self._to_say)

    @property
    def _to_say(self) -> bool:
        return bool(self.untold or self.to_tell or self.campaigns)


def list_desks(session: Session, account: Acting, today: dt.date) -> list[Desk]:
    """Return the open instances of the account, those for which something is to be done first."""
    bodies = [body for body in list_bodies(session) if _is_mine(account, body) and _is_open(body, today)]
    ids = [body.id for body in bodies]
    if not ids:
        return []
    found = _meetings(session, ids, today)
    answers, untold, campaigns = _owed(session, ids, today), _untold(session, ids), _campaigns(session, ids, today)
    to_tell = list_untold(session, ids, today)
    desks = [
        Desk(
            body,
            **found.get(body.id, {}),
            owed=answers.get(body.id, (0, 0))[0],
            late=answers.get(body.id, (0, 0))[1],
            untold=untold.get(body.id, 0),
            to_tell=to_tell.get(body.id, ()),
            campaigns=campaigns.get(body.id, ()),
        )
        for body in bodies
    ]
    return sorted(desks, key=_urgency)


def _is_mine(account: Acting, body: Body) -> bool:
    return account.role in TEAM or in_scope(account, body)


def _is_open(body: Body, today: dt.date) -> bool:
    return body.closed_on is None or body.closed_on >= today


def _urgency(desk: Desk) -> tuple[int, dt.date, str]:
    """Today first, then what is unfinished since longest, what comes soonest, answers owed, then the rest by name."""
    for rank, meeting in enumerate((desk.today, desk.unfinished, desk.coming)):
        if meeting:
            return rank, meeting.held_on, desk.body.name
    return (4 if desk.is_quiet else 3), dt.date.max, desk.body.name


# Meetings


def _conditions(today: dt.date) -> dict[str, tuple[sa.ColumnElement[bool], Any]]:
    """Return of each kind of meeting its condition and its order, the one to show first."""
    planned, held = Meeting.status == "prevue", Meeting.status == "tenue"
    unpublished = sa.or_(Meeting.minutes_published_on.is_(None), Meeting.minutes_published_on > today)
    unfinished = sa.or_(sa.and_(planned, Meeting.held_on < today), sa.and_(held, unpublished))
    return {
        "today": (sa.and_(planned, Meeting.held_on == today), Meeting.id),
        "unfinished": (unfinished, Meeting.held_on),
        "coming": (sa.and_(planned, Meeting.held_on > today), Meeting.held_on),
        "latest": (sa.and_(Meeting.status != "annulee", Meeting.held_on <= today), Meeting.held_on.desc()),
    }


def _first_of_each(name: str, condition: sa.ColumnElement[bool], order: Any, ids: Collection[int]) -> Any:
    body_id = meeting_body.c.body_id
    ranked = (
        sa.select(
            body_id,
            Meeting.id.label("meeting_id"),
            sa.func.row_number().over(partition_by=body_id, order_by=(order, Meeting.id)).label("rank"),
            sa.func.count().over(partition_by=body_id).label("number"),
        )
        .join(Meeting, Meeting.id == meeting_body.c.meeting_id)
        .where(condition, body_id.in_(ids))
        .subquery()
    )
    columns = (sa.literal(name).label("kind"), ranked.c.body_id, ranked.c.meeting_id, ranked.c.number)
    return sa.select(*columns).where(ranked.c.rank == 1)


def _meetings(session: Session, ids: Collection[int], today: dt.date) -> dict[int, dict[str, Any]]:
    """Return body -> the fields of its desk that are meetings."""
    parts = [_first_of_each(name, *how, ids) for name, how in _conditions(today).items()]
    rows = session.execute(sa.union_all(*parts)).all()
    meetings = _by_id(session, {row.meeting_id for row in rows})
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        fields = found.setdefault(row.body_id, {})
        fields[row.kind] = meetings[row.meeting_id]
        if row.kind == "unfinished":
            fields["left"] = row.number
    return found


def _by_id(session: Session, ids: Iterable[int]) -> Mapping[int, Meeting]:
    query = sa.select(Meeting).where(Meeting.id.in_(ids)).order_by(Meeting.id)
    parts = selectinload(Meeting.bodies).options(selectinload(Body.communes), selectinload(Body.quartiers))
    options = (parts, selectinload(Meeting.quartiers), selectinload(Meeting.decisions))
    return {meeting.id: meeting for meeting in session.scalars(query.options(*options))}


# Answers and campaigns


def _owed(session: Session, ids: Collection[int], today: dt.date) -> dict[int, tuple[int, int]]:
    """Return body -> (answers that its proposals wait for, those whose date is past)."""
    late = sa.func.sum(sa.case((Proposal.answer_due_on < today, 1), else_=0))
    query = (
        sa.select(Proposal.body_id, sa.func.count(), late)
        .where(Proposal.body_id.in_(ids), Proposal.state.in_(WAITING))
        .group_by(Proposal.body_id)
    )
    return {body_id: (number, overdue) for body_id, number, overdue in session.execute(query)}


def _untold(session: Session, ids: Collection[int]) -> dict[int, int]:
    """Return body -> answers to its proposals that nobody has told residents yet."""
    query = (
        sa.select(Proposal.body_id, sa.func.count())
        .join(Step, Step.proposal_id == Proposal.id)
        .where(Proposal.body_id.in_(ids), Step.kind.in_(DECISIONS), Step.voided_on.is_(None), Step.told_on.is_(None))
        .group_by(Proposal.body_id)
    )
    return {body_id: number for body_id, number in session.execute(query)}  # noqa: C416  # rows are not tuples of two


def _campaigns(session: Session, ids: Collection[int], today: dt.date) -> dict[int, list[Campaign]]:
    """Return body -> its campaigns whose restitution is near."""
    query = (
        sa.select(Campaign)
        .where(
            Campaign.body_id.in_(ids),
            Campaign.restitution_on.between(today - RESTITUTION_SOON, today + RESTITUTION_SOON),
        )
        .order_by(Campaign.restitution_on, Campaign.id)
    )
    found: dict[int, list[Campaign]] = {}
    for campaign in session.scalars(query):
        found.setdefault(campaign.body_id, []).append(campaign)
    return found
