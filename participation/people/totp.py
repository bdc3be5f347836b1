"""One-time codes of a phone application (RFC 6238: six digits, 30 seconds, SHA-1 as every application reads them).

What is kept is not the secret but a random seed: the secret is derived from it with the key that is not in the
database, so a copy of the database gives no code (security.md T2).
"""

import base64
import hmac
import re
import secrets
from urllib.parse import urlsplit

import pyotp

from participation.database import now
from participation.keys import keyed_hash, settings

STEP = 30
"""Seconds."""


def new_seed() -> str:
    """Return a fresh seed for an account."""
    return secrets.token_urlsafe(24)


def secret(seed: str) -> str:
    """Return the secret (base32, 160 bits) that the phone's application is given."""
    return base64.b32encode(bytes.fromhex(keyed_hash(seed, "totp"))[:20]).decode()


def address(seed: str, email: str) -> str:
    """Return the `otpauth:` address that the QR code shows."""
    host = urlsplit(settings().public_url).hostname or "participation"
    return pyotp.TOTP(secret(seed)).provisioning_uri(name=email, issuer_name=f"Participation ({host})")


def matching_step(seed: str, code: str, last_step: int | None) -> int | None:
    """Return the time step whose code this is; None if it is none, or not later than `last_step`.

    The step before and the one after are taken too: a phone's clock is seldom exact.
    """
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    current = int(now().timestamp()) // STEP
    generator = pyotp.TOTP(secret(seed))
    for step in (current, current - 1, current + 1):
        if hmac.compare_digest(generator.generate_otp(step), digits) and step > (last_step or 0):
            return step
    return None
