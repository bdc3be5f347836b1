"""The four digits of an open meeting."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.extensions import Model
from participation.meetings.models import Meeting


class MeetingCode(Model):
    """Four digits that lead to a meeting while it is open; not given again for a year, so that an old poster is dead.

    The QR of a poster carries the meeting's permanent address instead (security.md, ux.md 2.1).
    """

    __tablename__ = "meeting_code"
    __table_args__ = (sa.CheckConstraint("opens_at < closes_at", name="closes_after"),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    digits: Mapped[str] = mapped_column(sa.String(4), unique=True)
    opens_at: Mapped[dt.datetime]
    closes_at: Mapped[dt.datetime] = mapped_column(index=True)

    meeting: Mapped[Meeting] = relationship()
