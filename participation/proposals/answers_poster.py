"""The poster of the last quarter's answers: as many of the latest as one A3 holds, and how many more there are."""

from collections.abc import Sequence
from typing import Any

from babel.dates import format_date
from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from participation.contract.models import Contract, Quartier
from participation.formatting import date_fr
from participation.keys import settings
from participation.language import current
from participation.printing import letterhead
from participation.proposals.answers import Answer, Quarter
from participation.proposals.history import STATES
from participation.qr import drawn_for_paper

MOST = 24
"""More never fit."""
LONGEST_SAID, LONGEST_TITLE, LONGEST_SHORT = 160, 110, 200

_ROOM = 235
"""Millimetres that the answers have on the page to print (static/impression.css), the head and the foot aside."""
_LINE, _TITLE_LINE, _FRAME = 7.0, 7.3, 26
_SIGNS, _TITLE_SIGNS = 40, 33
"""Signs in a line of half the paper's width, wide ones; a narrow text leaves some room."""


def poster(
    answers: Sequence[Answer],
    *,
    total: int,
    late: int,
    quarter: Quarter,
    quartier: Quartier | None,
    contract: Contract | None,
    estimate: bool,
) -> dict[str, Any]:
    """Return what stands on the poster of a quarter's answers, the latest first; there are `total` of them.

    With `estimate` it has only those that surely fit on a page; else paper measures itself, and takes from `more` the
    sentence about those that are left, by the number shown.
    """
    lines = [_line(answer) for answer in answers]
    shown = lines[: _how_many_fit(lines)] if estimate else lines
    address = settings().public_url + url_for(".answers", quartier=quartier.slug if quartier else None)
    return {
        **letterhead(contract.name if contract else None),
        "heading": _("Vous avez dit, nous avons fait"),
        "place": quartier.name if quartier else None,
        "period": period(quarter),
        "lead": _("Si la réponse est non, on vous dit pourquoi."),
        "said": _("Vous avez dit :"),
        "answers": shown,
        "none": _("Aucune réponse n'a été donnée pendant ces trois mois."),
        "more": [_more(total - number) for number in range(len(lines) + 1)],
        "left": _more(total - len(shown)),
        "late": _late(late),
        "all": _("Toutes les réponses :"),
        "address": address.partition("://")[2],
        "qr": {**drawn_for_paper(address, label=_("Code à scanner pour lire toutes les réponses")), "address": address},
    }


def period(quarter: Quarter) -> str:
    """Return the months of a quarter: `octobre à décembre 2025`."""
    locale = {"en": "en_GB"}.get(current().language, current().language)
    first, last = (
        format_date(day, form, locale=locale) for day, form in ((quarter.first, "LLLL"), (quarter.last, "LLLL y"))
    )
    return _("%(first)s à %(last)s", first=first, last=last)


def _line(answer: Answer) -> dict[str, Any]:
    said = answer.said
    return {
        "state": _state_word(answer.state),
        "kind": answer.state,
        "title": _short(answer.title, LONGEST_TITLE) if answer.title else None,
        "said": {"text": _short(said.text, LONGEST_SAID), "lang": _language(said.language)} if said else None,
        "short": _short(answer.short, LONGEST_SHORT),
        "meta": [part for part in (answer.places, date_fr(answer.on_date) if answer.on_date else "") if part],
    }


def _state_word(state: str) -> str:
    return next((str(word) for word, kinds in STATES.values() if state in kinds), _("Réponse"))


def _language(tag: str | None) -> str:
    """Return the language of a BCP 47 tag; French where it is unknown."""
    code = (tag or "fr").partition("-")[0].lower()
    return code if code.isascii() and code.isalpha() and len(code) in {2, 3} else "fr"


def _more(left: int) -> str | None:
    if left <= 0:
        return None
    return ngettext("Et %(num)s autre réponse.", "Et %(num)s autres réponses.", left)


def _late(number: int) -> str | None:
    if not number:
        return None
    return ngettext("%(num)s réponse est en retard.", "%(num)s réponses sont en retard.", number)


def _how_many_fit(lines: Sequence[dict[str, Any]]) -> int:
    """Return how many of the lines fit on the page, two abreast."""
    heights = [_height(line) for line in lines]
    used, fitting = 0.0, 0
    for pair in [heights[at : at + 2] for at in range(0, len(heights), 2)]:
        used += max(pair)
        if used > _ROOM:
            break
        fitting += len(pair)
    return fitting


def _height(line: dict[str, Any]) -> float:
    """Return about how high an answer is, in millimetres."""
    said = f"{_('Vous avez dit :')} {line['said']['text']}" if line["said"] else ""
    rows = sum(-(-len(text) // _SIGNS) for text in (said, line["short"], " · ".join(line["meta"])))
    return _FRAME + _LINE * rows + _TITLE_LINE * -(-len(line["title"] or "") // _TITLE_SIGNS)


def _short(text: str, most: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
