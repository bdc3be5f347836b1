"""The opinions to read one after the other, oldest first: the next one, the one before, and how many are left.

What is only a recording so far waits in a queue of its own (`voice`), since it takes another kind of work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.opinions.models import VOICE_PENDING, Opinion
from participation.opinions.queries import Filters, filtered, in_places
from participation.paging import AFTER, BEFORE, page_by_date
from participation.permissions import TEAM, Acting

WAITING = "en_attente"
ARGUMENTS = ("instance", "quartier", "theme", "rencontre", "arrivee")
"""Names of the filters in an address, which the walk from one opinion to the next keeps."""


@dataclass(frozen=True)
class Queue:
    """What an account reads, under which filters; their `moderation` is left out."""

    account: Acting
    filters: Filters
    voice: bool = False


def cursor(opinion: Opinion) -> str:
    """Return how an address names the place of an opinion in the queue, whether it still waits or not."""
    return f"{opinion.received_on.isoformat()}_{opinion.id}"


def find(session: Session, queue: Queue, arguments: Mapping[str, str]) -> Opinion | None:
    """Return the opinion that an address asks for: after or before a place (paging.py), else the oldest.

    Past either end, the queue begins again with the oldest: what was left for later comes back.
    """
    for asked in (arguments, {}):
        page = page_by_date(
            session, _waiting(queue), Opinion.received_on, Opinion.id, asked, newest_first=False, size=1
        )
        if page.items:
            return page.items[0]
    return None


def following(session: Session, queue: Queue, opinion: Opinion) -> Opinion | None:
    """Return the opinion to read after this one, which may have been read since; None where none waits."""
    return find(session, queue, {AFTER: cursor(opinion)})


def count(session: Session, queue: Queue) -> int:
    """Return how many opinions of the queue wait to be read."""
    return session.scalar(sa.select(sa.func.count()).select_from(_waiting(queue).subquery())) or 0


def beside(opinion: Opinion) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what an address needs to name the opinion before this one in the queue, and the one after."""
    return {BEFORE: cursor(opinion)}, {AFTER: cursor(opinion)}


def _waiting(queue: Queue) -> "sa.Select[Opinion]":
    spoken = Opinion.text == VOICE_PENDING
    query = filtered(replace(queue.filters, moderation=WAITING)).where(spoken if queue.voice else ~spoken)
    return query if queue.account.role in TEAM else query.where(in_places(queue.account.scopes))
