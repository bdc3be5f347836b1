"""Secrets given to people, and the keyed hashes by which the database knows them (security.md T2: key not in it)."""

import hashlib
import hmac
import secrets

from flask import current_app

from participation.config import Settings


def settings() -> Settings:
    """Return the running application's settings."""
    value: Settings = current_app.extensions["participation.settings"]
    return value


def new_token() -> str:
    """Return a fresh URL-safe secret of 256 bits."""
    return secrets.token_urlsafe(32)


def keyed_hash(secret: str, purpose: str) -> str:
    """Return the hexadecimal HMAC-SHA-256 of `secret`, different for each `purpose`."""
    key = settings().code_key.encode()
    return hmac.new(key, f"{purpose}\0{secret}".encode(), hashlib.sha256).hexdigest()
