"""Forms that create are safe to send twice: a key made with the form, a unique row in the transaction it causes.

Uniqueness is a constraint, not a check in code (security.md 0.3): of two sendings at once, the database lets one
through, and the other is shown the first one's result.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping

import sqlalchemy as sa
from flask import redirect, request
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.wrappers import Response

from participation.database import now
from participation.errors import Conflict, Refusal
from participation.extensions import Model, db
from participation.keys import keyed_hash, new_token

FIELD = "cle"
"""Name of the hidden field."""


class SentForm(Model):
    """A form that was received: where its result is, and a digest of what it said."""

    __tablename__ = "sent_form"

    key_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    body_sha256: Mapped[str] = mapped_column(sa.String(64))
    result_url: Mapped[str] = mapped_column(sa.Text)
    sent_at: Mapped[dt.datetime] = mapped_column(index=True)


def new_key() -> str:
    """Return a fresh key for a form."""
    return new_token()


def once(form: Mapping[str, object], create: Callable[[], str]) -> Response:
    """Run `create` (which adds to the session and returns the address of the result), commit, answer 303 to it.

    A second sending of the same form answers 303 to the first one's result and creates nothing; the same key with
    another content raises Conflict. `form` holds what was sent, `cle` and `csrf_token` included.
    Raises Refusal where the key is missing.
    """
    key = str(form.get(FIELD) or "")
    if len(key) < 20:
        raise Refusal(_("Ce formulaire est incomplet. Rechargez la page et envoyez-le de nouveau."))
    hashed, digest = keyed_hash(key, "form"), _digest()
    earlier = claim(db.session(), hashed, digest)
    if earlier is not None:
        return _first_result(earlier, digest)
    url = create()
    sent = db.session.get(SentForm, hashed)
    assert sent is not None
    sent.result_url = url
    db.session.commit()
    return redirect(url, 303)


def was_sent(form: Mapping[str, object]) -> bool:
    """Whether a form with this key has been received already: whoever asks something in between need not ask again."""
    key = str(form.get(FIELD) or "")
    return db.session.get(SentForm, keyed_hash(key, "form")) is not None


def claim(session: Session, key_hash: str, body_sha256: str) -> SentForm | None:
    """Take a key for the transaction that begins here; return the form that had it first, None where we are the first.

    To be called before any other change: the row stands before what it guards, so that of two sendings at once the
    second waits here, and is rolled back to nothing. The caller commits.
    """
    earlier = session.get(SentForm, key_hash)
    if earlier is None:
        session.add(SentForm(key_hash=key_hash, body_sha256=body_sha256, result_url="", sent_at=now()))
        try:
            session.flush()
        except IntegrityError:
            session.rollback()
            earlier = session.get(SentForm, key_hash)
    return earlier


def _first_result(earlier: SentForm, digest: str) -> Response:
    if earlier.body_sha256 != digest:
        raise Conflict(
            _(
                "Ce formulaire a déjà été envoyé avec un autre contenu. "
                "Ouvrez un nouveau formulaire pour ajouter autre chose."
            )
        )
    return redirect(earlier.result_url, 303)


def _digest() -> str:
    sent = {
        name: values for name, values in sorted(request.form.lists()) if name not in {"csrf_token", FIELD, "valider"}
    }
    files = {name: sorted(f.filename or "" for f in request.files.getlist(name)) for name in sorted(request.files)}
    # Keyed: the words of a follow-up code, typed in from a card, must not be guessed back from the database.
    return keyed_hash(json.dumps([request.path, sent, files], sort_keys=True), "form content")
