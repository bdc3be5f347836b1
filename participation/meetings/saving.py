"""How the team's forms are saved: once, and never over what somebody else has saved meanwhile.

A stale form answers 409 with the form as it was typed and, beside it, what is there now; sending it again is then a
choice. A double click, or a resend of what is saved already, changes nothing and goes on.
"""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from participation import idempotency
from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.forms import EditingForm, Form
from participation.meetings import forms, queries
from participation.meetings.models import Meeting

Changes = list[tuple[str, str, str]]
"""Label of a field, what was typed in it, what is there now."""


def load_meeting(ref: str) -> Meeting:
    """Return the meeting of an address. Raises NotFound."""
    return queries.get_meeting(db.session(), ref)


def once(add: Callable[[], str], form: Form, page: Callable[[], str]) -> ResponseReturnValue:
    """Run a creating form once; a refusal gives the form back with what was typed."""
    try:
        return idempotency.once(request.form, add)
    except Conflict:
        raise
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return page(), refusal.status


def save(
    form: EditingForm,
    meeting: Meeting,
    *,
    change: Callable[[Meeting], bool],
    page: Callable[[Meeting, Changes | None], str],
    current: Callable[[Meeting], Form],
    after: str | None = None,
    message: str | None = None,
) -> ResponseReturnValue:
    """Apply a form to the meeting that it was opened on.

    `change` returns whether it changed anything; `page` shows the form again; `current` is the same form filled with
    what is there now. Where the form is stale and would change something, nothing is saved and both are shown.
    """
    ref = meeting.ref
    if not form.validate():
        return page(meeting, None), 422
    for _attempt in range(2):
        stale = form.version.data != str(meeting.version)
        try:
            changed = change(meeting)
            if stale and changed:
                break
            db.session.commit()
        except StaleDataError:  # somebody saved between our reading and our writing: look again
            db.session.rollback()
            meeting = load_meeting(ref)
        except Refusal as refusal:
            db.session.rollback()
            form.refuse(refusal)
            return page(load_meeting(ref), None), refusal.status
        else:
            return done(message or _("Enregistré."), after or url_for("team_meetings.show", ref=ref))
    db.session.rollback()
    meeting = load_meeting(ref)
    changes = forms.differences(form, current(meeting))
    form.version.data = str(meeting.version)
    return page(meeting, changes), 409


def done(message: str, url: str) -> ResponseReturnValue:
    """Go on to `url`, where the message is shown."""
    flash(message, "success")
    return redirect(url, 303)
