"""Mails leave the box in the database: each is handed to the mail server once, or reported.

Whoever sends takes some mails for a while (a lease), and says in the database that one is about to go just before
handing it over. A sender that dies before that leaves its mails to the next. One that dies after it leaves a mail of
which nobody can know whether it went: it is not sent again but reported, without its address and its words, under the
name by which the mail server's own log knows it. The price is one write for each mail, and one after the last.
"""

import datetime as dt
import logging
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.database import now
from participation.keys import keyed_hash, settings
from participation.people.models import MailReport, OutboxMail

LEASE = dt.timedelta(minutes=5)
"""For how long a mail belongs to its sender; far longer than handing one over takes, which begins it anew."""
KEPT = dt.timedelta(days=2)
"""A mail that could not be sent for so long is erased: its link is dead, and it names somebody."""
REPORTS_KEPT = dt.timedelta(days=90)
LONGEST_PAUSE = dt.timedelta(hours=4)
TIMEOUT = 20
"""Seconds that the mail server has for each answer."""
_BATCH = 20
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_BULK = {"synchronize_session": False}
_log = logging.getLogger(__name__)


class _Refused(Exception):
    """The mail server said no to one mail. `code` is its answer: from 500 on it is for good (RFC 5321, 4.2.1)."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def send_due(session: Session) -> int:
    """Send the mails whose time has come and return how many went; commits. Without MAIL_URL they only grow old.

    Several processes may do this at once: each takes mails that no other has.
    """
    _report_left(session)
    if not settings().mail_url:
        return 0
    sent = 0
    while taken := _take(session):
        try:
            with _server() as server:
                sent += _send_all(session, server, taken)
        except (OSError, smtplib.SMTPException) as fault:
            _log.warning("mail server: %s; mails wait", type(fault).__name__)
            _give_up(session, taken)
            break
    return sent


@dataclass(frozen=True)
class State:
    """What the team and the operator see of the box: no address and no words."""

    waiting: int
    oldest: dt.datetime | None
    """Since when the oldest of them waits."""
    reports: list[MailReport]
    """The latest first, `MOST_REPORTS` at most."""
    reported: int
    """How many reports there are."""


MOST_REPORTS = 20


def state(session: Session) -> State:
    """Return what waits in the box and what may not have arrived."""
    columns = sa.func.count(), sa.func.min(OutboxMail.created_at)
    waiting, oldest = session.execute(sa.select(*columns)).one()
    latest = sa.select(MailReport).order_by(MailReport.at.desc(), MailReport.id.desc()).limit(MOST_REPORTS)
    reported = session.scalar(sa.select(sa.func.count()).select_from(MailReport)) or 0
    return State(waiting, oldest, list(session.scalars(latest)), reported)


def purge_reports(session: Session) -> None:
    """Erase old reports; the caller commits."""
    session.execute(sa.delete(MailReport).where(MailReport.at < now() - REPORTS_KEPT))


def message_name(mail: OutboxMail) -> str:
    """Return the mail's name, the same at each try: its Message-ID without the site's domain."""
    return keyed_hash(mail.dedup_key, "message")[:40]


# Taking and handing over


def _take(session: Session) -> list[OutboxMail]:
    """Lease the next mails, in one statement."""
    moment = now()
    free = sa.or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until < moment)
    due = (
        sa.select(OutboxMail.id)
        .where(OutboxMail.run_after <= moment, free, OutboxMail.handed_at.is_(None))
        .order_by(OutboxMail.id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    )
    leased = sa.update(OutboxMail).where(OutboxMail.id.in_(due))
    ids = session.scalars(
        leased.values(lease_until=moment + LEASE, attempts=OutboxMail.attempts + 1).returning(OutboxMail.id),
        execution_options=_BULK,
    ).all()
    session.commit()
    query = sa.select(OutboxMail).where(OutboxMail.id.in_(ids)).order_by(OutboxMail.id)
    mails = list(session.scalars(query, execution_options={"populate_existing": True}))
    session.expunge_all()
    session.commit()  # nothing is held open while the mail server answers
    return mails


def _send_all(session: Session, server: smtplib.SMTP, taken: Sequence[OutboxMail]) -> int:
    """Send the mails one after the other; return how many the server took."""
    sent, gone = 0, list[str]()
    try:
        for mail in taken:
            try:
                if _send(session, server, mail, gone):
                    gone.append(mail.dedup_key)
                    sent += 1
            except _Refused as refusal:
                _refused(session, mail, refusal.code)
    finally:
        _erase(session, gone)
        session.commit()
    return sent


def _send(session: Session, server: smtplib.SMTP, mail: OutboxMail, gone: list[str]) -> bool:
    """Send one mail; False where it is no longer ours. Raises _Refused.

    `gone` are the mails that the server has taken and that are still in the box: they leave it by the way.
    """
    message = _message(mail)
    _announce(server, mail)
    if not _hand(session, mail, gone):
        server.rset()
        return False
    try:
        code, _words = server.data(message.as_bytes())
    except smtplib.SMTPDataError as refusal:
        raise _Refused(refusal.smtp_code) from None
    if code != 250:
        raise _Refused(code)
    return True


def _announce(server: smtplib.SMTP, mail: OutboxMail) -> None:
    """Tell the server who writes to whom; nothing of the mail has gone yet."""
    options = [] if mail.to_address.isascii() else ["SMTPUTF8"]
    if options and not server.has_extn("smtputf8"):
        raise _Refused(553)
    server.command_encoding = "utf-8" if options else "ascii"
    for code, _words in (server.mail(settings().mail_from, options), server.rcpt(mail.to_address)):
        if code not in {250, 251}:
            server.rset()
            raise _Refused(code)


def _hand(session: Session, mail: OutboxMail, gone: list[str]) -> bool:
    """Note that the mail is about to go, for good; False where its lease had ended and somebody else took it."""
    _erase(session, gone)
    gone.clear()
    moment = now()
    handed = (
        sa.update(OutboxMail)
        .where(_still_ours(mail), OutboxMail.handed_at.is_(None))
        .values(handed_at=moment, lease_until=moment + LEASE)
        .returning(OutboxMail.id)
    )
    ours = session.scalar(handed, execution_options=_BULK) is not None
    session.commit()
    return ours


def _still_ours(mail: OutboxMail) -> sa.ColumnElement[bool]:
    """By its key: SQLite gives the number of an erased row to the next one."""
    return sa.and_(OutboxMail.dedup_key == mail.dedup_key, OutboxMail.attempts == mail.attempts)


def _erase(session: Session, keys: list[str]) -> None:
    if keys:
        session.execute(sa.delete(OutboxMail).where(OutboxMail.dedup_key.in_(keys)), execution_options=_BULK)


def _message(mail: OutboxMail) -> EmailMessage:
    """Return the mail as it travels: seven bits wide, so that every server takes it."""
    rules = policy.SMTP if mail.to_address.isascii() else policy.SMTPUTF8
    message = EmailMessage(policy=rules.clone(cte_type="7bit"))
    message["Subject"] = " ".join(mail.subject.split())
    message["From"] = settings().mail_from
    message["To"] = mail.to_address
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<{message_name(mail)}@{parseaddr(settings().mail_from)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.end_url:  # RFC 8058: the mail program's own button, which posts to this address
        message["List-Unsubscribe"] = f"<{mail.end_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.body)
    return message


# What did not go


def _refused(session: Session, mail: OutboxMail, code: int) -> None:
    """Try later, or never again."""
    if code < 500:
        _put_back(session, [mail])
    else:
        _report(session, _still_ours(mail), "refuse")
        session.commit()


def _give_up(session: Session, taken: Sequence[OutboxMail]) -> None:
    """After the connection broke: report the mail that was on its way, put back those that were not."""
    session.rollback()
    _report(session, sa.and_(sa.or_(*map(_still_ours, taken)), OutboxMail.handed_at.is_not(None)), "inconnu")
    _put_back(session, taken)


def _put_back(session: Session, mails: Sequence[OutboxMail]) -> None:
    """Give the leases back; the pause before the next try doubles each time."""
    for mail in session.scalars(sa.select(OutboxMail).where(sa.or_(*map(_still_ours, mails))).order_by(OutboxMail.id)):
        mail.lease_until = mail.handed_at = None
        mail.run_after = now() + min(dt.timedelta(minutes=2 ** min(mail.attempts - 1, 10)), LONGEST_PAUSE)
    session.commit()


def _report_left(session: Session) -> None:
    """Report what dead senders left on its way, and what nobody could send in time."""
    over = sa.or_(OutboxMail.lease_until.is_(None), OutboxMail.lease_until < now())
    _report(session, sa.and_(OutboxMail.handed_at.is_not(None), over), "inconnu")
    _report(session, sa.and_(OutboxMail.created_at < now() - KEPT, over), "perime")
    session.commit()


def _report(session: Session, which: sa.ColumnElement[bool], why: str) -> None:
    """Take mails out of the box and keep only that they may not have arrived."""
    left = sa.delete(OutboxMail).where(which).returning(OutboxMail)
    for mail in session.scalars(left, execution_options=_BULK).all():
        name = message_name(mail)
        _log.warning("mail %s may not have arrived: %s", name, why)
        session.add(MailReport(message_id=name, at=mail.handed_at or now(), why=why, subject=mail.subject))
        session.expunge(mail)


# The mail server


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
            server.ehlo_or_helo_if_needed()
            private = True
        if address.username:
            if not private:
                raise smtplib.SMTPNotSupportedError("the server offers no TLS: the password stays here")
            server.login(unquote(address.username), unquote(address.password or ""))
        yield server
