"""How often something was tried lately, by keyed hash: who tried cannot be read from the database."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.database import insert_into, now
from participation.keys import keyed_hash
from participation.people.models import RateWindow

WINDOW = dt.timedelta(minutes=15)


def note(session: Session, what: str, who: str) -> None:
    """Count one more try of `what` by `who` (an address, an account); the caller commits."""
    insert = insert_into(session, RateWindow).values(key_hash=_key(what, who), window_start=_window(), count=1)
    grown = insert.on_conflict_do_update(
        index_elements=[RateWindow.key_hash, RateWindow.window_start], set_={"count": RateWindow.count + 1}
    )
    session.execute(grown)


def tries(session: Session, what: str, who: str) -> float:
    """Return about how many tries of `what` by `who` there were in the last quarter of an hour.

    Two windows side by side, the older one weighed by what is left of it: nobody gets twice the number by trying
    round the hour.
    """
    current = _window()
    rows = session.execute(
        sa.select(RateWindow.window_start, RateWindow.count).where(
            RateWindow.key_hash == _key(what, who), RateWindow.window_start >= current - WINDOW
        )
    )
    left = 1 - (now() - current) / WINDOW
    return sum(count if start == current else count * left for start, count in rows)


def forget(session: Session, what: str, who: str) -> None:
    """Forget the tries of `what` by `who`: it went well."""
    session.execute(sa.delete(RateWindow).where(RateWindow.key_hash == _key(what, who)))


def purge(session: Session) -> None:
    """Remove the windows that no question reaches any more."""
    session.execute(sa.delete(RateWindow).where(RateWindow.window_start < _window() - WINDOW))


def _key(what: str, who: str) -> str:
    return keyed_hash(f"{what}\0{who}", "rate")


def _window() -> dt.datetime:
    moment = now()
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
