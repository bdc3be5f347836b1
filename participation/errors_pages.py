"""Pages for what goes wrong: they say what to do next, in plain French, and never show a traceback."""

import contextlib

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from participation.errors import Refusal
from participation.extensions import db

_PAGES = {400, 401, 403, 404, 405, 409, 413, 422, 429, 500}


def init_app(app: Flask) -> None:
    """Answer refusals, HTTP errors and crashes with a page that helps."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _crashed)


def _refused(refusal: Refusal) -> tuple[str, int]:
    db.session.rollback()
    return _page(refusal.status, refusal.message)


def _stale(_error: CSRFError) -> tuple[str, int]:
    return _page(409, None)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if code < 400:
        return error
    page, status = _page(code if code in _PAGES else (404 if code < 500 else 500), None, status=code)
    told = [(name, value) for name, value in error.get_headers(request.environ) if name.lower() != "content-type"]
    return page, status, told  # such as Allow, which RFC 9110 (15.5.6) asks of every 405


def _crashed(error: Exception) -> tuple[str, int]:
    from flask import current_app

    if current_app.testing:
        raise error
    with contextlib.suppress(SQLAlchemyError):  # the database may be what failed
        db.session.rollback()
    # The rule, not the address: a query, a body or a one-time link in the path is nobody's business.
    current_app.logger.exception("failed on %s %s", request.method, request.url_rule or "an unknown address")
    return _page(500, None)


def _page(code: int, message: str | None, status: int | None = None) -> tuple[str, int]:
    name = code if code in _PAGES else 500
    template = {401: 401, 403: 403, 405: 404, 422: 409}.get(name, name)
    # The page that says that the program failed asks the database nothing, not even who is reading it.
    g.crashed = g.get("crashed", False) or (status or code) >= 500
    return render_template(f"errors/{template}.html", message=message), status or code
