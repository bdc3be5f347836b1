"""The *clé de rencontre*: a QR that lets a resident record one meeting, for 24 hours and without an account.

The link's token follows from the row and from CODE_KEY, so that its QR can be shown again; the database knows its
keyed hash alone. Taking the key gives the browser a signed cookie that names the key's row, so that taking it back ends
it at the next request.
"""

import datetime as dt
import hashlib
from typing import Any

import sqlalchemy as sa
from flask import Response, g, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, Signer
from sqlalchemy.orm import Session

from participation import journal
from participation.database import now
from participation.errors import NotFound
from participation.keys import keyed_hash, settings
from participation.live.models import MeetingKey
from participation.live.recorder import Recorder, recorder_of
from participation.meetings.models import Meeting
from participation.permissions import actor, may

LIFE = dt.timedelta(hours=24)


def give(session: Session, meeting: Meeting, *, by: Any) -> MeetingKey:
    """Make a key for the meeting, for a day; the earlier one ends. The caller commits."""
    take_back(session, meeting, by=by, quietly=True)
    moment = now()
    key = MeetingKey(
        token_hash=_hash(_token(meeting.id, moment)),
        meeting_id=meeting.id,
        created_at=moment,
        expires_at=moment + LIFE,
    )
    session.add(key)
    journal.record(session, "meeting.key_given", meeting.ref, _("Clé de rencontre donnée, pour 24 heures."), by=by)
    return key


def link(key: MeetingKey) -> str:
    """Return the address of a key, which its QR carries."""
    return f"{settings().public_url}/cle/{_token(key.meeting_id, key.created_at)}"


def take_back(session: Session, meeting: Meeting, *, by: Any, quietly: bool = False) -> bool:
    """End the meeting's keys; return whether there was one."""
    ended = session.scalars(
        sa.update(MeetingKey)
        .where(MeetingKey.meeting_id == meeting.id, MeetingKey.revoked_at.is_(None), MeetingKey.expires_at > now())
        .values(revoked_at=now())
        .returning(MeetingKey.id)
    ).all()
    if ended and not quietly:
        journal.record(session, "meeting.key_taken_back", meeting.ref, _("Clé de rencontre reprise."), by=by)
    return bool(ended)


def find(session: Session, token: str) -> MeetingKey:
    """Return the key of a link. Raises NotFound where it has ended, or never was."""
    key = session.scalar(sa.select(MeetingKey).where(MeetingKey.token_hash == _hash(token), *_standing()))
    if key is None:
        raise NotFound(_("Cette clé ne sert plus. Demandez-en une autre à l'équipe."))
    return key


def current(session: Session, meeting: Meeting) -> MeetingKey | None:
    """Return the meeting's key that may be used now."""
    query = sa.select(MeetingKey).where(MeetingKey.meeting_id == meeting.id, *_standing())
    return session.scalar(query.order_by(MeetingKey.id.desc()))


def put(response: Response, key: MeetingKey) -> None:
    """Give the browser the key."""
    response.set_cookie(
        _cookie(),
        _signer().sign(str(key.id)).decode(),
        expires=key.expires_at,
        secure=settings().https,
        httponly=True,
        samesite="Lax",
    )


def holder(session: Session, meeting: Meeting) -> Recorder | None:
    """Return who may record this meeting in this request: the account, or the browser that holds its key; else None."""
    if may("meeting.edit", meeting):
        return recorder_of(meeting, actor(), "")
    key = _held(session)
    if key is not None and key.meeting_id == meeting.id:
        return recorder_of(meeting, None, _("Clé de rencontre"))
    return None


def is_held() -> bool:
    """Whether this browser carries a key at all."""
    return bool(request.cookies.get(_cookie()))


def _held(session: Session) -> MeetingKey | None:
    try:
        number = int(_signer().unsign(request.cookies.get(_cookie(), "")))
    except (BadSignature, ValueError):
        return None
    if "meeting_key" not in g:
        g.meeting_key = session.scalar(sa.select(MeetingKey).where(MeetingKey.id == number, *_standing()))
    found: MeetingKey | None = g.meeting_key
    return found


def _standing() -> tuple[sa.ColumnElement[bool], ...]:
    return MeetingKey.revoked_at.is_(None), MeetingKey.expires_at > now()


def _cookie() -> str:
    return "__Host-cle" if settings().https else "cle"


def _signer() -> Signer:
    return Signer(settings().secret_key, salt="key of a meeting", digest_method=hashlib.sha256)


def _token(meeting_id: int, created_at: dt.datetime) -> str:
    return keyed_hash(f"{meeting_id}\0{created_at.isoformat()}", "meeting key link")[:43]


def _hash(token: str) -> str:
    return keyed_hash(token, "meeting key")
