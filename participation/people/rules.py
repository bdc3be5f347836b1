"""What can happen to accounts: who may give which role, how long a link lives, what ends a session."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import journal
from participation.database import now
from participation.errors import NotFound, Refusal
from participation.keys import keyed_hash, new_token, settings
from participation.people import queries
from participation.people.models import (
    ROLES,
    Account,
    AccountIdentity,
    AccountScope,
    OneTimeLink,
    OutboxMail,
    StaffSession,
)
from participation.permissions import Place

EVERYWHERE = ("admin", "chef_projet")
"""Roles that act in the whole contract: they have no scope."""
NEEDS_SCOPE = ("animateur", "representant")
"""Roles that can do nothing without a scope. An élu without one reads and signs the assessment."""
_BULK = {"synchronize_session": False}
_GIVES = {"admin": tuple(ROLES), "chef_projet": ("animateur", "representant")}


class DeadLink(NotFound):
    """The link was used, has expired, or never existed: all three look the same."""

    status = 410


# Accounts


def roles_given_by(by: Any) -> tuple[str, ...]:
    """Return the roles that `by` may give; the program (None) may give all (security.md, section 2)."""
    return tuple(ROLES) if by is None else _GIVES.get(by.role, ())


def create_account(session: Session, email: str, role: str, scopes: Iterable[Place], function: str, by: Any) -> Account:
    """Create an account and its journal line; `by` is the acting account, None for the program.

    Raises Refusal: bad or known address, a role that `by` may not give, scopes that do not fit the role.
    """
    address = clean_email(email)
    if queries.find_by_email(session, address):
        raise Refusal(_("Cette adresse a déjà un compte. Cherchez-le dans la liste des personnes."), field="email")
    account = Account(role=_checked_role(role, by), function=_checked_function(function), created_at=now())
    account.scopes = _checked_scopes(session, role, scopes)
    account.identity = AccountIdentity(email=address)
    try:
        with session.begin_nested():
            session.add(account)
    except IntegrityError:  # another request was first
        raise Refusal(
            _("Cette adresse a déjà un compte. Cherchez-le dans la liste des personnes."), field="email"
        ) from None
    sentence = _("Compte créé : %(role)s, %(function)s.", role=ROLES[role], function=account.function)
    details = {"role": [None, role], "scopes": [None, _named(account.scopes)]}
    journal.record(session, "account.created", str(account.id), sentence, by=by, details=details)
    return account


def change_account(
    session: Session, account: Account, *, role: str, scopes: Iterable[Place], function: str, by: Any
) -> set[str]:
    """Change role, scopes and function, and return which changed; a new role or scope ends the account's sessions.

    Raises Refusal: one's own role, the last administrator, scopes that do not fit the role.
    """
    before = {"role": account.role, "scopes": _named(account.scopes), "function": account.function}
    if role != account.role:
        _refuse_own(
            account,
            by,
            _("Vous ne pouvez pas changer votre propre rôle. Demandez à une autre personne de l'équipe du contrat."),
        )
        _refuse_last_admin(session, account)
        account.role = _checked_role(role, by)
    checked = _checked_scopes(session, role, scopes)
    if _named(checked) != before["scopes"]:
        kept = {(scope.kind, scope.slug): scope for scope in account.scopes}
        account.scopes = [kept.get((scope.kind, scope.slug), scope) for scope in checked]
        sa.orm.attributes.flag_modified(account, "role")  # a change of scopes alone makes a new version too
    account.function = _checked_function(function)
    after = {"role": account.role, "scopes": _named(account.scopes), "function": account.function}
    details = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    if not details:
        return set()
    journal.record(
        session, "account.changed", str(account.id), _change_sentence(account, details), by=by, details=details
    )
    if details.keys() - {"function"}:
        end_sessions(session, account)
    return set(details)


def deactivate(session: Session, account: Account, by: Any) -> None:
    """Close the account: its sessions and links end at once. Raises Refusal for oneself or the last administrator."""
    if not account.active:
        return
    _refuse_own(
        account,
        by,
        _("Vous ne pouvez pas désactiver votre propre compte. Demandez à une autre personne de l'équipe du contrat."),
    )
    _refuse_last_admin(session, account)
    account.active = False
    end_sessions(session, account)
    drop_links(session, account)
    sentence = _("Compte désactivé : %(function)s.", function=account.function)
    journal.record(session, "account.deactivated", str(account.id), sentence, by=by)


def reactivate(session: Session, account: Account, by: Any) -> None:
    """Open the account again. Raises Refusal where its identity was erased."""
    if account.active:
        return
    if account.identity is None:
        raise Refusal(_("Les données de cette personne ont été effacées. Créez un nouveau compte."))
    account.active = True
    sentence = _("Compte réactivé : %(function)s.", function=account.function)
    journal.record(session, "account.reactivated", str(account.id), sentence, by=by)


def erase_identity(session: Session, account: Account, by: Any) -> None:
    """Erase address, password, codes, sessions, links and waiting mails; the account and its acts stay.

    Raises Refusal for oneself or the last administrator.
    """
    if account.identity is None:
        return
    deactivate(session, account, by)
    session.execute(sa.delete(OutboxMail).where(OutboxMail.to_address == account.identity.email))
    session.execute(sa.delete(OneTimeLink).where(OneTimeLink.account_id == account.id))
    account.identity = None
    sentence = _("Données personnelles du compte effacées : %(function)s.", function=account.function)
    journal.record(session, "account.erased", str(account.id), sentence, by=by)


def end_sessions(session: Session, account: Account) -> None:
    """End every session of the account; a copied cookie is refused at its next request."""
    session.execute(sa.delete(StaffSession).where(StaffSession.account_id == account.id))


# One-time links


def issue_link(session: Session, account: Account, purpose: str) -> str:
    """Make a one-time link of the account and return its token, which is kept nowhere: `link_url` makes the address.

    `sign_in` lives `sign_in_link_minutes`, `invitation` (of one who never came) `invitation_days` and replaces the
    earlier ones. An invitation that has ended is dead by every path: until a new one, no sign-in link either
    (security.md R05). Raises Refusal for an account that may not act.
    """
    if not account.active or account.identity is None:
        raise Refusal(_("Ce compte est désactivé : réactivez-le avant de faire un lien."))
    moment = now()
    end = moment + dt.timedelta(minutes=settings().sign_in_link_minutes)
    invited_until = queries.invitations(session, [account.id]).get(account.id)
    if purpose == "invitation":
        _refuse_second_invitation(session, account)
        drop_links(session, account)
        end = moment + dt.timedelta(days=settings().invitation_days)
    elif invited_until is not None:
        if invited_until <= moment:
            raise Refusal(_("L'invitation de cette personne est finie. Invitez-la de nouveau."))
        end = min(end, invited_until)
    token = new_token()
    session.add(
        OneTimeLink(
            token_hash=_link_hash(token), purpose=purpose, account_id=account.id, created_at=moment, expires_at=end
        )
    )
    session.flush()
    return token


def link_url(token: str, suite: str | None = None) -> str:
    """Return the address of a one-time link; `suite` is the path of this site to open afterwards."""
    query = f"?{urlencode({'suite': suite})}" if suite else ""
    return f"{settings().public_url}/equipe/entrer/{token}{query}"


def is_usable(session: Session, token: str) -> bool:
    """Whether the link could sign somebody in; reading it changes nothing."""
    return queries.find_link_account(session, _link_hash(token)) is not None


def use_link(session: Session, token: str) -> Account:
    """Use the link up and return whom it signs in; the account's other links end. Raises DeadLink."""
    used = sa.update(OneTimeLink).where(OneTimeLink.token_hash == _link_hash(token), *queries.usable_link())
    # One statement asks and marks: of two requests with one link, one gets in.
    marked = used.values(used_at=now()).returning(OneTimeLink.account_id, OneTimeLink.purpose)
    row = session.execute(marked, execution_options=_BULK).one_or_none()
    if row is None:
        raise DeadLink(_("Ce lien ne marche plus : il a déjà servi, ou son temps est fini. Demandez-en un nouveau."))
    account = queries.get_account(session, row.account_id)
    if row.purpose == "invitation" or queries.invitations(session, [account.id]):
        _accept(session, account)
    drop_links(session, account)
    return account


def drop_links(session: Session, account: Account) -> None:
    """End the account's links. Invitations stay as ended ones: they tell that nobody has come yet."""
    of_account = OneTimeLink.account_id == account.id
    session.execute(sa.delete(OneTimeLink).where(of_account, OneTimeLink.purpose == "sign_in"))
    running = sa.and_(of_account, OneTimeLink.expires_at > now())
    session.execute(sa.update(OneTimeLink).where(running).values(expires_at=now()), execution_options=_BULK)


def purge(session: Session) -> None:
    """Remove sessions and sign-in links whose time is past. Invitations stay: they tell who came and who never did."""
    moment = now()
    session.execute(sa.delete(StaffSession).where(StaffSession.expires_at <= moment))
    session.execute(sa.delete(OneTimeLink).where(OneTimeLink.purpose == "sign_in", OneTimeLink.expires_at <= moment))


# Checks


def clean_email(text: str) -> str:
    """Return the address in lower case. Raises Refusal for one that no mail can reach."""
    from email_validator import EmailNotValidError, validate_email  # here, not at every start: heavy

    try:
        checked = validate_email(text.strip(), check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        raise Refusal(
            _("Cette adresse n'est pas complète. Écrivez-la comme prenom.nom@exemple.fr."), field="email"
        ) from None
    return checked.normalized.lower()


def local_path(text: str | None) -> str | None:
    """Return `text` if it is a path of this site and nothing else, else None."""
    if not text or not text.startswith("/") or text.startswith(("//", "/\\")):
        return None
    if any(ord(char) < 0x21 or char == "\\" for char in text):
        return None
    parts = urlsplit(text)
    return None if parts.scheme or parts.netloc else text


def _checked_role(role: str, by: Any) -> str:
    if role not in roles_given_by(by):
        raise Refusal(_("Vous ne pouvez pas donner ce rôle. Demandez à l'équipe du contrat."), field="role")
    return role


def _checked_function(function: str) -> str:
    text = " ".join(function.split())
    if not text:
        raise Refusal(_("Écrivez la fonction, par exemple « Animatrice, centre social »."), field="function")
    if len(text) > 200:
        raise Refusal(_("La fonction est trop longue : 200 caractères au plus."), field="function")
    return text


def _checked_scopes(session: Session, role: str, scopes: Iterable[Place]) -> list[AccountScope]:
    wanted = sorted(set(scopes))
    if role in EVERYWHERE and wanted:
        raise Refusal(_("Ce rôle agit dans tout le contrat : ne cochez aucun lieu."), field="scopes")
    if role in NEEDS_SCOPE and not wanted:
        raise Refusal(_("Choisissez au moins un lieu : sans lieu, ce rôle ne peut rien faire."), field="scopes")
    if role == "representant" and any(kind != "instance" for kind, _slug in wanted):
        raise Refusal(
            _("Un représentant ou une représentante agit pour son instance : ne cochez que des instances."),
            field="scopes",
        )
    unknown = sorted(f"{kind}:{slug}" for kind, slug in set(wanted) - queries.place_names(session).keys())
    if unknown:
        raise Refusal(_("Lieu inconnu : %(names)s. Vérifiez dans la liste.", names=", ".join(unknown)), field="scopes")
    return [AccountScope(kind=kind, slug=slug) for kind, slug in wanted]


def _refuse_own(account: Account, by: Any, message: str) -> None:
    if by is not None and by.id == account.id:
        raise Refusal(message, field="role")


def _refuse_last_admin(session: Session, account: Account) -> None:
    if account.role == "admin" and account.active and queries.count_active(session, "admin") < 2:
        raise Refusal(
            _("C'est le dernier compte de l'équipe du contrat. Invitez d'abord une autre personne avec ce rôle."),
            field="role",
        )


def _refuse_second_invitation(session: Session, account: Account) -> None:
    """Somebody who came once signs in by themselves: a new invitation would let who makes it act as them."""
    if queries.has_come(session, account):
        raise Refusal(_("Cette personne est déjà venue : elle peut demander un lien à la page de connexion."))


def _accept(session: Session, account: Account) -> None:
    session.execute(
        sa.update(OneTimeLink)
        .where(OneTimeLink.account_id == account.id, OneTimeLink.purpose == "invitation")
        .values(used_at=now()),
        execution_options=_BULK,
    )
    sentence = _("Invitation acceptée : %(function)s.", function=account.function)
    journal.record(session, "account.accepted", str(account.id), sentence, by=account)


def _link_hash(token: str) -> str:
    return keyed_hash(token, "link")


def _named(scopes: Iterable[AccountScope]) -> list[str]:
    return sorted(f"{scope.kind}:{scope.slug}" for scope in scopes)


def _change_sentence(account: Account, details: dict[str, Any]) -> str:
    words = {"role": _("le rôle"), "scopes": _("les lieux"), "function": _("la fonction")}
    changed = ", ".join(words[name] for name in words if name in details)
    return str(_("Compte modifié : %(function)s (%(changed)s).", function=account.function, changed=changed))
