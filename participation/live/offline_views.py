"""Recording without a network: the service worker, the page that prepares, what waits in the device, its file."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request, send_file, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation.assets import asset_url, current_assets
from participation.errors import NotFound, Refusal
from participation.extensions import csrf, db
from participation.following.addresses import qr_url
from participation.following.rules import print_codes
from participation.fragments import provide
from participation.live import events, keys, saved
from participation.live.kiosk_views import kiosk_addresses
from participation.live.recorder import Recorder
from participation.live.saved import SavedEvent
from participation.live.views import SENT_BY_SCRIPT, recording, take
from participation.live.words import KIND_NAMES
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.permissions import public, requires
from participation.qr import modules

bp = Blueprint("live_queue", __name__)
CODES = 60
"""Follow-up codes that a device takes with it (ux.md 2.2)."""
_ASSETS = ("style.css", "equipe.css", "marque.svg", "rencontre.js", "hors-reseau.js", "kiosque.js", "capter.js")


@bp.get("/equipe/sw.js")
@public
def worker() -> Response:
    """Give the service worker at an address of its scope; browsers look for a newer one each time."""
    answer = send_file(current_assets().path("equipe-sw.js"), mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/equipe/a-envoyer")
@public
def waiting() -> str:
    """Show what waits in this device: the page itself says nothing of anybody."""
    return render_template("live/queue.html", kinds={kind: str(name) for kind, name in KIND_NAMES.items()})


@bp.get("/hors-ligne")
@public
def without_network() -> str:
    """Say what works without a network: the service worker shows this in place of a page that it does not keep."""
    return render_template("live/without_network.html")


@bp.get("/equipe/rencontres/<ref>/preparer")
@recording
def prepare(meeting: Meeting, by: Recorder) -> str:
    """Let the device take the live screens with it."""
    pages = [
        url_for("live.screen", ref=meeting.ref),
        url_for("live_queue.prepare", ref=meeting.ref),
        url_for("live_queue.waiting"),
        url_for("live_queue.without_network"),
        *(url for _code, _name, url in kiosk_addresses(meeting)),
    ]
    return render_template(
        "live/prepare.html", meeting=meeting, addresses=[*pages, *(asset_url(name) for name in _ASSETS)]
    )


@bp.post("/equipe/rencontres/<ref>/preparer/codes")
@csrf.exempt
@recording
def reserve_codes(meeting: Meeting, by: Recorder) -> Any:
    """Print codes for the device to give away; those never used are void in time, as printed cards are."""
    if not request.headers.get(SENT_BY_SCRIPT):
        abort(400)
    codes = print_codes(db.session(), CODES, meeting)
    db.session.commit()
    answer = jsonify({"codes": codes, "dessins": {code: modules(qr_url(code)) for code in codes}})
    answer.headers["Cache-Control"] = "no-store"
    return answer


# The file that a device saved


@dataclass
class Told:
    """What became of a file."""

    new: int = 0
    there: int = 0
    """How many the server had already."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Name of a kind, and the sentence that says why."""


@bp.get("/equipe/a-envoyer/fichier")
@requires("meeting.live")
def saved_file() -> str:
    """Show the form that takes a saved file."""
    return render_template("live/saved.html")


@bp.post("/equipe/a-envoyer/fichier")
@requires("meeting.live")
def send_saved_file() -> Any:
    """Take each event of the file in a transaction of its own, as if its device sent it."""
    file = request.files.get("fichier")
    try:
        found = saved.read(file.read() if file else b"")
    except Refusal as fault:
        return render_template("live/saved.html", fault=fault, form_errors=True), fault.status
    told = Told()
    for one in found:
        _take(one, told)
    return render_template("live/saved.html", told=told)


def _take(one: SavedEvent, told: Told) -> None:
    try:
        event = events.read(one.raw)
        meeting = load_meeting(one.meeting)
        if take(meeting, event, _recorder(meeting), one.photo):
            told.new += 1
        else:
            told.there += 1
    except Refusal as refusal:
        db.session.rollback()
        name = KIND_NAMES.get(str(one.raw.get("genre")), _("Geste inconnu"))
        told.refused.append((str(name), refusal.message))


def _recorder(meeting: Meeting) -> Any:
    by = keys.holder(db.session(), meeting)
    if by is None:
        raise NotFound(_("Cette rencontre n'est pas une des vôtres."))
    return by


# Writing and publishing minutes, without a network


def _on_writing(meeting: Meeting) -> Markup:
    """What a page that writes or publishes minutes says of a tap that the network did not carry."""
    return Markup(render_template("live/_next.html", meeting=meeting))  # noqa: S704  # a template of our own


provide("meeting.write.team", _on_writing)
