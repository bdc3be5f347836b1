"""The live screen: one page of plain forms, and the address to which devices send what they recorded."""

import calendar
import datetime as dt
import functools
import json
import uuid
from collections.abc import Callable, Mapping
from typing import IO, Any

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock
from participation.database import now
from participation.errors import Refusal
from participation.extensions import csrf, db
from participation.formatting import time_fr
from participation.live import events, keys, queries, rules
from participation.live.events import BANDS, Event
from participation.live.recorder import Recorder
from participation.live.words import BAND_NAMES, COUNT_WORDS, SAID
from participation.media import rules as media
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.opinions.queries import list_themes
from participation.permissions import actor, ask_to_sign_in
from participation.speaking import doors

bp = Blueprint("live", __name__, url_prefix="/equipe/rencontres/<ref>/en-direct")
FORM_DEVICE = uuid.uuid5(uuid.NAMESPACE_URL, "formulaire")
"""The device of what plain forms send, one event at a time."""
MOST_AT_ONCE = 100
"""Events of one request."""
SENT_BY_SCRIPT = "X-Appareil"
"""Header that another site's page cannot set: it stands for the token of forms, which a queue would outlive."""


def recording(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let in whoever may record the meeting of the address: its team, or the holder of its key."""

    @functools.wraps(view)
    def guarded(ref: str, **asked: str) -> Any:
        by = None
        if actor() is not None or keys.is_held():
            meeting = load_meeting(ref)
            by = keys.holder(db.session(), meeting)
        if by is None:
            if actor() is None:
                return _signed_out()
            abort(404)
        return view(meeting, by, **asked)

    guarded.permission = "meeting.live"  # type: ignore[attr-defined]
    return guarded


def _signed_out() -> Any:
    if request.headers.get(SENT_BY_SCRIPT):
        return {"faute": _("Reconnectez-vous. Rien n'est perdu.")}, 401
    return ask_to_sign_in()


# The page


@bp.get("")
@recording
def screen(meeting: Meeting, by: Recorder) -> str:
    """Show the live screen."""
    return _page(meeting)


def _page(meeting: Meeting, fault: Refusal | None = None, typed: Mapping[str, str] | None = None) -> str:
    state = queries.state_of(db.session(), meeting)
    return render_template(
        "live/direct.html",
        meeting=meeting,
        state=state,
        known=queries.in_words(state),
        few=state.tally.few,
        bands=[(band, BAND_NAMES[band]) for band in BANDS if band != "inconnue"],
        band_names=BAND_NAMES,
        count_words=COUNT_WORDS,
        themes=list_themes(db.session()),
        questions=doors.meeting_door(db.session(), meeting).questions,
        fault=fault,
        typed=typed or {},
        new_id=lambda: str(uuid.uuid4()),
        soon=[(_("Dans 1 mois"), _in_months(1)), (_("Dans 3 mois"), _in_months(3))],
    )


def _in_months(months: int) -> str:
    """Return the day some months from today, the last of its month where that has no such day."""
    today = clock.today()
    year, month = today.year + (today.month - 1 + months) // 12, (today.month - 1 + months) % 12 + 1
    return dt.date(year, month, min(today.day, calendar.monthrange(year, month)[1])).isoformat()


@bp.get("/etat")
@recording
def state(meeting: Meeting, by: Recorder) -> Response:
    """Give the state as JSON, for what another device recorded."""
    answer = jsonify(queries.in_words(queries.state_of(db.session(), meeting)))
    answer.headers["Cache-Control"] = "no-store"
    return answer


# What plain forms send


@bp.post("/ajout")
@recording
def add(meeting: Meeting, by: Recorder) -> Any:
    """Take one event from a plain form, and go back to where it was sent from."""
    sent = request.form
    try:
        event = _of_form(sent)
        take(meeting, event, by, _file())
    except Refusal as refusal:
        db.session.rollback()
        return _page(load_meeting(meeting.ref), refusal, sent), refusal.status
    anchor = sent.get("ancre") if sent.get("ancre") in SAID.values() else SAID[event.kind]
    return redirect(f"{url_for('.screen', ref=meeting.ref)}#{anchor}", 303)


def _of_form(sent: Mapping[str, str]) -> Event:
    """Return the event of a form: its fields are named as the event's."""
    fields: dict[str, Any] = dict(sent)
    fields["echeance"] = sent.get("echeance") or sent.get("echeance_date")
    return events.read(
        {
            "id": sent.get("cle"),
            "appareil": str(FORM_DEVICE),
            "numero": 0,
            "genre": sent.get("genre"),
            "quand": now().isoformat(),
            "donnees": fields,
        }
    )


# What devices send


@bp.post("/evenements")
@csrf.exempt
@recording
def take_events(meeting: Meeting, by: Recorder) -> Any:
    """Take events in their order, each in a transaction of its own; answer which are kept and which are refused."""
    if not request.headers.get(SENT_BY_SCRIPT):
        abort(400)
    taken: list[str] = []
    refused: dict[str, str] = {}
    file = _file()
    for raw in _sent():
        number = str(raw.get("id")) if isinstance(raw, Mapping) else ""
        try:
            take(load_meeting(meeting.ref), events.read(raw), by, file)
            taken.append(number)
        except Refusal as refusal:
            db.session.rollback()
            refused[number] = refusal.message
    state = queries.in_words(queries.state_of(db.session(), load_meeting(meeting.ref)))
    return {"recus": taken, "refus": refused, "heure": time_fr(clock.to_local(now())), "etat": state}


def _sent() -> list[Any]:
    """Return the events of the request: a list as JSON, or one beside a file."""
    if request.is_json:
        body = request.get_json(silent=True)
        found = body.get("evenements") if isinstance(body, Mapping) else None
    else:
        try:
            found = [json.loads(request.form.get("evenement", ""))]
        except ValueError:
            found = None
    if not isinstance(found, list) or len(found) > MOST_AT_ONCE:
        abort(400)
    return found


def _file() -> IO[bytes] | None:
    file = request.files.get("photo")
    return file.stream if file else None


_READERS = {events.PHOTO: media.read_photo, events.VOICE: media.read_audio}


def take(meeting: Meeting, event: Event, by: Recorder, file: IO[bytes] | None) -> bool:
    """Take one event and commit; return False where it had come before. Raises Refusal.

    A file is read before the transaction, which would hold others up meanwhile.
    """
    kind = events.PHOTO if event.kind == "photo" else event.data.get("fichier")
    encoded = _READERS[kind](file) if kind and file else None
    taken = rules.take(db.session(), meeting, event, by=by, file=encoded)
    db.session.commit()
    return taken
