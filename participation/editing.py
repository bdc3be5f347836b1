"""Changing what several people may change: never over what somebody else has saved meanwhile (EditingForm.version).

A form opened on an older version answers 409 with what was typed and, beside it, what is there now; sending it again
is then a choice. A double click, or a resend of what is saved already, changes nothing and goes on.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms import SelectField, SelectMultipleField

from participation.errors import Refusal
from participation.extensions import db
from participation.formatting import NOT_KNOWN, date_fr
from participation.forms import EditingForm, Form

Differences = list[tuple[str, str, str]]
"""Label of a field, what was typed in it, what is there now."""
T = TypeVar("T")
C = TypeVar("C")


def save(
    form: EditingForm,
    load: Callable[[], T],
    *,
    change: Callable[[T], C],
    again: Callable[[T, Differences], Any],
    current: Callable[[T], Form],
    done: Callable[[T, C], Response],
) -> Any:
    """Apply a validated form to what `load` returns (an object with a `version`), commit, and answer `done`.

    `change` returns what changed, falsy for nothing. `again` gives the page with what was typed, and what differs from
    now (422 where the rules refuse, 409 where somebody was first); `current` is the form filled with what is there.
    """
    for _attempt in range(2):
        thing: Any = load()
        stale = form.version.data != str(thing.version)
        try:
            changed = change(thing)
            if stale and changed:
                break
            db.session.commit()
        except StaleDataError:  # somebody saved between our reading and our writing: look again
            db.session.rollback()
        except Refusal as refusal:
            db.session.rollback()
            if refusal.status == 404:
                raise
            form.refuse(refusal)
            return again(load(), []), refusal.status
        else:
            return done(thing, changed)
    db.session.rollback()
    thing = load()
    form.version.data = str(thing.version)
    form.form_errors.append(
        _(
            "Quelqu'un d'autre a changé cette fiche pendant que vous écriviez. "
            "Ce que vous avez écrit est gardé : relisez, puis enregistrez de nouveau."
        )
    )
    return again(thing, differences(form, current(thing))), 409


def differences(typed: Form, current: Form) -> Differences:
    """Return (label, what was typed, what is there now) of each visible field that differs between two forms."""
    return [
        (str(field.label.text), in_words(field), in_words(current[field.short_name]))
        for field in typed
        if field.widget.__class__.__name__ != "HiddenInput" and in_words(field) != in_words(current[field.short_name])
    ]


def in_words(field: Any) -> str:
    """Return what a field holds, as a person reads it."""
    if isinstance(field, SelectMultipleField | SelectField):
        chosen = [str(choice.label) for choice in field.iter_choices() if choice.selected and choice.value != ""]
        return ", ".join(sorted(chosen)) or NOT_KNOWN
    if isinstance(field.data, dt.date):
        return date_fr(field.data)
    return str(field.data) if field.data not in (None, "") else NOT_KNOWN
