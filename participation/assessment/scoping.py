"""Which rows belong to a place (indicators.md, "What counts"): one function for each kind of row.

`kind` is the scope's kind; the place itself is the bound parameter PLACE. Each returns a condition on the row's own
table, or None for the whole contract, to which everything belongs.
"""

from typing import Any

import sqlalchemy as sa

from participation.assessment.scope import CONTRACT
from participation.assessment.sql import END, FIRST, PLACE
from participation.bodies.models import Mandate, body_commune, body_quartier
from participation.contract.models import quartier_commune
from participation.meetings.models import Meeting, meeting_body, meeting_quartier
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal, proposal_quartier

Condition = sa.ColumnElement[bool]


def body_belongs(body_id: Any, kind: str) -> Condition | None:
    """The body is attached to the commune or quartier, or is the instance itself."""
    return None if kind == CONTRACT else _body_is_here(body_id, kind)


def _body_is_here(body_id: Any, kind: str) -> Condition:
    if kind == "instance":
        return sa.and_(body_id == PLACE)
    attached = body_commune if kind == "commune" else body_quartier
    place_id = attached.c.commune_id if kind == "commune" else attached.c.quartier_id
    return sa.and_(body_id.in_(sa.select(attached.c.body_id).where(place_id == PLACE)))


def meeting_belongs(meeting_id: Any, kind: str) -> Condition | None:
    """Commune, instance: through any organising instance. Quartier: named by the meeting; one that names none, its
    organising instances' quartiers.
    """
    return None if kind == CONTRACT else _meeting_is_here(meeting_id, kind)


def _meeting_is_here(meeting_id: Any, kind: str) -> Condition:
    through_body = sa.select(meeting_body.c.meeting_id).where(_body_is_here(meeting_body.c.body_id, kind))
    if kind != "quartier":
        return sa.and_(meeting_id.in_(through_body))
    named = sa.select(meeting_quartier.c.meeting_id).where(meeting_quartier.c.quartier_id == PLACE)
    names_one = sa.select(sa.literal(1)).where(meeting_quartier.c.meeting_id == meeting_body.c.meeting_id).exists()
    return sa.and_(meeting_id.in_(sa.union_all(named, through_body.where(~names_one))))


def opinion_ways(kind: str) -> list[Condition | None]:
    """Return the ways by which an opinion is in scope, each opinion by one of them at most: an index behind each.

    Commune, instance: through the meeting's organising instances; without a meeting, its own instance; with neither,
    the communes of its quartier, and no instance. Quartier: its own; without one, its meeting's quartiers as in
    `meeting_belongs`; with neither, its instance's.
    """
    if kind == CONTRACT:
        return [None]
    # not `IS NULL`: SQLite would take the index of quartiers for it, and walk all the opinions that have none
    no_quartier = sa.func.coalesce(Opinion.quartier_id, 0) == 0 if kind == "quartier" else None
    ways = [
        all_of(_meeting_is_here(Opinion.meeting_id, kind), no_quartier),
        all_of(Opinion.meeting_id.is_(None), _body_is_here(Opinion.body_id, kind), no_quartier),
    ]
    if kind == "quartier":
        return [sa.and_(Opinion.quartier_id == PLACE), *ways]
    if kind == "instance":
        return [*ways]
    quartiers = sa.select(quartier_commune.c.quartier_id).where(quartier_commune.c.commune_id == PLACE)
    nowhere_else = sa.and_(Opinion.meeting_id.is_(None), Opinion.body_id.is_(None))
    return [*ways, sa.and_(nowhere_else, Opinion.quartier_id.in_(quartiers))]


def proposal_ways(kind: str) -> list[Condition | None]:
    """Return the ways by which a proposal is in scope, each proposal by one of them at most.

    Commune, instance: through the instance that carries it. Quartier: the quartiers it names, else those of its
    instance.
    """
    if kind == CONTRACT:
        return [None]
    by_body = _body_is_here(Proposal.body_id, kind)
    if kind != "quartier":
        return [by_body]
    named = sa.select(proposal_quartier.c.proposal_id).where(proposal_quartier.c.quartier_id == PLACE)
    names_one = sa.select(sa.literal(1)).where(proposal_quartier.c.proposal_id == Proposal.id).exists()
    return [sa.and_(Proposal.id.in_(named)), sa.and_(by_body, ~names_one)]


def proposal_belongs(kind: str) -> Condition | None:
    """In scope by one of these ways."""
    ways = [way for way in proposal_ways(kind) if way is not None]
    return sa.or_(*ways) if ways else None


def proposals_here(kind: str) -> sa.SelectBase | None:
    """Return the identifiers of the proposals in scope; None for the whole contract."""
    ways = [sa.select(Proposal.id).where(way) for way in proposal_ways(kind) if way is not None]
    return sa.union_all(*ways) if ways else None


def mandate_belongs(kind: str) -> Condition | None:
    """Through either of its two instances; the second is empty where no seat is named, and belongs nowhere then."""
    if kind == CONTRACT:
        return None
    return _body_is_here(Mandate.body_id, kind) | _body_is_here(Mandate.seat_body_id, kind)


def meeting_counts() -> Condition:
    """Held, with its local start date in the period and not after E. Planned and cancelled meetings never count."""
    return sa.and_(Meeting.status == "tenue", Meeting.held_on.between(FIRST, END))


def all_of(*conditions: Condition | None) -> Condition:
    """Return the conditions that there are, joined by AND."""
    return sa.and_(sa.true(), *(condition for condition in conditions if condition is not None))
