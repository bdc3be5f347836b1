"""The job that writes the mails of subscriptions: from the journal, each piece of news once for each address."""

import itertools
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation import clock
from participation.database import now
from participation.subscriptions import letters, rules
from participation.subscriptions.models import Subscription
from participation.subscriptions.news import Key, News, Teller, collect
from participation.subscriptions.subjects import Subject, find_all

MOST_NEWS = 20
"""Pieces of news in a mail; the others are counted."""
BATCH = 100
"""Subscriptions of one transaction."""
HOUR = 8
"""From which on mails of a week or a month go, in Europe/Paris: phones ring at night."""
_BULK = {"synchronize_session": False}


def tell_news(session: Session) -> None:
    """Write to each address what is new since it was last told, if its time has come; commits, a part at a time.

    Several processes may do this at once: whoever moves a subscription on writes its mail, in one transaction.
    """
    until = rules.last_line(session)
    due = _due(until)
    since = session.scalar(sa.select(sa.func.min(Subscription.told_until)).where(due))
    if since is None:
        return
    news, teller = collect(session, since, until), Teller(session)
    for rows in _batches(session, due):
        _tell(session, rows, news, teller)
        session.commit()


def _due(until: int) -> sa.ColumnElement[bool]:
    """Return the condition of a subscription whose time has come: something was noted, or its day is there."""
    at_once = sa.and_(Subscription.next_on.is_(None), Subscription.told_until < until)
    digest = Subscription.next_on <= clock.today() if clock.to_local(now()).hour >= HOUR else sa.false()
    return sa.and_(Subscription.confirmed_at.is_not(None), sa.or_(at_once, digest))


def _batches(session: Session, due: sa.ColumnElement[bool]) -> Iterator[list[Subscription]]:
    last = 0
    while True:
        query = sa.select(Subscription).where(due, Subscription.id > last).order_by(Subscription.id).limit(BATCH)
        rows = list(session.scalars(query))
        if not rows:
            return
        last = rows[-1].id
        yield rows


def _tell(session: Session, rows: list[Subscription], news: News, teller: Teller) -> None:
    subjects = _subjects(session, rows)
    idle = []
    for row in rows:
        subject = subjects.get((row.subject, row.subject_ref))
        told = _paragraphs(news.of((row.subject, row.subject_ref), row.told_until), teller, row.language)
        if subject is None or not told:
            idle.append(row)
        elif _move(session, [row], news.until):
            shown, left_out = told[:MOST_NEWS], len(told) - MOST_NEWS
            link = rules.link(row)
            letters.send_news(session, row, subject, link, shown, left_out=max(left_out, 0), until=news.until)
    for _pace, alike in itertools.groupby(sorted(idle, key=lambda row: row.pace), key=lambda row: row.pace):
        _move(session, list(alike), news.until)


def _paragraphs(things: Iterable[Key], teller: Teller, language: str) -> list[str]:
    return [told for told in (teller.tell(thing, language) for thing in things) if told]


def _move(session: Session, rows: list[Subscription], until: int) -> bool:
    """Note that rows of one pace were told up to a line; False where another process was first."""
    still = [sa.and_(Subscription.id == row.id, Subscription.told_until == row.told_until) for row in rows]
    next_on = rules.next_day(rows[0].pace, clock.today())
    moved = sa.update(Subscription).where(sa.or_(*still)).values(told_until=until, next_on=next_on)
    return bool(session.execute(moved.returning(Subscription.id), execution_options=_BULK).all())


def _subjects(session: Session, rows: list[Subscription]) -> dict[Key, Subject]:
    found: dict[Key, Subject] = {}
    for kind in {row.subject for row in rows}:
        refs = {row.subject_ref for row in rows if row.subject == kind}
        found |= {(kind, ref): subject for ref, subject in find_all(session, kind, refs).items()}
    return found
