"""What a screen in the hall records: events that devices number themselves, so that each is taken once."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.database import REF_LENGTH
from participation.extensions import Model
from participation.media.queries import holds_files
from participation.meetings.models import Meeting
from participation.opinions.models import Opinion
from participation.permissions import Place
from participation.proposals.models import Proposal


class LiveEvent(Model):
    """One thing recorded at a meeting, by a device or a plain form; its effect is applied in the same transaction.

    Counts are additions (+1, -1), so that what two devices recorded adds up. No follow-up code and no name of who
    came is in `data`.
    """

    __tablename__ = "live_event"
    __table_args__ = (sa.Index("ix_live_event_meeting_id_kind", "meeting_id", "kind"),)

    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True)
    """Made by the device, at random; sent again it is the same event."""
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(sa.String(36))
    number: Mapped[int]
    """Order on its device."""
    kind: Mapped[str] = mapped_column(sa.String(20))
    data: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    content_hash: Mapped[str] = mapped_column(sa.String(64))
    """Keyed hash of all that was sent: the same number with another content is refused."""
    recorded_at: Mapped[dt.datetime]
    """By the device's clock."""
    received_at: Mapped[dt.datetime]
    made: Mapped[str | None] = mapped_column(sa.String(REF_LENGTH))
    """Reference of the opinion, proposal, decision, item or photo that came of it."""
    undone_by: Mapped[str | None] = mapped_column(sa.String(36))
    """Number of the event that took it back."""
    author: Mapped[str | None] = mapped_column(sa.String(200))
    """Function of who recorded it."""

    meeting: Mapped[Meeting] = relationship()


class AgendaItem(Model):
    """An item of a meeting's agenda, stamped when it began."""

    __tablename__ = "agenda_item"
    __table_args__ = (sa.Index("ix_agenda_item_meeting_id_position", "meeting_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.Text)
    started_at: Mapped[dt.datetime | None]
    notes: Mapped[str | None] = mapped_column(sa.Text)
    """What was said under it, besides opinions; earlier texts stay in the events."""

    meeting: Mapped[Meeting] = relationship()


class RecordedOpinion(Model):
    """Where in the meeting an opinion was recorded: under which item, from which paper card."""

    __tablename__ = "recorded_opinion"

    opinion_id: Mapped[int] = mapped_column(sa.ForeignKey("opinion.id", ondelete="CASCADE"), primary_key=True)
    event_id: Mapped[str | None] = mapped_column(sa.String(36), unique=True)
    agenda_item_id: Mapped[int | None] = mapped_column(sa.ForeignKey("agenda_item.id", ondelete="SET NULL"), index=True)
    card: Mapped[str | None] = mapped_column(sa.String(20))
    """Number printed on the paper card."""

    opinion: Mapped[Opinion] = relationship()
    agenda_item: Mapped[AgendaItem | None] = relationship()


class ShowOfHands(Model):
    """Hands raised for a proposal at a meeting; never added to supports given by phone (ux.md R9)."""

    __tablename__ = "show_of_hands"

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(
        sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    hands: Mapped[int]

    proposal: Mapped[Proposal] = relationship()


@holds_files
class MeetingPhoto(Model):
    """A photo of a meeting (the paperboard), with its description; re-encoded by us, public once published."""

    __tablename__ = "meeting_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Random; stands in addresses."""
    event_id: Mapped[str | None] = mapped_column(sa.String(36), unique=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    stored_name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    size: Mapped[int]
    """Bytes of the stored file."""
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    description: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime]
    published_at: Mapped[dt.datetime | None]
    erased_at: Mapped[dt.datetime | None]

    meeting: Mapped[Meeting] = relationship()

    def places(self) -> set[Place]:
        """Return the places of its meeting (permissions.py)."""
        return self.meeting.places()


class MeetingKey(Model):
    """A *clé de rencontre*: for 24 hours it lets a resident record one meeting without an account."""

    __tablename__ = "meeting_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    revoked_at: Mapped[dt.datetime | None]

    meeting: Mapped[Meeting] = relationship()
