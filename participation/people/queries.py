"""What can be asked about accounts, and which places a scope may name."""

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, joinedload

from participation.database import now
from participation.errors import NotFound
from participation.people.models import SCOPE_KINDS, Account, AccountIdentity, OneTimeLink
from participation.permissions import Place

# Communes, quartiers and instances belong to features above this one: known here by table and column alone.
_PLACES = {
    "commune": (sa.table("commune", sa.column("slug"), sa.column("name"), sa.column("position")), "position"),
    "quartier": (sa.table("quartier", sa.column("slug"), sa.column("name"), sa.column("position")), "position"),
    "instance": (sa.table("body", sa.column("slug"), sa.column("name")), "name"),
}


def get_account(session: Session, number: int) -> Account:
    """Return the account with its identity. Raises NotFound."""
    account = session.get(Account, number, options=[joinedload(Account.identity)])
    if account is None:
        raise NotFound(_("Ce compte n'existe pas."))
    return account


def find_by_email(session: Session, email: str) -> Account | None:
    """Return the account of this address (in any case of letters), with its identity, or None."""
    return session.scalar(
        sa.select(Account)
        .join(Account.identity)
        .where(AccountIdentity.email == email.strip().lower())
        .options(joinedload(Account.identity))
    )


def list_accounts(session: Session) -> list[Account]:
    """Return every account with its identity: those who may act first, then by function."""
    query = sa.select(Account).options(joinedload(Account.identity))
    return list(session.scalars(query.order_by(Account.active.desc(), Account.function, Account.id)))


def count_active(session: Session, role: str) -> int:
    """Return how many accounts of this role may sign in."""
    query = sa.select(sa.func.count()).select_from(Account).join(Account.identity)
    return session.scalar(query.where(Account.role == role, Account.active)) or 0


def invitations(session: Session, accounts: Iterable[int] | None = None) -> dict[int, dt.datetime]:
    """Return account -> end of its last invitation, of those who were invited and have not come yet."""
    query = (
        sa.select(OneTimeLink.account_id, sa.func.max(OneTimeLink.expires_at))
        .where(OneTimeLink.purpose == "invitation")
        .group_by(OneTimeLink.account_id)
        .having(sa.func.count(OneTimeLink.used_at) == 0)
    )
    if accounts is not None:
        query = query.where(OneTimeLink.account_id.in_(list(accounts)))
    return {account: end for account, end in session.execute(query)}  # noqa: C416  # dict() would lose the types


def has_come(session: Session, account: Account) -> bool:
    """Whether somebody accepted an invitation of this account."""
    used = sa.select(OneTimeLink.id).where(OneTimeLink.account_id == account.id, OneTimeLink.purpose == "invitation")
    return session.scalar(used.where(OneTimeLink.used_at.is_not(None)).limit(1)) is not None


def find_link_account(session: Session, token_hash: str) -> Account | None:
    """Return whom a link that may still be used signs in, or None."""
    query = sa.select(Account).join(OneTimeLink, OneTimeLink.account_id == Account.id)
    return session.scalar(query.where(OneTimeLink.token_hash == token_hash, *usable_link()))


def usable_link() -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of a link that was neither used nor left to expire, of an account that may act."""
    may_act = sa.select(Account.id).where(Account.active)
    return OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now(), OneTimeLink.account_id.in_(may_act)


def list_places(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Return kind -> (slug, name) of every place that a scope may name, in the order of the contract."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind in SCOPE_KINDS:
        table, order = _PLACES[kind]
        query = sa.select(table.c.slug, table.c.name).order_by(table.c[order], table.c.slug)
        found[kind] = [(slug, name) for slug, name in session.execute(query)]
    return found


def place_names(session: Session) -> dict[Place, str]:
    """Return (kind, slug) -> name of every place that a scope may name."""
    return {(kind, slug): name for kind, places in list_places(session).items() for slug, name in places}
