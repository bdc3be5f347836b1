"""The answers as an Atom feed (RFC 4287)."""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from participation.contract.models import Contract
from participation.formatting import date_fr
from participation.keys import settings
from participation.proposals.answers import Answer

MOST = 50
"""Latest answers that the feed holds."""

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 forbids, which an import may bring."""
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:participation:reponses")


@dataclass(frozen=True)
class Feed:
    """The document, and when anything in it last changed."""

    text: str
    updated: dt.datetime


def feed(answers: Sequence[Answer], *, contract: Contract | None, language: str, query: dict[str, Any]) -> Feed:
    """Return the feed of these answers, in the order given. `query` are the filters of its own address."""
    slug = contract.slug if contract else ""
    beginning = contract.loaded_at if contract else dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    updated = max((answer.changed_at for answer in answers), default=beginning)
    text = render_template(
        "proposals/answers_feed.xml",
        language=language,
        id=_lasting_id(slug, "flux", *(f"{name}={value}" for name, value in sorted(query.items()))),
        title=_("Vous avez dit, nous avons fait"),
        author=_clean(contract.holder) if contract else _("Participation"),
        updated=_moment(updated),
        own_url=_whole(url_for(".answers_feed", **query)),
        page_url=_whole(url_for(".answers", **query)),
        entries=[_entry(slug, answer) for answer in answers],
    )
    return Feed(text, updated)


def _entry(slug: str, answer: Answer) -> dict[str, str]:
    said = answer.said.text if answer.said else ""
    return {
        "id": _lasting_id(slug, answer.name),
        "title": _clean(answer.title or _first_words(said)),
        "updated": _moment(answer.changed_at),
        "url": _whole(answer.address or url_for(".answers", _anchor=anchor(answer))),
        "text": _clean("\n".join(_lines(answer, said))),
    }


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


def _lasting_id(*parts: str) -> str:
    """Return an identifier that stays when the site moves to another address (RFC 4287, 4.2.6)."""
    return uuid.uuid5(_SPACE, "\n".join(parts)).urn


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(path: str) -> str:
    return settings().public_url + path


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)
