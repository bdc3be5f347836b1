"""Recording without a network: the service worker, the page that prepares, the page of what waits in the device."""

from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request, send_file, url_for

from participation.assets import asset_url, current_assets
from participation.extensions import csrf, db
from participation.following.rules import print_codes
from participation.live.recorder import Recorder
from participation.live.views import SENT_BY_SCRIPT, recording
from participation.live.words import KIND_NAMES
from participation.meetings.models import Meeting
from participation.permissions import public

bp = Blueprint("live_queue", __name__)
CODES = 60
"""Follow-up codes that a device takes with it (ux.md 2.2)."""
_ASSETS = ("style.css", "equipe.css", "marque.svg", "rencontre.js", "hors-reseau.js")


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


@bp.get("/equipe/rencontres/<ref>/preparer")
@recording
def prepare(meeting: Meeting, by: Recorder) -> str:
    """Let the device take the live screens with it."""
    pages = [
        url_for("live.screen", ref=meeting.ref),
        url_for("live_queue.prepare", ref=meeting.ref),
        url_for("live_queue.waiting"),
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
    answer = jsonify({"codes": codes})
    answer.headers["Cache-Control"] = "no-store"
    return answer
