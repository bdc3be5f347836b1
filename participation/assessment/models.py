"""Closed assessments, kept as they were for ever (indicators.md), and what people write and sign about them."""

import datetime as dt

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.database import one_of
from participation.extensions import Model
from participation.meetings.models import Meeting

NOTE_KINDS = {
    "commentaire": _l("Commentaire de l'équipe"),
    "remarque": _l("Remarque"),
    "reserve": _l("Réserve"),
    "habitants": _l("Ce que disent les habitants"),
}
SIGNATURE_CHOICES = {
    "valide": _l("Validé"),
    "reserve": _l("Validé avec une réserve"),
    "correction": _l("Correction demandée"),
}


class ClosedAssessment(Model):
    """One version of a closed assessment. The database refuses to change or remove it (migration 0004).

    `canonical` is the RFC 8785 JSON of interfaces.md without `closed`, `sha256` its hash: the figures, the references
    of the rows behind each, the date of reading and the version of the rules.
    """

    __tablename__ = "closed_assessment"
    __table_args__ = (
        sa.UniqueConstraint("period", "scope_kind", "scope_slug", "version"),
        # All but the two texts, of megabytes, which SQLite would walk through to what is written after them.
        sa.Index(
            "ix_closed_assessment_without_texts",
            *("period", "scope_kind", "scope_slug", "version", "as_of", "rules", "sha256", "closed_at", "closed_by"),
            *("xlsx_sha256", "pdf_sha256"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(9))
    """`2025` or `2024-2026`."""
    scope_kind: Mapped[str] = mapped_column(sa.String(20))
    scope_slug: Mapped[str] = mapped_column(sa.String(64))
    """Empty for the whole contract: two empty ones are the same, which NULLs would not be."""
    version: Mapped[int]
    as_of: Mapped[dt.date]
    rules: Mapped[str] = mapped_column(sa.String(20))
    canonical: Mapped[str] = mapped_column(sa.Text, deferred=True)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    closed_at: Mapped[dt.datetime]
    closed_by: Mapped[str] = mapped_column(sa.String(200))
    """The function of who closed it, not a name."""
    public_canonical: Mapped[str | None] = mapped_column(sa.Text, deferred=True)
    """The same with small counts withheld, for everybody; None where the place is not public."""
    xlsx_sha256: Mapped[str] = mapped_column(sa.String(64))
    """Hash of the workbook kept beside the database; a file that differs is not served."""
    pdf_sha256: Mapped[str] = mapped_column(sa.String(64))
    """Hash of the printed document, kept likewise."""


class ClosedFigures(Model):
    """The figures alone of a closed version, for `everybody` or whole: its page costs the same whatever it counted.

    The same figures as in ClosedAssessment, without the references of rows; `participation check` compares them.
    """

    __tablename__ = "closed_figures"

    closed_id: Mapped[int] = mapped_column(sa.ForeignKey("closed_assessment.id"), primary_key=True)
    everybody: Mapped[bool] = mapped_column(primary_key=True)
    document: Mapped[str] = mapped_column(sa.Text)


class AssessmentNote(Model):
    """What somebody writes beside a block: the team's comment, an élu's remark or reserve, what residents say of it.

    Never changed: withdrawn, and written anew. It belongs to the period and place, and stands beside every version.
    """

    __tablename__ = "assessment_note"
    __table_args__ = (
        one_of("kind", tuple(NOTE_KINDS)),
        sa.Index("ix_assessment_note_of", "period", "scope_kind", "scope_slug", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(sa.String(9))
    scope_kind: Mapped[str] = mapped_column(sa.String(20))
    scope_slug: Mapped[str] = mapped_column(sa.String(64))
    block: Mapped[str | None] = mapped_column(sa.String(10))
    """Key of indicators.BLOCKS; None for what residents say of how they were heard."""
    kind: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.Text)
    author: Mapped[str] = mapped_column(sa.String(200))
    """The function of who wrote it, not a name."""
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"), index=True)
    written_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]


class AssessmentMeeting(Model):
    """The meeting at which an assessment is presented to the élus (contract l.1717, 2191: a review each year)."""

    __tablename__ = "assessment_meeting"

    period: Mapped[str] = mapped_column(sa.String(9), primary_key=True)
    scope_kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    scope_slug: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    meeting_id: Mapped[int] = mapped_column(sa.ForeignKey("meeting.id", ondelete="CASCADE"), index=True)

    meeting: Mapped[Meeting] = relationship()


class SignatureLink(Model):
    """A personal link to sign one version: 30 days, once. Known by its keyed hash; the address goes with the mail."""

    __tablename__ = "signature_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    closed_id: Mapped[int] = mapped_column(sa.ForeignKey("closed_assessment.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    function: Mapped[str] = mapped_column(sa.String(200))
    """In which function its holder signs."""
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]

    closed: Mapped[ClosedAssessment] = relationship()


class Signature(Model):
    """Somebody's word on one version: agreed, agreed with a reserve, or a correction asked for. Never changed."""

    __tablename__ = "signature"
    __table_args__ = (
        one_of("choice", tuple(SIGNATURE_CHOICES)),
        sa.CheckConstraint("choice = 'valide' OR words IS NOT NULL", name="reserve_in_words"),
        sa.CheckConstraint("account_id IS NULL OR link_id IS NULL", name="one_way"),
        sa.UniqueConstraint("closed_id", "account_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    closed_id: Mapped[int] = mapped_column(sa.ForeignKey("closed_assessment.id"), index=True)
    function: Mapped[str] = mapped_column(sa.String(200))
    choice: Mapped[str] = mapped_column(sa.String(20))
    words: Mapped[str | None] = mapped_column(sa.Text)
    signed_on: Mapped[dt.date]
    recorded_at: Mapped[dt.datetime]
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))
    """Who signed while signed in."""
    link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signature_link.id"), unique=True)
    """The personal link that was used."""
    on_paper: Mapped[bool] = mapped_column(default=False)
    scan_name: Mapped[str | None] = mapped_column(sa.String(100))
    scan_sha256: Mapped[str | None] = mapped_column(sa.String(64))

    closed: Mapped[ClosedAssessment] = relationship()
