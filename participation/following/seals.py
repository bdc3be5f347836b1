"""Sealed tokens: a few bytes that only this program can read again, and only for a while; nothing is stored.

They let a GET lead to a receipt without writing anything (docs/decisions/0015). The bytes are hidden under a pad made
by HMAC-SHA-256 from a random nonce, then signed (encrypt-then-MAC, HMAC as the pseudo-random function); both keys come
from CODE_KEY, one pair for each purpose.
"""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import secrets

from flask_babel import gettext as _

from participation.database import now
from participation.errors import NotFound
from participation.keys import settings

_NONCE, _TAG, _MOMENT = 12, 16, 4  # bytes


class Expired(NotFound):
    """The token is ours and its time is over."""

    status = 410


def seal(content: bytes, purpose: str, life: dt.timedelta) -> str:
    """Return `content` as a URL-safe token that `unseal` reads until `life` is over. Two of them never look alike."""
    until = int((now() + life).timestamp())
    nonce = secrets.token_bytes(_NONCE)
    hidden = nonce + _under_pad(until.to_bytes(_MOMENT, "big") + content, nonce, purpose)
    return base64.urlsafe_b64encode(hidden + _tag(hidden, purpose)).rstrip(b"=").decode()


def unseal(token: str, purpose: str) -> bytes:
    """Return what was sealed. Raises NotFound for what is not ours, and Expired once its time is over."""
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, UnicodeError, ValueError):
        raise _strange() from None
    hidden, tag = raw[:-_TAG], raw[-_TAG:]
    if len(raw) < _NONCE + _MOMENT + _TAG or not hmac.compare_digest(tag, _tag(hidden, purpose)):
        raise _strange()
    clear = _under_pad(hidden[_NONCE:], hidden[:_NONCE], purpose)
    if now().timestamp() >= int.from_bytes(clear[:_MOMENT], "big"):
        raise Expired(_("Pour vous protéger, cette page s'est fermée. Tapez de nouveau les cinq mots."))
    return clear[_MOMENT:]


def _strange() -> NotFound:
    return NotFound(_("Cette page n'existe pas. Tapez les cinq mots de votre code."))


def _under_pad(content: bytes, nonce: bytes, purpose: str) -> bytes:
    """Put the pad of this nonce over `content`, or take it away again."""
    key, blocks = _key(f"pad {purpose}"), -(-len(content) // 32)
    pad = b"".join(hmac.digest(key, nonce + number.to_bytes(4, "big"), "sha256") for number in range(blocks))
    return bytes(a ^ b for a, b in zip(content, pad, strict=False))


def _tag(hidden: bytes, purpose: str) -> bytes:
    return hmac.digest(_key(f"tag {purpose}"), hidden, "sha256")[:_TAG]


def _key(name: str) -> bytes:
    return hmac.new(settings().code_key.encode(), f"seal\0{name}".encode(), hashlib.sha256).digest()
