"""The phone's own cookie, `telephone`: a random number that tells one phone from another, and nothing else.

A page that shows a button of support leaves it; where it does not come back, nothing is counted and the page says so.
"""

import re
import secrets

from flask import Response, after_this_request, g, request

from participation.keys import settings

COOKIE = "telephone"
DAYS = 365
"""It is not renewed at each visit: after a year the phone is another one."""
_NUMBER = re.compile(r"[A-Za-z0-9_-]{22}")


def cookie_name() -> str:
    """Return the name under which the browser keeps it."""
    return f"__Host-{COOKIE}" if settings().https else COOKIE


def phone() -> str | None:
    """Return this phone's number, None where it has none or keeps none."""
    value = request.cookies.get(cookie_name(), "")
    return value if _NUMBER.fullmatch(value) else None


def leave_number() -> str | None:
    """Have this answer leave a number on a phone that has none; return the number it came with."""
    known = phone()
    if known is None and not g.get("leaves_number"):  # several parts of a page may ask
        g.leaves_number = True
        after_this_request(_leave)
    return known


def _leave(response: Response) -> Response:
    response.set_cookie(
        cookie_name(),
        secrets.token_urlsafe(16),
        max_age=DAYS * 24 * 3600,
        path="/",
        secure=settings().https,
        httponly=True,
        samesite="Lax",
    )
    return response
