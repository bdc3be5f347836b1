"""Sessions of the signed-in: a row in the database, an opaque token in a cookie (security.md R05).

The row says who and until when at most; deleting it ends the session at the next request, whatever cookie was copied.
The time of the last request travels in the cookie, signed, and not in the database: reading a page writes nothing.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask, Request, Response, g, request
from flask import session as browser
from itsdangerous import BadSignature, TimestampSigner
from sqlalchemy.orm import joinedload

from participation.database import now
from participation.extensions import db, login_manager
from participation.keys import keyed_hash, new_token, settings
from participation.people.models import Account, StaffSession

_REFRESH = dt.timedelta(minutes=1)
"""A cookie younger than this is not sent again."""
_HELD = "participation.session"
"""Where this request keeps what it knows of its session, in the WSGI environment."""
_BY_LINK = "l"
_BY_PASSWORD = "p"  # noqa: S105  # first letter of a token, not a password


@dataclass
class _Held:
    """What this request knows of its session; no token: the session has ended and the cookie goes."""

    token: str | None
    seen_at: dt.datetime | None


def init_app(app: Flask) -> None:
    """Let Flask-Login know who is there by our cookie alone, and keep the cookie fresh."""
    login_manager.session_protection = None  # it would write in Flask's own session, which we do not use for this
    login_manager.request_loader(find_account)
    login_manager.init_app(app)
    app.after_request(_give_cookie)


def cookie_name() -> str:
    """Return the cookie's name; over TLS no subdomain can plant it."""
    return "__Host-equipe" if settings().https else "equipe"


def find_account(request: Request) -> Account | None:
    """Return the account whose session the request's cookie carries, or None; None on the page of a crash, too."""
    held = _read(request.cookies.get(cookie_name(), ""))
    if held is None or g.get("crashed"):
        return None
    row = db.session.scalar(
        sa.select(StaffSession)
        .where(StaffSession.token_hash == _hash(held.token or ""), StaffSession.expires_at > now())
        .options(joinedload(StaffSession.account))
    )
    if row is None or not row.account.active:
        return None
    request.environ[_HELD] = held
    return row.account


def end() -> None:
    """End this browser's session, if it has one. The caller commits."""
    held = _read(request.cookies.get(cookie_name(), ""))
    if held and held.token:
        db.session.execute(sa.delete(StaffSession).where(StaffSession.token_hash == _hash(held.token)))
    browser.clear()  # what was signed before, such as the token of forms, is of no use to whoever planted it
    request.environ[_HELD] = _Held(None, None)


def start(account: Account, *, by_link: bool) -> None:
    """Sign `account` in from this browser, whose earlier session ends. The caller commits."""
    end()
    token = (_BY_LINK if by_link else _BY_PASSWORD) + new_token()
    moment = now()
    latest = moment + dt.timedelta(hours=settings().session_hours)
    db.session.execute(sa.delete(StaffSession).where(StaffSession.expires_at <= moment))
    db.session.add(StaffSession(token_hash=_hash(token), account_id=account.id, created_at=moment, expires_at=latest))
    request.environ[_HELD] = _Held(token, None)


def opened_by_link() -> bool:
    """Whether this browser's session was opened by a link received by mail."""
    held: _Held | None = request.environ.get(_HELD)
    return bool(held and held.token and held.token.startswith(_BY_LINK))


def _read(cookie: str) -> _Held | None:
    """Return the token of a cookie that we signed less than the idle time ago."""
    try:
        token, seen_at = _signer().unsign(cookie, return_timestamp=True)
    except BadSignature:
        return None
    if now() - seen_at > dt.timedelta(minutes=settings().session_idle_minutes):
        return None
    return _Held(token.decode(), seen_at)


def _give_cookie(response: Response) -> Response:
    held: _Held | None = request.environ.get(_HELD)
    if held is None or (held.seen_at and now() - held.seen_at < _REFRESH):
        return response
    secure = settings().https
    if held.token:
        value = _signer().sign(held.token).decode()
        response.set_cookie(cookie_name(), value, secure=secure, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(cookie_name(), secure=secure, httponly=True, samesite="Lax")
    return response


def _signer() -> TimestampSigner:
    return TimestampSigner(settings().secret_key, salt="session of the team", digest_method=hashlib.sha256)


def _hash(token: str) -> str:
    return keyed_hash(token, "session")
