"""A test client that checks every page it fetches, so that no page of the site goes unchecked."""

from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from participation.extensions import db
from tests.support.html import csp_faults, faults_of


class CheckedClient(FlaskClient):
    """Flask's client; an HTML answer with a fault fails the test that asked for it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send the request and return the checked answer.

        As in life, the request has a context and a database session of its own, whatever the test has open. What the
        test has done so far is committed first: on SQLite its open transaction would lock the request out.
        """
        kwargs.setdefault("buffered", True)  # read to its end and closed, as a browser does
        if has_app_context():
            db.session.commit()
        response = Context().run(super().open, *args, **kwargs)
        faults = response_faults(response)
        assert not faults, f"{response.request.method} {response.request.path}:\n- " + "\n- ".join(faults)
        return response


def response_faults(response: TestResponse) -> list[str]:
    """Return what is wrong with an answer; only HTML that a person will see is looked at."""
    if response.mimetype != "text/html" or 300 <= response.status_code < 400 or response.request.method == "HEAD":
        return []
    faults = csp_faults(response.headers.get("Content-Security-Policy"))
    if response.headers.get("X-Content-Type-Options") != "nosniff":
        faults.append("no X-Content-Type-Options: nosniff")
    text = response.get_data(as_text=True)
    return faults + (faults_of(text, fragment=is_fragment(response, text)) if text else [])


def is_fragment(response: TestResponse, text: str) -> bool:
    """Tell whether the answer is a piece for htmx; a whole page is owed to everybody else."""
    return "HX-Request" in response.request.headers and not text.lstrip().lower().startswith("<!doctype")
