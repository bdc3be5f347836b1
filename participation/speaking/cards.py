"""What stands on a poster and on cards: words and codes, for paper (templates/print) and for pages to print alike.

Every text is ready to show; the templates add none. What people wrote is cut where it would not fit on paper.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.database import now
from participation.formatting import date_fr, time_fr, weekday_fr
from participation.keys import settings
from participation.language import LANGUAGES
from participation.meetings.models import Meeting
from participation.meetings.queries import find_contract
from participation.meetings.words import level_sentence
from participation.printing import letterhead
from participation.qr import drawn_for_paper, public_address
from participation.speaking import doors
from participation.speaking.doors import Door

CARDS_A_SHEET = 8
LONGEST_QUESTION = 300
"""Characters of a question that paper bears."""
LONGEST_LINE = 140
MOST_QUESTIONS = 5


@dataclass(frozen=True)
class Card:
    """An opinion card: the words of its code, and the address that its QR carries. It exists on paper alone."""

    code: str
    address: str


def poster(session: Session, door: Door) -> dict[str, Any]:
    """Return what stands on the poster and on the table cards of a door."""
    contract = find_contract(session)
    address = _permanent_address(door)
    return {
        **letterhead(contract.name if contract else None),
        **_asked(door),
        "qr": _code(address, _("Code à scanner pour donner votre avis")),
        "steps": [_("Scannez."), _("Parlez ou écrivez."), _("Sans compte.")],
        "typed": _typed(door, address),
        "no_phone": _("Pas de téléphone ? Prenez une carte."),
        "others": _in_other_languages(),
        "what": _short(door.title, LONGEST_LINE),
        "facts": _facts(door, level_sentence(door.level, contract)),
    }


def opinion_cards(session: Session, door: Door, question: str, cards: list[Card]) -> dict[str, Any]:
    """Return what stands on the opinion cards of a door, one code each."""
    contract = find_contract(session)
    return {
        **letterhead(contract.name if contract else None),
        "heading": _short(question, LONGEST_QUESTION),
        "readers": {
            "title": _("Qui peut lire votre avis ?"),
            "choices": [_("Tout le monde, après lecture"), _("Seulement l'équipe du quartier")],
        },
        "foot": _("N'écrivez pas de nom ni d'adresse."),
        "code": _("Code :"),  # the stub leaves with the person: the team types in the words of this side
        "stub": {
            "title": _("Gardez ce code."),
            "help": _("Scannez, ou tapez ces mots :"),
            "address": _shown(settings().public_url + "/suivi"),
        },
        "cards": [{"words": card.code.split("-"), **_code(card.address, _("Code de cette carte"))} for card in cards],
    }


# Parts


def _asked(door: Door) -> dict[str, Any]:
    """Return the heading: the only question, else our own with the questions below it."""
    ours = _("Et vous, que voulez-vous dire ?")
    if door.is_default or len(door.questions) > 1:
        asked = [] if door.is_default else [_short(text, LONGEST_QUESTION) for text in door.questions[:MOST_QUESTIONS]]
        return {"kicker": None, "heading": ours, "questions": asked}
    return {"kicker": ours, "heading": _short(door.questions[0], LONGEST_QUESTION), "questions": []}


def _permanent_address(door: Door) -> str:
    path = doors.qr_path(door.meeting) if door.meeting else door.home_url
    # Only where the path is in capitals are capitals answered.
    return public_address(settings().public_url, path) if path == path.upper() else settings().public_url + path


def _code(address: str, label: str) -> dict[str, Any]:
    return {**drawn_for_paper(address, label=label), "address": address}


def _typed(door: Door, address: str) -> dict[str, Any]:
    """Return what to type: the short address with the four digits where there are some that still serve."""
    join = _shown(public_address(settings().public_url, "/C"))
    typed = {"before": _("Ou tapez :"), "address": join, "then": _("puis"), "digits": None, "after": None}
    if door.code and door.code.closes_at > now():
        typed["digits"] = door.code.digits
    elif door.quartier:
        typed["after"] = _("Puis choisissez votre quartier.")
    else:
        typed["address"] = _shown(address)
    return typed


def _shown(address: str) -> str:
    """Return the address without its scheme, which nobody types."""
    return address.partition("://")[2]


def _facts(door: Door, level: Any) -> list[str]:
    """Return when and where, and what was promised: who decides, until when they answer."""
    facts = [_when(door.meeting), _short(door.meeting.place or "", LONGEST_LINE)] if door.meeting else []
    promise = [_short(str(level), 2 * LONGEST_LINE)] if level else []
    if door.answer_due_on:
        promise.append(_("La mairie répond avant le %(day)s.", day=date_fr(door.answer_due_on)))
    return [fact for fact in (*facts, " ".join(promise)) if fact]


def _when(meeting: Meeting) -> str:
    day = weekday_fr(meeting.held_on)
    hours = _hours(meeting.starts_at, meeting.ends_at)
    said = f"{day}{_(', ')}{hours}" if hours else day
    return said[:1].upper() + said[1:]


def _hours(start: dt.datetime | None, end: dt.datetime | None) -> str:
    if start and end:
        return _("de %(start)s à %(end)s", start=time_fr(start), end=time_fr(end))
    if start:
        return _("à partir de %(start)s", start=time_fr(start))
    return _("jusqu'à %(end)s", end=time_fr(end)) if end else ""


def _in_other_languages() -> list[dict[str, str]]:
    """Return the call in each other language of the residents' pages, where the catalogue has it."""
    here = _call()
    said = []
    for language in LANGUAGES:
        with force_locale(language):
            call = _call()
        if call != here:
            said.append({"lang": language, "text": call})
    return said


def _call() -> str:
    return " ".join((_("Et vous, que voulez-vous dire ?"), _("Scannez."), _("Parlez ou écrivez."), _("Sans compte.")))


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
