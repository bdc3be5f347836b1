"""What a person decided before minutes were published: the five checks, and each word that looked like a name."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.database import one_of
from participation.extensions import Model
from participation.meetings.models import Meeting

CHECKS = ("presents", "avis", "noms", "decisions", "groupe")
"""Before publishing: headcounts, opinions read, names masked, decisions complete, read to the group (ux.md 2.2)."""
MASK_CHOICES = ("masquer", "garder")


class PublicationCheck(Model):
    """One of the five checks, declared done by a person."""

    __tablename__ = "publication_check"
    __table_args__ = (one_of("point", CHECKS),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    point: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    done_at: Mapped[dt.datetime]
    author: Mapped[str | None] = mapped_column(sa.String(200))

    meeting: Mapped[Meeting] = relationship()


class MaskChoice(Model):
    """What a person decided of words that look like a name, a number or an address; the words are not kept here."""

    __tablename__ = "mask_choice"
    __table_args__ = (one_of("choice", MASK_CHOICES),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    fragment_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    """Keyed hash of the words, folded."""
    choice: Mapped[str] = mapped_column(sa.String(10))
    decided_at: Mapped[dt.datetime]
    author: Mapped[str | None] = mapped_column(sa.String(200))
