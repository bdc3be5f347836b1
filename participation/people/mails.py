"""Mails leave through a box in the database: written in the transaction of their cause, sent afterwards, then erased.

A mail is sent at least once: whoever sends takes a lease, and a sender that dies between the server's answer and the
erasure leaves the mail to the next one, with the same Message-ID so that a mailbox may see they are one. Nothing that
a resident wrote and no place stands in a mail, subject or body (security.md R22).
"""

import datetime as dt
import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.database import insert_into, now
from participation.keys import keyed_hash, settings
from participation.people.models import OutboxMail

LEASE = dt.timedelta(minutes=5)
KEPT = dt.timedelta(days=2)
"""A mail that could not be sent for so long is erased: its link is dead, and it names somebody."""
LONGEST_PAUSE = dt.timedelta(hours=4)
TIMEOUT = 20
"""Seconds that the mail server has for each answer."""
_BATCH = 20
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_log = logging.getLogger(__name__)


def queue_mail(session: Session, dedup_key: str, to: str, subject: str, body: str) -> None:
    """Put a mail in the box; a second one with the same `dedup_key` is not. The caller commits."""
    moment = now()
    mail = insert_into(session, OutboxMail).values(
        dedup_key=dedup_key, to_address=to, subject=subject, body=body, created_at=moment, run_after=moment, attempts=0
    )
    session.execute(mail.on_conflict_do_nothing(index_elements=[OutboxMail.dedup_key]))


def queue_link(session: Session, to: str, url: str, *, invitation: bool) -> None:
    """Put the mail of a one-time link in the box."""
    if invitation:
        subject = _("Votre compte pour le site de participation")
        first = _("Un compte vous attend sur le site de participation du contrat de ville.")
        until = _("Ce lien marche une fois, pendant %(n)s jours.", n=settings().invitation_days)
    else:
        subject = _("Votre lien de connexion")
        first = _("Voici votre lien pour entrer sur le site de participation.")
        until = _("Ce lien marche une fois, pendant %(n)s minutes.", n=settings().sign_in_link_minutes)
    rest = _("Vous n'avez rien demandé ? Ne faites rien : sans ce lien, personne n'entre.")
    body = "\n\n".join((_("Bonjour,"), first, url, until, rest)) + "\n"
    queue_mail(session, keyed_hash(url, "mail"), to, subject, body)


def queue_signature_link(session: Session, to: str, url: str, *, days: int) -> None:
    """Put the mail of a personal link to sign an assessment in the box; its address is erased once it has gone."""
    first = _("On vous demande de lire et de signer le bilan de la participation.")
    until = _("Ce lien est personnel. Il marche une fois, pendant %(n)s jours.", n=days)
    body = "\n\n".join((_("Bonjour,"), first, url, until)) + "\n"
    queue_mail(session, keyed_hash(url, "mail"), to, _("Un bilan à signer"), body)


def send_due(session: Session) -> int:
    """Send the mails whose time has come and return how many went; commits. Without MAIL_URL they only grow old.

    Several processes may do this at once: each takes mails that no other has.
    """
    session.execute(sa.delete(OutboxMail).where(OutboxMail.created_at < now() - KEPT))
    session.commit()
    if not settings().mail_url:
        return 0
    sent = 0
    while taken := _take(session):
        try:
            with _server() as server:
                sent += sum(_send(session, server, mail) for mail in taken)
        except (OSError, smtplib.SMTPException) as fault:
            _log.warning("mail server: %s; mails wait", type(fault).__name__)
            _put_back(session, [mail.id for mail in taken])
            break
    return sent


def _take(session: Session) -> list[OutboxMail]:
    """Lease the next mails, in one statement."""
    moment = now()
    free = sa.or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until < moment)
    due = (
        sa.select(OutboxMail.id)
        .where(OutboxMail.run_after <= moment, free)
        .order_by(OutboxMail.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    leased = sa.update(OutboxMail).where(OutboxMail.id.in_(due))
    ids = session.scalars(
        leased.values(lease_until=moment + LEASE, attempts=OutboxMail.attempts + 1).returning(OutboxMail.id),
        execution_options={"synchronize_session": False},
    ).all()
    session.commit()
    query = sa.select(OutboxMail).where(OutboxMail.id.in_(ids)).order_by(OutboxMail.id)
    mails = list(session.scalars(query, execution_options={"populate_existing": True}))
    session.expunge_all()
    session.commit()  # nothing is held open while the mail server answers
    return mails


def _send(session: Session, server: smtplib.SMTP, mail: OutboxMail) -> int:
    """Send one mail and erase it; one that the server will never take is erased too. Return 1 if it went."""
    try:
        server.send_message(_message(mail))
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as refusal:
        if not _for_good(refusal):
            _put_back(session, [mail.id])
            return 0
        _log.warning("mail %s refused for good by the mail server", mail.id)
        _erase(session, mail)
        return 0
    _erase(session, mail)
    return 1


def _message(mail: OutboxMail) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = " ".join(mail.subject.split())
    message["From"] = settings().mail_from
    message["To"] = mail.to_address
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{keyed_hash(mail.dedup_key, 'message')[:40]}@{settings().mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message


def _for_good(refusal: smtplib.SMTPException) -> bool:
    if isinstance(refusal, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _text in refusal.recipients.values())
    return isinstance(refusal, smtplib.SMTPResponseException) and refusal.smtp_code >= 500


def _erase(session: Session, mail: OutboxMail) -> None:
    session.execute(sa.delete(OutboxMail).where(OutboxMail.id == mail.id))
    session.commit()


def _put_back(session: Session, ids: list[int]) -> None:
    """Give the leases back; the pause before the next try doubles each time."""
    session.rollback()
    for mail in session.scalars(sa.select(OutboxMail).where(OutboxMail.id.in_(ids)).order_by(OutboxMail.id)):
        mail.lease_until = None
        mail.run_after = now() + min(dt.timedelta(minutes=2 ** min(mail.attempts - 1, 10)), LONGEST_PAUSE)
    session.commit()


@contextmanager
def _server() -> Iterator[smtplib.SMTP]:
    """Open the mail server of MAIL_URL; a password goes over TLS only, unless the server is this machine."""
    address = urlsplit(settings().mail_url)
    host = address.hostname or "localhost"
    context = ssl.create_default_context()
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, address.port or 465, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(host, address.port or 25, timeout=TIMEOUT)
    with server:
        server.ehlo_or_helo_if_needed()
        private = address.scheme == "smtps" or host in _LOCAL
        if not private and server.has_extn("starttls"):
            server.starttls(context=context)
            private = True
        if address.username:
            if not private:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS: the password stays here")
            server.login(unquote(address.username), unquote(address.password or ""))
        yield server
