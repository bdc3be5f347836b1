"""Accounts of the team, the élus and the representatives. Residents need none (security.md, Settled).

What identifies a person (address, password, second factor) stands apart in AccountIdentity and can be erased alone:
the account, its function and what it recorded stay.
"""

import datetime as dt

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from participation.database import REF_LENGTH, one_of
from participation.extensions import Model

ROLES = {
    "admin": _l("Équipe du contrat"),
    "chef_projet": _l("Chef ou cheffe de projet"),
    "animateur": _l("Animateur ou animatrice"),
    "elu": _l("Élu ou élue"),
    "representant": _l("Représentant ou représentante"),
}
SCOPE_KINDS = {"commune": _l("Commune"), "quartier": _l("Quartier"), "instance": _l("Instance")}
LINK_PURPOSES = ("sign_in", "invitation")
MAIL_FAULTS = {
    "inconnu": _l("On ne sait pas s'il est parti : le programme s'est arrêté pendant l'envoi."),
    "refuse": _l("Le serveur de courriel l'a refusé pour de bon."),
    "perime": _l("Il n'a pas pu partir en deux jours."),
}
"""Why a mail may not have arrived."""


class Account(Model):
    """Someone who may sign in, known to everybody else by role and function only."""

    __tablename__ = "account"
    __table_args__ = (one_of("role", tuple(ROLES)),)

    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    function: Mapped[str] = mapped_column(sa.String(200))
    """Shown in histories and on signatures ("Adjointe de quartier"); a function, not a name."""
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    identity: Mapped["AccountIdentity | None"] = relationship(back_populates="account", cascade="all, delete-orphan")
    scopes: Mapped[list["AccountScope"]] = relationship(
        cascade="all, delete-orphan", order_by="[AccountScope.kind, AccountScope.slug]", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        """Whether the account may act (Flask-Login's word)."""
        return self.active

    def get_id(self) -> str:
        """Return the identifier as text (Flask-Login's word)."""
        return str(self.id)


class AccountIdentity(Model):
    """Personal data of an account: how to write to the person and how they prove who they are."""

    __tablename__ = "account_identity"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    """Lower case."""
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    """argon2id."""
    totp_secret: Mapped[str | None] = mapped_column(sa.String(64))
    totp_last_step: Mapped[int | None]
    """Last time step used: a one-time code works once."""

    account: Mapped[Account] = relationship(back_populates="identity")


class AccountScope(Model):
    """Where an account may act; none for admin and chef_projet, who act in the whole contract.

    Scopes are named by slug: slugs are stable and never used again.
    """

    __tablename__ = "account_scope"
    __table_args__ = (one_of("kind", tuple(SCOPE_KINDS)),)

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(REF_LENGTH), primary_key=True)


class StaffSession(Model):
    """A signed-in browser. Ending it here ends it there, at once (security.md R05)."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)

    account: Mapped[Account] = relationship()


class OneTimeLink(Model):
    """A link that signs in once: by mail, or an invitation. Kept as a keyed hash; the key is not in the database."""

    __tablename__ = "one_time_link"
    __table_args__ = (one_of("purpose", LINK_PURPOSES),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    purpose: Mapped[str] = mapped_column(sa.String(20))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    used_at: Mapped[dt.datetime | None]

    account: Mapped[Account] = relationship()


class OutboxMail(Model):
    """A mail to be sent, written in the transaction of the change that causes it. Erased once sent."""

    __tablename__ = "outbox_mail"
    __table_args__ = (sa.Index("ix_outbox_mail_run_after_lease_until", "run_after", "lease_until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    dedup_key: Mapped[str] = mapped_column(sa.String(100), unique=True)
    to_address: Mapped[str] = mapped_column(sa.String(254))
    subject: Mapped[str] = mapped_column(sa.String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[dt.datetime]
    run_after: Mapped[dt.datetime]
    lease_until: Mapped[dt.datetime | None]
    handed_at: Mapped[dt.datetime | None]
    """When it was about to be handed to the mail server: past the lease, nobody knows whether it went."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was taken: whoever sends it holds it while this is the number they took it with."""
    end_url: Mapped[str | None] = mapped_column(sa.String(500))
    """The address to which one POST ends mails of this kind (RFC 8058)."""


class MailReport(Model):
    """A mail that may not have arrived, without its address and its words: what the team and the operator learn."""

    __tablename__ = "mail_report"
    __table_args__ = (one_of("why", tuple(MAIL_FAULTS)),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(200))
    """The Message-ID without its domain: in the mail server's own log its operator may look it up."""
    at: Mapped[dt.datetime] = mapped_column(index=True)
    why: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[str] = mapped_column(sa.String(200))


class RateWindow(Model):
    """How often a thing was tried in a window of time; the key is a keyed hash, never an address in clear."""

    __tablename__ = "rate_window"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    window_start: Mapped[dt.datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
