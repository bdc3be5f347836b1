"""Passwords and one-time codes of accounts: what opens, what is refused, what ends when they change."""

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.errors import Refusal
from participation.people import passwords, queries, totp
from participation.people.models import Account, AccountIdentity
from participation.people.rules import drop_links, end_sessions

NEEDS_CODE = ("admin", "chef_projet")
"""Roles whose password opens nothing without a one-time code (security.md R05)."""


class UnknownCredentials(Refusal):
    """The address, the password or the code is wrong: which one is not said."""


class CodeNeeded(Refusal):
    """The password is right, but the role needs a one-time code and the account has none yet."""


def check_password(session: Session, email: str, password: str, code: str) -> Account:
    """Return the account whose address, password and one-time code (if it has one) these are.

    The work is the same whether the address is known or not. Raises UnknownCredentials, or CodeNeeded where the role
    may not use a password alone.
    """
    account = queries.find_by_email(session, email)
    identity = account.identity if account else None
    right = passwords.verify(identity.password_hash if identity else None, password)
    if not right or account is None or identity is None or not account.active:
        raise _unknown()
    if identity.totp_secret is None and account.role in NEEDS_CODE:
        raise CodeNeeded(
            _(
                "Pour votre rôle, il faut aussi un code à usage unique. "
                "Demandez un lien par courriel, puis réglez ce code dans « Mon compte »."
            )
        )
    if identity.totp_secret is not None:
        _use_code(session, identity, identity.totp_secret, code)
    if passwords.is_outdated(identity.password_hash or ""):
        identity.password_hash = passwords.hash_password(password)
    return account


def is_own_password(account: Account, password: str) -> bool:
    """Whether this is the account's password."""
    return passwords.verify(account.identity.password_hash if account.identity else None, password)


def set_password(session: Session, account: Account, password: str) -> None:
    """Give the account a password; every session and link of it ends. Raises Refusal: too short, too long, no code."""
    assert account.identity is not None
    if account.role in NEEDS_CODE and account.identity.totp_secret is None:
        raise Refusal(_("Réglez d'abord le code à usage unique : pour votre rôle, un mot de passe seul ne suffit pas."))
    if len(password) < passwords.SHORTEST:
        raise Refusal(
            _(
                "Ce mot de passe est trop court : il faut %(min)s caractères. Plusieurs mots font un bon mot de passe.",
                min=passwords.SHORTEST,
            ),
            field="new",
        )
    if len(password) > passwords.LONGEST:
        raise Refusal(
            _("Ce mot de passe est trop long : %(max)s caractères au plus.", max=passwords.LONGEST), field="new"
        )
    if password.lower() == account.identity.email:
        raise Refusal(_("Votre adresse n'est pas un mot de passe. Choisissez autre chose."), field="new")
    account.identity.password_hash = passwords.hash_password(password)
    end_sessions(session, account)
    drop_links(session, account)
    sentence = _("Mot de passe changé : %(function)s.", function=account.function)
    journal.record(session, "account.password_changed", str(account.id), sentence, by=account)


def enrol_code(session: Session, account: Account, seed: str, code: str) -> None:
    """Have the account sign in with one-time codes of `seed` from now on. Raises Refusal where `code` is not of it."""
    assert account.identity is not None
    step = totp.matching_step(seed, code, None)
    if step is None:
        raise Refusal(
            _("Ce code n'est pas le bon. Tapez les six chiffres que l'application montre maintenant."), field="code"
        )
    account.identity.totp_secret, account.identity.totp_last_step = seed, step
    end_sessions(session, account)
    sentence = _("Code à usage unique réglé : %(function)s.", function=account.function)
    journal.record(session, "account.code_set", str(account.id), sentence, by=account)


def drop_code(session: Session, account: Account) -> None:
    """Sign in without one-time codes again; a role that needs them loses its password with them."""
    assert account.identity is not None
    account.identity.totp_secret = account.identity.totp_last_step = None
    if account.role in NEEDS_CODE:
        account.identity.password_hash = None
    end_sessions(session, account)
    sentence = _("Code à usage unique retiré : %(function)s.", function=account.function)
    journal.record(session, "account.code_dropped", str(account.id), sentence, by=account)


def _use_code(session: Session, identity: AccountIdentity, seed: str, code: str) -> None:
    step = totp.matching_step(seed, code, identity.totp_last_step)
    if step is None:
        raise _unknown()
    # The condition in the statement, not only above: of two requests with one code, one gets in.
    unused = sa.or_(AccountIdentity.totp_last_step.is_(None), AccountIdentity.totp_last_step < step)
    used = sa.update(AccountIdentity).where(AccountIdentity.account_id == identity.account_id, unused)
    done = session.execute(
        used.values(totp_last_step=step).returning(AccountIdentity.account_id),
        execution_options={"synchronize_session": False},
    )
    if done.first() is None:
        raise _unknown()


def _unknown() -> UnknownCredentials:
    return UnknownCredentials(_("L'adresse, le mot de passe ou le code n'est pas le bon."))
