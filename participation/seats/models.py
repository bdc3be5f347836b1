"""Seats of one instance in another: who may stand in, who came, what was told back; and elections that open seats."""

import datetime as dt
import hashlib

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.bodies.models import Body, Mandate
from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.permissions import Place


class Substitute(Model):
    """Says that a mandate of a representative is a substitute's (*suppléant*).

    In the yearly assessment it counts as any mandate of a representative does (indicators.md): in PC2.seats, and for
    PC2.bodies_with_residents as a filled seat; never in M1, which counts members alone. Those definitions know mandates
    by kind and dates, and the tables that go from one place to another have no column for it: counted otherwise, the
    same data would give other figures after a round trip. Only the pages tell holders and substitutes apart, beside
    the number of seats that the contract gives (l.1711); there is no quorum (l.1713).
    """

    __tablename__ = "substitute"

    mandate_id: Mapped[int] = mapped_column(sa.ForeignKey("mandate.id", ondelete="CASCADE"), primary_key=True)

    mandate: Mapped[Mandate] = relationship()


class Elected(Model):
    """The election at which a mandate was opened; an election is a meeting."""

    __tablename__ = "elected"

    mandate_id: Mapped[int] = mapped_column(sa.ForeignKey("mandate.id", ondelete="CASCADE"), primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)

    mandate: Mapped[Mandate] = relationship()
    meeting: Mapped[Meeting] = relationship()


class Presence(Model):
    """How many representatives of an instance came to a meeting of another, and that they told back (l.1719, 1737).

    Numbers, not names.
    """

    __tablename__ = "presence"
    __table_args__ = (sa.CheckConstraint("present >= 0 AND substitutes >= 0", name="not_negative"),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), primary_key=True, index=True)
    """The instance they speak for."""
    present: Mapped[int]
    substitutes: Mapped[int]
    """Of those present, how many stood in for another."""
    brought: Mapped[str | None] = mapped_column(sa.Text)
    """What they brought from their instance."""
    told_on: Mapped[dt.date | None]
    """When they told their instance what was said there."""
    """The day of `told_meeting` where they told it at one of their instance's own meetings."""
    told_meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    told: Mapped[str | None] = mapped_column(sa.Text)

    meeting: Mapped[Meeting] = relationship(foreign_keys=[meeting_id])
    body: Mapped[Body] = relationship()
    told_meeting: Mapped[Meeting | None] = relationship(foreign_keys=[told_meeting_id])

    def places(self) -> set[Place]:
        """Return the places of the instance that they told it to: its own team says so (permissions.py)."""
        return self.body.places()

    @property
    def version(self) -> str:
        """What was told, in short: another text after it was opened is seen, and not written over (editing.py)."""
        said = f"{self.told_meeting_id}|{self.told_on}|{self.told}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]
