"""Recording a meeting: each event is taken once, with its effect, in one transaction.

The caller has checked the right (`meeting.live`) and commits. What an event does is in effects.py; headcounts are the
sums of the events and are written on the meeting once somebody has said that it is over (counts.py).
"""

import json

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.database import insert_into, now
from participation.errors import Conflict, Refusal
from participation.keys import keyed_hash
from participation.live import counts, effects
from participation.live.events import SECRET, Event
from participation.live.models import LiveEvent
from participation.live.recorder import Recorder
from participation.media.intake import Encoded
from participation.meetings.models import Meeting


def take(session: Session, meeting: Meeting, event: Event, *, by: Recorder, file: Encoded | None = None) -> bool:
    """Keep an event and do what it says; return False where it was taken before.

    `file`: what `media.rules` made of the photo or the recording that came with it. Raises Conflict where another
    content came under the same number, and Refusal, in words for whoever records, for what the rules do not let be.
    """
    hashed = _hash(meeting, event, file)
    if not _claim(session, meeting, event, hashed, by):
        earlier = session.get(LiveEvent, event.id)
        if earlier is None or earlier.content_hash != hashed:
            raise Conflict(_("Ceci a déjà été envoyé avec un autre contenu. Notez-le de nouveau."))
        return False
    _lock(session, meeting)
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Si elle a lieu, remettez-la d'abord à « prévue »."))
    row = session.get_one(LiveEvent, event.id)
    row.made = effects.apply(session, meeting, event, by=by, file=file)
    session.flush()
    if event.kind in counts.COUNTED:
        counts.settle(session, meeting, by=by)
    return True


def _hash(meeting: Meeting, event: Event, file: Encoded | None) -> str:
    content = [meeting.id, event.kind, event.data, file and len(file.data)]
    return keyed_hash(json.dumps(content, sort_keys=True, ensure_ascii=False), "live event")


def _claim(session: Session, meeting: Meeting, event: Event, hashed: str, by: Recorder) -> bool:
    """Put the event's row in place; False where one with its number stands there. Of two at once, the second waits."""
    row = insert_into(session, LiveEvent).values(
        id=event.id,
        meeting_id=meeting.id,
        device=event.device,
        number=event.number,
        kind=event.kind,
        data={name: value for name, value in event.data.items() if name not in SECRET.get(event.kind, ())},
        content_hash=hashed,
        recorded_at=event.recorded_at,
        received_at=now(),
        author=str(by.function),
    )
    taken = row.on_conflict_do_nothing(index_elements=[LiveEvent.id]).returning(LiveEvent.id)
    return session.scalar(taken) is not None


def _lock(session: Session, meeting: Meeting) -> None:
    """Let events of one meeting follow one another, and see it as the last one left it."""
    session.scalar(sa.select(Meeting.id).where(Meeting.id == meeting.id).with_for_update())
    session.refresh(meeting)
