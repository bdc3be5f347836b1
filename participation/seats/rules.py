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
    """What is noted: how many came, how many of them as substitutes, what they brought and told back."""

    present: int
    substitutes: int = 0
    brought: str | None = None
    told: str | None = None
    told_on: dt.date | None = None


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


def _check(session: Session, meeting: Meeting, body: Body, seen: Seen) -> None:
    if meeting.status == "annulee" or meeting.held_on > clock.today():
        raise Refusal(_("Cette rencontre n'a pas eu lieu. Notez les présences quand elle est passée."))
    if body not in [one for one, _number in queries.list_represented(session, meeting)]:
        raise Refusal(_("Cette instance n'a pas de représentant ici ce jour-là. Ajoutez d'abord son mandat."))
    if not 0 <= seen.present <= MOST:
        raise Refusal(_("Écrivez un nombre entre 0 et %(most)s.", most=MOST), field="present")
    if not 0 <= seen.substitutes <= seen.present:
        raise Refusal(_("Il n'y a pas plus de suppléants que de présents. Vérifiez."), field="substitutes")
    if seen.told_on and not meeting.held_on <= seen.told_on <= clock.today():
        raise Refusal(
            _("Le retour vient après la rencontre (%(day)s), et pas dans l'avenir.", day=date_fr(meeting.held_on)),
            field="told_on",
        )
    if bool(seen.told) != bool(seen.told_on):
        raise Refusal(_("Écrivez le retour et sa date, ou laissez les deux vides."), field="told_on")
