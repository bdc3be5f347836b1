"""How a view answers a form of the team: what it asks is done once, or the page comes back with what was typed.

The form stands at one address and is sent to another, and its one-use key is in the form's own address: Back then
shows the form as it was left, and sending it again never makes two (ux.md R8, measured).
"""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.forms import CreatingForm
from participation.idempotency import FIELD, new_key, once

Answer = Response | tuple[str, int]


def give_key(form: CreatingForm) -> Response | None:
    """Take the form's key from its address; return a redirection to the address with a fresh key where it has none."""
    key = request.args.get(FIELD, "")
    if len(key) < 20:
        asked = [(name, value) for name, values in request.args.lists() for value in values if name != FIELD]
        return redirect(f"{request.path}?{urlencode([*asked, (FIELD, new_key())])}", 302)
    form.cle.data = key
    return None


def send(form: CreatingForm, act: Callable[[], str], again: Callable[[], str]) -> Answer:
    """Run `act`, which changes the session and returns the address to go to, once: commit and 303.

    Where the form or the rules refuse, nothing is kept and `again` gives the page, with what was typed: 422, or 409
    where somebody else was first. Raises NotFound as it comes.
    """
    if not form.validate():
        return again(), 422
    began = False

    def first() -> str:
        nonlocal began
        began = True
        try:
            url = act()
            db.session.flush()
        except (IntegrityError, StaleDataError):
            raise overtaken() from None
        return url

    try:
        return once(request.form, first)
    except Refusal as refusal:
        db.session.rollback()
        if refusal.status == 404:
            raise
        form.refuse(refusal)
        if isinstance(refusal, Conflict) and not began:
            # Its key has served for another content: the page that comes back is a new form.
            form.cle.data = new_key()
            form.form_errors.append(_("Pour ajouter aussi ce qui suit, envoyez ce formulaire encore une fois."))
        return again(), refusal.status


def overtaken() -> Conflict:
    """Return the refusal of a change made on something that somebody else has changed since."""
    return Conflict(
        _(
            "Quelqu'un d'autre vient de changer la même chose. Ce que vous avez écrit est gardé ci-dessous : "
            "relisez, puis envoyez de nouveau."
        )
    )
