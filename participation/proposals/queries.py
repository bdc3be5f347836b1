"""What can be asked about proposals. Every list has an order; none loads a row per row."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, aliased, selectinload, undefer

from participation.bodies.models import Body, body_commune, body_quartier
from participation.contract.models import (
    Ambition,
    Commune,
    Contract,
    Objective,
    Quartier,
    Recipient,
    Theme,
    recipient_commune,
)
from participation.errors import NotFound
from participation.meetings.models import Meeting
from participation.opinions import queries as opinion_queries
from participation.opinions.models import REJECTED, Opinion
from participation.paging import Page, page_by_date, page_of_few
from participation.permissions import TEAM, Acting, Scope
from participation.proposals.addresses import canonical_path, prefixes
from participation.proposals.models import (
    WAITING,
    Proposal,
    Step,
    proposal_objective,
    proposal_quartier,
    sent_before,
)
from participation.proposals.search import matching


@dataclass(frozen=True)
class Filters:
    """What a reader asks of a list; None is no filter. Slugs that nobody bears give an empty list.

    `search` are words to look for; `states` are kinds of steps; `late` keeps those whose answer is late, as the public
    may read it (`confirmed`: the default delay was confirmed) or as the team does (`confirmed=True`).
    """

    search: str | None = None
    body: str | None = None
    commune: str | None = None
    quartier: str | None = None
    theme: str | None = None
    objective: str | None = None
    states: tuple[str, ...] = ()
    late: bool = False
    confirmed: bool = False


# One proposal


def find_proposal(session: Session, ref: str) -> Proposal | None:
    """Return the proposal with all that its pages show and its rights need."""
    return session.scalar(sa.select(Proposal).where(Proposal.ref == ref).options(*_whole()))


def get_proposal(session: Session, ref: str) -> Proposal:
    """Return the proposal. Raises NotFound."""
    proposal = find_proposal(session, ref)
    if proposal is None:
        raise NotFound(_("Cette proposition n'existe pas. Cherchez-la dans la liste des propositions."))
    return proposal


def resolve(session: Session, path: str) -> str:
    """Return the ref that the last part of an address (`<ref>` or `<ref>-<slug>`) names. Raises NotFound.

    A ref may hold hyphens, so each beginning of the path that ends at one could be it. The ref is authoritative: a
    whole path that is a ref is that one; else a proposal whose own address this is; else the longest.
    """
    query = sa.select(Proposal.ref, Proposal.title).where(Proposal.ref.in_(prefixes(path)))
    titles = dict(session.execute(query).all())
    if not titles:
        raise NotFound(_("Cette proposition n'existe pas. Cherchez-la dans la liste des propositions."))
    if path in titles:
        return path
    own = [ref for ref, title in titles.items() if canonical_path(ref, title) == path]
    return max(own or titles, key=len)


def canonical_paths(session: Session, proposals: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the last part of the address of each proposal, given as (ref, title), by its ref.

    It is `<ref>-<slug>`, unless that reads as another proposal's ref: then the ref alone.
    """
    paths = {ref: canonical_path(ref, title) for ref, title in proposals}
    readings = {longer for ref, path in paths.items() for longer in prefixes(path) if len(longer) > len(ref)}
    taken = set(session.scalars(sa.select(Proposal.ref).where(Proposal.ref.in_(readings)))) if readings else set()
    return {
        ref: ref if any(len(longer) > len(ref) and longer in taken for longer in prefixes(path)) else path
        for ref, path in paths.items()
    }


def get_step(proposal: Proposal, position: int) -> Step:
    """Return a step by its number. Raises NotFound."""
    for step in proposal.steps:
        if step.position == position:
            return step
    raise NotFound(_("Cette étape n'existe pas. Cherchez-la sur la page de la proposition."))


def lock(session: Session, *proposals: Proposal) -> None:
    """Let nobody else change these proposals until the end of the transaction, and read them again.

    In the order of their identifiers, so that two requests never wait for one another. SQLite needs no lock: its
    writing requests follow one another.
    """
    ids = sorted({proposal.id for proposal in proposals})
    for number in ids:
        session.scalar(
            sa.select(Proposal)
            .where(Proposal.id == number)
            .options(selectinload(Proposal.steps).options(*_step_parts()))
            .with_for_update()
            .execution_options(populate_existing=True)
        )


def list_merged_into(session: Session, proposal: Proposal) -> list[tuple[str, str, int]]:
    """Return (ref, title, opinions that count) of each proposal merged into this one, in the order of the mergers."""
    opinions = (
        sa.select(sa.func.count())
        .select_from(Opinion)
        .where(Opinion.proposal_id == Proposal.id, Opinion.moderation != REJECTED)
        .correlate(Proposal)
        .scalar_subquery()
    )
    query = (
        sa.select(Proposal.ref, Proposal.title, opinions)
        .join(Step, Step.proposal_id == Proposal.id)
        .where(Step.to_proposal_id == proposal.id, Step.kind == "regroupee", Step.voided_on.is_(None))
        .order_by(Step.on_date, Step.id)
    )
    return list(session.execute(query).all())


def list_opinions(session: Session, proposal: Proposal) -> list[Opinion]:
    """Return the opinions that the proposal comes of and that count, the oldest first, with what their rights need."""
    query = (
        sa.select(Opinion)
        .where(Opinion.proposal_id == proposal.id, Opinion.moderation != REJECTED)
        .order_by(Opinion.received_on, Opinion.id)
        .options(*opinion_queries.whole())
    )
    return list(session.scalars(query))


def list_published_opinions(session: Session, proposal: Proposal, limit: int) -> tuple[list[Opinion], int]:
    """Return the published opinions that the proposal comes of (`limit` at most), and how many count in all."""
    condition = sa.and_(Opinion.proposal_id == proposal.id, Opinion.moderation != REJECTED)
    number = session.scalar(sa.select(sa.func.count()).select_from(Opinion).where(condition)) or 0
    query = (
        sa.select(Opinion)
        .where(Opinion.proposal_id == proposal.id, Opinion.is_public)
        .order_by(Opinion.received_on, Opinion.id)
        .limit(limit)
        .options(
            selectinload(Opinion.meeting).load_only(Meeting.ref, Meeting.title, Meeting.held_on),
            selectinload(Opinion.body),
            selectinload(Opinion.quartier),
        )
    )
    return list(session.scalars(query)), number


def find_contract(session: Session) -> Contract | None:
    """Return the contract, None where none is loaded yet."""
    return session.get(Contract, 1)


def _whole() -> tuple[Any, ...]:
    return (
        selectinload(Proposal.body).options(selectinload(Body.communes), selectinload(Body.quartiers)),
        selectinload(Proposal.theme),
        selectinload(Proposal.meeting).options(*_meeting_line()),
        selectinload(Proposal.quartiers),
        selectinload(Proposal.objectives),
        selectinload(Proposal.steps).options(*_step_parts()),
        undefer(Proposal.answer_due_on),
    )


def _step_parts() -> tuple[Any, ...]:
    return (
        selectinload(Step.body),
        selectinload(Step.meeting).options(*_meeting_line()),
        selectinload(Step.to_body).options(selectinload(Body.communes), selectinload(Body.quartiers)),
        selectinload(Step.to_recipient).options(selectinload(Recipient.communes)),
        selectinload(Step.to_proposal).load_only(Proposal.id, Proposal.ref, Proposal.title, Proposal.state),
        selectinload(Step.told_meeting).options(*_meeting_line()),
    )


def _meeting_line() -> tuple[Any, ...]:
    """Load of a meeting what a line about it says: its minutes are long and may be a draft."""
    return (sa.orm.defer(Meeting.minutes),)


# Lists


def list_for_everybody(
    session: Session, filters: Filters, arguments: Mapping[str, str], today: dt.date
) -> Page[Proposal]:
    """Return one page of the proposals, the latest first."""
    return _page(session, conditions_of(session, filters, today), arguments)


def list_for_team(
    session: Session, account: Acting, filters: Filters, arguments: Mapping[str, str], today: dt.date, *, mine: bool
) -> Page[Proposal]:
    """Return one page of the proposals, the latest first; with `mine`, of those on which the account may act."""
    return _page(session, conditions_for_team(session, account, filters, today, mine=mine), arguments)


def _page(session: Session, conditions: list[sa.ColumnElement[bool]], arguments: Mapping[str, str]) -> Page[Proposal]:
    query = sa.select(Proposal).options(*card_parts())
    if conditions:
        return page_of_few(session, query, conditions, Proposal.received_on, Proposal.id, arguments)
    return page_by_date(session, query, Proposal.received_on, Proposal.id, arguments)


def list_waiting(session: Session, account: Acting, arguments: Mapping[str, str]) -> Page[Proposal]:
    """Return one page of the proposals that wait for an answer and on which the account may act, oldest due first."""
    query = sa.select(Proposal).where(Proposal.state.in_(WAITING)).options(*waiting_parts())
    if account.role not in TEAM:
        query = query.where(in_circuit(account.scopes))
    due: Any = Proposal.answer_due_on  # never empty in these states
    return page_by_date(session, query, due, Proposal.id, arguments, newest_first=False)


def count_late(session: Session, today: dt.date, *, confirmed: bool) -> int:
    """Return how many answers are late, as the public may read it."""
    query = sa.select(sa.func.count()).select_from(Proposal).where(is_late(today, confirmed=confirmed))
    return session.scalar(query) or 0


def list_born_at(session: Session, meeting: Meeting) -> list[Proposal]:
    """Return the proposals made at a meeting, the oldest first."""
    query = sa.select(Proposal).where(Proposal.meeting_id == meeting.id).options(*card_parts())
    return list(session.scalars(query.order_by(Proposal.received_on, Proposal.id)))


def list_steps_at(session: Session, meeting: Meeting) -> list[Step]:
    """Return the steps that were taken at a meeting or told back there, first gatherings left out, by date."""
    query = (
        sa.select(Step)
        .where(
            Step.voided_on.is_(None),
            sa.or_(sa.and_(Step.meeting_id == meeting.id, Step.position > 1), Step.told_meeting_id == meeting.id),
        )
        .options(selectinload(Step.proposal).load_only(Proposal.id, Proposal.ref, Proposal.title))
        .order_by(Step.on_date, Step.id)
    )
    return list(session.scalars(query))


def card_parts() -> tuple[Any, ...]:
    """Return the loading of what a proposal's card shows."""
    return (
        selectinload(Proposal.body),
        selectinload(Proposal.theme),
        selectinload(Proposal.quartiers),
        selectinload(Proposal.steps),
        undefer(Proposal.answer_due_on),
    )


def waiting_parts() -> tuple[Any, ...]:
    """Return the loading of what a list of answers owed shows: the card, and to whom the proposal was passed."""
    to_whom = selectinload(Proposal.steps).options(selectinload(Step.to_body), selectinload(Step.to_recipient))
    return (*card_parts(), to_whom)


# Conditions


def conditions_for_team(
    session: Session, account: Acting, filters: Filters, today: dt.date, *, mine: bool
) -> list[sa.ColumnElement[bool]]:
    """Return the same with, where `mine`, that the account may act on the proposal."""
    narrowed = [in_circuit(account.scopes)] if mine and account.role not in TEAM else []
    return [*conditions_of(session, filters, today), *narrowed]


def conditions_of(session: Session, filters: Filters, today: dt.date) -> list[sa.ColumnElement[bool]]:
    """Return what the filters ask, as conditions on a proposal; none for no filter."""
    found = [matching(session, filters.search)] if filters.search else []
    if filters.body:
        found.append(Proposal.body_id.in_(sa.select(Body.id).where(Body.slug == filters.body)))
    if filters.commune:
        found.append(Proposal.body_id.in_(_bodies_of_commune(filters.commune)))
    if filters.quartier:
        found.append(of_quartier(filters.quartier))
    if filters.theme:
        found.append(of_theme(filters.theme))
    if filters.objective:
        found.append(of_objective(filters.objective))
    if filters.states:
        found.append(Proposal.state.in_(filters.states))
    if filters.late:
        found.append(is_late(today, confirmed=filters.confirmed))
    return found


def _bodies_of_commune(slug: str) -> "sa.Select[int]":
    return (
        sa.select(body_commune.c.body_id)
        .join(Commune, Commune.id == body_commune.c.commune_id)
        .where(Commune.slug == slug)
    )


def of_quartier(slug: str) -> sa.ColumnElement[bool]:
    """Return the condition that a proposal is of a quartier: it names it, or names none and its body has it."""
    named = (
        sa.select(proposal_quartier.c.proposal_id)
        .join(Quartier, Quartier.id == proposal_quartier.c.quartier_id)
        .where(Quartier.slug == slug)
    )
    names_one = sa.exists().where(proposal_quartier.c.proposal_id == Proposal.id)
    bodies = (
        sa.select(body_quartier.c.body_id)
        .join(Quartier, Quartier.id == body_quartier.c.quartier_id)
        .where(Quartier.slug == slug)
    )
    return sa.or_(Proposal.id.in_(named), sa.and_(~names_one, Proposal.body_id.in_(bodies)))


def of_objective(code: str) -> sa.ColumnElement[bool]:
    """Return the condition that a proposal serves an objective, one below it, or one of the ambition of this code."""
    parent = aliased(Objective)
    objectives = (
        sa.select(Objective.id)
        .join(Ambition, Ambition.id == Objective.ambition_id)
        .outerjoin(parent, parent.id == Objective.parent_id)
        .where(sa.or_(Objective.code == code, parent.code == code, Ambition.code == code))
    )
    served = sa.select(proposal_objective.c.proposal_id).where(proposal_objective.c.objective_id.in_(objectives))
    return Proposal.id.in_(served)


def of_theme(slug: str) -> sa.ColumnElement[bool]:
    """Return the condition that a proposal has this theme."""
    return Proposal.theme_id.in_(sa.select(Theme.id).where(Theme.slug == slug))


def is_late(today: dt.date, *, confirmed: bool) -> sa.ColumnElement[bool]:
    """Return the condition that an answer is late; the default delay counts only where it was confirmed."""
    announced = Proposal.due_on < today
    return sa.or_(announced, sa.and_(Proposal.due_on.is_(None), sent_before(today))) if confirmed else announced


def in_circuit(scopes: Iterable[Scope]) -> sa.ColumnElement[bool]:
    """Return the condition that one of the scopes is one of the places of the proposal's Circuit (models.py)."""
    scopes = list(scopes)
    bodies = opinion_queries.bodies_in_places(scopes)
    to_them = sa.or_(Step.to_body_id.in_(bodies), Step.to_recipient_id.in_(recipients_of(scopes)))
    passed = sa.select(Step.proposal_id).where(to_them, Step.voided_on.is_(None))
    return sa.or_(carried_in(scopes), Proposal.id.in_(passed))


def carried_in(scopes: Iterable[Scope]) -> sa.ColumnElement[bool]:
    """Return the condition that one of the scopes is one of the proposal's own places (models.py)."""
    scopes = list(scopes)
    named = (
        sa.select(proposal_quartier.c.proposal_id)
        .join(Quartier, Quartier.id == proposal_quartier.c.quartier_id)
        .where(Quartier.slug.in_([scope.slug for scope in scopes if scope.kind == "quartier"]))
    )
    return sa.or_(Proposal.body_id.in_(opinion_queries.bodies_in_places(scopes)), Proposal.id.in_(named))


def recipients_of(scopes: Iterable[Scope]) -> "sa.Select[int]":
    """Return the identifiers of the recipients that are the élus of one of the scopes' communes."""
    communes = [scope.slug for scope in scopes if scope.kind == "commune"]
    return (
        sa.select(recipient_commune.c.recipient_id)
        .join(Commune, Commune.id == recipient_commune.c.commune_id)
        .where(Commune.slug.in_(communes))
    )
