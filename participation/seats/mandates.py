"""Mandates opened and marked: a holder's (*titulaire*) or a substitute's (*suppléant*); several at once at an election.

No quorum anywhere (contract l.1713): nothing is refused, late or missing because few sit. A verb changes the rows of
the session and writes the journal, which never bears a name; the caller commits.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation import clock, journal
from participation.bodies import rules as bodies
from participation.bodies.models import Body, Mandate
from participation.database import insert_into
from participation.errors import Refusal
from participation.formatting import date_fr
from participation.meetings.models import Meeting
from participation.seats.models import Elected, Substitute

MOST = 99
"""More mandates at one election than this is a slip."""
LONGEST_NAME = 200


@dataclass(frozen=True)
class Seat:
    """What a mandate is, whoever holds it. `seat_body`: where a representative sits; dates in Europe/Paris."""

    body: Body
    kind: str
    started_on: dt.date
    ended_on: dt.date | None = None
    seat_body: Body | None = None


def open_mandate(session: Session, seat: Seat, *, substitute: bool, name: str | None, by: Any) -> Mandate:
    """Open a mandate, a substitute's or not; `name` is personal data, kept apart. Raises Refusal."""
    if substitute and seat.kind != "representant":
        raise Refusal(_("Seul un représentant ou une représentante peut être suppléant."), field="substitute")
    mandate = bodies.add_mandate(
        session,
        seat.body,
        kind=seat.kind,
        started_on=seat.started_on,
        ended_on=seat.ended_on,
        seat_body=seat.seat_body,
        name=name,
        by=by,
    )
    mark(session, mandate, substitute, by=by)
    return mandate


def mark(session: Session, mandate: Mandate, substitute: bool, *, by: Any) -> bool:
    """Say that a mandate is a substitute's, or a holder's; return whether that changed it. Raises Refusal."""
    if mandate.kind != "representant":
        if substitute:
            raise Refusal(_("Seul un représentant ou une représentante peut être suppléant."), field="standing")
        return False
    if not _write(session, mandate, substitute):
        return False
    sentence = (
        _("Mandat noté comme celui d'un suppléant.") if substitute else _("Mandat noté comme celui d'un titulaire.")
    )
    details = {"mandate": [mandate.ref, mandate.ref], "substitute": [not substitute, substitute]}
    journal.record(session, "body.mandate_marked", mandate.body.slug, sentence, by=by, details=details)
    return True


def _write(session: Session, mandate: Mandate, substitute: bool) -> bool:
    """Two who mark the same mandate at once make one row: the key decides, not a look beforehand."""
    session.flush()
    change: Any = sa.delete(Substitute).where(Substitute.mandate_id == mandate.id)
    if substitute:
        change = insert_into(session, Substitute).values(mandate_id=mandate.id).on_conflict_do_nothing()
    return session.execute(change.returning(Substitute.mandate_id)).first() is not None


# Elections


@dataclass(frozen=True)
class Winners:
    """How many were elected, and the names of those that somebody wrote (often none)."""

    number: int
    names: Sequence[str] = ()


def check_election(meeting: Meeting) -> None:
    """Raise Refusal where a meeting opens no mandates: it is no election, or was not held yet."""
    if meeting.type != "election":
        raise Refusal(_("Cette rencontre n'est pas une élection. Changez d'abord son type, si c'en est une."))
    if meeting.status == "annulee":
        raise Refusal(_("Cette élection est annulée : elle n'ouvre aucun mandat."))
    if meeting.status != "tenue" or meeting.held_on > clock.today():
        raise Refusal(
            _("Cette élection n'a pas encore eu lieu. Notez d'abord qu'elle a eu lieu, puis ouvrez les mandats.")
        )


def elect(
    session: Session, meeting: Meeting, seat: Seat, holders: Winners, substitutes: Winners, *, by: Any
) -> list[Mandate]:
    """Open the mandates of those who were elected at a held election and return them. Raises Refusal."""
    check_election(meeting)
    _check(meeting, seat, holders, substitutes)
    opened = [
        open_mandate(session, seat, substitute=substitute, name=name, by=by)
        for winners, substitute in ((holders, False), (substitutes, True))
        for name in _each(winners)
    ]
    session.add_all(Elected(mandate=mandate, meeting=meeting) for mandate in opened)
    sentence = ngettext(
        "%(num)s mandat ouvert par cette élection.", "%(num)s mandats ouverts par cette élection.", len(opened)
    )
    details = {"mandates": [None, [mandate.ref for mandate in opened]], "body": [None, seat.body.slug]}
    journal.record(session, "meeting.elected", meeting.ref, sentence, by=by, details=details)
    return opened


def _each(winners: Winners) -> list[str | None]:
    """Return a name, or None, for each of those elected."""
    return [*winners.names, *([None] * (winners.number - len(winners.names)))]


def _check(meeting: Meeting, seat: Seat, holders: Winners, substitutes: Winners) -> None:
    if seat.body not in meeting.bodies:
        raise Refusal(_("Choisissez une instance qui organise cette élection."), field="body")
    if seat.started_on < meeting.held_on:
        raise Refusal(
            _("Un mandat commence le jour de l'élection (%(day)s) ou après.", day=date_fr(meeting.held_on)),
            field="started_on",
        )
    for field, winners in (("holders", holders), ("substitutes", substitutes)):
        _check_number(field, winners)
    if holders.number + substitutes.number == 0:
        raise Refusal(_("Écrivez combien de personnes sont élues."), field="holders")
    if substitutes.number and seat.kind != "representant":
        raise Refusal(_("Seuls des représentants ont des suppléants. Laissez vide."), field="substitutes")


def _check_number(field: str, winners: Winners) -> None:
    if not 0 <= winners.number <= MOST:
        raise Refusal(_("Écrivez un nombre entre 0 et %(most)s.", most=MOST), field=field)
    if len(winners.names) > winners.number:
        raise Refusal(_("Il y a plus de noms que de personnes élues. Vérifiez le nombre ou les noms."), field=field)
    if any(len(name) > LONGEST_NAME for name in winners.names):
        raise Refusal(_("Un nom est trop long. Écrivez un nom par ligne."), field=f"{field[:-1]}_names")
