"""Changing several steps of a proposal at once: the database looks at their path when all is written.

Alone, each change must leave a path of the table of exchange-format.md (migration 0008). Voiding two steps and adding
a third may pass by states that are none.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from participation.proposals.models import HeldPath

_BATCH = 500


@contextmanager
def held(connection: sa.Connection, proposals: Iterable[int]) -> Iterator[None]:
    """Hold the paths of these proposals (their identifiers) for a block; what they are after it must be paths.

    Raises IntegrityError at the end of the block where one is none: the caller rolls back.
    """
    numbers = sorted(set(proposals))
    if numbers:
        connection.execute(sa.insert(HeldPath), [{"proposal_id": number} for number in numbers])
    yield
    for batch in _batches(numbers):
        connection.execute(sa.delete(HeldPath).where(HeldPath.proposal_id.in_(batch)))


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]
