"""Follow-up codes, the optional contact of an author, in a table of its own, and drafts that came back with a fault."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion


class FollowCode(Model):
    """A follow-up code, known by its keyed hash alone: the five words are nowhere in the database (security.md).

    `opinion_id` is empty for a printed card that nobody has filled in yet.
    """

    __tablename__ = "follow_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    opinion_id: Mapped[int | None] = mapped_column(sa.ForeignKey("opinion.id", ondelete="CASCADE"), unique=True)
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    """The meeting for which a card was printed."""
    created_at: Mapped[dt.datetime]
    last_seen_on: Mapped[dt.date | None] = mapped_column(index=True)
    """Access ends twelve months after the last visit (security.md R08); a day, not a moment."""

    opinion: Mapped[Opinion | None] = relationship()
    meeting: Mapped[Meeting | None] = relationship()


class Contact(Model):
    """Personal data: the address of an author who asked to be told. Erased alone; the opinion stays."""

    __tablename__ = "contact"

    id: Mapped[int] = mapped_column(primary_key=True)
    opinion_id: Mapped[int] = mapped_column(sa.ForeignKey("opinion.id", ondelete="CASCADE"), unique=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(35))
    """Language in which to write, as a BCP 47 tag."""
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Of the link that confirms, and later of the one that erases."""
    asked_at: Mapped[dt.datetime] = mapped_column(index=True)
    confirmed_at: Mapped[dt.datetime | None]
    told_state: Mapped[str | None] = mapped_column(sa.String(30))
    """The state about which the last mail was sent."""

    opinion: Mapped[Opinion] = relationship()


class Draft(Model):
    """What a resident typed in a form that had a fault, kept a day under a keyed hash (drafts.py)."""

    __tablename__ = "draft"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    fields: Mapped[dict[str, Any]]
    faults: Mapped[dict[str, Any]]
    """Name of a field -> sentence."""
    saved_at: Mapped[dt.datetime] = mapped_column(index=True)
