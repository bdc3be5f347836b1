"""Who came to a meeting for another instance, what they brought, and what they told back (contract l.1719, 1737).

Numbers and words, no names. A verb changes the rows of the session and writes the journal; the caller commits.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.bodies.models import Body
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.seats import queries
from participation.seats.models import Presence

MOST = 99
"""More representatives of one instance than this is a slip."""


@dataclass(frozen=True)
class Seen:
    """What the meeting's team notes: how many came, how many of them as substitutes, what they brought."""

    present: int
    substitutes: int = 0
    brought: str | None = None


@dataclass(frozen=True)
class Told:
    """What their own instance's team notes: what was told, and at which of its meetings or on which day."""

    words: str | None = None
    meeting: Meeting | None = None
    on: dt.date | None = None


def note(session: Session, meeting: Meeting, body: Body, seen: Seen, *, by: Any) -> bool:
    """Note who came for `body`, or correct it; return whether anything changed.

    Raises Refusal: no seat there on that day, a meeting still to come or cancelled, or what does not fit together.
    """
    _check(session, meeting, body, seen)
    row = queries.find_presence(session, meeting, body)
    values = vars(seen)
    if row and all(getattr(row, name) == value for name, value in values.items()):
        return False
    if row is None:
        row = Presence(meeting=meeting, body=body)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)
    sentence = _("Représentants de « %(name)s » : %(number)s présents.", name=body.name, number=seen.present)
    journal.record(session, "meeting.represented", meeting.ref, sentence, by=by, details={"body": [None, body.slug]})
    return True


def tell(session: Session, row: Presence, told: Told, *, by: Any) -> bool:
    """Note what the representatives told their instance of the meeting, or take it back; return whether it changed.

    At one of the instance's own meetings, whose day it then bears, or on a day of its own. Raises Refusal.
    """
    _check_told(row, told)
    day = told.meeting.held_on if told.meeting else told.on
    if (row.told, row.told_on, row.told_meeting) == (told.words, day, told.meeting):
        return False
    row.told, row.told_on, row.told_meeting = told.words, day, told.meeting
    sentence = (
        _("Raconté à « %(name)s » le %(day)s.", name=row.body.name, day=f"{day:%d/%m/%Y}")
        if day
        else _("Ce qui a été raconté à « %(name)s » est retiré.", name=row.body.name)
    )
    details = {"body": [None, row.body.slug], "told_at": [None, told.meeting.ref if told.meeting else None]}
    journal.record(session, "meeting.told_back", row.meeting.ref, sentence, by=by, details=details)
    return True


def _check(session: Session, meeting: Meeting, body: Body, seen: Seen) -> None:
    if meeting.status == "annulee" or meeting.held_on > clock.today():
        raise Refusal(_("Cette rencontre n'a pas eu lieu. Notez les présences quand elle est passée."))
    if body not in [one.body for one in queries.list_represented(session, meeting)]:
        raise Refusal(_("Cette instance n'a pas de représentant ici ce jour-là. Ajoutez d'abord son mandat."))
    if not 0 <= seen.present <= MOST:
        raise Refusal(_("Écrivez un nombre entre 0 et %(most)s.", most=MOST), field="present")
    if not 0 <= seen.substitutes <= seen.present:
        raise Refusal(_("Il n'y a pas plus de suppléants que de présents. Vérifiez."), field="substitutes")


def _check_told(row: Presence, told: Told) -> None:
    if bool(told.words) != bool(told.meeting or told.on):
        raise Refusal(
            _("Écrivez ce qui a été raconté, et à quelle rencontre ou quel jour. Ou laissez tout vide."),
            field="told_on" if told.words else "told",
        )
    if told.meeting and not could_tell_at(row, told.meeting):
        raise Refusal(_("Choisissez une rencontre de cette instance, après celle-ci."), field="told_meeting")
    if told.meeting and told.on not in (None, told.meeting.held_on):
        raise Refusal(
            _("Cette rencontre est du %(day)s. Laissez la date vide.", day=date_fr(told.meeting.held_on)),
            field="told_on",
        )
    if told.on and not row.meeting.held_on <= told.on <= clock.today():
        raise Refusal(
            _("Le retour vient après la rencontre (%(day)s), et pas dans l'avenir.", day=date_fr(row.meeting.held_on)),
            field="told_on",
        )


def could_tell_at(row: Presence, meeting: Meeting) -> bool:
    """Whether the instance could hear of the other meeting there: its own, since then, begun, not cancelled."""
    return (
        row.body in meeting.bodies
        and meeting is not row.meeting
        and meeting.status != "annulee"
        and row.meeting.held_on <= meeting.held_on <= clock.today()
    )
