"""Proposals and their steps, as the indicators of PC4 see them at R. A voided step is passed over, at any R."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from participation.assessment.relations import Relation
from participation.assessment.scoping import Condition, all_of, proposal_ways, proposals_here
from participation.assessment.sql import ANSWER_DUE, AS_OF, END, FIRST, days_between
from participation.proposals.models import ACCEPTED, DECIDED, DECISIONS, TRANSMITTED, WAITING, Proposal, Step


def cohort(kind: str) -> Relation:
    """Proposals in scope whose first step is dated in the period and not after R, with what had become of them at R.

    `state`: kind of the last step at R. `road`: how far it had come (Proposal.road); unknown where it was merged into
    another or withdrawn. Both are what the proposal itself repeats of its steps, unless a step came after R: then the
    steps up to R are walked again.
    """
    ways = [all_of(way, Proposal.received_on.between(FIRST, END)) for way in proposal_ways(kind)]
    as_now = [
        sa.select(Proposal.id.label("id"), Proposal.state.label("state"), _road(Proposal.state, Proposal.road)).where(
            way, Proposal.state_on <= AS_OF
        )
        for way in ways
    ]
    changed = sa.union_all(*(sa.select(Proposal.id).where(way, Proposal.state_on > AS_OF) for way in ways))
    decided = 2 * Step.position + DECIDED  # even, and larger for each later decision; one more where it accepts
    road = sa.case(
        {
            "transmise": sa.literal(TRANSMITTED),
            **{name: decided + 1 if name in ACCEPTED else decided for name in DECISIONS},
        },
        value=Step.kind,
        else_=0,
    )
    state = sa.func.max(sa.case((_not_left_at_r(), Step.kind)))
    as_then = (
        sa.select(Step.proposal_id, state, _road(state, sa.func.max(road)))
        .where(Step.voided_on.is_(None), Step.on_date <= AS_OF, Step.proposal_id.in_(changed))
        .group_by(Step.proposal_id)
    )
    facts = sa.union_all(*as_now, as_then).subquery("cohort")
    return Relation(facts, Proposal.ref, facts.join(Proposal, Proposal.id == facts.c.id))


def _road(state: Any, road: Any) -> Any:
    return sa.case((state.not_in(("regroupee", "retiree")), road)).label("road")


def first_decisions(kind: str) -> Relation:
    """Proposals in scope (any cohort) whose first decision is dated in the period and not after R, by what they waited.

    `days`: from the first step to the first decision; `number`: how many waited so long; `until`: how many so long or
    less; `total`: how many there are.
    """
    days = days_between(Proposal.received_on, Proposal.answered_on).label("days")
    ways = [all_of(way, Proposal.answered_on.between(FIRST, END)) for way in proposal_ways(kind)]
    answered = sa.union_all(*(sa.select(Proposal.id, days).where(way) for way in ways)).subquery("answered")
    waits = sa.select(answered.c.days, sa.func.count().label("number")).group_by(answered.c.days).subquery("waits")
    facts = sa.select(
        waits.c.days,
        waits.c.number,
        sa.func.sum(waits.c.number).over(order_by=waits.c.days).label("until"),
        sa.func.sum(waits.c.number).over().label("total"),
    ).subquery("first_decisions")
    return Relation(facts, Proposal.ref, answered.join(Proposal, Proposal.id == answered.c.id))


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
    facts = waiting_steps(kind).subquery("waiting")
    return Relation(facts, Proposal.ref, facts.join(Proposal, Proposal.id == facts.c.id))


def waiting_steps(kind: str, *more: Any) -> sa.CompoundSelect[Any]:
    """Return the facts of `waiting`, with more columns: of `Step`, which is the last step at R, or `last_sent`."""
    late = sa.case((Step.due_on.is_not(None), Step.due_on < AS_OF), else_=last_sent("on_date") < ANSWER_DUE)
    asked = sa.select(Step.proposal_id.label("id"), late.label("late"), *more).where(
        all_of(Step.kind.in_(WAITING), Step.on_date <= AS_OF, Step.voided_on.is_(None), _of_proposals_here(kind))
    )
    return sa.union_all(asked.where(Step.superseded_on.is_(None)), asked.where(Step.superseded_on > AS_OF))


def last_sent(column: str) -> Any:
    """A column of the last `transmise` up to R of the proposal of `Step`: of the step itself where it is one."""
    sent = aliased(Step)
    earlier = (
        sa.select(getattr(sent, column))
        .where(
            sent.proposal_id == Step.proposal_id,
            sa.case((sent.kind == "transmise", 1)) == 1,  # hides `kind` from SQLite, which would search by it
            sent.voided_on.is_(None),
            sent.on_date <= AS_OF,
        )
        .order_by(sent.position.desc())
        .limit(1)
        .correlate(Step)
        .scalar_subquery()
    )
    return sa.case((Step.kind == "transmise", getattr(Step, column)), else_=earlier)


def _not_left_at_r() -> Condition:
    """No later step had followed on or before R."""
    return sa.or_(Step.superseded_on.is_(None), Step.superseded_on > AS_OF)


def _decision_in_period() -> Condition:
    return sa.and_(Step.kind.in_(DECISIONS), Step.on_date.between(FIRST, END), Step.voided_on.is_(None))


def _of_proposals_here(kind: str) -> Condition | None:
    here = proposals_here(kind)
    return None if here is None else Step.proposal_id.in_(here)
