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


def opinion_belongs(kind: str) -> Condition | None:
    """Commune, instance: through the meeting's organising instances; without a meeting, its own instance; with
    neither, the communes of its quartier, and no instance. Quartier: its own; without one, its meeting's quartiers as
    in `meeting_belongs`; with neither, its instance's.
    """
    if kind == CONTRACT:
        return None
    at_meeting = (Opinion.meeting_id.is_not(None), _meeting_is_here(Opinion.meeting_id, kind))
    by_body = (Opinion.body_id.is_not(None), _body_is_here(Opinion.body_id, kind))
    if kind == "quartier":
        own = (Opinion.quartier_id.is_not(None), Opinion.quartier_id == PLACE)
        return sa.case(own, at_meeting, by_body, else_=sa.false())
    if kind == "instance":
        return sa.case(at_meeting, by_body, else_=sa.false())
    quartiers = sa.select(quartier_commune.c.quartier_id).where(quartier_commune.c.commune_id == PLACE)
    return sa.case(at_meeting, by_body, else_=Opinion.quartier_id.in_(quartiers))


def proposal_belongs(kind: str) -> Condition | None:
    """Commune, instance: through the instance that carries it. Quartier: the quartiers it names, else those of its
    instance.
    """
    if kind == CONTRACT:
        return None
    by_body = _body_is_here(Proposal.body_id, kind)
    if kind != "quartier":
        return by_body
    named = sa.select(proposal_quartier.c.proposal_id).where(proposal_quartier.c.quartier_id == PLACE)
    names_one = sa.select(sa.literal(1)).where(proposal_quartier.c.proposal_id == Proposal.id).exists()
    return Proposal.id.in_(named) | sa.and_(by_body, ~names_one)


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
