"""Pages and data go compressed to residents' phones, and as they are to the team (docs/decisions/0012).

Static files are compressed when they are built (assets.py) and are served before a request comes here.
"""

from collections.abc import Callable

from flask import Flask, Response, g, request
from flask_compress import Compress

MIMETYPES = frozenset(
    {
        "application/atom+xml",
        "application/json",
        "application/manifest+json",
        "image/svg+xml",
        "text/calendar",
        "text/csv",
        "text/html",
        "text/plain",
    }
)
"""What is text. Recordings, photos, PDF and ZIP files are compressed already."""

_OPTIONS: dict[str, object] = {
    "COMPRESS_REGISTER": False,
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_MIMETYPES": sorted(MIMETYPES),
    "COMPRESS_BR_LEVEL": 5,  # of 11: a page of 15 kB in under a millisecond
    "COMPRESS_STREAMS": False,  # what is sent from a file may be asked for in parts
}


def init_app(app: Flask, staff_cookie: Callable[[], str]) -> None:
    """Compress the answers of `app`, except to whoever carries the cookie that `staff_cookie` names.

    To be called before whatever else looks at answers: the first registered is the last to see them.
    """
    app.config.from_mapping(_OPTIONS)
    compress = Compress(app)

    def answer(response: Response) -> Response:
        if response.mimetype not in MIMETYPES or response.status_code != 200:
            return response
        if staff_cookie() in request.cookies or holds_form_token():
            response.vary.add("Accept-Encoding")
            return response
        return compress.after_request(response)

    app.after_request(answer)


def holds_form_token() -> bool:
    """Whether this request's page has a form with the secret of the browser's session (Flask-WTF keeps it there)."""
    return "csrf_token" in g
