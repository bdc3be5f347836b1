"""What the forms about proposals offer to choose from."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from participation.bodies.models import Body
from participation.contract.models import Ambition, Means, Objective, Recipient
from participation.meetings.models import Meeting, meeting_body
from participation.meetings.queries import in_places as meeting_in_places
from participation.opinions import queries as opinion_queries
from participation.opinions.models import REJECTED, Opinion
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting
from participation.proposals.models import Proposal

MEETINGS_OFFERED = 100
FOUND_BY_TITLE = 20


def list_recipients(session: Session) -> list[Recipient]:
    """Return those besides the bodies to whom a proposal may be passed, in the contract's order."""
    return list(session.scalars(sa.select(Recipient).order_by(Recipient.position, Recipient.id)))


def list_means(session: Session) -> list[Means]:
    """Return the means that may pay for a proposal, in the contract's order."""
    return list(session.scalars(sa.select(Means).order_by(Means.position, Means.id)))


def list_objectives(session: Session) -> list[Objective]:
    """Return every objective with its ambition and its parent: by ambition, each strategic one before its own."""
    parent = aliased(Objective)
    query = (
        sa.select(Objective)
        .join(Ambition, Ambition.id == Objective.ambition_id)
        .outerjoin(parent, parent.id == Objective.parent_id)
        .order_by(
            Ambition.position,
            sa.func.coalesce(parent.position, Objective.position),
            sa.func.coalesce(parent.id, Objective.id),
            Objective.parent_id.is_not(None),
            Objective.position,
            Objective.id,
        )
        .options(selectinload(Objective.ambition), selectinload(Objective.parent))
    )
    return list(session.scalars(query))


def list_meetings_for(session: Session, account: Acting, bodies: Sequence[Body], today: dt.date) -> list[Meeting]:
    """Return the meetings at which something may have been decided: of these bodies or in scope, the latest first."""
    of_bodies = sa.select(meeting_body.c.meeting_id).where(meeting_body.c.body_id.in_([body.id for body in bodies]))
    near: list[sa.ColumnElement[bool]] = [Meeting.id.in_(of_bodies)]
    if account.role not in TEAM:
        near.append(meeting_in_places(account.scopes))
    query = (
        sa.select(Meeting)
        .where(sa.or_(*near), Meeting.status != "annulee", Meeting.held_on <= today)
        .order_by(Meeting.held_on.desc(), Meeting.id.desc())
        .limit(MEETINGS_OFFERED)
        .options(sa.orm.defer(Meeting.minutes))
    )
    return list(session.scalars(query))


def list_meetings_since(session: Session, day: dt.date, body: str | None = None) -> list[Meeting]:
    """Return the meetings from that day on to which a proposal may be carried, the next one first; of a body's slug."""
    query = sa.select(Meeting).where(Meeting.status != "annulee", Meeting.held_on >= day)
    if body:
        of_body = sa.select(meeting_body.c.meeting_id).join(Body, Body.id == meeting_body.c.body_id)
        query = query.where(Meeting.id.in_(of_body.where(Body.slug == body)))
    query = query.order_by(Meeting.held_on, Meeting.id).limit(MEETINGS_OFFERED)
    return list(session.scalars(query.options(sa.orm.defer(Meeting.minutes))))


def find_meeting(session: Session, ref: str | None) -> Meeting | None:
    """Return a meeting with what its rights need, or None."""
    if not ref:
        return None
    return session.scalar(
        sa.select(Meeting)
        .where(Meeting.ref == ref)
        .options(
            selectinload(Meeting.bodies).options(selectinload(Body.communes), selectinload(Body.quartiers)),
            selectinload(Meeting.quartiers),
        )
    )


def search_by_title(session: Session, text: str, apart_from: Proposal) -> list[Proposal]:
    """Return some proposals that could take another one in: of this ref, or with these words in their title."""
    words = [word for word in text.split() if word][:8]
    if not words:
        return []
    titled = sa.and_(*(_has_word(word) for word in words))
    query = (
        sa.select(Proposal)
        .where(
            sa.or_(Proposal.ref == text.strip(), titled),
            Proposal.id != apart_from.id,
            Proposal.state.not_in(("regroupee", "retiree")),
        )
        .order_by(Proposal.received_on.desc(), Proposal.id.desc())
        .limit(FOUND_BY_TITLE)
        .options(selectinload(Proposal.body))
    )
    return list(session.scalars(query))


def _has_word(word: str) -> sa.ColumnElement[bool]:
    """Return the condition that the title has the word, whatever its capitals. SQLite lowers plain letters only."""
    spellings = {word.lower(), word.upper(), word.capitalize()}
    lowered = sa.func.lower(Proposal.title).contains(word.lower(), autoescape=True)
    return sa.or_(lowered, *(Proposal.title.contains(spelling, autoescape=True) for spelling in sorted(spellings)))


def list_opinions_to_attach(
    session: Session, account: Acting, filters: opinion_queries.Filters, arguments: Mapping[str, str]
) -> Page[Opinion]:
    """Return one page of the opinions that feed no proposal yet and that the account may read."""
    query = opinion_queries.filtered(filters).where(Opinion.proposal_id.is_(None), Opinion.moderation != REJECTED)
    query = query.options(*opinion_queries.whole())
    if account.role not in TEAM:
        readable: list[Any] = [Opinion.is_public]
        if account.role == "animateur":
            readable.append(opinion_queries.in_places(account.scopes))
        query = query.where(sa.or_(*readable))
    return page_by_date(session, query, Opinion.received_on, Opinion.id, arguments)
