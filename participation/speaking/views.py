"""The three forms of a resident, and where they are sent: one answer, whatever was lost on the way (ux.md R8, R9).

A form stands at /ecrire, /parler or /photo with its key in the address, and is sent to /envoi with the same key. No
token protects it from other sites: there is no session to borrow, so the browser's word on where it comes from is
enough (security.md 0.6).
"""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.following import drafts
from participation.following.rules import CodeTaken
from participation.headers import allow_microphone
from participation.media import MAX_REQUEST_BYTES
from participation.media import rules as media
from participation.media.intake import Encoded
from participation.origin import from_this_site
from participation.permissions import public
from participation.speaking import answers, flood, forms, rules
from participation.speaking.doors import Door, find_door
from participation.speaking.forms import MAIN_FIELD, PHOTO, TALK, WRITE, Sent
from participation.speaking.keys import Expired, FormKey, is_taken_from_phones, read_key, read_old_key
from participation.speaking.near import near_ones

bp = Blueprint("speaking", __name__)

TEMPLATES = {WRITE: "speaking/write.html", TALK: "speaking/talk.html", PHOTO: "speaking/photo.html"}


# The pages


@bp.get("/ecrire/<cle>")
@public
def write(cle: str) -> ResponseReturnValue:
    """Ask for a few words."""
    return _page(cle, WRITE)


@bp.get("/parler/<cle>")
@public
def talk(cle: str) -> ResponseReturnValue:
    """Ask for a minute of voice."""
    allow_microphone()
    return _page(cle, TALK)


@bp.get("/photo/<cle>")
@public
def photo(cle: str) -> ResponseReturnValue:
    """Ask for a photo, then for words about it."""
    return _page(cle, PHOTO)


def _page(cle: str, page: str) -> ResponseReturnValue:
    session = db.session()
    try:
        key = read_key(cle)
    except Expired as late:
        return redirect(answers.way_to_fresh_form(find_door(session, late.key.kind, late.key.id), late.key, page), 302)
    door = find_door(session, key.kind, key.id)
    sent = rules.find_sent(session, key)
    if sent and rules.is_settled(sent):
        # Long enough after, the page gives no way to the opinion any more: others may hold this phone.
        return answers.already_sent(door, key, page)
    draft = drafts.find(session, key.hashed)
    return render_template(
        TEMPLATES[page],
        door=door,
        key=key,
        page=page,
        main_field=MAIN_FIELD[page],
        again=answers.way_to_fresh_form(door, key, page),
        form=forms.shown(draft, page),
        near=near_ones(draft) if page == WRITE else None,
        code=rules.code_of(key, draft.fields.get("essai", 0) if draft else 0),
        sent_already=sent is not None,
    )


# Sending


@bp.post("/envoi/<cle>")
@public
@from_this_site
def receive(cle: str) -> ResponseReturnValue:
    """Take in what a resident says; the same sending again gets the same answer."""
    request.max_content_length = MAX_REQUEST_BYTES
    try:
        sent = forms.read(request)
    except RequestEntityTooLarge:
        return answers.too_heavy()
    try:
        return _take(cle, sent)
    except (Conflict, Expired, flood.Wait) as refusal:
        db.session.rollback()
        return answers.not_taken(cle, sent, refusal)


def _take(cle: str, sent: Sent) -> ResponseReturnValue:
    session = db.session()
    flood.count_address(session, request.remote_addr or "")
    session.commit()
    key, late = read_old_key(cle)
    earlier = rules.find_sent(session, key)
    if earlier:
        return answers.once_more(earlier, sent)
    if late and not (answers.from_queue() and is_taken_from_phones(key)):
        raise late
    door = find_door(session, key.kind, key.id)
    faults = _faults(key, sent)
    if faults:
        return answers.back(key, sent, faults)
    return _warn(key, sent) or _send(key, door, sent)


def _faults(key: FormKey, sent: Sent) -> dict[str, str]:
    """Return what is wrong with what was sent. Raises TooFast."""
    if sent.trapped:
        return {forms.TRAP: _("Une case cachée était remplie. Elle est vide : envoyez de nouveau.")}
    if sent.is_empty:
        return {MAIN_FIELD[sent.page]: str(forms.EMPTY[sent.page])}
    flood.check_time(key)
    return rules.faults_of(sent.message)


def _warn(key: FormKey, sent: Sent) -> ResponseReturnValue | None:
    """Lead back to the form once where the text holds what should not be public."""
    warning = rules.warning_of(sent.message)
    draft = drafts.find(db.session(), key.hashed) if warning else None
    if not warning or (draft and draft.fields.get("averti")):
        return None
    return answers.back(key, sent, warning, averti=True)


def _send(key: FormKey, door: Door, sent: Sent) -> ResponseReturnValue:
    session = db.session()
    try:
        session.rollback()  # nothing waits for us while files are read
        token = rules.send(session, key, door, sent.message, _files(sent))
    except CodeTaken:
        session.rollback()
        sentence = _("Ce code sert déjà : en voici un autre. Envoyez de nouveau.")
        return answers.back(key, sent, {"code": sentence}, other_code=True)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        session.rollback()
        return answers.back(key, sent, {refusal.field or MAIN_FIELD[sent.page]: refusal.message})
    if token is None:
        earlier = rules.find_sent(session, key)
        assert earlier
        return answers.once_more(earlier, sent)
    session.commit()
    return answers.received(token, 201)


def _files(sent: Sent) -> list[Encoded]:
    """Return the files, re-encoded. Raises Refusal for what cannot be."""
    audio = [media.read_audio(sent.audio.stream)] if sent.audio else []
    return audio + ([media.read_photo(sent.photo.stream)] if sent.photo else [])
