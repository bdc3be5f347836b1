"""Reports (*signalements*): somebody says that a published text should be looked at again."""

import datetime as dt

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import one_of
from participation.extensions import Model

SUBJECTS = ("opinion", "proposal", "minutes", "answer")
REASONS = {
    "nom": _l("On y reconnaît une personne"),
    "insulte": _l("C'est insultant ou menaçant"),
    "faux": _l("C'est faux"),
    "autre": _l("Autre chose"),
}
OUTCOMES = {"retire": _l("Retiré de la publication"), "garde": _l("Laissé tel quel")}


class Report(Model):
    """A report, without an account; it is looked at within 24 hours (security.md, Settled)."""

    __tablename__ = "report"
    __table_args__ = (
        one_of("subject", SUBJECTS),
        one_of("reason", tuple(REASONS)),
        one_of("outcome", tuple(OUTCOMES)),
        sa.CheckConstraint("(looked_at IS NULL) = (outcome IS NULL)", name="looked_at_with_outcome"),
        sa.Index("ix_report_looked_at_reported_at_id", "looked_at", "reported_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(64), unique=True)
    subject: Mapped[str] = mapped_column(sa.String(20))
    subject_ref: Mapped[str] = mapped_column(sa.String(64), index=True)
    """`ref` of the opinion, proposal or meeting; of an answer, its proposal's."""
    reason: Mapped[str] = mapped_column(sa.String(20))
    words: Mapped[str | None] = mapped_column(sa.Text)
    reported_at: Mapped[dt.datetime]
    looked_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(20))
    outcome_reason: Mapped[str | None] = mapped_column(sa.Text)
    """Why, in the team's own words."""
