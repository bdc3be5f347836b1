"""The first administrator: somebody must be able to sign in to a database in which nobody can yet."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from participation.people import queries, rules
from participation.people.models import Account

ADDRESS = "premier-compte@participation.example"
"""No mail can go there (RFC 2606): whoever has the machine's terminal has this account, until another admin came."""
FUNCTION = "Équipe du contrat"


def first_admin_token(session: Session) -> str | None:
    """Return a one-time token for the first administrator, made at the first call; None once there is another admin.

    The first administrator invites the team in the browser. When one of them has signed in as administrator this
    account has done its work: no more links are made for it.
    """
    account = queries.find_by_email(session, ADDRESS)
    if account is None:
        if queries.count_active(session, "admin"):
            return None
        account = rules.create_account(session, ADDRESS, "admin", (), FUNCTION, None)
    if not account.active or any(queries.has_come(session, other) for other in _other_admins(session, account)):
        return None
    return rules.issue_link(session, account, "sign_in" if queries.has_come(session, account) else "invitation")


def _other_admins(session: Session, first: Account) -> list[Account]:
    others = sa.select(Account).where(Account.role == "admin", Account.active, Account.id != first.id)
    return list(session.scalars(others.order_by(Account.id)))
