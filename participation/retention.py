"""`participation purge` (interfaces.md): erase what is past its time, and say what was (security.md R20).

`participation work` does the same, round after round. It may run late or twice; what it erases is erased once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from participation.extensions import db
from participation.following import contacts, drafts
from participation.following.models import Contact, Draft, FollowCode
from participation.media import tasks as media_tasks
from participation.media.models import Media
from participation.people import outbox, rates
from participation.people import rules as people_rules
from participation.people.models import MailReport, OneTimeLink, RateWindow, StaffSession
from participation.reports import rules as report_rules
from participation.reports.models import Report
from participation.subscriptions import rules as subscription_rules
from participation.subscriptions.models import Subscription


@dataclass(frozen=True)
class Kind:
    """Something that is kept for a time: its French name, what is still kept of it, and what erases it."""

    name: str
    kept: sa.Select[int]
    erase: Callable[[Session], object]


def _all(table: type, *conditions: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(table).where(*conditions)


KINDS = (
    Kind("adresses qui suivent un avis", _all(Contact), contacts.purge),
    Kind("codes de suivi", _all(FollowCode), contacts.purge),
    Kind("abonnements", _all(Subscription), subscription_rules.purge),
    Kind("brouillons", _all(Draft), drafts.purge),
    Kind(
        "enregistrements", _all(Media, Media.kind == "audio", Media.erased_at.is_(None)), media_tasks.erase_old_voices
    ),
    Kind("mots de signalements", _all(Report, Report.words.is_not(None)), report_rules.purge),
    Kind("connexions", _all(StaffSession), people_rules.purge),
    Kind("liens de connexion", _all(OneTimeLink), people_rules.purge),
    Kind("comptes d'essais", _all(RateWindow), rates.purge),
    Kind("rapports de courriels", _all(MailReport), outbox.purge_reports),
)


@click.command("purge")
@click.option("--dry-run", is_flag=True, help="Dit ce qui serait effacé, sans rien effacer.")
@with_appcontext
def purge_command(dry_run: bool) -> None:
    """Efface ce qui a passé son temps : adresses, codes, voix, brouillons… Relancée, n'efface rien de plus."""
    erased = purge(db.session(), dry_run=dry_run)
    for name, number in erased.items():
        click.echo(f"{name} : {number}")
    if not erased:
        click.echo("Rien à effacer.")
    elif dry_run:
        click.echo("Rien n'est effacé : c'était un essai.")


def purge(session: Session, *, dry_run: bool = False) -> dict[str, int]:
    """Erase what is past its time, in one transaction; return how many of each kind, those of none left out."""
    before = {kind: _count(session, kind) for kind in KINDS}
    for erase in dict.fromkeys(kind.erase for kind in KINDS):
        erase(session)
    session.flush()
    gone = {kind.name: number - _count(session, kind) for kind, number in before.items()}
    if dry_run:
        session.rollback()
    else:
        session.commit()
        media_tasks.sweep(session)
        _forget_freed_pages(session)
    return {name: number for name, number in gone.items() if number}


def _count(session: Session, kind: Kind) -> int:
    return session.scalar(kind.kept) or 0


def _forget_freed_pages(session: Session) -> None:
    """Have SQLite write its log into the file, so that nothing erased stays in it (secure_delete clears the pages)."""
    engine = session.get_bind().engine
    if engine.dialect.name == "sqlite":
        session.rollback()
        connection = engine.raw_connection()  # outside any transaction: within one, the log cannot be emptied
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.close()
