"""The frame of every page: main menu, footer, languages, direction of writing.

Entries are named by their address (ux.md 3.2, interfaces.md), and only those whose address the application serves are
shown: a feature that is not there leaves no dead link.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, has_request_context, request, url_for
from flask_babel import lazy_gettext as _l

from participation.clock import today
from participation.keys import settings
from participation.language import LANGUAGES, current
from participation.permissions import may

_MAIN = (
    ("/", _l("Accueil")),
    ("/c", _l("Donner mon avis")),
    ("/rencontres", _l("Rencontres")),
    ("/propositions", _l("Propositions")),
    ("/reponses", _l("Réponses")),
    ("/instances", _l("Instances")),
    ("/quartiers", _l("Quartiers")),
    ("/contrat", _l("Contrat")),
    ("/bilan", _l("Bilan")),
)

_FOOTER = (
    ("/suivi", _l("Qu'est devenu mon avis ?")),
    ("/accessibilite", _l("Accessibilité : non conforme")),
    ("/donnees-personnelles", _l("Données personnelles")),
    ("/mentions-legales", _l("Mentions légales")),
    ("/donnees", _l("Données ouvertes")),
    ("/plan-du-site", _l("Plan du site")),
)

_STAFF = (
    ("/elus", _l("Ce qui m'attend")),
    ("/equipe", _l("Mes rencontres")),
    ("/equipe/avis", _l("Avis")),
    ("/equipe/signalements", _l("Signalements")),
    ("/equipe/propositions", _l("Propositions")),
    ("/equipe/suites", _l("Suites à donner")),
    ("/equipe/actions", _l("Actions")),
    ("/equipe/demarches", _l("Démarches")),
    ("/equipe/relais", _l("Projets relayés")),
    ("/equipe/obligations", _l("Obligations")),
    ("/equipe/instances", _l("Instances")),
    ("/equipe/quartiers", _l("Quartiers")),
    ("/equipe/affiches", _l("Affiches")),
    ("/equipe/import", _l("Importer")),
    ("/equipe/export", _l("Exporter")),
    ("/equipe/bilan", _l("Bilan")),
    ("/admin/personnes", _l("Personnes")),
    ("/equipe/journal", _l("Journal")),
    ("/admin", _l("Réglages")),
    ("/equipe/compte", _l("Mon compte")),
)

_TOPS = ("/", "/equipe", "/admin", "/elus")
"""Pages under which others stand that have an entry of their own."""


@dataclass(frozen=True)
class Entry:
    """One link of a menu; `current` if the page shown is it or stands under it."""

    label: Any
    url: str
    current: bool


def init_app(app: Flask) -> None:
    """Give every template the names used by base.html and base_equipe.html, and `address_of`."""
    app.context_processor(_frame)
    app.jinja_env.globals.update(staff_items=staff_items, address_of=address_of)


def _frame() -> dict[str, object]:
    locale = current()
    return {
        "nav_items": main_items(),
        "footer_items": _entries(_FOOTER),
        "help_url": address_of("/aide"),
        "staff_url": address_of("/equipe") or address_of("/equipe/connexion"),
        "language_items": language_items(),
        "page_lang": locale.language,
        "text_direction": locale.text_direction,
        "demo": settings().demo,
        "contact_phone": settings().contact_phone,
    }


def main_items() -> list[Entry]:
    """Return the main menu, in the order of ux.md."""
    return _entries(_MAIN)


def staff_items() -> list[Entry]:
    """Return the team's menu: what exists and what the person signed in may open."""
    views = current_app.view_functions
    allowed = []
    for path, label in _STAFF:
        endpoint = _endpoints().get(path)
        if endpoint and may(getattr(views[endpoint], "permission", "team.home")):
            allowed.append((path, label))
    return _entries(allowed)


def language_items() -> list[tuple[str, str, str, bool]]:
    """Return (code, own name, address, current) of each language; the address leads back to the page shown."""
    language = current().language
    endpoint = _endpoint_under("/langue/")
    path = request.full_path.rstrip("?") if has_request_context() else "/"
    items = []
    for code, name in LANGUAGES.items():
        if endpoint:
            url = _url_with_one_argument(endpoint, code) + "?" + urlencode({"suite": path})
        else:
            url = "?" + urlencode({"l": code})
        items.append((code, name, url, code == language))
    return items


def _entries(items: Iterable[tuple[str, Any]]) -> list[Entry]:
    found = []
    here = request.path.rstrip("/") or "/" if has_request_context() else ""
    for path, label in items:
        url = address_of(path)
        if url:
            below = path not in _TOPS and here.startswith(path + "/")
            found.append(Entry(label, url, here == path or below))
    return found


def address_of(path: str, last: object = None) -> str | None:
    """Return the address of the page at `path`, or of `path/<last>` if `last` is given; None if there is none.

    `/bilan` is this year's where only `/bilan/<year>` exists. A page that speaks of another feature's asks here, and
    says nothing of one that is not there.
    """
    endpoint = _endpoints().get(path)
    if endpoint and last is None:
        return url_for(endpoint)
    if last is None and path == "/bilan":
        last = today().year
    endpoint = _endpoint_under(path + "/") if last is not None else None
    return _url_with_one_argument(endpoint, last) if endpoint else None


def _endpoints() -> dict[str, str]:
    """Return path -> endpoint of every page without an argument, computed once for each application."""
    known: dict[str, str] | None = current_app.extensions.get("participation.paths")
    if known is None:
        rules = list(current_app.url_map.iter_rules())
        known = {
            r.rule.rstrip("/") or "/": r.endpoint
            for r in rules
            if "GET" in (r.methods or ()) and r.arguments <= set(r.defaults or ())
        }
        current_app.extensions["participation.paths"] = known
    return known


def _endpoint_under(start: str) -> str | None:
    """Return the endpoint of the page at `start<argument>`, if one with exactly one argument, last, exists."""
    for rule in current_app.url_map.iter_rules():
        one_argument = len(rule.arguments) == 1 and rule.rule.endswith(">") and rule.rule.count("/") == start.count("/")
        if rule.rule.startswith(start + "<") and one_argument and "GET" in (rule.methods or ()):
            return str(rule.endpoint)
    return None


def _url_with_one_argument(endpoint: str, value: object) -> str:
    rule = next(current_app.url_map.iter_rules(endpoint))
    arguments: dict[str, Any] = {next(iter(rule.arguments)): value}
    url: str = url_for(endpoint, **arguments)
    return url
