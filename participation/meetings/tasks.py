"""What is left to do for a meeting, computed from what is known of it."""

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _

from participation.database import now
from participation.meetings.models import Meeting


@dataclass(frozen=True)
class Task:
    """Something left to do: `code` is one of hold, level, place, headcount, minutes, publish, decisions."""

    code: str
    sentence: str


def left_to_do(meeting: Meeting, today: dt.date) -> list[Task]:
    """Return what is left to do for a meeting, the first thing first; nothing for a cancelled one."""
    if meeting.status == "annulee":
        return []
    return _left_before(meeting, today) if meeting.status == "prevue" else _left_after(meeting)


def _left_before(meeting: Meeting, today: dt.date) -> list[Task]:
    tasks = []
    if _has_begun(meeting, today):
        tasks.append(Task("hold", _("Dire si elle a eu lieu, et combien de personnes sont venues.")))
    if not meeting.place or not meeting.starts_at:
        tasks.append(Task("place", _("Compléter le lieu et l'heure.")))
    if not meeting.level:
        tasks.append(Task("level", _("Annoncer le niveau de participation : qui décide ?")))
    return tasks


def _has_begun(meeting: Meeting, today: dt.date) -> bool:
    """Whether it is past its start; where no time is known, all of its day counts."""
    if meeting.held_on != today or not meeting.starts_at:
        return meeting.held_on <= today
    return meeting.starts_at <= now()


def _left_after(meeting: Meeting) -> list[Task]:
    tasks = []
    if meeting.participants is None:
        tasks.append(Task("headcount", _("Compter les personnes présentes.")))
    if not meeting.level:
        tasks.append(Task("level", _("Dire le niveau de participation : qui décide ?")))
    if any(not decision.done_on and not (decision.owner and decision.due_on) for decision in meeting.decisions):
        tasks.append(Task("decisions", _("Compléter les décisions : qui s'en charge, et pour quand ?")))
    if not meeting.minutes:
        tasks.append(Task("minutes", _("Écrire le compte rendu.")))
    elif not meeting.minutes_published_on:
        tasks.append(Task("publish", _("Relire et publier le compte rendu.")))
    return tasks
