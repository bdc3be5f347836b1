"""The author's forms, code in hand: change, take back, add a photo, keep the code for another year.

The token in the address gives the right, so there is no session to borrow and no other token in the forms. A fault is
answered by a redirection to the form, which shows again what was typed (attempts.py, drafts.py).
"""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import RequestEntityTooLarge

from participation.errors import NotFound, Refusal
from participation.extensions import csrf, db
from participation.following import attempts, author, drafts, rules, visits
from participation.following.addresses import receipt_path
from participation.following.attempts import Attempt
from participation.following.forms import EVERYBODY, LONGEST_KEPT, TEAM, AuthorForm, ChangeForm, PhotoForm
from participation.following.views import bp, closed
from participation.following.visits import Visit
from participation.forms import clean_text
from participation.headers import private_page
from participation.heavy import read_what_is_left
from participation.media import MAX_REQUEST_BYTES
from participation.media import rules as media
from participation.media.intake import Encoded
from participation.permissions import public

View = Callable[[Visit], ResponseReturnValue]


def by_token(view: View) -> Callable[..., ResponseReturnValue]:
    """Hand the visit of the token in the address to a view; ask for the words again where it opens nothing."""

    @functools.wraps(view)
    def opened(token: str) -> ResponseReturnValue:
        private_page()
        try:
            return view(visits.read(db.session(), token))
        except NotFound as refusal:
            db.session.rollback()
            return closed(refusal)

    csrf.exempt(opened)
    return public(opened)


def back(visit: Visit, endpoint: str = "following.show") -> ResponseReturnValue:
    """Lead back to the page of the code, or to another of its pages, half an hour more from now."""
    token = rules.open_visit(db.session(), visit.row, visit.code)
    db.session.commit()
    return redirect(url_for(endpoint, token=token), 303)


def again(template: str, visit: Visit, form: AuthorForm | None, **values: Any) -> ResponseReturnValue:
    """Return the page of one form."""
    return render_template(f"following/{template}.html", visit=visit, opinion=visit.opinion, form=form, **values)


def refused(visit: Visit, endpoint: str, attempt: Attempt) -> ResponseReturnValue:
    """Lead back to the page of a form, which shows what was typed and what is wrong with it."""
    return redirect(url_for(endpoint, token=visit.token, essai=attempts.seal(attempt)), 303)


def attempted() -> Attempt | None:
    """Return the attempt that the address of the page carries, if there is one."""
    return attempts.unseal(request.args.get("essai", ""))


# Change


@bp.get("/suivi/<token>/modifier")
@by_token
def ask_change(visit: Visit) -> ResponseReturnValue:
    """Show the form that changes the words and who may read them."""
    attempt = attempted()
    if not attempt and not author.may_change(visit.opinion):
        return redirect(receipt_path(visit.token), 303)
    draft = drafts.find(db.session(), drafts.key_of(visit.row)) if attempt else None
    form = _asking(ChangeForm(formdata=None, data=draft.fields if draft else _as_it_is(visit)), visit)
    form.show(attempt.faults if attempt else {})
    return again("change", visit, form, minutes=author.minutes_left(visit.opinion))


def _as_it_is(visit: Visit) -> dict[str, str]:
    return {"texte": author.written(visit.opinion), "lecture": TEAM if visit.opinion.reserve_asked else EVERYBODY}


def _asking(form: ChangeForm, visit: Visit) -> ChangeForm:
    """Mark the words as needed, except beside a recording or a photo that says it all."""
    form.texte.flags.required = bool(author.written(visit.opinion))
    return form


@bp.post("/suivi/<token>/modification")
@by_token
def change(visit: Visit) -> ResponseReturnValue:
    """Change them."""
    form = _asking(ChangeForm(request.form), visit)
    if not form.validate():
        return _change_refused(visit, form)
    try:
        _change(visit, form)
        db.session.flush()
    except (Refusal, StaleDataError) as fault:
        db.session.rollback()
        form.refuse(fault if isinstance(fault, Refusal) else _overtaken())
        return _change_refused(visits_again(visit), form)
    return back(visit)


def _change(visit: Visit, form: ChangeForm) -> None:
    session, text = db.session(), clean_text(form.texte.data)
    author.change(session, visit.opinion, text, reserve=form.lecture.data == TEAM, code=visit.code)
    drafts.drop(session, drafts.key_of(visit.row))


def _change_refused(visit: Visit, form: ChangeForm) -> ResponseReturnValue:
    typed = {"texte": (form.texte.data or "")[:LONGEST_KEPT], "lecture": form.lecture.data}
    drafts.save(db.session(), drafts.key_of(visit.row), typed, {})
    db.session.commit()
    return refused(visit, "following.ask_change", Attempt(faults=form.faults()))


def visits_again(visit: Visit) -> Visit:
    """Return the visit as the database now has it, after a rollback."""
    return visits.read(db.session(), visit.token)


def _overtaken() -> Refusal:
    return Refusal(_("L'équipe vient de lire votre avis. Envoyez de nouveau pour le changer."))


# Take back


@bp.get("/suivi/<token>/retirer")
@by_token
def ask_take_back(visit: Visit) -> ResponseReturnValue:
    """Ask whether to take the opinion back, and say what then happens."""
    return again("take_back", visit, None, at_once=author.is_taken_at_once(visit.opinion))


@bp.post("/suivi/<token>/retrait")
@by_token
def take_back(visit: Visit) -> ResponseReturnValue:
    """Take it back; again: nothing more."""
    try:
        author.take_back(db.session(), visit.opinion)
        db.session.flush()
    except StaleDataError:  # the team acted on it at the same moment: this time it is seen
        db.session.rollback()
        visit = visits_again(visit)
        author.take_back(db.session(), visit.opinion)
    return back(visit)


# A photo


@bp.get("/suivi/<token>/photo")
@by_token
def ask_photo(visit: Visit) -> ResponseReturnValue:
    """Ask for a photo: the words are saved already."""
    if not author.may_add_photo(db.session(), visit.opinion) and not attempted():
        return redirect(receipt_path(visit.token), 303)
    form, attempt = PhotoForm(formdata=None), attempted()
    form.show(attempt.faults if attempt else {})
    return again("photo", visit, form)


@bp.post("/suivi/<token>/ajout-photo")
@csrf.exempt
@public
def add_photo(token: str) -> ResponseReturnValue:
    """Add it, once."""
    private_page()
    request.max_content_length = MAX_REQUEST_BYTES
    try:
        return _add_photo(token)
    except NotFound as refusal:
        db.session.rollback()
        return closed(refusal)


def _add_photo(token: str) -> ResponseReturnValue:
    code = visits.code_of(token)
    try:
        photo, digest = _sent_photo()
        first = author.claim_photo(db.session(), code, digest)
        visit = visits.read(db.session(), token)
        if first:
            author.add_photo(db.session(), visit.opinion, photo)
        return back(visit)
    except RequestEntityTooLarge:
        read_what_is_left(request, MAX_REQUEST_BYTES)
        return _photo_refused(token, Refusal(_("La photo est trop lourde. Choisissez une autre photo."), field="photo"))
    except NotFound:
        raise
    except Refusal as refusal:
        db.session.rollback()
        return _photo_refused(token, refusal)


def _photo_refused(token: str, refusal: Refusal) -> ResponseReturnValue:
    form = PhotoForm(formdata=None)
    form.refuse(refusal)
    return refused(visits.read(db.session(), token), "following.ask_photo", Attempt(faults=form.faults()))


def _sent_photo() -> tuple[Encoded, str]:
    """Return the photo, drawn anew, and the digest of what came; no transaction is open while it is read."""
    file = request.files.get("photo")
    if file is None or not file.filename:
        raise Refusal(_("Choisissez une photo."), field="photo")
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # any readable stream
    file.stream.seek(0)
    return media.read_photo(file.stream), digest


# Another year


@bp.post("/suivi/<token>/garder")
@by_token
def keep(visit: Visit) -> ResponseReturnValue:
    """Let the code open its page for another twelve months."""
    return back(visit)
