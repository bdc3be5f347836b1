"""Which rows belong to a place (indicators.md, "What counts"): one function for each kind of row.

Each returns a condition on the row's own table, or `true()` for the whole contract, to which everything belongs.
"""

from typing import Any

import sqlalchemy as sa

from participation.assessment.scope import CONTRACT, Place
from participation.bodies.models import Body, Mandate, body_commune, body_quartier
from participation.contract.models import quartier_commune
from participation.meetings.models import Meeting, meeting_body, meeting_quartier
from participation.opinions.models import Opinion
from participation.proposals.models import Proposal, proposal_quartier

Condition = sa.ColumnElement[bool]


def body_belongs(body_id: Any, place: Place) -> Condition:
    """The body is attached to the commune or quartier, or is the instance itself."""
    if place.scope.kind == CONTRACT:
        return sa.true()
    if place.scope.kind == "instance":
        return sa.and_(body_id == place.id)
    return sa.and_(body_id.in_(_bodies(place)))


def _bodies(place: Place) -> sa.Select[*tuple[Any, ...]]:
    if place.scope.kind == "commune":
        return sa.select(body_commune.c.body_id).where(body_commune.c.commune_id == place.id)
    if place.scope.kind == "quartier":
        return sa.select(body_quartier.c.body_id).where(body_quartier.c.quartier_id == place.id)
    return sa.select(Body.id).where(Body.id == place.id)


def meeting_belongs(meeting_id: Any, place: Place) -> Condition:
    """Commune, instance: through any organising instance. Quartier: named by the meeting; one that names none, its
    organising instances' quartiers.
    """
    if place.scope.kind == CONTRACT:
        return sa.true()
    return sa.and_(meeting_id.in_(_meetings(place)))


def _meetings(place: Place) -> Any:
    through_body = sa.select(meeting_body.c.meeting_id).where(meeting_body.c.body_id.in_(_bodies(place)))
    if place.scope.kind != "quartier":
        return through_body
    named = sa.select(meeting_quartier.c.meeting_id).where(meeting_quartier.c.quartier_id == place.id)
    names_one = sa.exists().where(meeting_quartier.c.meeting_id == meeting_body.c.meeting_id)
    return sa.union_all(named, through_body.where(~names_one))


def opinion_belongs(place: Place) -> Condition:
    """Commune, instance: through the meeting's organising instances; without a meeting, its own instance; with
    neither, the communes of its quartier, and no instance. Quartier: its own; without one, its meeting's quartiers as
    in `meeting_belongs`; with neither, its instance's.
    """
    if place.scope.kind == CONTRACT:
        return sa.true()
    at_meeting = meeting_belongs(Opinion.meeting_id, place)
    by_body = sa.and_(Opinion.meeting_id.is_(None), body_belongs(Opinion.body_id, place))
    if place.scope.kind == "instance":
        return at_meeting | by_body
    if place.scope.kind == "quartier":
        return (Opinion.quartier_id == place.id) | sa.and_(Opinion.quartier_id.is_(None), at_meeting | by_body)
    quartiers = sa.select(quartier_commune.c.quartier_id).where(quartier_commune.c.commune_id == place.id)
    by_quartier = sa.and_(Opinion.meeting_id.is_(None), Opinion.body_id.is_(None), Opinion.quartier_id.in_(quartiers))
    return at_meeting | by_body | by_quartier


def proposal_belongs(place: Place) -> Condition:
    """Commune, instance: through the instance that carries it. Quartier: the quartiers it names, else those of its
    instance.
    """
    by_body = body_belongs(Proposal.body_id, place)
    if place.scope.kind != "quartier":
        return by_body
    named = sa.select(proposal_quartier.c.proposal_id).where(proposal_quartier.c.quartier_id == place.id)
    names_one = sa.exists().where(proposal_quartier.c.proposal_id == Proposal.id)
    return Proposal.id.in_(named) | sa.and_(by_body, ~names_one)


def mandate_belongs(place: Place) -> Condition:
    """Through either of its two instances; the one in which no seat is named is empty and belongs nowhere."""
    if place.scope.kind == CONTRACT:
        return sa.true()
    return body_belongs(Mandate.body_id, place) | body_belongs(Mandate.seat_body_id, place)


def meeting_counts(first: Any, end: Any) -> Condition:
    """Held, with its local start date in the period and not after E. Planned and cancelled meetings never count."""
    return sa.and_(Meeting.status == "tenue", Meeting.held_on.between(first, end))
