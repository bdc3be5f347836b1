"""Forms that residents send without an account: no token and no session, but only from pages of this site.

Nobody is signed in on them, so there is no authority to borrow; what another site must not do is to speak, support or
report with a visitor's phone (security.md 0.6; ASVS 3.5.1).
"""

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import abort, request

from participation.extensions import csrf
from participation.keys import settings


def from_this_site(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let a POST reach the view without a token of forms, but not from a page of another site: that is a 403."""

    @functools.wraps(view)
    def guarded(**arguments: Any) -> Any:
        if not sent_from_here():
            abort(403)
        return view(**arguments)

    csrf.exempt(guarded)
    return guarded


def sent_from_here() -> bool:
    """Whether the form was sent from this site, as far as the browser says; one too old to say is believed."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in {"same-origin", "none"}  # none: the person resends a page by hand
    origin = request.headers.get("Origin")
    return origin is None or _host(origin) in {request.host, _host(settings().public_url)}


def _host(address: str) -> str:
    return urlsplit(address).netloc
