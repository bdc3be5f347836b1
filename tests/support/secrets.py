"""After each test of the whole suite: no code and no contact of a resident in an address, a title, a log or a mail.

Every five-word code that the program hashes and every address that somebody leaves is remembered while a test runs, in
this process and in the servers it starts as threads; so is all that could tell them (security.md R07, R22). The QR's
own address alone may carry the words.
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import flask
import pytest
import sqlalchemy as sa
from flask import Response

from participation.following import codes, contacts
from participation.subscriptions import rules as subscriptions

_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_TOLD = re.compile(r"INSERT INTO (outbox_mail|journal_entry)\b")
_QR = re.compile(r"/r/", re.IGNORECASE)


@dataclass
class Watch:
    """What must stay secret, and what was said, with the place where."""

    codes: set[str] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)
    said: list[tuple[str, str]] = field(default_factory=list)

    def leaks(self) -> list[str]:
        """Return where a secret was said. A mail is addressed to its contact: there, codes alone are secret."""
        return [
            f"{place}: {text}"
            for place, text in self.said
            if any(code in _flat(text) for code in self.codes)
            or (place != "outbox_mail" and any(address in unquote_plus(text).lower() for address in self.contacts))
        ]


_watch = Watch()


def _flat(text: str) -> str:
    return re.sub(r"[\s,;_-]+", "-", unquote_plus(text).lower())


def _say_request(sender: flask.Flask, **_more: Any) -> None:
    if not _QR.match(flask.request.path):
        _watch.said.append(("address", flask.request.full_path))


def _say_answer(sender: flask.Flask, response: Response, **_more: Any) -> None:
    if response.location and not _QR.match(urlsplit(response.location).path):
        _watch.said.append(("Location", response.location))
    compressed = response.content_encoding is not None  # a real browser's: the test client reads the same pages plain
    if response.mimetype == "text/html" and not (compressed or response.is_streamed or response.direct_passthrough):
        _watch.said += [("title", title) for title in _TITLE.findall(response.get_data(as_text=True))]


def _say_row(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
    told = _TOLD.match(statement)
    if told:
        _watch.said.append((told[1], str(parameters)))


class _Log(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _watch.said.append(("log", record.getMessage()))


def _remembering(function: Callable[..., Any], secrets: set[str], at: int) -> Callable[..., Any]:
    def remembering(*arguments: Any, **more: Any) -> Any:
        if arguments[at].strip():
            secrets.add(arguments[at].strip().lower())
        return function(*arguments, **more)

    return remembering


def pytest_configure() -> None:
    """Listen from now on."""
    codes.hash_of = _remembering(codes.hash_of, _watch.codes, 0)
    contacts.ask = _remembering(contacts.ask, _watch.contacts, 2)
    subscriptions.ask = _remembering(subscriptions.ask, _watch.contacts, 2)
    flask.request_started.connect(_say_request, weak=False)
    flask.request_finished.connect(_say_answer, weak=False)
    sa.event.listen(sa.Engine, "before_cursor_execute", _say_row)
    logging.getLogger().addHandler(_Log(logging.INFO))


@pytest.fixture(autouse=True)
def secrets_watched() -> Iterator[Watch]:
    """Fail the test in which a secret was said."""
    yield _watch
    leaks = _watch.leaks()
    for kept in (_watch.codes, _watch.contacts, _watch.said):
        kept.clear()
    assert not leaks, "a resident's code or address was told:\n- " + "\n- ".join(leaks)
