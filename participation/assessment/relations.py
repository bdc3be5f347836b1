"""The rows that the indicators run over, with their facts at R: one relation for each kind of row.

A relation is a select, never run by itself: the engine takes aggregates over it for the figures and references out of
it for the rows, so that both come from the same conditions. Only what had happened on or before R is seen.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from participation.assessment.frame import Frame
from participation.assessment.scoping import (
    Condition,
    body_belongs,
    mandate_belongs,
    meeting_belongs,
    meeting_counts,
    opinion_belongs,
    proposal_belongs,
)
from participation.assessment.sql import days_between
from participation.bodies.models import (
    CAMPAIGN_KIND,
    QUARTIER_COUNCIL_KIND,
    Body,
    Cadence,
    Mandate,
    body_commune,
    cadence_body,
)
from participation.contract.models import Commune
from participation.meetings.models import OUTREACH_TYPES, Meeting, MeetingInstitution, meeting_body
from participation.opinions.models import REJECTED, Opinion
from participation.proposals.models import ACCEPTED, DECISIONS, WAITING, Proposal, Step

MINUTES_DAYS = 15
"""Days within which minutes are to be published (indicators.md, T1)."""

Rows = sa.Select[*tuple[Any, ...]]
Grouping = Callable[[Condition], Rows]
"""Takes the condition of a count, gives (key, number) of each key that has any, or (key, name of a part, ...)."""


@dataclass(frozen=True)
class Relation:
    """`facts`: one row each, its facts as columns. `ref`: what names a row; `source`: `facts` joined to where `ref` is.

    `groupings`: by name, how a count over the relation is told apart (`by`).
    """

    facts: sa.Subquery
    ref: Any
    source: sa.FromClause
    groupings: Mapping[str, Grouping] = field(default_factory=dict)

    @property
    def c(self) -> Any:
        """The facts."""
        return self.facts.c


def _relation(facts: sa.Subquery, **groupings: Grouping) -> Relation:
    return Relation(facts, facts.c.ref, facts, groupings)


def bodies(frame: Frame) -> Relation:
    """Every body in scope by attachment. Any of its meetings counts for it, even one that names another quartier."""
    held = (
        sa.select(sa.literal(1))
        .select_from(meeting_body.join(Meeting.__table__, Meeting.id == meeting_body.c.meeting_id))
        .where(meeting_body.c.body_id == Body.id, meeting_counts(frame.period.first, frame.end))
    )
    seat = sa.exists().where(
        Mandate.seat_body_id == Body.id, Mandate.kind == "representant", _in_force(Mandate, frame.end)
    )
    facts = sa.select(
        Body.id.label("id"),
        Body.slug.label("ref"),
        Body.kind.label("kind"),
        (Body.kind == CAMPAIGN_KIND).label("campaign"),
        (Body.family == "gouvernance").label("governance"),
        sa.and_(
            sa.or_(Body.opened_on.is_(None), Body.opened_on <= frame.end),
            sa.or_(Body.closed_on.is_(None), Body.closed_on >= frame.period.first),
        ).label("existing"),
        held.correlate(Body).exists().label("met"),
        held.where(Meeting.residents >= 1).correlate(Body).exists().label("met_residents"),
        seat.label("seat_filled"),
    ).where(body_belongs(Body.id, frame.place))
    rows = facts.subquery("bodies")
    return _relation(rows, kind=_by_kind(rows), commune=_by_commune(rows))


def _by_kind(rows: sa.Subquery) -> Grouping:
    return lambda condition: sa.select(rows.c.kind, sa.func.count()).where(condition).group_by(rows.c.kind)


def _by_commune(rows: sa.Subquery) -> Grouping:
    """Each body in every one of its communes, whatever the scope."""
    return lambda condition: (
        sa.select(Commune.slug, sa.func.count())
        .select_from(
            rows.join(body_commune, body_commune.c.body_id == rows.c.id).join(
                Commune.__table__, Commune.id == body_commune.c.commune_id
            )
        )
        .where(condition)
        .group_by(Commune.slug)
    )


def meetings(frame: Frame) -> Relation:
    """Meetings that count and are in scope, a joint one once.

    Communautaire: an organiser of the intercommunal scale, or organisers that belong to more than one commune between
    them (so one body of two communes is enough). `minutes_due`: at least 15 days before R.
    """
    organised_by = sa.select(meeting_body.c.meeting_id).join(Body, Body.id == meeting_body.c.body_id)
    several_communes = (
        sa.select(meeting_body.c.meeting_id)
        .join(body_commune, body_commune.c.body_id == meeting_body.c.body_id)
        .group_by(meeting_body.c.meeting_id)
        .having(sa.func.min(body_commune.c.commune_id) < sa.func.max(body_commune.c.commune_id))
    )
    facts = sa.select(
        Meeting.ref.label("ref"),
        Meeting.participants,
        Meeting.residents,
        Meeting.qpv_residents,
        Meeting.first_timers,
        Meeting.women,
        Meeting.men,
        Meeting.under_26,
        Meeting.over_60,
        Meeting.level,
        Meeting.type.in_(OUTREACH_TYPES).label("outreach"),
        sa.or_(
            Meeting.id.in_(organised_by.where(Body.scale == "intercommunale")), Meeting.id.in_(several_communes)
        ).label("communautaire"),
        Meeting.id.in_(organised_by.where(Body.family == "gouvernance")).label("governance"),
        (Meeting.held_on <= frame.as_of - dt.timedelta(days=MINUTES_DAYS)).label("minutes_due"),
        sa.and_(
            Meeting.minutes_published_on <= frame.as_of,
            days_between(Meeting.held_on, Meeting.minutes_published_on) <= MINUTES_DAYS,
        ).label("minutes_in_time"),
    ).where(meeting_counts(frame.period.first, frame.end), meeting_belongs(Meeting.id, frame.place))
    return _relation(facts.subquery("meetings"))


def institutions(frame: Frame) -> Relation:
    """Each institution named present at a meeting that counts and is in scope, with the number of its meetings."""
    facts = (
        sa.select(MeetingInstitution.name.label("ref"), sa.func.count().label("meetings"))
        .join(Meeting, Meeting.id == MeetingInstitution.meeting_id)
        .where(meeting_counts(frame.period.first, frame.end), meeting_belongs(Meeting.id, frame.place))
        .group_by(MeetingInstitution.name)
    )
    rows = facts.subquery("institutions")
    return _relation(rows, institution=lambda condition: sa.select(rows.c.ref, rows.c.meetings).where(condition))


def opinions(frame: Frame) -> Relation:
    """Opinions of the period and not after R that are not rejected, in scope.

    `linked`: to a proposal received on or before R, whatever became of the proposal since.
    """
    received_later = sa.select(Proposal.id).where(Proposal.received_on > frame.as_of)
    facts = sa.select(
        Opinion.ref.label("ref"),
        sa.and_(Opinion.proposal_id.is_not(None), Opinion.proposal_id.not_in(received_later)).label("linked"),
    ).where(
        Opinion.received_on.between(frame.period.first, frame.end),
        Opinion.moderation != REJECTED,
        opinion_belongs(frame.place),
    )
    return _relation(facts.subquery("opinions"))


def cohort(frame: Frame) -> Relation:
    """Proposals in scope whose first step is dated in the period and not after R, with what had become of them at R.

    `state`: kind of the last step at R. `decided`, `accepted`: number of the last decision, and of the last decision
    that accepts, so that the last decision accepts where both are the same.
    """
    members = sa.select(Proposal.id).where(
        Proposal.received_on.between(frame.period.first, frame.end), proposal_belongs(frame.place)
    )
    at_end = sa.or_(Step.superseded_on.is_(None), Step.superseded_on > frame.as_of)
    facts = (
        sa.select(
            Step.proposal_id.label("id"),
            sa.func.max(sa.case((at_end, Step.kind))).label("state"),
            sa.func.max(sa.case((Step.kind.in_(("transmise", *DECISIONS)), 1), else_=0)).label("submitted"),
            sa.func.max(sa.case((Step.kind.in_(DECISIONS), Step.position), else_=0)).label("decided"),
            sa.func.max(sa.case((Step.kind.in_(ACCEPTED), Step.position), else_=0)).label("accepted"),
        )
        .where(Step.voided_on.is_(None), Step.on_date <= frame.as_of, Step.proposal_id.in_(members))
        .group_by(Step.proposal_id)
        .subquery("cohort")
    )
    return Relation(facts, Proposal.ref, facts.join(Proposal, Proposal.id == facts.c.id))


def first_decisions(frame: Frame) -> Relation:
    """Proposals in scope (any cohort) whose first decision is dated in the period and not after R.

    `days`: from the first step to the first decision. `place` and `total`: rank by days, and how many there are.
    """
    earlier = sa.orm.aliased(Step)
    decided_before = sa.exists().where(
        earlier.proposal_id == Step.proposal_id,
        earlier.position < Step.position,
        earlier.kind.in_(DECISIONS),
        earlier.voided_on.is_(None),
    )
    days = days_between(Proposal.received_on, Step.on_date)
    facts = (
        sa.select(
            Proposal.ref.label("ref"),
            days.label("days"),
            sa.func.row_number().over(order_by=days).label("place"),
            sa.func.count().over().label("total"),
        )
        .join(Step, Step.proposal_id == Proposal.id)
        .where(_decision_in(frame), ~decided_before, proposal_belongs(frame.place))
    )
    return _relation(facts.subquery("first_decisions"))


def decisions(frame: Frame) -> Relation:
    """Decision steps dated in the period and not after R, of proposals in scope (any cohort).

    `told`: told back to residents on or before R. A step is named `<proposal ref>#<its number>`.
    """
    facts = sa.select(
        Step.proposal_id.label("proposal_id"),
        Step.position.label("position"),
        (Step.told_on <= frame.as_of).label("told"),
    ).where(_decision_in(frame), _of_proposals_in_scope(frame))
    rows = facts.subquery("decisions")
    name = Proposal.ref + "#" + sa.cast(rows.c.position, sa.String)
    return Relation(rows, name, rows.join(Proposal, Proposal.id == rows.c.proposal_id))


def waiting(frame: Frame) -> Relation:
    """Proposals in scope (any cohort) whose state at R is transmise or ajournee.

    `late`: due before R. Due: the date announced by the last step; without one, the date of the last `transmise` and
    `response_days` after it.
    """
    sent = sa.orm.aliased(Step)
    last_sent = sa.case(
        (Step.kind == "transmise", Step.on_date),
        else_=sa.select(sa.func.max(sent.on_date))
        .where(
            sent.proposal_id == Step.proposal_id,
            sent.kind == "transmise",
            sent.voided_on.is_(None),
            sent.on_date <= frame.as_of,
        )
        .correlate(Step)
        .scalar_subquery(),
    )
    facts = sa.select(
        Step.proposal_id.label("id"),
        sa.case(
            (Step.due_on.is_not(None), Step.due_on < frame.as_of),
            else_=last_sent < frame.as_of - dt.timedelta(days=frame.response_days),
        ).label("late"),
    ).where(
        Step.kind.in_(WAITING),
        Step.on_date <= frame.as_of,
        Step.voided_on.is_(None),
        sa.or_(Step.superseded_on.is_(None), Step.superseded_on > frame.as_of),
        _of_proposals_in_scope(frame),
    )
    rows = facts.subquery("waiting")
    return Relation(rows, Proposal.ref, rows.join(Proposal, Proposal.id == rows.c.id))


def _decision_in(frame: Frame) -> Condition:
    return sa.and_(
        Step.kind.in_(DECISIONS), Step.on_date.between(frame.period.first, frame.end), Step.voided_on.is_(None)
    )


def _of_proposals_in_scope(frame: Frame) -> Condition:
    belongs = proposal_belongs(frame.place)
    if belongs is sa.true():
        return sa.true()
    return sa.and_(Step.proposal_id.in_(sa.select(Proposal.id).where(belongs)))


def mandates(frame: Frame) -> Relation:
    """Mandates in scope through either of their two instances.

    `member`: of kind membre, in a participation body. `resident_seat`: held in a governance body or a conseil de
    quartier. `in_force` on E, both ends included; `begun`, `ended` in the period and not after E.
    """
    in_participation = Mandate.body_id.in_(sa.select(Body.id).where(Body.family == "participation"))
    seat_bodies = sa.select(Body.id).where((Body.family == "gouvernance") | (Body.kind == QUARTIER_COUNCIL_KIND))
    facts = sa.select(
        Mandate.ref.label("ref"),
        sa.and_(Mandate.kind == "membre", in_participation).label("member"),
        sa.and_(Mandate.kind == "representant", Mandate.seat_body_id.in_(seat_bodies)).label("resident_seat"),
        _in_force(Mandate, frame.end).label("in_force"),
        Mandate.started_on.between(frame.period.first, frame.end).label("begun"),
        Mandate.ended_on.between(frame.period.first, frame.end).label("ended"),
    ).where(mandate_belongs(frame.place))
    return _relation(facts.subquery("mandates"))


def _in_force(mandate: Any, day: dt.date) -> Condition:
    return sa.and_(mandate.started_on <= day, sa.or_(mandate.ended_on.is_(None), mandate.ended_on >= day))


def cadences(frame: Frame) -> Relation:
    """Cadences of the contract file that have one of their instances in scope; none outside the contract's years.

    `held`: meetings that count, organised by ALL the cadence's instances, of its type if it has one, whatever the
    scope. `expected`: n for each year of the period x the days on which all its instances were open / the days of the
    period, rounded up. The opening and closing dates of the instances are taken as they are recorded, even after R: the
    definition bounds them by the period only.
    """
    first, last, days = frame.period.first, frame.period.last, frame.period.days
    in_scope = sa.select(cadence_body.c.cadence_id).where(body_belongs(cadence_body.c.body_id, frame.place))
    opened, closed = sa.func.max(Body.opened_on), sa.func.min(Body.closed_on)
    since = sa.case((opened > first, opened), else_=sa.literal(first, sa.Date))
    until = sa.case((closed < last, closed), else_=sa.literal(last, sa.Date))
    open_days = days_between(since, until) + 1
    expected = (Cadence.per_year * frame.period.years * open_days + days - 1) // days
    held = _held(frame)
    facts = (
        sa.select(
            Cadence.key.label("ref"),
            sa.case((open_days > 0, expected), else_=0).label("expected"),
            sa.func.coalesce(sa.func.max(held.c.held), 0).label("held"),
        )
        .join(cadence_body, cadence_body.c.cadence_id == Cadence.id)
        .join(Body, Body.id == cadence_body.c.body_id)
        .outerjoin(held, held.c.cadence_id == Cadence.id)
        .where(Cadence.id.in_(in_scope), sa.true() if frame.in_contract else sa.false())
        .group_by(Cadence.id, Cadence.key, Cadence.per_year)
    )
    rows = facts.subquery("cadences")
    held_and_expected = sa.select(rows.c.ref, rows.c.held, rows.c.expected)
    return _relation(rows, cadence=held_and_expected.where)


def _held(frame: Frame) -> sa.Subquery:
    """For each cadence, how many meetings have every one of its bodies among their organisers."""
    of_cadence = sa.alias(cadence_body, "of_cadence")
    size = (
        sa.select(sa.func.count())
        .where(of_cadence.c.cadence_id == cadence_body.c.cadence_id)
        .correlate(cadence_body)
        .scalar_subquery()
    )
    joint = (
        sa.select(cadence_body.c.cadence_id, Meeting.id)
        .join(Cadence, Cadence.id == cadence_body.c.cadence_id)
        .join(meeting_body, meeting_body.c.body_id == cadence_body.c.body_id)
        .join(Meeting, Meeting.id == meeting_body.c.meeting_id)
        .where(
            meeting_counts(frame.period.first, frame.end),
            sa.or_(Cadence.meeting_type.is_(None), Cadence.meeting_type == Meeting.type),
        )
        .group_by(cadence_body.c.cadence_id, Meeting.id)
        .having(sa.func.count() == size)
        .subquery("joint")
    )
    held = sa.select(joint.c.cadence_id, sa.func.count().label("held")).group_by(joint.c.cadence_id)
    return held.subquery("held")
