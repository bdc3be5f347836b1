"""Recordings and photos that residents send: re-encoded, kept outside static, behind permission.

For the page where residents send: set `request.max_content_length = MAX_REQUEST_BYTES` before reading the form, then
call `rules.read_audio(stream)` or `rules.read_photo(stream)` while no transaction is open (re-encoding takes up to a
second, and on SQLite a transaction of a POST keeps every other writer out), then `rules.keep(session, opinion, what was
read)` in the transaction that adds the opinion. `rules.take_audio` and `take_photo` do both at once.
"""

MAX_REQUEST_BYTES = 13 * 1024 * 1024
"""The largest sending of a resident: a photo or a recording of 12 MB, and words."""
