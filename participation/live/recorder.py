"""Who records a meeting live: an account, or whoever holds the meeting's key for a day."""

from dataclasses import dataclass
from typing import Any

from participation.meetings.models import Meeting


@dataclass(frozen=True)
class _Scope:
    kind: str
    slug: str


@dataclass(frozen=True)
class Recorder:
    """Acts for the one meeting whose recording was allowed, as its animator would; `id` is None without an account."""

    id: int | None
    function: str
    scopes: tuple[Any, ...]
    role: str = "animateur"
    active: bool = True


def recorder_of(meeting: Meeting, account: Any, function: str) -> Recorder:
    """Return who records: `account`, or None and the function to show (« clé de rencontre »)."""
    scopes = tuple(_Scope("instance", body.slug) for body in meeting.bodies)
    if account is None:
        return Recorder(None, function, scopes)
    return Recorder(account.id, str(account.function), scopes)
