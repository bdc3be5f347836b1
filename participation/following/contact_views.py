"""Being told of news by mail: the form behind the code, and the page of the links in mails (double opt-in)."""

from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from participation.errors import NotFound, Refusal
from participation.extensions import csrf, db
from participation.following import contacts
from participation.following.attempts import Attempt
from participation.following.author_views import again, attempted, back, by_token, refused
from participation.following.forms import ContactForm
from participation.following.views import bp
from participation.following.visits import Visit
from participation.headers import private_page
from participation.language import current
from participation.permissions import public


@bp.get("/suivi/<token>/contact")
@by_token
def ask_contact(visit: Visit) -> ResponseReturnValue:
    """Ask for an address, or show that one is kept."""
    attempt = attempted() or Attempt()
    form = ContactForm(formdata=None, data=attempt.fields)
    form.show(attempt.faults)
    return again("contact", visit, form, contact=contacts.find(db.session(), visit.opinion))


@bp.post("/suivi/<token>/courriel")
@by_token
def keep_contact(visit: Visit) -> ResponseReturnValue:
    """Keep the address, unconfirmed, and send it a link."""
    form = ContactForm(request.form)
    if form.validate():
        try:
            contacts.ask(db.session(), visit.opinion, form.courriel.data or "", language=current().language)
            return back(visit, "following.ask_contact")  # which says that a mail waits to be opened
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return refused(visit, "following.ask_contact", Attempt(form.data, form.faults()))


@bp.post("/suivi/<token>/courriel/effacer")
@by_token
def erase_contact(visit: Visit) -> ResponseReturnValue:
    """Erase the address; the opinion stays."""
    contact = contacts.find(db.session(), visit.opinion)
    if contact:
        contacts.erase(db.session(), contact)
    return back(visit)


# The links in mails


@bp.get("/prevenir/<jeton>")
@public
def mail_link(jeton: str) -> ResponseReturnValue:
    """Show what the link can do: a page is only looked at, a button acts."""
    private_page()
    try:
        contact = contacts.find_by_token(db.session(), jeton)
    except NotFound as refusal:
        return _link_page("gone", 404, message=refusal.message)
    return _link_page("confirmed" if contact.confirmed_at else "asked", jeton=jeton)


@bp.post("/prevenir/<jeton>/confirmer")
@csrf.exempt
@public
def confirm(jeton: str) -> ResponseReturnValue:
    """Confirm the address."""
    private_page()
    try:
        contacts.confirm(db.session(), contacts.find_by_token(db.session(), jeton))
    except NotFound as refusal:
        return _link_page("gone", 404, message=refusal.message)
    db.session.commit()
    return redirect(f"/prevenir/{jeton}", 303)


@bp.post("/prevenir/<jeton>/effacer")
@csrf.exempt
@public
def erase_by_link(jeton: str) -> ResponseReturnValue:
    """Erase the address; again: it is gone."""
    private_page()
    try:
        contacts.erase(db.session(), contacts.find_by_token(db.session(), jeton))
        db.session.commit()
    except NotFound:
        db.session.rollback()
    return redirect("/prevenir/fini", 303)


@bp.get("/prevenir/fini")
@public
def erased() -> ResponseReturnValue:
    """Say that the address is erased."""
    return _link_page("erased")


def _link_page(state: str, status: int = 200, **values: Any) -> ResponseReturnValue:
    return render_template("following/mail_link.html", state=state, **values), status
