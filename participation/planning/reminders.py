"""Reminders by mail before a year slips: once for each cadence and year, to the accounts in charge.

The mail names no place and no instance (mails.py): it says how many, and where to look.
"""

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session, joinedload, selectinload

from participation.bodies.models import Body
from participation.database import insert_into, now
from participation.keys import keyed_hash, settings
from participation.people.mails import queue_mail
from participation.people.models import Account
from participation.permissions import in_scope
from participation.planning.models import CadenceReminder
from participation.planning.obligations import Duty, duties_of_year, is_slipping

ON_SITE = ("animateur", "representant")
"""Roles that are in charge of the instances in their scope; those of the contract's team are in charge of all."""


def remind(session: Session, today: dt.date) -> int:
    """Put the mails in the box for each cadence that slips and of which nobody was reminded this year; return how many
    mails. The caller commits. Done again, it writes to nobody.
    """
    slipping = [duty for duty in duties_of_year(session, today.year, today) if is_slipping(duty, today)]
    if not slipping:
        return 0
    accounts, bodies = _accounts(session), _bodies(session, slipping)
    told: dict[Account, list[str]] = {}
    for duty in slipping:
        charged = _in_charge(accounts, [bodies[body.id] for body in duty.cadence.bodies])
        if charged and _claim(session, duty.cadence.key, today.year):
            for account in charged:
                told.setdefault(account, []).append(duty.cadence.key)
    for account, keys in told.items():
        _write(session, account, keys, today.year)
    return len(told)


def _claim(session: Session, key: str, year: int) -> bool:
    """Take the reminder of a cadence and a year; False where it went out before."""
    row = insert_into(session, CadenceReminder).values(cadence_key=key, year=year, sent_at=now())
    taken = row.on_conflict_do_nothing(index_elements=["cadence_key", "year"]).returning(CadenceReminder.year)
    return session.scalar(taken) is not None


def _accounts(session: Session) -> list[Account]:
    """Return the accounts that have an address and may act."""
    query = sa.select(Account).join(Account.identity).where(Account.active).options(joinedload(Account.identity))
    return list(session.scalars(query.order_by(Account.id)))


def _bodies(session: Session, duties: Sequence[Duty]) -> dict[int, Body]:
    """Return the instances of the cadences with what rights need of them."""
    ids = {body.id for duty in duties for body in duty.cadence.bodies}
    query = sa.select(Body).where(Body.id.in_(ids)).order_by(Body.id)
    parts = (selectinload(Body.communes), selectinload(Body.quartiers))
    return {body.id: body for body in session.scalars(query.options(*parts))}


def _in_charge(accounts: Sequence[Account], bodies: Sequence[Body]) -> list[Account]:
    """Return who is in charge: those of the instances and the project managers, else the contract's team."""
    near = [
        account
        for account in accounts
        if account.role == "chef_projet"
        or (account.role in ON_SITE and any(in_scope(account, body) for body in bodies))
    ]
    return near or [account for account in accounts if account.role == "admin"]


def _write(session: Session, account: Account, keys: Sequence[str], year: int) -> None:
    assert account.identity
    number = len(keys)
    first = ngettext(
        "Des rencontres promises par le contrat ne sont pas encore prévues : %(num)s engagement en %(year)s.",
        "Des rencontres promises par le contrat ne sont pas encore prévues : %(num)s engagements en %(year)s.",
        number,
        year=year,
    )
    parts = (
        _("Bonjour,"),
        first,
        _("Vous voyez lesquels, et ce qu'il reste à prévoir, ici :"),
        f"{settings().public_url}/equipe/obligations",
        _("Ce rappel part une seule fois par engagement et par année."),
    )
    key = keyed_hash("\0".join((str(account.id), str(year), *sorted(keys))), "rappel")
    queue_mail(
        session, f"rappel-{key}", account.identity.email, _("Des rencontres à prévoir"), "\n\n".join(parts) + "\n"
    )
