"""What waits for somebody: answers owed, opinions without any, answers that nobody has told residents yet.

Every list is oldest first, a page by key; none loads a row per row.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from participation.contract.models import recipient_commune
from participation.opinions import queries as opinion_queries
from participation.opinions.models import TAKEN_BACK, Opinion
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting, Scope
from participation.proposals import queries
from participation.proposals.models import DECISIONS, WAITING, Proposal, Step

# Proposals that wait for an answer


def list_owed_by(session: Session, account: Acting, arguments: Mapping[str, str]) -> Page[Proposal]:
    """Return one page of the proposals whose answer is owed by the élus of the account's places, oldest due first.

    Owed is what was last passed to a body in scope, or to the élus of a commune in scope; what was passed to them from
    a quartier or an instance in scope too, and to somebody who is elected nowhere (the State) from anywhere in scope.
    """
    query = (
        sa.select(Proposal)
        .join(Step, Step.id == _last_sent())
        .where(Proposal.state.in_(WAITING), _theirs(list(account.scopes)))
        .options(*queries.waiting_parts())
    )
    due: Any = Proposal.answer_due_on  # never empty in these states
    return page_by_date(session, query, due, Proposal.id, arguments, newest_first=False)


def _last_sent() -> sa.ScalarSelect[int]:
    sent = aliased(Step)
    return (
        sa.select(sent.id)
        .where(sent.proposal_id == Proposal.id, sent.kind == "transmise", sent.voided_on.is_(None))
        .order_by(sent.position.desc())
        .limit(1)
        .correlate(Proposal)
        .scalar_subquery()
    )


def _theirs(scopes: list[Scope]) -> sa.ColumnElement[bool]:
    """Return the condition that the last transmission (Step) is to somebody for whom these scopes answer."""
    elected = sa.exists().where(recipient_commune.c.recipient_id == Step.to_recipient_id)
    nearer = [scope for scope in scopes if scope.kind != "commune"]
    return sa.or_(
        Step.to_body_id.in_(opinion_queries.bodies_in_places(scopes)),
        Step.to_recipient_id.in_(queries.recipients_of(scopes)),
        sa.and_(Step.to_recipient_id.is_not(None), queries.carried_in(nearer)),
        sa.and_(Step.to_recipient_id.is_not(None), ~elected, queries.carried_in(scopes)),
    )


# Opinions that wait for a short answer of their own


def list_unanswered(session: Session, account: Acting, arguments: Mapping[str, str]) -> Page[Opinion]:
    """Return one page of the opinions of which no proposal came and that have no answer, oldest first.

    Read ones only; those kept for the team are shown to those who may read them.
    """
    query = _unanswered(account).options(*opinion_queries.whole())
    return page_by_date(session, query, Opinion.received_on, Opinion.id, arguments, newest_first=False)


def count_unanswered(session: Session, account: Acting) -> int:
    """Return how many opinions wait so."""
    return session.scalar(sa.select(sa.func.count()).select_from(_unanswered(account).subquery())) or 0


def _unanswered(account: Acting) -> "sa.Select[Opinion]":
    reads = account.role in (*TEAM, "animateur")
    kept = sa.and_(Opinion.moderation == "reserve", Opinion.text != TAKEN_BACK)
    query = sa.select(Opinion).where(
        Opinion.proposal_id.is_(None),
        Opinion.answer.is_(None),
        Opinion.withdrawal_asked_at.is_(None),
        sa.or_(Opinion.is_public, kept) if reads else Opinion.is_public,
    )
    return query if account.role in TEAM else query.where(opinion_queries.in_places(account.scopes))


# Answers that nobody has told residents


def list_untold(session: Session, account: Acting, arguments: Mapping[str, str]) -> Page[Step]:
    """Return one page of the decisions that nobody has told residents, oldest first (indicators.md, PC4.told_share)."""
    query = _untold(account).options(selectinload(Step.proposal).selectinload(Proposal.body))
    return page_by_date(session, query, Step.on_date, Step.id, arguments, newest_first=False)


def count_untold(session: Session, account: Acting) -> int:
    """Return how many answers wait to be told."""
    return session.scalar(sa.select(sa.func.count()).select_from(_untold(account).subquery())) or 0


def _untold(account: Acting) -> "sa.Select[Step]":
    query = (
        sa.select(Step)
        .join(Proposal, Proposal.id == Step.proposal_id)
        .where(Step.kind.in_(DECISIONS), Step.voided_on.is_(None), Step.told_on.is_(None))
    )
    return query if account.role in TEAM else query.where(queries.in_circuit(account.scopes))
