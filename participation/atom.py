"""Atom feeds (RFC 4287): what is common to all of them, whatever they tell."""

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, request
from werkzeug.http import http_date

from participation.keys import settings
from participation.language import current

MOST = 50
"""Latest entries that a feed holds."""

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 forbids, which an import may bring."""
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:participation:reponses")


@dataclass(frozen=True)
class Entry:
    """One entry. `name` is lasting and unique among all feeds of the contract; `path` is that of its page."""

    name: str
    title: str
    """In French: words of the database."""
    updated: dt.datetime
    path: str
    text: str


@dataclass(frozen=True)
class Feed:
    """What a feed is called and where it is. `name` is lasting, `slug` the contract's; paths are without the host."""

    slug: str
    name: Sequence[str]
    title: str
    author: str
    own_path: str
    page_path: str
    beginning: dt.datetime
    """When it was last changed, where it has no entry."""


def answer_with(feed: Feed, entries: Sequence[Entry]) -> Response:
    """Return the answer of a feed, in the page's language; a reader that has it already gets 304."""
    updated = max((entry.updated for entry in entries), default=feed.beginning)
    answer = Response(_document(feed, entries, updated), mimetype="application/atom+xml")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Last-Modified"] = http_date(updated)
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _document(feed: Feed, entries: Sequence[Entry], updated: dt.datetime) -> str:
    return render_template(
        "components/feed.xml",
        language=current().language,
        id=_lasting_id(feed.slug, *feed.name),
        title=clean(feed.title),
        author=clean(feed.author),
        updated=_moment(updated),
        own_url=_whole(feed.own_path),
        page_url=_whole(feed.page_path),
        entries=[
            {
                "id": _lasting_id(feed.slug, entry.name),
                "title": clean(entry.title),
                "updated": _moment(entry.updated),
                "url": _whole(entry.path),
                "text": clean(entry.text),
            }
            for entry in entries
        ],
    )


def clean(text: str) -> str:
    """Return the text without the characters that XML forbids."""
    return _NO_XML.sub("", text)


def _lasting_id(*parts: str) -> str:
    """Return an identifier that stays when the site moves to another address (RFC 4287, 4.2.6)."""
    return uuid.uuid5(_SPACE, "\n".join(parts)).urn


def _moment(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _whole(path: str) -> str:
    return settings().public_url + path
