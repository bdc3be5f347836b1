"""People's administration: who has an account, with which role, where (/admin/personnes)."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, session, url_for
from flask_babel import gettext as _

from participation import editing, journal, sending
from participation.database import now
from participation.editing import Differences
from participation.errors import Refusal
from participation.extensions import db
from participation.people import mails, queries, rules
from participation.people.forms import AccountForm, InviteForm
from participation.people.models import ROLES, Account
from participation.people.views import bp
from participation.permissions import actor, may, requires

__all__ = ["bp"]

_LINK = "invitation"
"""Key of the link to hand over, in the inviter's own browser, until the next page has shown it."""


def load_account(number: int) -> Account:
    """Return the account of the address."""
    return queries.get_account(db.session(), number)


@bp.get("/admin/personnes")
@requires("people.invite")
def list_people() -> str:
    """List the accounts."""
    accounts = queries.list_accounts(db.session())
    return render_template(
        "people/list.html",
        accounts=accounts,
        invited=queries.invitations(db.session()),
        places=queries.place_names(db.session()),
        roles=ROLES,
        moment=now(),
        sees_address=sees_address,
    )


@bp.get("/admin/personnes/inviter")
@requires("people.invite")
def invite_form() -> Any:
    """Show the form of an invitation."""
    form = InviteForm()
    return sending.give_key(form) or _invite_page(form)


@bp.post("/admin/personnes/inviter")
@requires("people.invite")
def invite() -> Any:
    """Create an account and its invitation, once."""
    form = InviteForm()
    _offer(form)

    def create() -> str:
        account = rules.create_account(
            db.session(), form.email.data, form.role.data, form.chosen_places(), form.function.data, actor()
        )
        _invite(account)
        return url_for("people.show_person", number=account.id)

    return sending.send(form, create, lambda: _invite_page(form))


@bp.get("/admin/personnes/<int(max=2147483647):number>")
@requires("people.invite", load_account)
def show_person(account: Account) -> Response:
    """Show one account, its history, and the form to change it to those who may."""
    answer = make_response(_person_page(account, _as_it_is(account), link=session.pop(_LINK, None)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/admin/personnes/<int(max=2147483647):number>")
@requires("people.manage", load_account)
def change_person(account: Account) -> Any:
    """Change role, places, function."""
    number, form = account.id, AccountForm()
    _offer(form)
    if not form.validate_on_submit():
        return _person_page(account, form), 422

    def change(found: Account) -> set[str]:
        wanted = {"role": form.role.data, "scopes": form.chosen_places(), "function": form.function.data}
        return rules.change_account(db.session(), found, **wanted, by=actor())

    def done(_account: Account, changed: set[str]) -> Response:
        ended = changed & {"role", "scopes"}
        flash(_("Enregistré. Cette personne devra se connecter de nouveau.") if ended else _("Enregistré."), "success")
        return make_response(redirect(url_for("people.show_person", number=number), 303))

    return editing.save(
        form,
        lambda: load_account(number),
        change=change,
        again=lambda found, differences: _person_page(found, form, differences=differences),
        current=_as_it_is,
        done=done,
    )


@bp.post("/admin/personnes/<int(max=2147483647):number>/invitation")
@requires("people.invite", load_account)
def renew_invitation(account: Account) -> Response:
    """Make a new invitation for somebody who has not come yet; the earlier one ends."""
    if account.role not in rules.roles_given_by(actor()):
        raise Refusal(_("Cette personne ne peut être invitée que par l'équipe du contrat."))
    if account.id not in queries.invitations(db.session(), [account.id]):
        raise Refusal(_("Cette personne est déjà venue : elle peut demander un lien à la page de connexion."))
    _invite(account)
    sentence = _("Invitation renouvelée : %(function)s.", function=account.function)
    journal.record(db.session(), "account.invited", str(account.id), sentence, by=actor())
    return _done(account, _("L'invitation est renouvelée. L'ancien lien ne marche plus."))


@bp.post("/admin/personnes/<int(max=2147483647):number>/desactiver")
@requires("people.manage", load_account)
def deactivate_person(account: Account) -> Response:
    """Close an account."""
    rules.deactivate(db.session(), account, actor())
    return _done(account, _("Le compte est désactivé. Ses connexions sont fermées."))


@bp.post("/admin/personnes/<int(max=2147483647):number>/reactiver")
@requires("people.manage", load_account)
def reactivate_person(account: Account) -> Response:
    """Open an account again."""
    rules.reactivate(db.session(), account, actor())
    return _done(account, _("Le compte est réactivé."))


@bp.get("/admin/personnes/<int(max=2147483647):number>/effacer")
@requires("people.manage", load_account)
def erase_form(account: Account) -> str:
    """Say what will be erased and what stays, before it is too late."""
    return render_template("people/erase.html", account=account)


@bp.post("/admin/personnes/<int(max=2147483647):number>/effacer")
@requires("people.manage", load_account)
def erase_person(account: Account) -> Response:
    """Erase the personal data of an account."""
    rules.erase_identity(db.session(), account, actor())
    return _done(account, _("Les données personnelles de ce compte sont effacées."))


def sees_address(account: Account) -> bool:
    """Whether this person may read the account's mail address: only of those whom they invite or manage."""
    return may("people.manage") or account.role in rules.roles_given_by(actor())


def _invite(account: Account) -> None:
    assert account.identity is not None
    url = rules.link_url(rules.issue_link(db.session(), account, "invitation"))
    mails.queue_link(db.session(), account.identity.email, url, invitation=True)
    session[_LINK] = [account.id, url]


def _done(account: Account, message: str) -> Response:
    db.session.commit()
    flash(message, "success")
    return make_response(redirect(url_for("people.show_person", number=account.id), 303))


def _offer(form: InviteForm | AccountForm) -> None:
    form.offer(rules.roles_given_by(actor()), queries.list_places(db.session()))


def _as_it_is(account: Account) -> AccountForm:
    form = AccountForm(formdata=None)
    _offer(form)
    form.show(account)
    return form


def _invite_page(form: InviteForm) -> str:
    _offer(form)
    return render_template("people/invite.html", form=form)


def _person_page(
    account: Account, form: AccountForm, *, link: list[Any] | None = None, differences: Differences | None = None
) -> str:
    return render_template(
        "people/person.html",
        form=form,
        account=account,
        roles=ROLES,
        moment=now(),
        entries=journal.list_entries(db.session(), "account", str(account.id)),
        invited_until=queries.invitations(db.session(), [account.id]).get(account.id),
        link=link[1] if link and link[0] == account.id else None,
        may_invite=account.role in rules.roles_given_by(actor()),
        places=queries.place_names(db.session()),
        sees_address=sees_address,
        own=account.id == actor().id,
        differences=differences,
    )
