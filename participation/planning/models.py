"""Campaigns (*démarches*): several meetings, one set of questions prepared per quartier, a date to give back.

And which cadences of the contract the team was reminded of.
"""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.database import REF_LENGTH
from participation.extensions import Model
from participation.meetings.models import Meeting
from participation.permissions import Place

campaign_meeting = sa.Table(
    "campaign_meeting",
    Model.metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("meeting_id", sa.ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Campaign(Model):
    """A campaign, as the summer of 2023 was run (contract l.1465-1513)."""

    __tablename__ = "campaign"
    __table_args__ = (sa.Index("ix_campaign_starts_on_id", "starts_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("body.id"), index=True)
    """Who runs it."""
    title: Mapped[str] = mapped_column(sa.Text)
    purpose: Mapped[str | None] = mapped_column(sa.Text)
    starts_on: Mapped[dt.date]
    ends_on: Mapped[dt.date | None]
    restitution_on: Mapped[dt.date | None]
    """When residents are told what came of it."""
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    body: Mapped[Body] = relationship()
    meetings: Mapped[list[Meeting]] = relationship(secondary=campaign_meeting, order_by=Meeting.held_on)
    questions: Mapped[list["CampaignQuestion"]] = relationship(
        cascade="all, delete-orphan", order_by="CampaignQuestion.position"
    )

    __mapper_args__ = {"version_id_col": version}

    def places(self) -> set[Place]:
        """Return the places of who runs it (permissions.py)."""
        return self.body.places()


class CampaignQuestion(Model):
    """A question of a campaign, for one quartier or for all."""

    __tablename__ = "campaign_question"
    __table_args__ = (sa.UniqueConstraint("campaign_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"))
    quartier_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quartier.id"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(sa.Text)

    quartier: Mapped[Quartier | None] = relationship()


class CadenceReminder(Model):
    """A reminder that went out: one for each cadence and year, however often the program looks."""

    __tablename__ = "cadence_reminder"

    cadence_key: Mapped[str] = mapped_column(sa.String(400), primary_key=True)
    """Of Cadence; no foreign key: loading the contract again makes new rows of the same key."""
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sent_at: Mapped[dt.datetime]
