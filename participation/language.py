"""The language of a page: the link chosen, else the cookie, else what the browser asks for; French by default."""

from babel import Locale
from flask import Flask, Response, has_request_context, redirect, request, url_for
from flask_babel import get_locale

from participation.extensions import babel
from participation.keys import settings
from participation.permissions import public

LANGUAGES = {"fr": "Français", "en": "English", "ar": "العربية"}
"""Languages of the residents' pages, each in its own words."""
COOKIE = "langue"
_YEAR = 365 * 24 * 3600


def choose() -> str:
    """Return the language code of this request; French for a command. The team's pages are in French (ux.md 2.3)."""
    if not has_request_context() or request.path.startswith(("/equipe", "/admin", "/elus")):
        return "fr"
    for asked in (request.args.get("l"), request.cookies.get(COOKIE)):
        if asked in LANGUAGES:
            return asked
    return request.accept_languages.best_match(list(LANGUAGES)) or "fr"


def current() -> Locale:
    """Return the locale of this request."""
    return get_locale() or Locale("fr")


def init_app(app: Flask) -> None:
    """Let Babel choose by `choose`, and answer `/langue/<code>`."""
    babel.init_app(app, default_locale="fr", default_timezone="Europe/Paris", locale_selector=choose)
    app.jinja_env.globals.update(languages=LANGUAGES, current_locale=current)
    app.add_url_rule("/langue/<code>", "set_language", public(_set_language))


def _set_language(code: str) -> Response:
    """Remember the language and go back to the page that the link stood on (a path of this site only)."""
    back = request.args.get("suite", "/")
    if not back.startswith("/") or back.startswith(("//", "/\\")):
        back = url_for("pages.home")
    answer = redirect(back, 303)
    if code in LANGUAGES:
        answer.set_cookie(COOKIE, code, max_age=_YEAR, secure=settings().https, httponly=True, samesite="Lax")
    return answer  # type: ignore[return-value]  # redirect() returns a Response
