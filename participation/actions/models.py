"""Actions that carry out a proposal, their progress, and residents' short evaluation afterwards."""

import datetime as dt
from typing import TYPE_CHECKING

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from participation.database import REF_LENGTH, one_of
from participation.extensions import Model
from participation.media.queries import holds_files
from participation.permissions import Place
from participation.proposals.models import Circuit, Proposal

FACES = {"oui": _l("Oui"), "un_peu": _l("Un peu"), "non": _l("Non")}
"""Answers to « Est-ce que ça répond à votre demande ? »."""
NEVER = dt.date(9999, 12, 31)
WORDS_STATES = ("en_attente", "publie", "rejete")


class Action(Model):
    """One thing to do of an accepted proposal: who, by when, with which residents (contract l.1813)."""

    __tablename__ = "action"
    __table_args__ = (
        sa.CheckConstraint(
            "(dropped_on IS NULL AND dropped_reason IS NULL) "
            "OR (dropped_on IS NOT NULL AND dropped_reason IS NOT NULL AND LENGTH(TRIM(dropped_reason)) > 0)",
            name="dropped_has_reason",
        ),
        sa.CheckConstraint("done_on IS NULL OR dropped_on IS NULL", name="done_or_dropped"),
        sa.Index("ix_action_done_on_due_on", "done_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    owner: Mapped[str | None] = mapped_column(sa.Text)
    """A function, not a name."""
    due_on: Mapped[dt.date | None]
    residents: Mapped[str | None] = mapped_column(sa.Text)
    """How residents take part."""
    done_on: Mapped[dt.date | None]
    dropped_on: Mapped[dt.date | None]
    """When it was given up; it stays in sight, with why."""
    dropped_reason: Mapped[str | None] = mapped_column(sa.Text)
    author: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    proposal: Mapped[Proposal] = relationship()
    notes: Mapped[list["ActionNote"]] = relationship(
        back_populates="action", cascade="all, delete-orphan", order_by="ActionNote.id"
    )

    __mapper_args__ = {"version_id_col": version}

    if TYPE_CHECKING:
        due_or_never: Mapped[dt.date]
        """`due_on`, or NEVER: a list has one order."""
        ended_on: Mapped[dt.date | None]
        """When it was done or given up."""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, as far as it goes: its proposal may have been given up since."""
        return self.done_on is None and self.dropped_on is None

    def is_late(self, today: dt.date) -> bool:
        """Whether its date is past and it is not done; from the day after."""
        return self.is_open and self.due_on is not None and self.due_on < today

    def places(self) -> set[Place]:
        """Return the places of those who act on its proposal (permissions.py)."""
        return Circuit(self.proposal).places()


Action.due_or_never = column_property(
    sa.func.coalesce(Action.due_on, sa.literal(NEVER, sa.Date), type_=sa.Date()), deferred=True
)
Action.ended_on = column_property(sa.func.coalesce(Action.done_on, Action.dropped_on, type_=sa.Date()), deferred=True)


class ActionNote(Model):
    """How an action goes on; the last one of a done action shows that it is done."""

    __tablename__ = "action_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    action_id: Mapped[int] = mapped_column(sa.ForeignKey("action.id", ondelete="CASCADE"), index=True)
    on_date: Mapped[dt.date]
    text: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str | None] = mapped_column(sa.String(200))
    created_at: Mapped[dt.datetime]

    action: Mapped[Action] = relationship(back_populates="notes")
    photos: Mapped[list["ActionPhoto"]] = relationship(
        back_populates="note", cascade="all, delete-orphan", order_by="ActionPhoto.id"
    )


@holds_files
class ActionPhoto(Model):
    """A photo of an action, taken by the team and public with its description; re-encoded by us."""

    __tablename__ = "action_photo"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Random; stands in addresses."""
    note_id: Mapped[int] = mapped_column(sa.ForeignKey("action_note.id", ondelete="CASCADE"), index=True)
    stored_name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    size: Mapped[int]
    """Bytes of the stored file."""
    width: Mapped[int]
    height: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    description: Mapped[str] = mapped_column(sa.Text)
    """What it shows, for those who do not see it."""
    created_at: Mapped[dt.datetime]
    erased_at: Mapped[dt.datetime | None]

    note: Mapped[ActionNote] = relationship(back_populates="photos")

    @property
    def is_kept(self) -> bool:
        """Whether its bytes are still there."""
        return self.erased_at is None


class Evaluation(Model):
    """What a resident says of a proposal once it is done: a face, and words if they like. One a phone."""

    __tablename__ = "evaluation"
    __table_args__ = (
        one_of("face", tuple(FACES)),
        one_of("moderation", WORDS_STATES),
        sa.UniqueConstraint("proposal_id", "phone_hash"),
        sa.CheckConstraint(
            "moderation <> 'rejete' OR (moderation_reason IS NOT NULL AND LENGTH(TRIM(moderation_reason)) > 0)",
            name="rejected_has_reason",
        ),
        sa.Index("ix_evaluation_moderation_id", "moderation", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH), unique=True)
    proposal_id: Mapped[int] = mapped_column(sa.ForeignKey("proposal.id", ondelete="CASCADE"))
    phone_hash: Mapped[str] = mapped_column(sa.String(64))
    """As for supports: keyed hash of the phone's own cookie and of the proposal."""
    face: Mapped[str] = mapped_column(sa.String(10))
    words: Mapped[str | None] = mapped_column(sa.Text)
    moderation: Mapped[str] = mapped_column(sa.String(20))
    """Of the words, `publie` where there are none; the face counts whatever becomes of them."""
    moderation_reason: Mapped[str | None] = mapped_column(sa.Text)
    """Why the words are not published, as whoever wrote them may read it."""
    language: Mapped[str | None] = mapped_column(sa.String(35))
    """Of the page on which the words were written, as a BCP 47 tag."""
    given_on: Mapped[dt.date]

    proposal: Mapped[Proposal] = relationship()

    def places(self) -> set[Place]:
        """Return the places of its proposal (permissions.py)."""
        return self.proposal.places()
