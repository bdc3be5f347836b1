"""Proposals and their steps, as the indicators of PC4 see them at R. A voided step is passed over, at any R."""

from typing import Any

import sqlalchemy as sa

from participation.assessment.relations import Relation
from participation.assessment.scoping import Condition, all_of, proposal_belongs
from participation.assessment.sql import ANSWER_DUE, AS_OF, END, FIRST, days_between
from participation.proposals.models import ACCEPTED, DECISIONS, WAITING, Proposal, Step

TRANSMITTED = 1
DECIDED = 4
"""Least value of `road` that tells of a decision."""


def cohort(kind: str) -> Relation:
    """Proposals in scope whose first step is dated in the period and not after R, with what had become of them at R.

    `state`: kind of the last step at R. `road`: 0 before any transmission, 1 after one, and with decisions twice the
    number of the last one + 2, odd where it accepts: how far it came, told in one pass over the steps.
    """
    members = sa.select(Proposal.id).where(all_of(Proposal.received_on.between(FIRST, END), proposal_belongs(kind)))
    decided = 2 * Step.position + 2
    road = sa.case(
        {
            "transmise": sa.literal(TRANSMITTED),
            **{name: decided + 1 if name in ACCEPTED else decided for name in DECISIONS},
        },
        value=Step.kind,
        else_=0,
    )
    facts = (
        sa.select(
            Step.proposal_id.label("id"),
            sa.func.max(sa.case((_not_left_at_r(), Step.kind))).label("state"),
            sa.func.max(road).label("road"),
        )
        .where(Step.voided_on.is_(None), Step.on_date <= AS_OF, Step.proposal_id.in_(members))
        .group_by(Step.proposal_id)
        .subquery("cohort")
    )
    return Relation(facts, Proposal.ref, facts.join(Proposal, Proposal.id == facts.c.id))


def first_decisions(kind: str) -> Relation:
    """Proposals in scope (any cohort) whose first decision is dated in the period and not after R.

    `days`: from the first step to the first decision. `place` and `total`: rank by days, and how many there are.
    """
    earlier = sa.orm.aliased(Step)
    decided_before = (
        sa.select(sa.literal(1))
        .where(
            earlier.proposal_id == Step.proposal_id,
            earlier.position < Step.position,
            earlier.kind.in_(DECISIONS),
            earlier.voided_on.is_(None),
        )
        .exists()
    )
    valid = sa.orm.aliased(Step)
    received_on = (
        sa.select(valid.on_date)
        .where(valid.proposal_id == Step.proposal_id, valid.voided_on.is_(None))
        .order_by(valid.position)
        .limit(1)
        .scalar_subquery()
    )
    waited = (
        sa.select(Step.proposal_id.label("id"), days_between(received_on, Step.on_date).label("days"))
        .where(all_of(_decision_in_period(), ~decided_before, _of_proposals_here(kind)))
        .cte("waited")
        .prefix_with("MATERIALIZED")
    )
    facts = sa.select(
        waited.c.id,
        waited.c.days,
        sa.func.row_number().over(order_by=waited.c.days).label("place"),
        sa.func.count().over().label("total"),
    ).subquery("first_decisions")
    return Relation(facts, Proposal.ref, facts.join(Proposal, Proposal.id == facts.c.id))


def decisions(kind: str) -> Relation:
    """Decision steps dated in the period and not after R, of proposals in scope (any cohort).

    `told`: told back to residents on or before R. A step is named `<proposal ref>#<its number>`.
    """
    rows = (
        sa.select(
            Step.proposal_id.label("proposal_id"),
            Step.position.label("position"),
            (Step.told_on <= AS_OF).label("told"),
        )
        .where(all_of(_decision_in_period(), _of_proposals_here(kind)))
        .subquery("decisions")
    )
    name: Any = Proposal.ref + "#" + sa.cast(rows.c.position, sa.String)
    return Relation(rows, name, rows.join(Proposal, Proposal.id == rows.c.proposal_id))


def waiting(kind: str) -> Relation:
    """Proposals in scope (any cohort) whose state at R is transmise or ajournee.

    `late`: due before R. Due: the date announced by the last step; without one, the date of the last `transmise` and
    `response_days` after it.
    """
    sent = sa.orm.aliased(Step)
    last_sent = sa.case(
        (Step.kind == "transmise", Step.on_date),
        else_=sa.select(sa.func.max(sa.case((sent.kind == "transmise", sent.on_date))))
        .where(sent.proposal_id == Step.proposal_id, sent.voided_on.is_(None), sent.on_date <= AS_OF)
        .correlate(Step)
        .scalar_subquery(),
    )
    rows = (
        sa.select(
            Step.proposal_id.label("id"),
            sa.case((Step.due_on.is_not(None), Step.due_on < AS_OF), else_=last_sent < ANSWER_DUE).label("late"),
        )
        .where(
            all_of(
                Step.kind.in_(WAITING),
                Step.on_date <= AS_OF,
                Step.voided_on.is_(None),
                _not_left_at_r(),
                _of_proposals_here(kind),
            )
        )
        .subquery("waiting")
    )
    return Relation(rows, Proposal.ref, rows.join(Proposal, Proposal.id == rows.c.id))


def _not_left_at_r() -> Condition:
    """No later step had followed on or before R."""
    return sa.or_(Step.superseded_on.is_(None), Step.superseded_on > AS_OF)


def _decision_in_period() -> Condition:
    return sa.and_(Step.kind.in_(DECISIONS), Step.on_date.between(FIRST, END), Step.voided_on.is_(None))


def _of_proposals_here(kind: str) -> Condition | None:
    belongs = proposal_belongs(kind)
    return None if belongs is None else Step.proposal_id.in_(sa.select(Proposal.id).where(belongs))
