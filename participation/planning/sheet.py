"""The printed sheet of a meeting: a box for everything that the live screen records, when there is only paper."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation.formatting import time_fr, weekday_fr
from participation.keys import settings
from participation.live.events import BANDS
from participation.live.words import BAND_NAMES, COUNT_WORDS
from participation.meetings.models import Meeting
from participation.meetings.queries import find_contract
from participation.opinions.queries import list_themes
from participation.printing import letterhead, pdf

POINTS, OPINIONS, DECISIONS = 5, 9, 5
"""Rows of each part."""
LONGEST = 120
MOST_THEMES = 14


def sheet_of(session: Session, meeting: Meeting) -> bytes:
    """Return the sheet as PDF: A4, two pages, tagged, for black-and-white printers."""
    title = _("Feuille de rencontre")
    return pdf("meeting_sheet", _data(session, meeting, title), title=f"{title}{_(' :')} {meeting.title}")


def _data(session: Session, meeting: Meeting, title: str) -> dict[str, Any]:
    contract = find_contract(session)
    address = f"{settings().public_url}/equipe/rencontres/{meeting.ref}/saisie".partition("://")[2]
    return {
        **letterhead(contract.name if contract else None),
        "heading": title,
        "what": meeting.title[:LONGEST],
        "facts": _facts(meeting),
        "bands": [str(BAND_NAMES[band]) for band in BANDS],
        "counts": [str(name) for name in COUNT_WORDS.values()],
        "themes": [theme.name for theme in list_themes(session)][:MOST_THEMES],
        "points": POINTS,
        "opinions": OPINIONS,
        "decisions": DECISIONS,
        "foot": _("À saisir ensuite ici : %(address)s. Puis détruisez cette feuille.", address=address),
        "texts": _texts(),
    }


def _facts(meeting: Meeting) -> list[str]:
    when = weekday_fr(meeting.held_on)
    if meeting.starts_at:
        when += _(", ") + time_fr(meeting.starts_at)
    names = ", ".join(body.name for body in meeting.bodies)
    return [fact[:LONGEST] for fact in (when, meeting.place or "", names) if fact]


def _texts() -> dict[str, str]:
    return {
        "begin": _("Début à"),
        "end": _("Fin à"),
        "no_names": _("N'écrivez aucun nom de personne."),
        "present": _("Qui est là"),
        "present_help": _("Une croix par personne qui arrive. Les élus et les agents se comptent à part."),
        "age": _("Âge"),
        "crosses": _("Une croix par personne"),
        "total": _("Total"),
        "who": _("Parmi les présents"),
        "few": _("Laissez vide ce que vous n'avez pas compté : vide n'est pas zéro."),
        "institutions": _("Institutions présentes"),
        "institution": _("Nom de l'institution, pas de la personne"),
        "agenda": _("Ordre du jour"),
        "number": _("N°"),
        "time": _("Heure"),
        "point": _("Point"),
        "notes": _("Ce qui s'est dit"),
        "opinions": _("Avis, mot à mot"),
        "opinions_help": _("Les mots de la personne, dans sa langue. Une idée à proposer se résume dans sa case."),
        "at_point": _("Point n°"),
        "theme": _("Thème"),
        "words": _("Ce que dit la personne"),
        "proposal": _("Proposition, en une phrase"),
        "hands": _("Mains levées"),
        "themes": _("Thèmes :"),
        "decisions": _("Décisions"),
        "what": _("Ce qui est décidé"),
        "owner": _("Qui s'en charge (une fonction)"),
        "due": _("Pour quand"),
        "answer": _("Réponse attendue de"),
    }
