"""Stored files over HTTP: the bytes, whoever has seen to the right to read them."""

from typing import Any

from flask import Response, send_file

from participation.media import storage

_TYPES = {"audio": "audio/mp4", "photo": "image/jpeg"}
_CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
_PUBLIC_FOR = 600
"""Seconds that a phone may show a public photo without asking again: a photo that is taken back is gone after."""


def serve(row: Any, kind: str, *, everybody: bool) -> Response:
    """Give the file that a row names (queries.holds_files); `everybody`: it is public. Raises NotFound.

    Never as a page: it is named as an attachment, of a fixed type, and may run nothing (security.md T10, T13).
    """
    answer = send_file(
        storage.find(row.stored_name),
        mimetype=_TYPES[kind],
        as_attachment=True,
        download_name=f"{row.ref}{storage.ENDINGS[kind]}",
        conditional=True,
        etag=row.sha256,
        last_modified=row.created_at,
    )
    answer.headers["Cache-Control"] = f"public, max-age={_PUBLIC_FOR}" if everybody else "private, no-store"
    answer.headers["Content-Security-Policy"] = _CSP
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
