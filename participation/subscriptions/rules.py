"""What can happen to a subscription: asked for, confirmed by its mail, another pace, ended; erased in the end.

The address stands apart from everything else, is used for nothing else, and goes with one click. A verb changes the
rows of the session; the caller commits. The secret of a subscription's link follows from the row and from CODE_KEY,
so that the link in an old mail still ends it.
"""

import datetime as dt

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.database import insert_into, now
from participation.errors import NotFound, Refusal
from participation.journal import JournalEntry
from participation.keys import keyed_hash, settings
from participation.people import rates
from participation.people.rules import clean_email
from participation.proposals.models import Proposal
from participation.subscriptions import letters
from participation.subscriptions.models import PACES, Subscription
from participation.subscriptions.subjects import Subject

UNCONFIRMED = dt.timedelta(days=7)
"""After which an address that nobody confirmed is erased."""
AFTER_END = dt.timedelta(days=365)
"""After a proposal has come to its end, those who followed it are forgotten (security.md R20)."""
AT_MOST = dt.timedelta(days=730)
"""After it was confirmed, an address is erased whatever happened (security.md R20)."""
AGAIN = dt.timedelta(minutes=10)
"""Within which the same request sends no second mail."""
MOST_MAILS = 5
"""Mails to confirm that one address may be sent in a quarter of an hour, whoever asks."""
MOST_FROM_AN_ADDRESS = 60
"""Requests in a quarter of an hour from one network address."""
ENDED = ("non_retenue", "realisee", "abandonnee", "retiree")
"""States after which nothing more is expected of a proposal; a merged one goes on in another."""
_MONDAY = 0


class TooMany(Refusal):
    """So many requests from one network address that it is a script."""

    status = 429


def ask(session: Session, subject: Subject, typed: str, pace: str, *, language: str, network: str) -> None:
    """Keep the address, unconfirmed, and send it the link that confirms.

    Whether the address follows the subject already is told to nobody but itself: it gets its link again. `network` is
    the network address, kept as a keyed hash for a quarter of an hour. Raises Refusal beside its field, and TooMany.
    """
    address = _address(typed)
    if pace not in PACES:
        raise Refusal(_("Choisissez quand vous voulez un courriel."), field="rythme")
    _count(session, address, network)
    known = _find(session, address, subject)
    fresh = known and (known.confirmed_at is not None or now() - known.asked_at < AGAIN)
    row = known if known and fresh else _put(session, address, subject, pace, language)
    if known and fresh and known.confirmed_at is None:
        row.pace = pace
        return
    letters.send_link(session, row, subject, link(row))


def _address(typed: str) -> str:
    try:
        return clean_email(typed)
    except Refusal:
        raise Refusal(_("Vérifiez l'adresse de courriel, par exemple prenom@exemple.fr."), field="courriel") from None


def _count(session: Session, address: str, network: str) -> None:
    if rates.tries(session, "abonnement", network) >= MOST_FROM_AN_ADDRESS:
        raise TooMany(_("Il y a beaucoup de demandes en même temps. Réessayez plus tard."))
    if rates.tries(session, "abonnement.courriel", address) >= MOST_MAILS:
        raise Refusal(_("Plusieurs courriels sont déjà partis. Attendez un quart d'heure."), field="courriel")
    rates.note(session, "abonnement", network)
    rates.note(session, "abonnement.courriel", address)


def _find(session: Session, address: str, subject: Subject) -> Subscription | None:
    return session.scalar(
        sa.select(Subscription).where(
            Subscription.address == address,
            Subscription.subject == subject.kind,
            Subscription.subject_ref == subject.ref,
        )
    )


def _put(session: Session, address: str, subject: Subject, pace: str, language: str) -> Subscription:
    """Write the unconfirmed row; an earlier one that was never confirmed begins anew."""
    asked_at = now()
    hashed = _hash(_token(address, subject.kind, subject.ref, asked_at))
    values = {"pace": pace, "language": language, "asked_at": asked_at, "token_hash": hashed}
    key = {"address": address, "subject": subject.kind, "subject_ref": subject.ref}
    row = insert_into(session, Subscription).values(**key, **values, told_until=0)
    unconfirmed = Subscription.confirmed_at.is_(None)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=values, where=unconfirmed))
    session.expire_all()
    found = _find(session, address, subject)
    assert found
    return found


# By its link


def get_by_token(session: Session, token: str) -> Subscription:
    """Return the subscription of a link. Raises NotFound where it was ended, or never was."""
    found = session.scalar(sa.select(Subscription).where(Subscription.token_hash == _hash(token)))
    if found is None:
        raise NotFound(_("Cette adresse n'est plus chez nous. Il n'y a rien à effacer."))
    return found


def confirm(session: Session, subscription: Subscription) -> None:
    """Confirm the address: from now on it is told of news. Again: nothing."""
    if subscription.confirmed_at is None:
        subscription.confirmed_at = now()
        subscription.told_until = last_line(session)
        subscription.next_on = next_day(subscription.pace, clock.today())


def change_pace(subscription: Subscription, pace: str) -> None:
    """Write more or less often. Raises Refusal for a pace that is none."""
    if pace not in PACES:
        raise Refusal(_("Choisissez quand vous voulez un courriel."), field="rythme")
    if pace != subscription.pace:
        subscription.pace, subscription.next_on = pace, next_day(pace, clock.today())


def end(session: Session, subscription: Subscription, *, everything: bool = False) -> None:
    """Erase the subscription; with `everything`, all those of its address."""
    mine = Subscription.address == subscription.address if everything else Subscription.id == subscription.id
    session.execute(sa.delete(Subscription).where(mine))


def link(subscription: Subscription) -> str:
    """Return the address of the page that confirms, and later ends."""
    return f"{settings().public_url}/abonnement/{token_of(subscription)}"


def token_of(subscription: Subscription) -> str:
    """Return the secret of the subscription's link."""
    row = subscription
    return _token(row.address, row.subject, row.subject_ref, row.asked_at)


def _token(address: str, kind: str, ref: str, asked_at: dt.datetime) -> str:
    return keyed_hash("\0".join((address, kind, ref, asked_at.isoformat())), "abonnement")[:43]


def _hash(token: str) -> str:
    return keyed_hash(token, "abonnement.lien")


# Until where, and when next


def last_line(session: Session) -> int:
    """Return the number of the journal's last line, 0 where there is none."""
    return session.scalar(sa.select(sa.func.max(JournalEntry.id))) or 0


def next_day(pace: str, today: dt.date) -> dt.date | None:
    """Return the next day on which a mail of this pace goes, after `today`: a Monday, the first of a month, or None."""
    if pace == "semaine":
        return today + dt.timedelta(days=7 - (today.weekday() - _MONDAY) % 7)
    return (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1) if pace == "mois" else None


# A job of `participation work`


def purge(session: Session) -> None:
    """Erase addresses past their time; the caller commits."""
    today = clock.today()
    ended = sa.select(Proposal.ref).where(Proposal.state.in_(ENDED), Proposal.state_on < today - AFTER_END)
    over = (
        sa.and_(Subscription.confirmed_at.is_(None), Subscription.asked_at < now() - UNCONFIRMED),
        Subscription.confirmed_at < now() - AT_MOST,
        sa.and_(Subscription.subject == "proposal", Subscription.subject_ref.in_(ended)),
    )
    session.execute(sa.delete(Subscription).where(sa.or_(*over)), execution_options={"synchronize_session": False})
