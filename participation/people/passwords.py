"""Passwords: argon2id hashes, and the same work whether the account exists or not."""

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from participation.keys import settings

SHORTEST = 12
LONGEST = 200
"""Bounds in characters; no rule of composition (NIST SP 800-63B, ASVS 6.2.5). The upper one bounds the work."""


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`, at the cost of the settings."""
    return _hasher().hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether `password` is the one of the `stored` hash; None (no account, no password) takes as long and is False."""
    try:
        _hasher().verify(stored or _dummy(_hasher()), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether the hash was made at another cost than today's."""
    return _hasher().check_needs_rehash(stored)


def _hasher() -> PasswordHasher:
    return _hasher_of(settings().password_rounds, settings().password_memory_kib)


@functools.cache
def _hasher_of(rounds: int, memory_kib: int) -> PasswordHasher:
    return PasswordHasher(time_cost=rounds, memory_cost=memory_kib, parallelism=1)


@functools.cache
def _dummy(hasher: PasswordHasher) -> str:
    return hasher.hash("mot de passe de personne")
