"""What a sending is answered: a redirection to a browser, a few words of JSON to the phone's queue.

Whatever could not be taken in is not lost: it stands in the form again, in a fresh form, or on the page that says so.
"""

from flask import jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.following import drafts
from participation.following.addresses import receipt_path
from participation.headers import private_page
from participation.heavy import read_what_is_left
from participation.idempotency import SentForm
from participation.media import MAX_REQUEST_BYTES
from participation.speaking import flood, rules
from participation.speaking.doors import Door, find_door
from participation.speaking.forms import MAIN_FIELD, Sent
from participation.speaking.keys import FormKey, make_key, read_key, read_old_key


def received(token: str, status: int) -> ResponseReturnValue:
    """Lead to the receipt; `status` is 201 for what is new, 200 for what was there."""
    private_page()  # the receipt's address opens it for half an hour
    if from_queue():
        return jsonify(suivi=receipt_path(token)), status
    return redirect(receipt_path(token), 303)


def once_more(earlier: SentForm, sent: Sent) -> ResponseReturnValue:
    """Lead to the receipt of what was received already. Raises Conflict where something else comes by the same key."""
    token = rules.receipt_again(db.session(), earlier, sent.message)
    db.session.commit()
    return received(token, 200)


def back(
    key: FormKey, sent: Sent, faults: dict[str, str], *, other_code: bool = False, averti: bool = False
) -> ResponseReturnValue:
    """Lead back to the form, with what was typed and what is wrong with it, field by field.

    `other_code`: the page gets other words; `averti`: its author has been warned, and the same goes next time.
    """
    session = db.session()
    before = drafts.find(session, key.hashed)
    known = before.fields if before else {}
    more = {"essai": known.get("essai", 0) + other_code, "averti": bool(known.get("averti")) or averti}
    drafts.save(session, key.hashed, {**sent.fields(), **more}, faults)
    session.commit()
    if from_queue():
        return jsonify(fautes=faults), 422
    return redirect(f"/{sent.page}/{key.text}", 303)


def not_taken(cle: str, sent: Sent, refusal: Refusal) -> ResponseReturnValue:
    """Answer what came by a key that has served or is too old, or when too much came."""
    if from_queue():
        answer = make_response(jsonify(faute=refusal.message), refusal.status)
    else:
        key, _late = read_old_key(cle)
        answer = make_response(_page_for(key, sent, refusal))
    if isinstance(refusal, flood.Wait):
        answer.headers["Retry-After"] = str(refusal.seconds)
    return answer


def _page_for(key: FormKey, sent: Sent, refusal: Refusal) -> ResponseReturnValue:
    if isinstance(refusal, flood.AddressFull):
        return _own_words(sent, refusal, _("Attendez un peu"))
    if isinstance(refusal, flood.Wait):
        sentence = f"{refusal.message} {_('Choisissez de nouveau le fichier.')}" if sent.has_file else refusal.message
        return back(key, sent, {MAIN_FIELD[sent.page]: sentence})
    if isinstance(refusal, Conflict):
        return _own_words(sent, refusal, _("Un avis est déjà arrivé"), another=_fresh_form(key, sent, {}))
    fresh = _fresh_form(key, sent, {MAIN_FIELD[sent.page]: _("Cette page était trop vieille. Envoyez de nouveau.")})
    return redirect(fresh, 303) if fresh else _own_words(sent, refusal, _("Cette page est trop vieille"))


def _fresh_form(key: FormKey, sent: Sent, faults: dict[str, str]) -> str | None:
    """Return the address of a fresh form by the same door with the same words in it; None where the door is closed."""
    session = db.session()
    door = find_door(session, key.kind, key.id)
    if not door.is_open:
        return None
    fresh = read_key(make_key(door, key.question))
    drafts.save(session, fresh.hashed, sent.fields(), faults)
    session.commit()
    return f"/{sent.page}/{fresh.text}"


def _own_words(sent: Sent, refusal: Refusal, heading: str, another: str | None = None) -> tuple[str, int]:
    """Show people their own words, to be copied or sent otherwise."""
    words = sent.message.text
    page = render_template(
        "speaking/not_sent.html", heading=heading, message=refusal.message, words=words, another=another
    )
    return page, refusal.status


def already_sent(door: Door, key: FormKey, page: str) -> str:
    """Return the page of a form that was sent a while ago."""
    return render_template(
        "speaking/not_sent.html",
        heading=_("Un avis est déjà arrivé"),
        message=_("Un avis est déjà arrivé par cette page. Retrouvez-le avec votre code."),
        another=way_to_fresh_form(door, key, page),
    )


def way_to_fresh_form(door: Door, key: FormKey, page: str) -> str:
    """Return the address that gives a fresh form like that of a key."""
    return f"{door.home_url}/{page}?question={key.question}"


def too_heavy() -> ResponseReturnValue:
    """Say that what was sent is too heavy, once all of it has come: a browser reads no answer before."""
    read_what_is_left(request, MAX_REQUEST_BYTES)
    if from_queue():
        return jsonify(faute=_("C'est trop lourd. Choisissez une autre photo.")), 413
    return render_template("errors/413.html"), 413


def from_queue() -> bool:
    """Whether it is a phone's queue that sends (static/parole.js): it reads JSON."""
    return request.accept_mimetypes.best == "application/json"
