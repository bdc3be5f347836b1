"""The team's home: what to do next."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template, url_for
from flask_babel import lazy_gettext as _l

from participation import clock
from participation.actions import evaluations
from participation.extensions import db
from participation.following import author
from participation.meetings.models import Meeting
from participation.meetings.queries import Filters
from participation.meetings.queries import list_for_team as list_meetings
from participation.meetings.tasks import Task, left_to_do
from participation.opinions.queries import count_waiting
from participation.permissions import actor, may, requires
from participation.planning.desk import Desk, list_desks
from participation.proposals.cards import Card, cards
from participation.proposals.queries import list_waiting
from participation.reports import queries as reports

bp = Blueprint("team", __name__)

SHOWN = 5
"""Meetings and proposals of each kind shown; the whole list is a link away."""
DESKS_SHOWN = 6
"""Instances shown at once: the others unfold."""

_ACTIONS = (
    ("waiting.own", _l("Répondre aux habitants"), "parole"),
    ("team_meetings.new", _l("Nouvelle rencontre"), "calendrier"),
    ("opinions.new", _l("Noter un avis"), "parole"),
    ("team_proposals.new", _l("Nouvelle proposition"), "idee"),
    ("team_bodies.new", _l("Ajouter une instance"), "table"),
    ("exchange.import_form", _l("Importer un fichier"), "telecharger"),
    ("people.invite_form", _l("Inviter une personne"), "personne"),
)


@dataclass(frozen=True)
class Action:
    """A link to something that the person may begin."""

    label: Any
    url: str
    icon: str


@bp.get("/equipe")
@requires("team.home")
def home() -> str:
    """Show what the account has to do next: meetings, opinions to read, answers that are owed."""
    session, account, today = db.session(), actor(), clock.today()
    desks = list_desks(session, account, today) if may("meeting.create") else None
    waiting = list_waiting(session, account, {}).items if may("proposal.step") else []
    return render_template(
        "pages/team.html",
        account=account,
        actions=_actions(),
        opinions=count_waiting(session, account) if may("opinion.read") else None,
        reports=reports.count_waiting(session, account) if may("opinion.moderate") else None,
        evaluations=evaluations.count_waiting(session, account) if may("opinion.moderate") else None,
        asked_back=len(author.list_asked(session, account)) if may("opinion.moderate") else None,
        desks=desks,
        shown=DESKS_SHOWN,
        tasks=_tasks(desks or (), today),
        upcoming=_upcoming(today) if desks is None else (),
        waiting=_shown(waiting[:SHOWN]),
    )


def _tasks(desks: Iterable[Desk], today: dt.date) -> dict[int, list[Task]]:
    """Return what is left to do for each meeting of the desks, by its id."""
    meetings = (meeting for desk in desks for meeting in (desk.unfinished, desk.coming) if meeting)
    return {meeting.id: left_to_do(meeting, today) for meeting in meetings}


def _upcoming(today: dt.date) -> list[Meeting]:
    """Return the next meetings of the account's places, for who reads and does not prepare them."""
    meetings = list_meetings(db.session(), actor(), Filters(status="prevue"), {}).items
    return [meeting for meeting in reversed(meetings) if meeting.held_on >= today][:SHOWN]


def _shown(proposals: list[Any]) -> list[Card]:
    return cards(db.session(), proposals, clock.today(), team=True) if proposals else []


def _actions() -> list[Action]:
    """Return what exists in this application and the person may do somewhere."""
    views = current_app.view_functions
    known = ((endpoint, label, icon) for endpoint, label, icon in _ACTIONS if endpoint in views)
    return [
        Action(label, url_for(endpoint), icon)
        for endpoint, label, icon in known
        if may(getattr(views[endpoint], "permission", "team.home"))
    ]
