"""What a typed sheet says, as the events that a live screen would have sent: one way in, and the same rules.

Each event's number follows from the form's key and its place in the form, so that sending it again adds nothing.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy.orm import Session

from participation.database import now
from participation.live import events
from participation.live.events import BANDS, COUNTS, MOST_AT_ONCE
from participation.live.recorder import Recorder
from participation.live.rules import take
from participation.meetings.models import Meeting
from participation.meetings.rules import moments
from participation.planning.typing_forms import filled

DEVICE = str(uuid.uuid5(uuid.NAMESPACE_URL, "saisie"))
"""The device of what was typed from paper."""
Said = tuple[str, str, dict[str, Any], dt.datetime | None]
"""Name of the event in its form, its kind, what it holds, and when it was where paper says."""


def type_in(session: Session, meeting: Meeting, form: Any, *, by: Recorder, photo: Any = None) -> int:
    """Record what the form says and that the meeting is over; return how many events. The caller commits.

    `photo`: what `media.rules.read_photo` made of the form's photo, before the transaction.

    Raises Refusal as live.rules.take does: a cancelled meeting, one still to come, counts that do not fit.
    """
    key, beginning = form.cle.data, now()
    number = 0
    for number, (name, kind, data, moment) in enumerate(_said(meeting, form, key), start=1):
        raw = {
            "id": number_of(key, name),
            "appareil": DEVICE,
            "numero": number,
            "genre": kind,
            "quand": (moment or beginning + dt.timedelta(microseconds=number)).isoformat(),
            "donnees": data,
        }
        take(session, meeting, events.read(raw), by=by, file=photo if kind == "photo" else None)
    return number


def number_of(key: str, name: str) -> str:
    """Return the number of one event of a form."""
    return str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, key), name))


def _said(meeting: Meeting, form: Any, key: str) -> Iterator[Said]:
    began, over = moments(meeting.held_on, form.debut.data, form.fin.data)
    if began:
        yield "commence", "commence", {}, began
    yield from _counted(form)
    yield from _agenda(meeting, form, key)
    yield from _opinions(form, key)
    for number, row in filled(form.decisions):
        due = row.echeance.data.isoformat() if row.echeance.data else None
        said = {"texte": row.texte.data, "responsable": row.responsable.data, "reponse_de": row.reponse_de.data}
        yield f"decision-{number}", "decision", {**said, "echeance": due}, None
    if form.photo.data:
        yield "photo", "photo", {"description": form.description.data}, None
    yield "termine", "termine", {}, over


def _counted(form: Any) -> Iterator[Said]:
    """Yield what was counted; an empty box is unknown, and adds nothing."""
    for band in BANDS:
        for part, people in enumerate(_parts(form[f"age_{band}"].data)):
            yield f"age-{band}-{part}", "arrivee", {"tranche": band, "n": people}, None
    for name in COUNTS:
        for part, people in enumerate(_parts(form[name].data)):
            yield f"compte-{name}-{part}", "compte", {"champ": name, "n": people}, None
    for line in dict.fromkeys(" ".join(line.split()) for line in (form.institutions.data or "").splitlines()):
        if line:
            yield f"institution-{line}", "institution", {"nom": line, "n": 1}, None


def _parts(number: int | None) -> list[int]:
    """Return additions that give the number, none larger than an event may be; zero counted is one less one."""
    if number == 0:
        return [1, -1]
    whole, rest = divmod(number or 0, MOST_AT_ONCE)
    return [MOST_AT_ONCE] * whole + ([rest] if rest else [])


def _agenda(meeting: Meeting, form: Any, key: str) -> Iterator[Said]:
    for number, row in filled(form.points):
        name = f"point-{number}"
        yield name, "point_ajoute", {"titre": row.titre.data}, None
        if row.heure.data:
            begun, _end = moments(meeting.held_on, row.heure.data, None)
            yield f"{name}-heure", "point", {"point": number_of(key, name)}, begun
        if row.note.data:
            yield f"{name}-note", "note", {"point": number_of(key, name), "texte": row.note.data}, None


def _opinions(form: Any, key: str) -> Iterator[Said]:
    for number, row in filled(form.avis):
        name = f"avis-{number}"
        point = number_of(key, f"point-{row.point.data}") if row.point.data else None
        said = {"texte": row.texte.data, "theme": row.theme.data or None, "question": row.question.data or None}
        yield name, "avis", {**said, "point": point}, None
        if row.proposition.data:
            proposed = {"avis": number_of(key, name), "titre": row.proposition.data}
            yield f"{name}-proposition", "proposition", proposed, None
        if row.mains.data:
            hands = {"proposition": number_of(key, f"{name}-proposition"), "n": row.mains.data}
            yield f"{name}-mains", "mains", hands, None
