"""An objective of the contract, from what was said to what was done: figures that open their rows (contract l.882)."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from participation.actions.models import Action
from participation.contract.models import Ambition, Objective
from participation.pages.queries import GONE, Tally
from participation.proposals.history import STATES
from participation.proposals.models import Proposal
from participation.proposals.queries import is_late, of_objective

DECIDED = ("oui", "fait", "non", "plus-tard")
"""States, by their word in addresses, in which something was decided, if only to decide later."""
WAITS = ("lu", "transmis")
SHOWN = 5
"""Finished actions shown, the latest first."""


@dataclass(frozen=True)
class Account:
    """What became of the proposals that serve an objective, those merged or withdrawn left out."""

    proposals: int
    states: dict[str, int]
    """How many there are of each state of history.STATES, none left out."""
    late: int
    """Answers that are late, as the public may read it."""
    planned: int
    """Actions that were not given up."""
    done: int
    """Actions of these that are done."""
    finished: list[Action]


def account_of(session: Session, code: str, today: dt.date, *, confirmed: bool) -> Account:
    """Return what became of what was asked under an ambition or an objective; `confirmed` as in queries.is_late."""
    served = sa.and_(of_objective(code), Proposal.state.not_in(GONE))
    late = sa.case((is_late(today, confirmed=confirmed), 1))
    counted = sa.select(Proposal.state, sa.func.count(), sa.func.count(late))
    rows = session.execute(counted.where(served).group_by(Proposal.state)).all()
    words = {kind: word for word, (_name, kinds) in STATES.items() for kind in kinds}
    states = dict.fromkeys((*WAITS, *DECIDED), 0)
    for state, number, _number_late in rows:
        states[words[state]] += number
    ids = sa.select(Proposal.id).where(served)
    actions = sa.and_(Action.proposal_id.in_(ids), Action.dropped_on.is_(None))
    planned, done = session.execute(sa.select(sa.func.count(), sa.func.count(Action.done_on)).where(actions)).one()
    return Account(
        proposals=sum(states.values()),
        states=states,
        late=sum(number for _state, _all, number in rows),
        planned=planned,
        done=done,
        finished=_finished(session, actions) if done else [],
    )


def _finished(session: Session, actions: sa.ColumnElement[bool]) -> list[Action]:
    query = sa.select(Action).where(actions, Action.done_on.is_not(None))
    latest = query.order_by(Action.done_on.desc(), Action.id.desc()).limit(SHOWN)
    return list(session.scalars(latest.options(selectinload(Action.proposal).load_only(Proposal.ref, Proposal.title))))


def leaves(ambitions: list[Ambition]) -> list[Objective]:
    """Return the objectives that have none below: the operational ones, and strategic ones without any."""
    return [objective for ambition in ambitions for objective in ambition.objectives if not objective.children]


def silent(ambitions: list[Ambition], tallies: dict[str, Tally]) -> set[str]:
    """Return the codes of the leaves that no proposal serves, and of the objectives above them."""
    found = [leaf for leaf in leaves(ambitions) if leaf.code not in tallies]
    return {leaf.code for leaf in found} | {leaf.parent.code for leaf in found if leaf.parent}
