"""What was answered to residents: the last answer to each proposal, and the short answers to single opinions.

An adjournment that still holds is told as "later"; it is no answer in the figures (indicators.md, PC4.answered_share).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, load_only, selectinload

from participation.contract.models import Theme
from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.opinions import queries as opinions
from participation.opinions.models import PUBLIC_MODERATION, Opinion
from participation.paging import PAGE_SIZE, Page, page_by_date
from participation.proposals import queries
from participation.proposals.models import DECISIONS, Proposal, Step

LATER = "ajournee"

IS_PUBLIC = sa.and_(Opinion.moderation == PUBLIC_MODERATION, Opinion.withdrawal_asked_at.is_(None))
"""The opinions whose words everybody may read."""


@dataclass(frozen=True)
class Asked:
    """What a reader asks of the answers; None is no filter. Slugs that nobody bears give an empty list.

    `first` and `last` are civil dates, both included.
    """

    quartier: str | None = None
    theme: str | None = None
    meeting: str | None = None
    first: dt.date | None = None
    last: dt.date | None = None


def _of_proposals() -> "sa.Select[dt.date, int, int, int]":
    later = Step.__table__.alias()  # not aliased(): while modules load, it would configure the mappers there are
    overtaken = sa.exists().where(
        later.c.proposal_id == Step.proposal_id,
        later.c.position > Step.position,
        later.c.kind.in_((*DECISIONS, LATER)),
        sa.or_(later.c.kind != LATER, later.c.superseded_on.is_(None)),
        later.c.voided_on.is_(None),
    )
    holds = sa.or_(Step.kind.in_(DECISIONS), sa.and_(Step.kind == LATER, Step.superseded_on.is_(None)))
    return sa.select(
        Step.on_date.label("on_date"),
        (Step.id * 2).label("key"),
        Step.id.label("step_id"),
        sa.cast(sa.null(), sa.Integer).label("opinion_id"),
    ).where(Step.voided_on.is_(None), holds, ~overtaken)


def _of_opinions() -> "sa.Select[dt.date, int, int, int]":
    return sa.select(
        sa.func.coalesce(Opinion.answered_on, Opinion.received_on).label("on_date"),
        (Opinion.id * 2 + 1).label("key"),
        sa.cast(sa.null(), sa.Integer).label("step_id"),
        Opinion.id.label("opinion_id"),
    ).where(IS_PUBLIC, Opinion.answer.is_not(None))


class Answered(Model):
    """One answer, as a row of no table: a step of a proposal or an opinion that has an answer of its own.

    `on_date` orders the answers: the day of the answer, or, where an import did not know it, that of the opinion.
    """

    __table__ = sa.union_all(_of_proposals(), _of_opinions()).subquery("answered")
    __mapper_args__ = {"primary_key": [__table__.c.key]}

    if TYPE_CHECKING:
        on_date: Mapped[dt.date]
        key: Mapped[int]
        step_id: Mapped[int | None]
        opinion_id: Mapped[int | None]


@dataclass(frozen=True)
class Told:
    """An answer with what it answers: a proposal (`step`) or an opinion alone; `said` are words that are published."""

    on_date: dt.date | None
    step: Step | None
    said: Opinion | None


def list_answers(session: Session, asked: Asked, arguments: Mapping[str, str], size: int = PAGE_SIZE) -> Page[Answered]:
    """Return one page of the answers, the latest first."""
    return page_by_date(session, _filtered(asked), Answered.on_date, Answered.key, arguments, size=size)


def count_answers(session: Session, asked: Asked) -> int:
    """Return how many answers there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(_filtered(asked).subquery())) or 0


def tell(session: Session, answers: Iterable[Answered]) -> list[Told]:
    """Return the answers with all that is shown of them, in their order, by a constant number of queries."""
    answers = list(answers)
    steps = _steps(session, [row.step_id for row in answers if row.step_id])
    alone = _opinions(session, Opinion.id.in_([row.opinion_id for row in answers if row.opinion_id]))
    said = _first_said(session, [step.proposal_id for step in steps.values()])
    told = []
    for row in answers:
        if row.step_id:
            step = steps[row.step_id]
            told.append(Told(row.on_date, step, said.get(step.proposal_id)))
        elif row.opinion_id:
            opinion = alone[row.opinion_id]
            told.append(Told(opinion.answered_on, None, opinion))
    return told


def list_years(session: Session) -> list[int]:
    """Return the years from the first answer's to the last one's, the latest first.

    An answer that another one has replaced counts: the union that leaves it out is long to read for two dates.
    """
    alone = sa.func.coalesce(Opinion.answered_on, Opinion.received_on)
    ends = (
        sa.select(sa.func.min(Step.on_date), sa.func.max(Step.on_date)).where(
            Step.kind.in_((*DECISIONS, LATER)), Step.voided_on.is_(None)
        ),
        sa.select(sa.func.min(alone), sa.func.max(alone)).where(IS_PUBLIC, Opinion.answer.is_not(None)),
    )
    days = [day for query in ends for day in session.execute(query).one() if day]
    return list(range(max(days).year, min(days).year - 1, -1)) if days else []


def list_late(
    session: Session, asked: Asked, today: dt.date, *, confirmed: bool, most: int
) -> tuple[list[Proposal], int]:
    """Return the proposals whose answer is late, the longest first (`most` at most), and how many there are.

    As the public may read it (queries.is_late). The dates that are asked do not count: what is late has no date yet.
    """
    condition = sa.and_(queries.is_late(today, confirmed=confirmed), *_conditions_on_proposals(asked))
    number = session.scalar(sa.select(sa.func.count()).select_from(Proposal).where(condition)) or 0
    query = sa.select(Proposal).where(condition).options(*queries.card_parts())
    rows = session.scalars(query.order_by(Proposal.answer_due_on, Proposal.id).limit(most)) if number else ()
    return list(rows), number


def list_answered_meetings(session: Session, most: int) -> list[Meeting]:
    """Return the latest meetings at which something was said that has become a proposal or has an answer."""
    fed = sa.select(Opinion.meeting_id).where(
        Opinion.meeting_id.is_not(None), sa.or_(Opinion.proposal_id.is_not(None), Opinion.answer.is_not(None))
    )
    born = sa.select(Proposal.meeting_id).where(Proposal.meeting_id.is_not(None))
    query = (
        sa.select(Meeting)
        .options(load_only(Meeting.id, Meeting.ref, Meeting.title, Meeting.held_on))
        .where(sa.or_(Meeting.id.in_(fed), Meeting.id.in_(born)))
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
        .limit(most)
    )
    return list(session.scalars(query))


# Conditions


def _filtered(asked: Asked) -> "sa.Select[Answered]":
    query = sa.select(Answered)
    on_proposals = _conditions_on_proposals(asked)
    if on_proposals:
        steps = sa.select(Step.id).join(Proposal, Proposal.id == Step.proposal_id).where(*on_proposals)
        alone = sa.select(Opinion.id).where(*_conditions_on_opinions(asked))
        query = query.where(sa.or_(Answered.step_id.in_(steps), Answered.opinion_id.in_(alone)))
    if asked.first:
        query = query.where(Answered.on_date >= asked.first)
    if asked.last:
        query = query.where(Answered.on_date <= asked.last)
    return query


def _conditions_on_proposals(asked: Asked) -> list[sa.ColumnElement[bool]]:
    found = []
    if asked.quartier:
        found.append(queries.of_quartier(asked.quartier))
    if asked.theme:
        found.append(queries.of_theme(asked.theme))
    if asked.meeting:
        here = sa.select(Meeting.id).where(Meeting.ref == asked.meeting)
        fed = sa.select(Opinion.proposal_id).where(Opinion.meeting_id.in_(here), Opinion.proposal_id.is_not(None))
        found.append(sa.or_(Proposal.meeting_id.in_(here), Proposal.id.in_(fed)))
    return found


def _conditions_on_opinions(asked: Asked) -> list[sa.ColumnElement[bool]]:
    found = []
    if asked.quartier:
        found.append(opinions.of_quartier(asked.quartier))
    if asked.theme:
        found.append(Opinion.theme_id.in_(sa.select(Theme.id).where(Theme.slug == asked.theme)))
    if asked.meeting:
        found.append(opinions.of_meeting(asked.meeting))
    return found


# What is shown of them


def _steps(session: Session, ids: list[int]) -> dict[int, Step]:
    query = sa.select(Step).where(Step.id.in_(ids))
    parts = (
        selectinload(Step.body),
        selectinload(Step.told_meeting).load_only(Meeting.ref, Meeting.title),
        selectinload(Step.proposal).options(*queries.card_parts()),
    )
    return {step.id: step for step in session.scalars(query.options(*parts))} if ids else {}


def _first_said(session: Session, proposal_ids: list[int]) -> dict[int, Opinion]:
    """Return, of each proposal that has one, the first published opinion that it comes of."""
    if not proposal_ids:
        return {}
    first = (
        sa.select(sa.func.min(Opinion.id))
        .where(IS_PUBLIC, Opinion.proposal_id.in_(proposal_ids))
        .group_by(Opinion.proposal_id)
    )
    found = _opinions(session, Opinion.id.in_(first))
    return {opinion.proposal_id: opinion for opinion in found.values() if opinion.proposal_id}


def _opinions(session: Session, condition: sa.ColumnElement[bool]) -> dict[int, Opinion]:
    query = sa.select(Opinion).where(condition, IS_PUBLIC)
    parts = (
        selectinload(Opinion.meeting).load_only(Meeting.ref, Meeting.title, Meeting.held_on),
        selectinload(Opinion.body),
        selectinload(Opinion.quartier),
        selectinload(Opinion.theme),
    )
    return {opinion.id: opinion for opinion in session.scalars(query.options(*parts))}
