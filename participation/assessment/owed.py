"""Who owes an answer: the proposals of PC4.overdue, by the body or recipient that they were last sent to."""

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.assessment.frame import Frame
from participation.assessment.proposal_relations import last_sent, waiting_steps
from participation.assessment.records import Record, list_records
from participation.bodies.models import Body
from participation.contract.models import Recipient
from participation.proposals.models import Proposal

MOST_OWING, FIRST_PAGE_OWING, MOST_EACH = 50, 3, 10
"""Who is named on the indicator's own page and on the first one, and the answers listed of each."""


@dataclass(frozen=True)
class Owed:
    """Answers owed by one. `name`: without what stands in brackets, None where no transmission says to whom; `since`:
    the oldest transmission.
    """

    name: str | None
    number: int
    since: dt.date | None
    proposals: Sequence[Record]


def list_owed(session: Session, frame: Frame, most: int = MOST_OWING) -> list[Owed]:
    """Return who owes answers, the oldest first, at most `most`. Three queries at most, whatever the rows."""
    rows = session.execute(_listed(frame.place.scope.kind), {**frame.parameters(), "most": most}).all()
    records = list_records(session, "proposal", [row.ref for row in rows])
    told = zip(rows, records, strict=True)
    return [_owed(list(several)) for _place, several in groupby(told, lambda one: one[0].place)]


def _owed(several: list[tuple[Any, Record]]) -> Owed:
    first, _record = several[0]
    name = first.name and first.name.partition(" (")[0]
    return Owed(name, first.number, first.oldest, [record for _row, record in several])


@functools.cache
def _listed(kind: str) -> sa.Select[Any]:
    """The oldest proposals of PC4.overdue of each who has owed answers for longest, with what is said of who owes."""
    late = _late(kind)
    owing = _owing(late)
    same = (late.c[name].is_not_distinct_from(owing.c[name]) for name in ("body", "recipient"))
    number = sa.func.row_number().over(partition_by=owing.c.place, order_by=(late.c.sent_on, late.c.id))
    ranked = sa.select(owing, late.c.id, number.label("rank")).join(late, sa.and_(*same)).subquery("ranked")
    return (
        sa.select(
            Proposal.ref,
            ranked.c.place,
            sa.func.coalesce(Body.name, Recipient.name).label("name"),
            ranked.c.number,
            ranked.c.oldest,
        )
        .select_from(ranked)
        .join(Proposal, Proposal.id == ranked.c.id)
        .outerjoin(Body, Body.id == ranked.c.body)
        .outerjoin(Recipient, Recipient.id == ranked.c.recipient)
        .where(ranked.c.rank <= MOST_EACH)
        .order_by(ranked.c.place, ranked.c.rank)
    )


def _late(kind: str) -> sa.CTE:
    sent = {"to_body_id": "body", "to_recipient_id": "recipient", "on_date": "sent_on"}
    steps = waiting_steps(kind, *(last_sent(column).label(name) for column, name in sent.items())).subquery()
    return sa.select(steps).where(steps.c.late).cte("late").prefix_with("MATERIALIZED")


def _owing(late: sa.CTE) -> sa.CTE:
    """To whom late proposals were last sent, how many and since when; `place`: from 1, the oldest first."""
    oldest = sa.func.min(late.c.sent_on)
    order = (oldest.is_(None), oldest, late.c.body, late.c.recipient)
    asked = sa.select(
        late.c.body,
        late.c.recipient,
        sa.func.count().label("number"),
        oldest.label("oldest"),
        sa.func.row_number().over(order_by=order).label("place"),
    )
    grouped = (
        asked.group_by(late.c.body, late.c.recipient).order_by(*order).limit(sa.bindparam("most", type_=sa.Integer))
    )
    return grouped.cte("owing").prefix_with("MATERIALIZED")
