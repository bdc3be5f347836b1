"""What the home page shows: a constant number of queries, each with a limit and an index, however much there is."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, defer, selectinload, undefer

from participation.assessment.engine import figures_of
from participation.assessment.frame import find_frame
from participation.assessment.indicators import INDICATORS
from participation.assessment.period import Period
from participation.assessment.results import Figure
from participation.assessment.scope import Scope
from participation.meetings.models import Meeting
from participation.meetings.queries import Filters, list_upcoming
from participation.proposals.models import DECISIONS, Proposal, Step

MEETINGS = 4
ANSWERS = 4
MINUTES = 3
NEWS_DAYS = 365
"""Minutes of a meeting older than this are no news."""
NEWS_STEPS = (*DECISIONS, "realisee")
"""Steps that answer residents (« Vous avez dit, nous avons fait »)."""
FIGURES = ("G1.total", "PC4.opinions", "PC4.received", "PC4.answered_share")
"""Indicators of the home page: none counts people, so that none has to be masked."""


@dataclass(frozen=True)
class Numbers:
    """A few figures of one year, by code, as the year's assessment gives them."""

    year: int
    figures: dict[str, Figure]

    def __bool__(self) -> bool:
        """Whether anything was counted."""
        return any(figure.value for figure in self.figures.values())


def list_next_meetings(session: Session, today: dt.date) -> list[Meeting]:
    """Return the next meetings, cancelled ones too: somebody may be on the way to one."""
    return list_upcoming(session, Filters(), {}, today, MEETINGS).items


def list_last_minutes(session: Session, today: dt.date) -> list[Meeting]:
    """Return the latest meetings of the past year whose minutes are published, without their text."""
    query = (
        sa.select(Meeting)
        .where(
            Meeting.status == "tenue",
            Meeting.held_on.between(today - dt.timedelta(days=NEWS_DAYS), today),
            Meeting.minutes_published_on <= today,
        )
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
        .limit(MINUTES)
        .options(defer(Meeting.minutes, raiseload=True))
    )
    return list(session.scalars(query))


def list_last_answers(session: Session, today: dt.date) -> list[Step]:
    """Return the latest answers (decisions, and what was done), one for each proposal, with what a card needs.

    The last ones of each kind are taken from the index and then compared: however many answers there are, few are read.
    """
    candidates = sa.union_all(*(_last_of_kind(kind, today) for kind in NEWS_STEPS)).subquery()
    query = (
        sa.select(Step)
        .join(candidates, candidates.c.id == Step.id)
        .order_by(Step.on_date.desc(), Step.id.desc())
        .limit(ANSWERS)
        .options(
            selectinload(Step.proposal).options(
                selectinload(Proposal.body),
                selectinload(Proposal.theme),
                selectinload(Proposal.quartiers),
                selectinload(Proposal.steps),
                undefer(Proposal.answer_due_on),
            )
        )
    )
    return list(session.scalars(query))


def _last_of_kind(kind: str, today: dt.date) -> "sa.Select[int]":
    later = aliased(Step)
    followed = sa.exists().where(
        later.proposal_id == Step.proposal_id,
        later.position > Step.position,
        later.kind.in_(NEWS_STEPS),
        later.voided_on.is_(None),
    )
    last = (
        sa.select(Step.id)
        .where(Step.kind == kind, Step.on_date <= today, Step.voided_on.is_(None), ~followed)
        .order_by(Step.on_date.desc(), Step.proposal_id.desc())
        .limit(ANSWERS)
        .subquery()
    )
    return sa.select(last.c.id)


def count_year(session: Session, today: dt.date) -> Numbers:
    """Return the figures of the year of the last meeting held (of this year where there was none), as assessed.

    In January the year that has just ended still says more than a page of zeros. Needs a loaded contract.
    """
    held = sa.select(sa.func.max(Meeting.held_on)).where(Meeting.status == "tenue", Meeting.held_on <= today)
    last = session.scalar(held)
    year = last.year if last else today.year
    frame = find_frame(session, Period(year, year), Scope(), today)
    figures: dict[str, Figure] = {}
    for relation in dict.fromkeys(INDICATORS[code].relation for code in FIGURES):
        figures |= figures_of(session, relation, frame)
    return Numbers(year, {code: figures[code] for code in FIGURES})
