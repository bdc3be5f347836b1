"""The language of a page: the link chosen, else the cookie, else what the browser asks for; French by default."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

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
_FRENCH_ONLY = ("/equipe", "/admin", "/elus")
_LINK = re.compile(r'(?P<name>href|action|formaction)="(?P<address>/[^"]*)"')


def choose() -> str:
    """Return the language code of this request; French for a command. The team's pages are in French (ux.md 2.3)."""
    if not has_request_context() or request.path.startswith(_FRENCH_ONLY):
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
    app.after_request(_carry)


def _set_language(code: str) -> Response:
    """Remember the language and go back to the page that the link stood on (a path of this site only)."""
    back = request.args.get("suite", "/")
    if not back.startswith("/") or back.startswith(("//", "/\\")):
        back = url_for("pages.home")
    carried = code in LANGUAGES and not request.cookies.get(COOKIE)
    back = _without_language(back)
    answer = redirect(_with_language(back, code) if carried else back, 303)
    if code in LANGUAGES:
        answer.set_cookie(COOKIE, code, max_age=_YEAR, secure=settings().https, httponly=True, samesite="Lax")
    return answer  # type: ignore[return-value]  # redirect() returns a Response


def _carry(response: Response) -> Response:
    """Let the language that was chosen travel in addresses where the browser keeps no cookie (security.md, R14).

    Only a page or form that was asked in a language by its address is concerned: whoever keeps cookies sees none of it.
    """
    asked = request.args.get("l")
    if asked not in LANGUAGES or request.cookies.get(COOKIE) or request.path.startswith(_FRENCH_ONLY):
        return response
    if response.location and response.location.startswith("/"):
        response.location = _with_language(response.location, asked)
    elif response.mimetype == "text/html" and not response.is_streamed and not response.direct_passthrough:
        response.set_data(_LINK.sub(lambda link: _carried(link, asked), response.get_data(as_text=True)))
    return response


def _carried(link: re.Match[str], code: str) -> str:
    address = link["address"]
    if address.startswith(("//", "/static/", "/langue/", *_FRENCH_ONLY)):
        return link[0]
    return f'{link["name"]}="{_with_language(address, code, "&amp;")}"'


def _without_language(address: str) -> str:
    """Return the local address without the language that it says."""
    parts = urlsplit(address)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "l"])
    return urlunsplit(parts._replace(query=query))


def _with_language(address: str, code: str, joint: str = "&") -> str:
    """Return the local address with `l=<code>`, unless it says a language already."""
    rest, hash_, anchor = address.partition("#")
    if re.search(r"[?;&]l=", rest):
        return address
    return f"{rest}{joint if '?' in rest else '?'}l={code}{hash_}{anchor}"
