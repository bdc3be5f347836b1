"""Addresses of receipts. The words of a code are in that of its QR alone (security.md, Settled)."""

from participation.keys import settings
from participation.qr import public_address


def receipt_path(token: str) -> str:
    """Return the address of a receipt and follow-up, without the host; `token` comes from `rules.open_visit`."""
    return f"/suivi/{token}"


def qr_url(code: str) -> str:
    """Return the address that the QR of a code carries, in capitals where that makes it smaller."""
    return public_address(settings().public_url, f"/r/{code}")
