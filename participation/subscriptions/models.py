"""Subscriptions by mail: an address, what it follows, how often it is written to."""

import datetime as dt

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import REF_LENGTH, one_of
from participation.extensions import Model

SUBJECTS = ("proposal", "body", "quartier")
PACES = {"tout": _l("À chaque nouvelle"), "semaine": _l("Une fois par semaine"), "mois": _l("Une fois par mois")}


class Subscription(Model):
    """Personal data: an address that asked to be told (double opt-in); erased by one click of any of its mails."""

    __tablename__ = "subscription"
    __table_args__ = (
        one_of("subject", SUBJECTS),
        one_of("pace", tuple(PACES)),
        sa.UniqueConstraint("address", "subject", "subject_ref"),
        sa.Index("ix_subscription_subject_subject_ref", "subject", "subject_ref"),
        sa.Index("ix_subscription_pace_next_on_id", "pace", "next_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    language: Mapped[str] = mapped_column(sa.String(35))
    """Language in which to write, as a BCP 47 tag."""
    subject: Mapped[str] = mapped_column(sa.String(20))
    subject_ref: Mapped[str] = mapped_column(sa.String(REF_LENGTH))
    """Reference of the proposal, slug of the instance or quartier."""
    pace: Mapped[str] = mapped_column(sa.String(10))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """Of the link that confirms, and later of the one that ends it."""
    asked_at: Mapped[dt.datetime] = mapped_column(index=True)
    confirmed_at: Mapped[dt.datetime | None]
    told_until: Mapped[int] = mapped_column(default=0)
    """Number of the last journal line of which the address was told."""
    next_on: Mapped[dt.date | None]
    """Day from which the next mail may go; None: at once."""
