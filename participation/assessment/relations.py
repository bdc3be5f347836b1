"""The rows that the indicators run over, with their facts at R: bodies, meetings, institutions, opinions, mandates,
cadences (proposals: proposal_relations.py).

A relation is a select, never run by itself: the engine takes aggregates over it for the figures and references out of
it for the rows, so that both come from the same conditions. Only what had happened on or before R is seen. Each
function takes the kind of the scope; everything else is a bound parameter (sql.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from participation.assessment.frame import MINUTES_DAYS
from participation.assessment.scoping import (
    Condition,
    all_of,
    body_belongs,
    mandate_belongs,
    meeting_belongs,
    meeting_counts,
    opinion_ways,
)
from participation.assessment.sql import AS_OF, DAYS, END, FIRST, IN_CONTRACT, LAST, MINUTES_DUE, YEARS, days_between
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
from participation.proposals.models import Proposal

Rows = sa.Select[*tuple[Any, ...]]
Grouping = Callable[[Condition], Rows]
"""Takes the condition of a count, gives (key, number) of each key that has any, or (key, name of a part, ...)."""


@dataclass(frozen=True)
class Relation:
    """`facts`: one row each, its facts as columns. `ref`: what names a row; `source`: `facts` joined to where `ref` is.

    `groupings`: by name, how a count over the relation is told apart (`by`).
    """

    facts: sa.FromClause
    ref: Any
    source: sa.FromClause
    groupings: Mapping[str, Grouping] = field(default_factory=dict)

    @property
    def c(self) -> Any:
        """The facts."""
        return self.facts.c


def relation(query: Rows, name: str, **groupings: Callable[[sa.FromClause], Grouping]) -> Relation:
    """Return the relation of a query that has its own `ref`.

    The database works each fact out once a row (MATERIALIZED), however many figures ask for it.
    """
    facts = query.cte(name).prefix_with("MATERIALIZED")
    return Relation(facts, facts.c.ref, facts, {name: make(facts) for name, make in groupings.items()})


def bodies(kind: str) -> Relation:
    """Every body in scope by attachment. Any of its meetings counts for it, even one that names another quartier.

    It exists in the period if it opened on or before E and did not close before the first day: as written, a closing
    is looked at by that day alone, whether or not R is before it.
    """
    seat_filled = sa.select(Mandate.seat_body_id).where(
        Mandate.kind == "representant", Mandate.seat_body_id.is_not(None), _in_force()
    )
    organised = _organised()
    facts = sa.select(
        Body.id.label("id"),
        Body.slug.label("ref"),
        Body.kind.label("kind"),
        (Body.kind == CAMPAIGN_KIND).label("campaign"),
        (Body.family == "gouvernance").label("governance"),
        sa.and_(
            sa.or_(Body.opened_on.is_(None), Body.opened_on <= END),
            sa.or_(Body.closed_on.is_(None), Body.closed_on >= FIRST),
        ).label("existing"),
        organised.c.body_id.is_not(None).label("met"),
        sa.func.coalesce(organised.c.most_residents >= 1, sa.false()).label("met_residents"),
        Body.id.in_(seat_filled).label("seat_filled"),
    ).outerjoin(organised, organised.c.body_id == Body.id)
    return relation(facts.where(all_of(body_belongs(Body.id, kind))), "bodies", kind=_by_kind, commune=_by_commune)


def _organised() -> sa.Subquery:
    """The bodies that organised a meeting that counts, with the most residents present at one of them."""
    return (
        sa.select(meeting_body.c.body_id, sa.func.max(Meeting.residents).label("most_residents"))
        .join(Meeting, Meeting.id == meeting_body.c.meeting_id)
        .where(meeting_counts())
        .group_by(meeting_body.c.body_id)
        .subquery("organised")
    )


def _by_kind(rows: sa.FromClause) -> Grouping:
    return lambda condition: sa.select(rows.c.kind, sa.func.count()).where(condition).group_by(rows.c.kind)


def _by_commune(rows: sa.FromClause) -> Grouping:
    """Each body in every one of its communes, whatever the scope."""
    with_communes = rows.join(body_commune, body_commune.c.body_id == rows.c.id).join(
        Commune.__table__, Commune.id == body_commune.c.commune_id
    )
    counted = sa.select(Commune.slug, sa.func.count()).select_from(with_communes).group_by(Commune.slug)
    return counted.where


def meetings(kind: str) -> Relation:
    """Meetings that count and are in scope, a joint one once.

    Communautaire: an organiser of the intercommunal scale, or organisers that belong to more than one commune between
    them (so one body of two communes is enough). `minutes_due`: at least 15 days before R.
    """
    marked = _marked()
    query = (
        sa.select(
            Meeting.id.label("id"),
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
            marked.c.communautaire.is_not(None).label("communautaire"),
            marked.c.governance.is_not(None).label("governance"),
            (Meeting.held_on <= MINUTES_DUE).label("minutes_due"),
            sa.and_(
                Meeting.minutes_published_on <= AS_OF,
                days_between(Meeting.held_on, Meeting.minutes_published_on) <= MINUTES_DAYS,
            ).label("minutes_in_time"),
        )
        .outerjoin(marked, marked.c.meeting_id == Meeting.id)
        .where(all_of(meeting_counts(), meeting_belongs(Meeting.id, kind)))
    )
    facts = query.subquery("meetings")
    return Relation(facts, Meeting.ref, facts.join(Meeting, Meeting.id == facts.c.id))


def _marked() -> sa.Subquery:
    """The meetings that are communautaires or of the governance: 1 in the column of each, else NULL.

    From the bodies that make them so and from the joint meetings: most meetings are neither, and are not looked at.
    """
    wide = (Body.scale == "intercommunale") | Body.id.in_(_several(body_commune.c.body_id))
    governance = Body.family == "gouvernance"
    by_body = (
        sa.select(meeting_body.c.meeting_id, _mark(wide, "communautaire"), _mark(governance, "governance"))
        .join(Body, Body.id == meeting_body.c.body_id)
        .where(wide | governance)
    )
    communes = body_commune.c.commune_id
    joint = (
        sa.select(meeting_body.c.meeting_id, sa.literal(1), sa.null())
        .join(body_commune, body_commune.c.body_id == meeting_body.c.body_id)
        .where(meeting_body.c.meeting_id.in_(_several(meeting_body.c.meeting_id)))
        .group_by(meeting_body.c.meeting_id)
        .having(sa.func.min(communes) < sa.func.max(communes))
    )
    each = sa.union_all(by_body, joint).subquery()
    marks = (sa.func.max(each.c[name]).label(name) for name in ("communautaire", "governance"))
    return sa.select(each.c.meeting_id, *marks).group_by(each.c.meeting_id).subquery("marked")


def _mark(condition: Condition, name: str) -> Any:
    return sa.case((condition, 1)).label(name)


def _several(column: Any) -> sa.Select[Any]:
    """Those that are in a table of pairs several times."""
    return sa.select(column).group_by(column).having(sa.func.count() > 1)


def institutions(kind: str) -> Relation:
    """Each institution named present at a meeting that counts and is in scope; told apart, the meetings of each."""
    name = MeetingInstitution.name.label("ref")
    named = (
        sa.select(name)
        .join(Meeting, Meeting.id == MeetingInstitution.meeting_id)
        .where(all_of(meeting_counts(), meeting_belongs(Meeting.id, kind)))
    )
    facts = named.distinct().subquery("institutions")
    meetings_of_each = named.add_columns(sa.func.count()).group_by(MeetingInstitution.name)
    return Relation(facts, facts.c.ref, facts, {"institution": meetings_of_each.where})


def opinions(kind: str) -> Relation:
    """Opinions of the period and not after R that are not rejected, in scope.

    `linked_to`: the proposal that it fed, if that was received on or before R, whatever became of it since.
    """
    later = sa.select(Proposal.id).where(Proposal.received_on > AS_OF)
    linked_to = sa.case((~later.exists() | Opinion.proposal_id.not_in(later), Opinion.proposal_id))
    facts = sa.select(Opinion.id.label("id"), linked_to.label("linked_to"))
    counted = sa.and_(Opinion.received_on.between(FIRST, END), Opinion.moderation != REJECTED)
    ways = [facts.where(all_of(way, counted)) for way in opinion_ways(kind)]
    rows = (sa.union_all(*ways) if len(ways) > 1 else ways[0]).subquery("opinions")
    return Relation(rows, Opinion.ref, rows.join(Opinion, Opinion.id == rows.c.id))


def mandates(kind: str) -> Relation:
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
        _in_force().label("in_force"),
        Mandate.started_on.between(FIRST, END).label("begun"),
        Mandate.ended_on.between(FIRST, END).label("ended"),
    ).where(all_of(mandate_belongs(kind)))
    return relation(facts, "mandates")


def _in_force() -> Condition:
    return sa.and_(Mandate.started_on <= END, sa.or_(Mandate.ended_on.is_(None), Mandate.ended_on >= END))


def cadences(kind: str) -> Relation:
    """Cadences of the contract file that have one of their instances in scope; none outside the contract's years.

    `held`: meetings that count, organised by ALL the cadence's instances, of its type if it has one, whatever the
    scope. `expected`: n for each year of the period x the days on which all its instances were open / the days of the
    period, rounded up. The opening and closing dates of the instances are taken as they are recorded, even after R: the
    definition bounds them by the period only. A period binds as soon as one of its years is the contract's.
    """
    in_scope = body_belongs(cadence_body.c.body_id, kind)
    opened, closed = sa.func.max(Body.opened_on), sa.func.min(Body.closed_on)
    since = sa.case((opened > FIRST, opened), else_=FIRST)
    until = sa.case((closed < LAST, closed), else_=LAST)
    open_days = days_between(since, until) + 1
    expected = (Cadence.per_year * YEARS * open_days + DAYS - 1) // DAYS
    held = _held()
    facts = (
        sa.select(
            Cadence.key.label("ref"),
            sa.case((open_days > 0, expected), else_=0).label("expected"),
            sa.func.coalesce(sa.func.max(held.c.held), 0).label("held"),
        )
        .join(cadence_body, cadence_body.c.cadence_id == Cadence.id)
        .join(Body, Body.id == cadence_body.c.body_id)
        .outerjoin(held, held.c.cadence_id == Cadence.id)
        .where(IN_CONTRACT == 1)
        .group_by(Cadence.id, Cadence.key, Cadence.per_year)
    )
    if in_scope is not None:
        facts = facts.where(Cadence.id.in_(sa.select(cadence_body.c.cadence_id).where(in_scope)))
    return relation(facts, "cadences", cadence=lambda rows: sa.select(rows.c.ref, rows.c.held, rows.c.expected).where)


def _held() -> sa.Subquery:
    """For each cadence, how many meetings that count have every one of its bodies among their organisers."""
    joint = joint_meetings(meeting_counts()).subquery("joint")
    held = sa.select(joint.c.cadence_id, sa.func.count().label("held")).group_by(joint.c.cadence_id)
    return held.subquery("held")


def joint_meetings(condition: Condition) -> Rows:
    """Return (`cadence_id`, `id` of a meeting) of each meeting under `condition` that ALL the bodies of a cadence
    organise, of its type if it has one (R1.cadence).
    """
    size = sa.func.count().over(partition_by=cadence_body.c.cadence_id).label("size")
    asked = sa.select(cadence_body.c.cadence_id, cadence_body.c.body_id, size).cte("asked").prefix_with("MATERIALIZED")
    return (
        sa.select(asked.c.cadence_id, Meeting.id)
        .join(Cadence, Cadence.id == asked.c.cadence_id)
        .join(meeting_body, meeting_body.c.body_id == asked.c.body_id)
        .join(Meeting, Meeting.id == meeting_body.c.meeting_id)
        .where(condition, sa.or_(Cadence.meeting_type.is_(None), Cadence.meeting_type == Meeting.type))
        .group_by(asked.c.cadence_id, Meeting.id)
        .having(sa.func.count() == sa.func.max(asked.c.size))
    )
