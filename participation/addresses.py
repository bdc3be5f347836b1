"""Addresses of the pages beside the one shown, and of the pages of other features (interfaces.md: they are stable)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import request

from participation.paging import AFTER, BEFORE, Page

PASSING = frozenset({"soutien", "carte", "evaluation"})
"""Arguments that say what has just happened: the next address does not repeat them."""


def beside(page: Page[Any]) -> dict[str, str | None]:
    """Return the addresses `previous` and `next` of a list, its filters kept; None where there is none."""
    return {"previous": _moved(page.previous), "next": _moved(page.next)}


def _moved(cursor: Mapping[str, str]) -> str | None:
    if not cursor:
        return None
    left = {AFTER, BEFORE} | PASSING
    kept = [(name, v) for name, values in request.args.lists() for v in values if v and name not in left]
    return f"{request.path}?{urlencode([*kept, *cursor.items()])}"


def here() -> str:
    """Return the address of the page shown, to come back to it after a tap."""
    asked = [(name, value) for name, values in request.args.lists() for value in values if name not in PASSING]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def meeting_address(ref: str) -> str:
    """Return the address of a meeting's public page."""
    return f"/rencontres/{quote(ref)}"


def body_address(slug: str) -> str:
    """Return the address of a body's public page."""
    return f"/instances/{quote(slug)}"


def quartier_address(slug: str) -> str:
    """Return the address of a quartier's public page."""
    return f"/quartiers/{quote(slug)}"


def objective_address(code: str) -> str:
    """Return the address of an objective's public page."""
    return f"/contrat/{quote(code)}"


def web_address(text: str | None) -> str | None:
    """Return `text` if it is the address of a page that a browser may open safely (http or https), else None."""
    if not text or any(c.isspace() for c in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.netloc else None
