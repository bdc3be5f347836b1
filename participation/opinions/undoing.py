"""Taking back what was just decided about an opinion: it waits to be read again, and the journal keeps both steps.

Words that were masked stay masked: they are kept nowhere.
"""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.database import now
from participation.errors import Refusal
from participation.journal import JournalEntry
from participation.opinions.models import Opinion
from participation.opinions.queue import WAITING

WITHIN = dt.timedelta(minutes=30)
"""After that an opinion is changed on its own page."""
_ACTS = ("opinion.published", "opinion.kept", "opinion.rejected")


def may_undo(session: Session, opinion: Opinion, *, by: Any) -> bool:
    """Whether the last thing that happened to the opinion is that this account read it, a moment ago."""
    if opinion.moderation == WAITING:
        return False
    last = session.scalar(
        sa.select(JournalEntry)
        .where(JournalEntry.object_kind == "opinion", JournalEntry.object_ref == opinion.ref)
        .order_by(JournalEntry.id.desc())
        .limit(1)
    )
    return bool(
        last
        and by
        and last.action in _ACTS
        and last.account_id == by.id
        and last.at > now() - WITHIN
        and (last.details or {}).get("moderation") == [WAITING, opinion.moderation]
    )


def undo(session: Session, opinion: Opinion, *, by: Any) -> None:
    """Have the opinion wait to be read again. Raises Refusal where something happened since, or too long ago."""
    if not may_undo(session, opinion, by=by):
        raise Refusal(
            _("Cette lecture ne s'annule plus d'ici. Ouvrez l'avis : vous pouvez encore changer qui peut le lire.")
        )
    before = opinion.moderation
    opinion.moderation, opinion.moderation_reason = WAITING, None
    sentence = _("Lecture annulée : l'avis attend de nouveau d'être lu.")
    journal.record(session, "opinion.reopened", opinion.ref, sentence, by=by, details={"moderation": [before, WAITING]})
