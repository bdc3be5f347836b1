"""What is wrong with a form behind a code, for its page to show again after a redirection (ux.md R9).

Said in the answer to a POST, it would make Back and Reload ask whether to send again. It waits in the page's address
instead, sealed and for as long as a visit: an address of a child is then kept nowhere (security.md, Settled). Texts
are drafts (drafts.py).
"""

import json
from dataclasses import dataclass, field

from participation.errors import NotFound
from participation.following import seals, visits

LONGEST = 300
"""Characters kept of a field: an address has 254 at most."""
_PURPOSE = "faute"


@dataclass(frozen=True)
class Attempt:
    """A form that was sent and refused: what was typed, and what to do about it, by the names of the fields."""

    fields: dict[str, str | bool] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)


def seal(attempt: Attempt) -> str:
    """Return the attempt as a token for the address of the page that shows it again."""
    kept = {name: value[:LONGEST] if isinstance(value, str) else value for name, value in attempt.fields.items()}
    return seals.seal(json.dumps([kept, attempt.faults]).encode(), _PURPOSE, visits.LIFE)


def unseal(token: str) -> Attempt | None:
    """Return the attempt of a token; None for what is not ours, or too old."""
    try:
        fields, faults = json.loads(seals.unseal(token, _PURPOSE))
    except NotFound:
        return None
    return Attempt(fields, faults)
