"""What was typed in a form that had a fault: kept a day under a keyed hash, for its page to show again.

A resident's fault is answered by a redirection to the form (ux.md R9), so what she typed has to wait somewhere; it is
not in her browser, where scripts may be off and cookies refused.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.database import insert_into, now
from participation.following.models import Draft, FollowCode
from participation.keys import keyed_hash

LIFE = dt.timedelta(hours=24)
"""As long as the key of the form of an opinion (ux.md R28)."""


def key_of(row: FollowCode) -> str:
    """Return the hash under which the words wait that an author wants in the place of hers."""
    return keyed_hash(row.code_hash, "suivi.brouillon")


def find(session: Session, key_hash: str) -> Draft | None:
    """Return the draft of a form, if one waits and is less than a day old."""
    draft = session.get(Draft, key_hash)
    return draft if draft and now() - draft.saved_at < LIFE else None


def save(session: Session, key_hash: str, fields: dict[str, Any], faults: dict[str, str]) -> None:
    """Keep what was typed and what is wrong with it, over an earlier draft of the same form; the caller commits."""
    values = {"fields": fields, "faults": faults, "saved_at": now()}
    insert = insert_into(session, Draft).values(key_hash=key_hash, **values)
    session.execute(insert.on_conflict_do_update(index_elements=[Draft.key_hash], set_=values))


def drop(session: Session, key_hash: str) -> None:
    """Forget the draft of a form that has been sent; the caller commits."""
    session.execute(sa.delete(Draft).where(Draft.key_hash == key_hash))


def purge(session: Session) -> None:
    """Erase the drafts that are more than a day old; the caller commits."""
    session.execute(sa.delete(Draft).where(Draft.saved_at <= now() - LIFE))
