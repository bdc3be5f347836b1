"""Actions of proposals for the tests, as tests/support/factory.py makes the other rows."""

import datetime as dt
import hashlib
import itertools
from typing import Any

from participation.actions.models import Action, ActionNote, ActionPhoto, Evaluation
from participation.database import now
from participation.extensions import db
from participation.media import storage
from participation.proposals.models import Proposal
from tests.support.factory import make_proposal

_numbers = itertools.count(1)


def make_action(ref: str | None = None, proposal: Proposal | None = None, **values: Any) -> Action:
    """Add an open action of a proposal, of an accepted one of its own if none is given."""
    number = next(_numbers)
    defaults = {
        "ref": ref or f"action-{number}",
        "proposal": proposal or make_proposal(steps=[{"kind": "transmise"}, {"kind": "retenue"}]),
        "text": f"Action numéro {number}",
        "created_at": now(),
    }
    return _add(Action(**(defaults | values)))


def make_note(action: Action, text: str = "On avance.", **values: Any) -> ActionNote:
    """Add news of an action, of 20 March 2026."""
    defaults = {"action": action, "text": text, "on_date": dt.date(2026, 3, 20), "created_at": now()}
    return _add(ActionNote(**(defaults | values)))


def make_action_photo(note: ActionNote, ref: str | None = None, data: bytes = b"octets", **values: Any) -> ActionPhoto:
    """Add a photo that holds `data` to the news of an action; its file is in place."""
    defaults = {
        "ref": ref or f"photo-action-{next(_numbers)}",
        "note": note,
        "stored_name": storage.new_name("photo"),
        "size": len(data),
        "width": 4,
        "height": 3,
        "sha256": hashlib.sha256(data).hexdigest(),
        "description": "Deux bancs neufs",
        "created_at": now(),
    }
    photo = _add(ActionPhoto(**(defaults | values)))
    if photo.is_kept:
        (storage.folder() / photo.stored_name).write_bytes(data)
    return photo


def make_evaluation(proposal: Proposal, face: str = "oui", words: str | None = None, **values: Any) -> Evaluation:
    """Add what one more phone says of a proposal that is done; words wait to be read unless told otherwise."""
    number = next(_numbers)
    defaults = {
        "ref": f"eval-{number}",
        "proposal": proposal,
        "phone_hash": hashlib.sha256(str(number).encode()).hexdigest(),
        "face": face,
        "words": words,
        "moderation": "en_attente" if words else "publie",
        "given_on": dt.date(2026, 3, 20),
    }
    return _add(Evaluation(**(defaults | values)))


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row
