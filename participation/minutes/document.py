"""The minutes as a document of their own: what the page shows of a meeting, for paper and for files.

In French, whatever the reader's language, as minutes are.
"""

from typing import Any

from flask import url_for
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from participation.formatting import date_fr, datetime_fr, time_fr, weekday_fr
from participation.keys import settings
from participation.meetings.models import Decision, Meeting
from participation.minutes.outline import outline

LANGUAGE = "fr"


def document_of(meeting: Meeting) -> dict[str, Any]:
    """Return what stands in the document: texts, pairs of facts, the table of decisions, the blocks of the minutes."""
    with force_locale(LANGUAGE):
        return {
            "heading": _("Compte rendu : %(title)s", title=meeting.title),
            "standing": _standing(meeting),
            "facts": [[name, value] for name, value in _facts(meeting) if value],
            "blocks": outline(meeting.minutes),
            "decisions": _decisions(meeting),
            "online": _("Cette rencontre en ligne"),
            "address": settings().public_url + url_for("meetings.show", ref=meeting.ref),
        }


def title_of(meeting: Meeting) -> str:
    """Return the title of the document, as a reader of files shows it."""
    with force_locale(LANGUAGE):
        return _("Compte rendu : %(title)s, %(day)s", title=meeting.title, day=date_fr(meeting.held_on))


def _standing(meeting: Meeting) -> list[str]:
    """Return since when it is published, and each correction with its reason."""
    if not meeting.minutes_are_public:
        return [_("Brouillon : ce compte rendu n'est pas publié.")]
    assert meeting.minutes_published_on  # it is public
    corrected = [
        _("Corrigé le %(day)s : %(why)s", day=datetime_fr(version.published_at), why=version.reason)
        for version in meeting.minutes_versions
        if version.reason
    ]
    return [_("Publié le %(day)s.", day=date_fr(meeting.minutes_published_on)), *corrected]


def _facts(meeting: Meeting) -> list[tuple[str, str]]:
    return [
        (_("Quand"), _when(meeting)),
        (_("Où"), meeting.place or ""),
        (_("Qui organise"), ", ".join(body.name for body in meeting.bodies)),
        (_("Pour quels quartiers"), ", ".join(quartier.name for quartier in meeting.quartiers)),
        (_("Qui était là"), _present(meeting)),
        (_("Institutions présentes"), ", ".join(row.name for row in meeting.institutions)),
    ]


def _when(meeting: Meeting) -> str:
    times = [time_fr(moment) for moment in (meeting.starts_at, meeting.ends_at) if moment]
    clock = _("de %(start)s à %(end)s", start=times[0], end=times[-1]) if len(times) == 2 else "".join(times)
    return ", ".join(part for part in (weekday_fr(meeting.held_on), clock) if part)


def _present(meeting: Meeting) -> str:
    """Return how many came, as far as everybody may know; what was not counted is said so."""
    if meeting.status != "tenue":
        return ""
    people, residents = meeting.participants, meeting.residents
    found = [
        ngettext("%(num)s personne", "%(num)s personnes", people) if people is not None else "",
        ngettext("%(num)s habitant ou habitante", "%(num)s habitants et habitantes", residents)
        if residents is not None
        else "",
    ]
    return _(", dont ").join(part for part in found if part) or _("Nombre non renseigné")


def _decisions(meeting: Meeting) -> dict[str, Any] | None:
    if not meeting.decisions:
        return None
    return {
        "title": _("Ce que la rencontre a décidé"),
        "head": [_("Décision"), _("Qui s'en charge"), _("Pour quand")],
        "rows": [[row.text, row.owner or _("Non renseigné"), _due(row)] for row in meeting.decisions],
    }


def _due(row: Decision) -> str:
    if row.done_on:
        return _("Fait le %(day)s", day=date_fr(row.done_on))
    return date_fr(row.due_on) if row.due_on else _("Non renseigné")
