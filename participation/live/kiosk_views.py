"""The kiosk: the team's device in the hands of a resident, who speaks in her language, with a network or without.

The same three ways as on her own telephone (ux.md 2.1, screen 22). What she says waits in the device with the rest of
the meeting (events of kind `habitant`), and she leaves with five words of the device's reserve. Without scripts the
page leads to the meeting's public one.
"""

from flask import Blueprint, abort, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from participation.extensions import db
from participation.headers import allow_microphone
from participation.language import LANGUAGES, current
from participation.live.recorder import Recorder
from participation.live.views import recording
from participation.meetings.models import Meeting
from participation.meetings.queries import find_contract
from participation.meetings.words import level_sentence
from participation.speaking import forms
from participation.speaking.doors import meeting_door

bp = Blueprint("live_kiosk", __name__, url_prefix="/equipe/rencontres/<ref>/borne")
FRENCH = "fr"


@bp.get("")
@recording
def french(meeting: Meeting, by: Recorder) -> str:
    """Show the kiosk in French."""
    return _page(meeting, FRENCH)


@bp.get("/<langue>")
@recording
def translated(meeting: Meeting, by: Recorder, langue: str) -> str:
    """Show the kiosk in another language of the residents' pages: each is kept by the device under its own address."""
    if langue not in LANGUAGES or langue == FRENCH:
        abort(404)
    return _page(meeting, langue)


def kiosk_addresses(meeting: Meeting) -> list[tuple[str, str, str]]:
    """Return (code, name, address) of each language of the kiosk."""
    first = url_for("live_kiosk.french", ref=meeting.ref)
    return [(code, name, first if code == FRENCH else f"{first}/{code}") for code, name in LANGUAGES.items()]


def _page(meeting: Meeting, language: str) -> str:
    allow_microphone()
    back_words = _("Équipe : revenir à la rencontre")  # in French whatever the page's language
    with force_locale(language):
        door = meeting_door(db.session(), meeting)
        locale = current()
        return render_template(
            "live/kiosk.html",
            meeting=meeting,
            back_words=back_words,
            door=door,
            level=level_sentence(door.level, find_contract(db.session())),
            form=forms.shown(None, forms.PHOTO),
            empty={page: str(sentence) for page, sentence in forms.EMPTY.items()},
            ways=[
                (forms.TALK, "micro", _("Parler"), _("Enregistrez votre voix.")),
                (forms.WRITE, "crayon", _("Écrire"), _("Une phrase suffit.")),
                (forms.PHOTO, "photo", _("Photo"), _("Montrez un endroit.")),
            ],
            page_lang=locale.language,
            text_direction=locale.text_direction,
            language_items=[(code, name, url, code == language) for code, name, url in kiosk_addresses(meeting)],
        )
