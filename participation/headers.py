"""Security headers of every answer, errors and static files included (security.md R13)."""

from flask import Flask, Response, g, request

from participation.keys import settings

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""Headers of a page that only the person in front of the screen may read again."""


def init_app(app: Flask) -> None:
    """Put the headers on every answer."""
    app.after_request(_add)


def allow_microphone() -> None:
    """Let the page that answers this request ask for the microphone: for the recorder alone (security.md R13)."""
    g.microphone = True


def private_page() -> None:
    """Keep the page that answers this request out of the browser's memory, and its address out of other sites' logs.

    For what only the person in front of the screen may read again: a receipt, a follow-up (security.md R07, T3).
    """
    g.private_page = True


def common(*, https: bool, microphone: bool = False) -> dict[str, str]:
    """Return the headers that pages and static files share."""
    allowed = "(self)" if microphone else "()"
    always = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": f"camera=(), geolocation=(), microphone={allowed}, payment=(), usb=()",
    }
    return always | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})


def _add(response: Response) -> Response:
    headers = response.headers
    if g.get("private_page"):
        headers.update(PRIVATE)
    headers.setdefault("Content-Security-Policy", CSP)
    for name, value in common(https=settings().https, microphone=bool(g.get("microphone"))).items():
        headers.setdefault(name, value)
    if response.mimetype == "text/html":
        # no-cache, not no-store: Back must give the form back with what was typed in it (ux.md R9).
        headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Accept-Language", "Cookie"))
    if request.path.startswith(("/equipe", "/admin", "/elus")):
        headers.setdefault("X-Robots-Tag", "noindex")
    return response
