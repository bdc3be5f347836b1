"""References that the program chooses: readable, unique, never used again (exchange-format.md: `ref`)."""

import re
import secrets
import unicodedata

from participation.database import REF_LENGTH

REF_PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""A `ref`: starts with a letter or digit; then letters, digits, `-`, `_`, `.`; at most 64 (exchange-format.md)."""
SLUG_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that are taken for one another on paper."""


def slugify(text: str) -> str:
    """Return `text` in lower case ASCII letters, digits and hyphens; empty if nothing is left (Arabic, emoji)."""
    folded = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae"))
    ascii_only = folded.encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def new_ref(*parts: str) -> str:
    """Return a new reference: the parts as a slug, then five random characters (31^5 = 28 million of each)."""
    suffix = "".join(secrets.choice(_ALPHABET) for _ in range(5))
    stem = slugify("-".join(parts))[: REF_LENGTH - 6].strip("-")
    return f"{stem}-{suffix}" if stem else suffix
