"""Security headers of every answer, errors and static files included (security.md R13)."""

from flask import Flask, Response, request

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


def init_app(app: Flask) -> None:
    """Put the headers on every answer."""
    app.after_request(_add)


def common(*, https: bool) -> dict[str, str]:
    """Return the headers that pages and static files share."""
    always = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    return always | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})


def _add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    for name, value in common(https=settings().https).items():
        headers.setdefault(name, value)
    if response.mimetype == "text/html":
        # no-cache, not no-store: Back must give the form back with what was typed in it (ux.md R9).
        headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(("Accept-Language", "Cookie"))
    if request.path.startswith(("/equipe", "/admin", "/elus")):
        headers.setdefault("X-Robots-Tag", "noindex")
    return response
