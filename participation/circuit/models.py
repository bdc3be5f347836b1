"""The way of a proposal between instances, both ways: carried up, relayed back, split, linked, put on an agenda."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.bodies.models import Body
from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.permissions import Place
from participation.proposals.models import Proposal, Step

LINK_KINDS = ("scission", "liee")
"""`from` was split off `to`; or the two speak of one thing."""


class Transmission(Model):
    """What a step `transmise` does not say: who carries it, to which meeting, and that its carriers reported back.

    The two representatives of a commission carry its proposals and report to it (contract l.1719-1737).
    """

    __tablename__ = "transmission"

    step_id: Mapped[int] = mapped_column(sa.ForeignKey("step.id", ondelete="CASCADE"), primary_key=True)
    carrier: Mapped[str | None] = mapped_column(sa.Text)
    """Who carries it: a function, not a name."""
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    """The meeting to which it is carried."""
    reported_on: Mapped[dt.date | None]
    """When its carriers told the instance that sent it what was said there."""
    reported_meeting_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("meeting.id", ondelete="SET NULL"), index=True
    )
    report: Mapped[str | None] = mapped_column(sa.Text)

    step: Mapped[Step] = relationship()
    meeting: Mapped[Meeting | None] = relationship(foreign_keys=[meeting_id])
    reported_meeting: Mapped[Meeting | None] = relationship(foreign_keys=[reported_meeting_id])


class Relay(Model):
    """A project discussed in one instance and relayed to others, such as a conseil de quartier's to a commission.

    Contract l.1719: representatives are « des relais des projets évoqués en réunion du conseil de quartier ».
    """

    __tablename__ = "relay"
    __table_args__ = (
        sa.Index("ix_relay_from_body_id_on_date_id", "from_body_id", "on_date", "id"),
        sa.Index("ix_relay_on_date_id", "on_date", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    from_body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"))
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    """Where it was discussed."""
    on_date: Mapped[dt.date]
    title: Mapped[str] = mapped_column(sa.Text)
    text: Mapped[str | None] = mapped_column(sa.Text)
    carrier: Mapped[str | None] = mapped_column(sa.Text)
    """Who relays it: a function, not a name."""
    author: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    from_body: Mapped[Body] = relationship()
    meeting: Mapped[Meeting | None] = relationship()
    copies: Mapped[list["RelayCopy"]] = relationship(
        back_populates="relay", cascade="all, delete-orphan", order_by="RelayCopy.body_id"
    )

    __mapper_args__ = {"version_id_col": version}

    def places(self) -> set[Place]:
        """Return the places of the body it comes from and of those it goes to (permissions.py)."""
        return self.from_body.places().union(*(copy.body.places() for copy in self.copies))


class RelayCopy(Model):
    """What one instance was relayed, where it spoke of it, and what it said."""

    __tablename__ = "relay_copy"

    relay_id: Mapped[int] = mapped_column(sa.ForeignKey("relay.id", ondelete="CASCADE"), primary_key=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), primary_key=True, index=True)
    meeting_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    """Where it was brought up."""
    discussed_on: Mapped[dt.date | None]
    """None while it waits to be brought up."""
    reply: Mapped[str | None] = mapped_column(sa.Text)

    relay: Mapped[Relay] = relationship(back_populates="copies")
    body: Mapped[Body] = relationship()
    meeting: Mapped[Meeting | None] = relationship()


class ProposalLink(Model):
    """Two proposals that belong together; a merger is a step (`regroupee`), not a link."""

    __tablename__ = "proposal_link"
    __table_args__ = (
        one_of("kind", LINK_KINDS),
        sa.CheckConstraint("from_id <> to_id", name="two_proposals"),
    )

    from_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True)
    to_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    on_date: Mapped[dt.date]

    origin: Mapped[Proposal] = relationship(foreign_keys=[to_id])
    proposal: Mapped[Proposal] = relationship(foreign_keys=[from_id])


class ToDecide(Model):
    """A proposal on the agenda of a meeting that is to decide on it."""

    __tablename__ = "to_decide"
    __table_args__ = (sa.Index("ix_to_decide_meeting_id_position", "meeting_id", "position"),)

    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(
        sa.ForeignKey("proposal.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]

    meeting: Mapped[Meeting] = relationship()
    proposal: Mapped[Proposal] = relationship()
