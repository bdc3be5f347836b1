"""How residents come in: four digits, a meeting's permanent address, a quartier's page; then the four ways to speak."""

import unicodedata
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.wrappers import Response

from participation import clock
from participation.addresses import quartier_address
from participation.extensions import db
from participation.fields import LineField
from participation.forms import Form, needed
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.queries import find_contract, list_quartiers
from participation.meetings.words import level_sentence
from participation.permissions import public
from participation.speaking import doors
from participation.speaking.doors import Door
from participation.speaking.keys import make_key

bp = Blueprint("joining", __name__)
bp.add_app_template_global(quartier_address)

OPEN_SHOWN = 10
"""Open meetings listed where one types the digits; more never are on one evening."""
MINUTES_SHOWN = 6000
"""Characters of minutes that stand on the page of a meeting that is over; longer ones are a link away (ux.md R5)."""


class DigitsForm(Form):
    """The four digits of a meeting."""

    class Meta(Form.Meta):
        """Read with GET: nothing to protect."""

        csrf = False

    code = LineField(
        _l("Les quatre chiffres"),
        [needed(_l("Tapez les quatre chiffres."))],
        description=_l("Ils sont sur l'affiche et sur la table."),
    )


# The four digits


@bp.get("/c")
@bp.get("/C", endpoint="join_in_capitals")
@public
def join() -> ResponseReturnValue:
    """Ask for the four digits; go where they lead."""
    if "code" not in request.args:
        return _join_page(DigitsForm())
    form = DigitsForm(request.args)
    if not form.validate():
        return _join_page(form), 422
    digits = read_digits(form.code.data)
    if digits is None:
        form.code.errors = [_("Un code a quatre chiffres. Vérifiez l'affiche.")]
        return _join_page(form), 422
    return redirect(url_for(".by_digits", digits=digits), 303)


@bp.get("/c/<digits>")
@bp.get("/C/<digits>", endpoint="by_digits_in_capitals")
@public
def by_digits(digits: str) -> ResponseReturnValue:
    """Show the meeting that the digits lead to."""
    meeting = _meeting_of(digits)
    return _page(doors.meeting_door(db.session(), meeting)) if meeting else _unknown(digits)


@bp.get("/c/<digits>/<any(ecrire, parler, photo):way>")
@bp.get("/C/<digits>/<any(ecrire, parler, photo):way>", endpoint="speak_by_digits_in_capitals")
@public
def speak_by_digits(digits: str, way: str) -> ResponseReturnValue:
    """Give a fresh form of the meeting that the digits lead to."""
    meeting = _meeting_of(digits)
    return _form(doors.meeting_door(db.session(), meeting), way) if meeting else _unknown(digits)


def read_digits(typed: str | None) -> str | None:
    """Return the four digits that somebody typed, in any script, blanks and points among them; None for others."""
    kept = [character for character in typed or "" if not (character.isspace() or character in ".-_")]
    if len(kept) != 4 or not all(character.isdecimal() for character in kept):
        return None
    return "".join(str(unicodedata.decimal(character)) for character in kept)


def _meeting_of(digits: str) -> Meeting | None:
    code = doors.find_code(db.session(), read_digits(digits) or "")
    return code.meeting if code else None


def _unknown(digits: str) -> ResponseReturnValue:
    form = DigitsForm(formdata=None, data={"code": digits[:20]})
    form.code.errors = [_("Nous ne trouvons pas ce code. Vérifiez les quatre chiffres.")]
    return _join_page(form), 404


def _no_meeting() -> ResponseReturnValue:
    form = DigitsForm(formdata=None)
    form.form_errors.append(_("Nous ne trouvons pas cette rencontre. Tapez les quatre chiffres de l'affiche."))
    return _join_page(form), 404


def _join_page(form: DigitsForm) -> str:
    session = db.session()
    return render_template(
        "speaking/join.html",
        form=form,
        meetings=doors.list_open_meetings(session, OPEN_SHOWN),
        quartiers=list_quartiers(session),
        door_path=doors.meeting_path,
    )


# A meeting's permanent address


@bp.get("/m/<ref>")
@bp.get("/M/<ref>", endpoint="meeting_in_capitals")
@public
def meeting(ref: str) -> ResponseReturnValue:
    """Show the ways to speak at a meeting; before and after it, what there is instead."""
    found = doors.find_meeting_as_written(db.session(), ref)
    return _page(doors.meeting_door(db.session(), found)) if found else _no_meeting()


@bp.get("/m/<ref>/<any(ecrire, parler, photo):way>")
@bp.get("/M/<ref>/<any(ecrire, parler, photo):way>", endpoint="speak_at_meeting_in_capitals")
@public
def speak_at_meeting(ref: str, way: str) -> ResponseReturnValue:
    """Give a fresh form of the meeting."""
    found = doors.find_meeting_as_written(db.session(), ref)
    return _form(doors.meeting_door(db.session(), found), way) if found else _no_meeting()


# A quartier, between meetings


@bp.get("/quartiers/<slug>/<any(ecrire, parler, photo):way>")
@public
def speak_in_quartier(slug: str, way: str) -> ResponseReturnValue:
    """Give a fresh form of the quartier."""
    session = db.session()
    return _form(doors.quartier_door(session, doors.get_quartier(session, slug)), way)


# Pages


def _page(door: Door) -> str:
    if not door.is_open:
        return _closed_page(door)
    question = asked_question(door)
    if question is None:
        return render_template("speaking/questions.html", door=door)
    return render_template("speaking/door.html", door=door, question=question, **ways_of(door))


def _closed_page(door: Door) -> str:
    assert door.meeting
    quartiers = doors.list_quartiers_of(door.meeting)
    instead = doors.quartier_door(db.session(), quartiers[0]) if len(quartiers) == 1 else None
    return render_template(
        "speaking/closed.html",
        door=door,
        meeting=door.meeting,
        quartiers=quartiers,
        instead=instead,
        opens_on=clock.to_local(door.code.opens_at).date() if door.code else None,
        most=MINUTES_SHOWN,
        **(ways_of(instead) if instead else {}),
    )


def ways_of(door: Door) -> dict[str, Any]:
    """Return what the choices of a door show (speaking/_parts.html)."""
    session = db.session()
    quartiers = [door.quartier] if door.quartier else doors.list_quartiers_of(door.meeting)  # type: ignore[arg-type]
    only = quartiers[0] if len(quartiers) == 1 else None
    return {
        "level": level_sentence(door.level, find_contract(session)),
        "proposals": doors.count_proposals(session, quartiers),
        "proposals_url": url_for("proposals.index", quartier=only.slug if only else None),
    }


def asked_question(door: Door) -> int | None:
    """Return the number of the question that the address names (`question`, from 0), or that of the only one.

    None where one is still to be chosen: the address names none, or one that is not asked any more.
    """
    if len(door.questions) == 1:
        return 0
    number = request.args.get("question", -1, type=int)
    return number if 0 <= number < len(door.questions) else None


def _form(door: Door, way: str) -> Response:
    """Lead to a form with a fresh key; where the door is closed or a question is still to choose, to the door."""
    question = asked_question(door)
    if not door.is_open or question is None:
        return redirect(door.home_url, 303)
    return redirect(f"/{way}/{make_key(door, question)}", 302)


# What doors add to other pages


def _on_meeting_page(meeting: Meeting) -> Markup | None:
    """Show on a meeting's public page that one may speak now, or where instead once it is over."""
    door = doors.meeting_door(db.session(), meeting)
    if door.code is None or door.standing not in (doors.OPEN, doors.OVER):
        return None
    quartiers = doors.list_quartiers_of(meeting)
    text = render_template("speaking/_of_meeting.html", door=door, quartiers=quartiers)
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.now.public", _on_meeting_page)
