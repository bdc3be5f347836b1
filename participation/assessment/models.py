"""Closed assessments: figures and rows kept as they were, for ever (indicators.md, Reading)."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from participation.extensions import Model


class ClosedAssessment(Model):
    """One version of a closed assessment. The database refuses to change or remove it (migration 0004).

    `canonical` is the RFC 8785 JSON of interfaces.md without `closed`, `sha256` its hash: the figures, the references
    of the rows behind each, the date of reading and the version of the rules.
    """

    __tablename__ = "closed_assessment"
    __table_args__ = (sa.UniqueConstraint("period", "scope_kind", "scope_slug", "version"),)

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
    xlsx_sha256: Mapped[str] = mapped_column(sa.String(64))
    """Hash of the workbook kept beside the database; a file that differs is not served."""
