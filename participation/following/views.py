"""The follow-up for everybody: the QR's address, the form of five words, the receipt that is the follow-up page too.

The words of a code stand in the QR's address alone, and that request leads on at once (security.md, Settled). No page
of a code is kept by the browser, and none tells other sites its address. A GET writes nothing (decision 0015): a token
is made out of the code, not stored.
"""

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.errors import NotFound
from participation.extensions import csrf, db
from participation.following import author, codes, contacts, guesses, rules, story, visits
from participation.following.addresses import qr_url, receipt_path
from participation.following.forms import FindForm
from participation.following.guesses import Attempt
from participation.following.seals import Expired
from participation.following.visits import Visit
from participation.forms import clean_text
from participation.headers import private_page
from participation.media.queries import of_opinion
from participation.opinions.models import PHOTO_ALONE, TAKEN_BACK, VOICE_PENDING
from participation.permissions import public
from participation.qr import qr_svg

bp = Blueprint("following", __name__)

MOST_STRANGE = 2
"""Words that are none of ours of which something is said; with more of them it is no slip of the finger."""


# The QR


@bp.get("/r/<words>")
@bp.get("/R/<words>", endpoint="qr_capitals")
@public
def from_qr(words: str) -> ResponseReturnValue:
    """Lead from the address of a QR to the page of its code, or to the form where it leads nowhere."""
    private_page()
    code, address, misses = codes.parse(words), request.remote_addr or "", _misses()
    if code and not misses.many(address):
        if visits.find(db.session(), code):
            return redirect(receipt_path(visits.token_for(code)), 303)
        misses.note(address)
    return _back_to_form(Attempt(words.replace("-", " ").lower()))


def _misses() -> guesses.Misses:
    misses: guesses.Misses = current_app.extensions.setdefault("participation.misses", guesses.Misses())
    return misses


# Five words


@bp.get("/suivi")
@public
def ask() -> ResponseReturnValue:
    """Ask for the five words; `essai` holds, sealed, those that led nowhere and why."""
    sealed = request.args.get("essai", "")
    attempt = guesses.unseal(sealed) if sealed else None
    if attempt is None:
        return _form_page(FindForm(formdata=None))
    private_page()
    form = FindForm(formdata=None, data={"mots": attempt.typed})
    if attempt.ready_at:
        return _waiting_page(form, attempt, sealed)
    form.mots.errors = _what_is_wrong(attempt.typed)
    return _form_page(form)


def _form_page(form: FindForm, status: int = 200, **values: Any) -> ResponseReturnValue:
    return render_template("following/find.html", form=form, **values), status


def _waiting_page(form: FindForm, attempt: Attempt, ticket: str) -> ResponseReturnValue:
    answer = make_response(_form_page(form, 429, wait=max(attempt.seconds_left, 1), ticket=ticket))
    answer.headers["Retry-After"] = str(max(attempt.seconds_left, 1))
    return answer


def _what_is_wrong(typed: str) -> list[str]:
    """Return what to check in words that led nowhere. What is said of single words follows from the public list."""
    written = codes.split(typed)
    if not written:
        return [_("Tapez les cinq mots de votre code.")]
    said = [visits.not_found()]
    if len(written) != codes.LENGTH:
        said.append(_("Un code a cinq mots. Vous en avez écrit %(n)s.", n=len(written)))
    strange = codes.unknown(typed)
    for word in strange if len(strange) <= MOST_STRANGE else []:
        near = codes.nearest(word)
        if near:
            said.append(_("« %(word)s » : est-ce « %(near)s » ?", word=word, near=near))
        else:
            said.append(_("« %(word)s » n'est pas dans nos mots. Relisez-le.", word=word))
    return said


@bp.post("/suivi/chercher")
@csrf.exempt
@public
def find() -> ResponseReturnValue:
    """Open the page of a code that was typed, or lead back to the form with what was typed."""
    private_page()
    session, address = db.session(), request.remote_addr or ""
    typed = (clean_text(request.form.get("mots")) or "")[: codes.LONGEST]
    waiting = guesses.must_wait(session, address, typed, request.form.get("attente", ""))
    if waiting:
        return _back_to_form(waiting)
    code = codes.parse(typed)
    if code is None:
        return _back_to_form(Attempt(typed))
    row = visits.find(session, code)
    guesses.note(session, address, found=row is not None)
    token = rules.open_visit(session, row, code) if row else None
    session.commit()
    return redirect(receipt_path(token), 303) if token else _back_to_form(Attempt(typed))


def _back_to_form(attempt: Attempt) -> ResponseReturnValue:
    return redirect(f"/suivi?essai={guesses.seal(attempt)}", 303)


# The page of a code


@bp.get("/suivi/<token>")
@public
def show(token: str) -> ResponseReturnValue:
    """Show the receipt of an opinion that was just sent, and later what became of it."""
    private_page()
    try:
        visit = visits.read(db.session(), token)
    except NotFound as refusal:
        return closed(refusal)
    return render_template("following/show.html", **_told(visit))


def closed(refusal: NotFound) -> ResponseReturnValue:
    """Return the page that asks for the words again: half an hour has passed, or the address is none of ours."""
    private_page()
    return _form_page(
        FindForm(formdata=None), refusal.status, notice=refusal.message, late=isinstance(refusal, Expired)
    )


def _told(visit: Visit) -> dict[str, Any]:
    session, opinion = db.session(), visit.opinion
    assert visit.row.last_seen_on  # a code without it opens nothing
    return {
        "visit": visit,
        "opinion": opinion,
        "story": story.tell_story(session, opinion),
        "minutes": author.minutes_left(opinion),
        "may_change": author.may_change(opinion),
        "may_add_photo": author.may_add_photo(session, opinion),
        "words": author.written(opinion) if opinion.text != TAKEN_BACK else "",
        "taken_back": opinion.text == TAKEN_BACK,
        "files": {one.kind for one in of_opinion(session, opinion) if one.is_kept},
        "voice": VOICE_PENDING,
        "photo": PHOTO_ALONE,
        "contact": contacts.find(session, opinion),
        "qr": qr_svg(qr_url(visit.code), label=_("Code à scanner pour revenir ici")),
        "open_until": visits.last_day(visit.row.last_seen_on),
        "quartier": opinion.quartier or next(iter(opinion.meeting.quartiers if opinion.meeting else []), None),
    }
