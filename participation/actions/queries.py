"""What can be asked about actions. Every list has an order; none loads a row per row."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation.actions.models import Action, ActionNote, ActionPhoto
from participation.errors import NotFound
from participation.paging import Page, page_by_date
from participation.permissions import TEAM, Acting
from participation.proposals import queries as proposal_queries
from participation.proposals.models import ACCEPTED, Proposal

LIVING = (*ACCEPTED, "en_cours", "realisee")
"""States of a proposal whose open actions are still to be done; those of one given up since are not."""
OPEN, LATE, DONE = "ouvertes", "en-retard", "terminees"
"""What a list of actions shows."""


def get_action(session: Session, ref: str) -> Action:
    """Return the action with its notes and all that its rights need. Raises NotFound."""
    action = session.scalar(sa.select(Action).where(Action.ref == ref).options(*_whole()))
    if action is None:
        raise NotFound(_("Cette action n'existe pas. Cherchez-la dans la liste des actions."))
    proposal_queries.find_proposal(session, action.proposal.ref)  # with what its places need, in a few queries
    return action


def get_photo(session: Session, ref: str) -> ActionPhoto:
    """Return a photo, erased or not, with its action. Raises NotFound."""
    photo = session.scalar(
        sa.select(ActionPhoto)
        .where(ActionPhoto.ref == ref)
        .options(selectinload(ActionPhoto.note).selectinload(ActionNote.action).options(*_whole()))
    )
    if photo is None:
        raise NotFound(_("Cette photo n'est plus là."))
    proposal_queries.find_proposal(session, photo.note.action.proposal.ref)
    return photo


def list_of(session: Session, proposal: Proposal) -> list[Action]:
    """Return the actions of a proposal with their notes and photos, in the order in which they were planned."""
    query = sa.select(Action).where(Action.proposal_id == proposal.id).order_by(Action.id).options(*_whole())
    return list(session.scalars(query))


def list_open_of(session: Session, proposal: Proposal) -> list[Action]:
    """Return the actions of a proposal that are neither done nor given up, in the order in which they were planned."""
    query = sa.select(Action).where(Action.proposal_id == proposal.id, *_open()).order_by(Action.id)
    return list(session.scalars(query))


def count_news(session: Session, proposal: Proposal) -> int:
    """Return how often something was told of the actions of a proposal."""
    query = sa.select(sa.func.count()).select_from(ActionNote).join(Action).where(Action.proposal_id == proposal.id)
    return session.scalar(query) or 0


def list_for_team(
    session: Session, account: Acting, shown: str, arguments: Mapping[str, str], today: dt.date
) -> Page[Action]:
    """Return one page of the actions on which the account may act: open ones soonest first, ended ones latest first.

    `shown` is OPEN, LATE or DONE; an action without a date comes after those with one.
    """
    parts = (selectinload(Action.proposal).selectinload(Proposal.body), selectinload(Action.notes))
    query = sa.select(Action).join(Proposal).options(*parts)
    if account.role not in TEAM:
        query = query.where(proposal_queries.in_circuit(account.scopes))
    if shown == DONE:
        on: Any = Action.ended_on
        query = query.where(sa.or_(Action.done_on.is_not(None), Action.dropped_on.is_not(None)))
    else:
        on = Action.due_or_never
        query = query.where(*_open(), Proposal.state.in_(LIVING))
    if shown == LATE:
        query = query.where(Action.due_on < today)
    query = query.options(sa.orm.undefer(on))
    return page_by_date(session, query, on, Action.id, arguments, newest_first=shown == DONE)


def list_without_action(session: Session, account: Acting, most: int) -> list[Proposal]:
    """Return proposals that were accepted and for which no action is planned, the oldest answer first."""
    query = (
        sa.select(Proposal)
        .where(Proposal.state.in_((*ACCEPTED, "en_cours")), ~sa.exists().where(Action.proposal_id == Proposal.id))
        .order_by(Proposal.state_on, Proposal.id)
        .limit(most)
        .options(selectinload(Proposal.body))
    )
    if account.role not in TEAM:
        query = query.where(proposal_queries.in_circuit(account.scopes))
    return list(session.scalars(query))


def _open() -> tuple[sa.ColumnElement[bool], ...]:
    return Action.done_on.is_(None), Action.dropped_on.is_(None)


def _whole() -> tuple[Any, ...]:
    return (
        selectinload(Action.proposal),
        selectinload(Action.notes).selectinload(ActionNote.photos),
    )
