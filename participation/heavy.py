"""Requests that are too heavy: they are read to the end, and thrown away, before they are answered."""

from flask import Request

_MOST = 64 * 1024 * 1024
_PIECE = 64 * 1024


def read_what_is_left(request: Request, limit: int) -> None:
    """Read a request of more than `limit` bytes, up to 64 MiB of it: a browser reads no answer before it has sent all.

    Does nothing for a smaller one: it was refused on the way, and part of it is read.
    """
    size = request.content_length or 0
    if size <= limit:
        return
    left, stream = min(size, _MOST), request.environ["wsgi.input"]
    while left > 0 and (chunk := stream.read(min(left, _PIECE))):
        left -= len(chunk)
