"""The answers as an Atom feed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _

from participation import atom
from participation.contract.models import Contract
from participation.formatting import date_fr
from participation.proposals.answers import Answer

LONG_AGO = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
"""When a feed without entries last changed, where no contract says."""


def feed(answers: Sequence[Answer], *, contract: Contract | None, query: dict[str, Any]) -> Response:
    """Return the feed of these answers, in the order given. `query` are the filters of its own address."""
    frame = atom.Feed(
        slug=contract.slug if contract else "",
        name=("flux", *(f"{name}={value}" for name, value in sorted(query.items()))),
        title=_("Vous avez dit, nous avons fait"),
        author=contract.holder if contract else _("Participation"),
        own_path=url_for(".answers_feed", **query),
        page_path=url_for(".answers", **query),
        beginning=contract.loaded_at if contract else LONG_AGO,
    )
    return atom.answer_with(frame, [_entry(answer) for answer in answers])


def _entry(answer: Answer) -> atom.Entry:
    said = answer.said.text if answer.said else ""
    return atom.Entry(
        name=answer.name,
        title=answer.title or _first_words(said),
        updated=answer.changed_at,
        path=answer.address or url_for(".answers", _anchor=anchor(answer)),
        text="\n".join(_lines(answer, said)),
    )


def anchor(answer: Answer) -> str:
    """Return the name of an answer inside the page that lists it."""
    return answer.name.replace("/", "-")


def _lines(answer: Answer, said: str) -> list[str]:
    lines = [f"{_('Vous avez dit :')} {said}"] if said else []
    lines.append(f"{_('Réponse :')} {answer.short}")
    if answer.reason:
        lines.append(answer.reason)
    if answer.told_on:
        lines.append(_("Réponse donnée aux habitants le %(date)s.", date=date_fr(answer.told_on)))
    return lines


def _first_words(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:79].rstrip()}…"
