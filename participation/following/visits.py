"""Visits by code: half an hour of access, carried whole by the token in the address (seals.py); nothing is stored."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.errors import NotFound
from participation.following import codes, seals
from participation.following.models import FollowCode
from participation.opinions.models import Opinion
from participation.opinions.queries import whole

LIFE = dt.timedelta(minutes=30)
"""Of a visit (security.md, Settled)."""
_PURPOSE = "visite"
_SIZE = 64
"""Bytes that every code fills, so that a token's length tells nothing of the words."""


@dataclass(frozen=True)
class Visit:
    """Who comes by code: the code, its row and opinion, and the token of the page."""

    token: str
    code: str
    row: FollowCode
    opinion: Opinion

    @property
    def words(self) -> list[str]:
        """The five words."""
        return self.code.split("-")


def token_for(code: str) -> str:
    """Return a fresh token that leads to the page of `code` for half an hour, whether there is such a page or not."""
    return seals.seal(code.encode().ljust(_SIZE), _PURPOSE, LIFE)


def code_of(token: str) -> str:
    """Return the code of a token, without asking the database. Raises NotFound, and seals.Expired after LIFE."""
    return seals.unseal(token, _PURPOSE).decode().strip()


def read(session: Session, token: str) -> Visit:
    """Return the visit of a token. Raises seals.Expired, and NotFound where nothing can be followed by its code."""
    code = code_of(token)
    row = find(session, code)
    query = sa.select(Opinion).where(Opinion.id == row.opinion_id) if row else None
    opinion = session.scalar(query.options(*whole())) if query is not None else None
    if row is None or opinion is None:
        raise NotFound(not_found())
    return Visit(token, code, row, opinion)


def find(session: Session, code: str) -> FollowCode | None:
    """Return the row of a code that still opens its page."""
    row = session.scalar(sa.select(FollowCode).where(FollowCode.code_hash == codes.hash_of(code)))
    return row if row and is_open(row) else None


def is_open(row: FollowCode) -> bool:
    """Whether the code still opens its page: it was given to an opinion, and not too long ago."""
    return row.opinion_id is not None and row.last_seen_on is not None and clock.today() <= last_day(row.last_seen_on)


def last_day(seen: dt.date) -> dt.date:
    """Return the last day of access after a visit on `seen`: the same day twelve months later (security.md R08)."""
    leap = (seen.month, seen.day) == (2, 29)
    return dt.date(seen.year + 1, seen.month, 28 if leap else seen.day)


def not_found() -> str:
    """Return the one sentence for a code that leads nowhere, whatever the reason (security.md R06)."""
    return _("Nous ne trouvons pas ce code. Vérifiez les cinq mots.")
