"""The *clé de rencontre*: the team gives it as a QR and takes it back; a resident takes it and records."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation.extensions import db
from participation.fragments import provide
from participation.headers import private_page
from participation.live import keys
from participation.meetings.models import Meeting
from participation.meetings.saving import load_meeting
from participation.permissions import actor, public, requires
from participation.qr import qr_svg

bp = Blueprint("live_keys", __name__)


@bp.get("/equipe/rencontres/<ref>/cle")
@requires("meeting.edit", load_meeting)
def show(meeting: Meeting) -> str:
    """Show the meeting's key, or offer to give one."""
    private_page()
    key = keys.current(db.session(), meeting)
    link = keys.link(key) if key else None
    drawn = qr_svg(link, label=_("Clé de la rencontre")) if link else None
    return render_template("live/key.html", meeting=meeting, key=key, link=link, drawn=drawn)


@bp.post("/equipe/rencontres/<ref>/cle")
@requires("meeting.edit", load_meeting)
def give(meeting: Meeting) -> Any:
    """Give a key, for a day; the earlier one ends."""
    keys.give(db.session(), meeting, by=actor())
    db.session.commit()
    flash(_("La clé est prête. Montrez-la à la personne qui note."), "success")
    return redirect(url_for(".show", ref=meeting.ref), 303)


@bp.post("/equipe/rencontres/<ref>/cle/reprendre")
@requires("meeting.edit", load_meeting)
def take_back(meeting: Meeting) -> Any:
    """End the key at once."""
    keys.take_back(db.session(), meeting, by=actor())
    db.session.commit()
    flash(_("La clé ne sert plus."), "success")
    return redirect(url_for(".show", ref=meeting.ref), 303)


@bp.get("/cle/<token>")
@public
def offer(token: str) -> str:
    """Say what the key opens, and let it be taken."""
    private_page()
    key = keys.find(db.session(), token)
    return render_template("live/take_key.html", meeting=key.meeting, key=key, token=token)


@bp.post("/cle/<token>")
@public
def take(token: str) -> Any:
    """Give this browser the key, then go on to the live screen."""
    key = keys.find(db.session(), token)
    response = make_response(redirect(url_for("live.screen", ref=key.meeting.ref), 303))
    keys.put(response, key)
    return response


def _of_meeting(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee":
        return None
    text = render_template("live/_of_meeting.html", meeting=meeting)
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.team", _of_meeting)
