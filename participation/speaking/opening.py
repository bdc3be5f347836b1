"""When one may speak at a meeting, by which four digits, on which questions: the verbs, each idempotent; the refusals.

A verb changes the rows of the session, writes the journal, and returns whether anything changed; the caller commits.
"""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from participation import clock, journal
from participation.clock import from_local
from participation.contract.models import Quartier
from participation.database import insert_into, now
from participation.errors import Refusal
from participation.meetings.models import AskedQuestion, Meeting
from participation.speaking import doors
from participation.speaking.models import MeetingCode

MOST_QUESTIONS = 6
"""More than six, and nobody reads the list on a phone."""
BEFORE_START = dt.timedelta(hours=1)
DAYS_AROUND = 31
"""The window lies within a month of the meeting: beyond, it is a slip of the keyboard."""
YEARS_TO_ANSWER = 3
"""An answer announced for later than this is a slip of the keyboard."""
REUSE_AFTER = dt.timedelta(days=365)
"""Digits rest for a year after closing, so that an old poster opens no other meeting (security.md, Settled)."""
_DIGITS = [str(number) for number in range(1000, 10_000)]
"""None begins with a zero: people leave it out."""
_ATTEMPTS = 20


@dataclass(frozen=True)
class Preparation:
    """What the team says of a meeting's opening. Moments are aware; `answer_due_on` a civil date in Europe/Paris."""

    opens_at: dt.datetime
    closes_at: dt.datetime
    questions: Sequence[str] = ()
    answer_due_on: dt.date | None = None


def default_window(meeting: Meeting) -> tuple[dt.datetime, dt.datetime]:
    """Return from when to when one may speak unless the team says otherwise.

    From one hour before the start (from midnight where no time is known) to 23:59 on the next day, in Europe/Paris.
    """
    opens_at = meeting.starts_at - BEFORE_START if meeting.starts_at else from_local(meeting.held_on, dt.time())
    return opens_at, _end_of(meeting.held_on + dt.timedelta(days=1))


def prepare(session: Session, meeting: Meeting, preparation: Preparation, *, by: Any) -> bool:
    """Say when one may speak and on what; reserve four digits the first time.

    Raises Refusal: a cancelled meeting, a window that ends before it begins or lies far from the meeting, more than
    six questions, an answer announced for before the meeting.
    """
    _check(meeting, preparation)
    code = session.get(MeetingCode, meeting.id)
    details = {
        "opens_at": [_iso(code.opens_at if code else None), _iso(preparation.opens_at)],
        "closes_at": [_iso(code.closes_at if code else None), _iso(preparation.closes_at)],
        "answer_due_on": [_iso(meeting.answer_due_on), _iso(preparation.answer_due_on)],
    }
    details = {name: pair for name, pair in details.items() if pair[0] != pair[1]}
    if _ask(meeting.questions, preparation.questions):
        details["questions"] = [None, None]  # free text: the journal can never be erased
    if not details and code:
        return False
    meeting.answer_due_on = preparation.answer_due_on
    flag_modified(meeting, "title")  # its next version, also where only rows around it changed
    session.flush()  # of two people at once, the second stops here
    if code:
        code.opens_at, code.closes_at = preparation.opens_at, preparation.closes_at
    else:
        _reserve(session, meeting, preparation)
    sentence = _("Parole des habitants préparée.") if code is None else _("Parole des habitants modifiée.")
    journal.record(session, "meeting.speaking_prepared", meeting.ref, sentence, by=by, details=details)
    return True


def close(session: Session, meeting: Meeting, *, by: Any) -> bool:
    """Let nobody speak at the meeting any more, from now on. Raises Refusal where it is not open yet."""
    code = _code(session, meeting)
    standing = doors.standing_of(meeting, code)
    if standing == doors.BEFORE:
        raise Refusal(_("La parole n'est pas encore ouverte. Changez plutôt les dates."))
    if standing != doors.OPEN:
        return False
    code.closes_at = now()
    code.opens_at = min(code.opens_at, code.closes_at - dt.timedelta(seconds=1))
    journal.record(session, "meeting.speaking_closed", meeting.ref, _("Parole des habitants fermée."), by=by)
    return True


def reopen(session: Session, meeting: Meeting, *, by: Any) -> bool:
    """Let residents speak from now on: until the usual end, or this evening where that is past.

    Raises Refusal for a cancelled meeting.
    """
    code = _code(session, meeting)
    standing = doors.standing_of(meeting, code)
    if standing == doors.CANCELLED:
        raise Refusal(_("Cette rencontre est annulée. Remettez-la d'abord à « prévue »."))
    if standing == doors.OPEN:
        return False
    code.opens_at = min(code.opens_at, now())
    code.closes_at = max(default_window(meeting)[1], _end_of(clock.today()))
    journal.record(session, "meeting.speaking_opened", meeting.ref, _("Parole des habitants ouverte."), by=by)
    return True


def ask_in_quartier(session: Session, quartier: Quartier, questions: Sequence[str], *, by: Any) -> bool:
    """Put these questions to the residents of a quartier between meetings; none of them: the default one.

    Raises Refusal for more than six.
    """
    _check_number(questions)
    kept = doors.list_quartier_questions(session, quartier)
    asked = list(kept)
    if not _ask(asked, questions):
        return False
    for question in asked:
        question.quartier_id = quartier.id
    for gone in set(kept) - set(asked):
        session.delete(gone)
    session.add_all(asked)
    journal.record(session, "quartier.questions_changed", quartier.slug, _("Questions aux habitants modifiées."), by=by)
    return True


def ask_at_meeting(session: Session, meeting: Meeting, questions: Sequence[str], *, by: Any) -> bool:
    """Put these questions at a meeting, whether or not one may speak there yet. Raises Refusal for more than six."""
    _check_number(questions)
    if not _ask(meeting.questions, questions):
        return False
    flag_modified(meeting, "title")  # its next version, though only rows around it changed
    journal.record(session, "meeting.questions_changed", meeting.ref, _("Questions aux habitants modifiées."), by=by)
    return True


def distinct(questions: Iterable[str | None]) -> tuple[str, ...]:
    """Return the questions that say something, each once, in their order."""
    return tuple(dict.fromkeys(question for question in questions if question))


# Checks


def _check(meeting: Meeting, preparation: Preparation) -> None:
    if meeting.status == "annulee":
        raise Refusal(_("Cette rencontre est annulée. Remettez-la d'abord à « prévue »."))
    if preparation.opens_at >= preparation.closes_at:
        raise Refusal(_("La fin est avant le début. Vérifiez les dates et les heures."), field="closes_on")
    for field, moment in (("opens_on", preparation.opens_at), ("closes_on", preparation.closes_at)):
        if abs(clock.to_local(moment).date() - meeting.held_on).days > DAYS_AROUND:
            raise Refusal(_("Cette date est à plus d'un mois de la rencontre. Vérifiez-la."), field=field)
    _check_number(preparation.questions)
    _check_answer(meeting, preparation.answer_due_on)


def _check_number(questions: Sequence[str]) -> None:
    if len(questions) > MOST_QUESTIONS:
        raise Refusal(
            _("Six questions au plus, avec celles que vous cochez. Enlevez-en, ou décochez."), field="question_1"
        )


def _check_answer(meeting: Meeting, day: dt.date | None) -> None:
    if day and day < meeting.held_on:
        raise Refusal(_("Cette date est avant la rencontre. La réponse vient après."), field="answer_due_on")
    if day and (day - meeting.held_on).days > 366 * YEARS_TO_ANSWER:
        raise Refusal(_("Cette date est dans plus de trois ans. Vérifiez-la."), field="answer_due_on")


def _code(session: Session, meeting: Meeting) -> MeetingCode:
    code = session.get(MeetingCode, meeting.id)
    if code is None:
        raise Refusal(_("Réservez d'abord quatre chiffres : enregistrez le formulaire."))
    return code


# Rows


def _ask(rows: list[AskedQuestion], texts: Sequence[str]) -> bool:
    """Make the rows say `texts`, in that order; return whether that changes them.

    Rows keep their places, so that no two ever stand at the same one on the way.
    """
    if [row.text for row in rows] == list(texts):
        return False
    for position, text in enumerate(texts):
        if position < len(rows):
            rows[position].text, rows[position].position = text, position
        else:
            rows.append(AskedQuestion(position=position, text=text))
    del rows[len(texts) :]
    return True


def _reserve(session: Session, meeting: Meeting, preparation: Preparation) -> None:
    """Give the meeting four digits that no other has, or has had in the past year."""
    session.execute(sa.delete(MeetingCode).where(MeetingCode.closes_at < now() - REUSE_AFTER))
    taken = set(session.scalars(sa.select(MeetingCode.digits)))
    free = [digits for digits in _DIGITS if digits not in taken]
    for _attempt in range(_ATTEMPTS if free else 0):
        row = {"digits": secrets.choice(free), "opens_at": preparation.opens_at, "closes_at": preparation.closes_at}
        statement = insert_into(session, MeetingCode).values(meeting_id=meeting.id, **row)
        reserved = session.execute(statement.on_conflict_do_nothing(index_elements=["digits"]).returning(MeetingCode))
        if reserved.first():
            return
    raise Refusal(_("Tous les codes sont pris. Fermez des rencontres, puis réessayez."))


def _end_of(day: dt.date) -> dt.datetime:
    return from_local(day, dt.time(23, 59))


def _iso(value: dt.date | None) -> str | None:
    return value.isoformat() if value else None
