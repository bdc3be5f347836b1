"""Meetings for everybody: the list, a meeting's page, the earlier texts of its minutes, the calendar."""

import datetime as dt
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock
from participation.extensions import db
from participation.forms import clean_text
from participation.keys import settings
from participation.meetings import ics, queries
from participation.meetings.forms import PublicFilters
from participation.meetings.models import Meeting
from participation.meetings.queries import Filters
from participation.meetings.words import COUNT_NAMES, level_sentence, names
from participation.paging import PAGE_SIZE, Page
from participation.permissions import public

bp = Blueprint("meetings", __name__)
bp.context_processor(names)

COMING, PAST = "a-venir", "passees"
"""Values of `quand`: one half of the list alone, page by page."""
SHOWN_COMING = 10
"""Meetings to come on the first page, where those of the past follow."""
CALENDAR_DAYS = 365
"""How far back the calendar goes."""


@bp.get("/rencontres")
@public
def index() -> str:
    """Show the meetings to come, then those of the past."""
    asked = _filters()
    half = request.args.get("quand")
    coming = past = None
    if half != PAST:
        size = PAGE_SIZE if half == COMING else SHOWN_COMING
        coming = queries.list_upcoming(db.session(), asked, _cursors(half), clock.today(), size)
    if half != COMING:
        past = queries.list_past(db.session(), asked, _cursors(half), clock.today(), PAGE_SIZE)
    return render_template(
        "meetings/index.html",
        coming=coming,
        past=past,
        half=half,
        form=_filter_form(),
        active=asked != Filters(),
        calendar_url=url_for("meetings.calendar", **_kept("instance", "quartier")),
        **_links(coming, past),
    )


@bp.get("/rencontres/<ref>")
@public
def show(ref: str) -> str:
    """Show a meeting: what, where, who decides, who came in numbers, what was decided and written."""
    meeting = queries.get_meeting(db.session(), ref)
    contract = queries.find_contract(db.session())
    return render_template(
        "meetings/show.html",
        meeting=meeting,
        level_sentence=level_sentence(meeting.level, contract),
        count_names=COUNT_NAMES,
        today=clock.today(),
    )


@bp.get("/rencontres/<ref>/compte-rendu/<int:number>")
@public
def minutes_version(ref: str, number: int) -> str:
    """Show an earlier text of the minutes."""
    meeting = queries.get_meeting(db.session(), ref)
    if not meeting.minutes_are_public:
        abort(404)
    version = queries.get_minutes_version(meeting, number)
    return render_template("meetings/minutes_version.html", meeting=meeting, version=version)


@bp.get("/rencontres/agenda.ics")
@public
def calendar() -> Response:
    """Give the meetings of the last year and all those to come as a calendar, to subscribe to."""
    asked = Filters(body=clean_text(request.args.get("instance")), quartier=clean_text(request.args.get("quartier")))
    since = clock.today() - dt.timedelta(days=CALENDAR_DAYS)
    meetings = queries.list_for_calendar(db.session(), asked, since)
    contract = queries.find_contract(db.session())
    name = _("Rencontres : %(contract)s", contract=contract.name) if contract else _("Rencontres")
    answer = Response(ics.calendar_of(meetings, name, contract, _address), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="agenda.ics"'
    answer.headers["Cache-Control"] = "public, max-age=900"
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _address(meeting: Meeting) -> str:
    return settings().public_url + url_for("meetings.show", ref=meeting.ref)


# Filters and pages


def _filters() -> Filters:
    return Filters(
        body=clean_text(request.args.get("instance")),
        quartier=clean_text(request.args.get("quartier")),
        commune=clean_text(request.args.get("commune")),
        type=clean_text(request.args.get("type")),
        year=clean_text(request.args.get("annee")),
    )


def _filter_form() -> PublicFilters:
    form = PublicFilters(request.args)
    form.offer(
        queries.list_bodies(db.session()),
        queries.list_quartiers(db.session()),
        queries.list_communes(db.session()),
        queries.list_years(db.session()),
    )
    return form


def _cursors(half: str | None) -> dict[str, str]:
    """Return the address's cursors; without `quand` it is the first page, where they would fit neither half."""
    return request.args.to_dict() if half in (COMING, PAST) else {}


def _kept(*names: str) -> dict[str, Any]:
    return {name: request.args[name] for name in names if request.args.get(name)}


def _page_url(half: str, cursor: dict[str, Any]) -> str | None:
    """Return the address of the page that the cursor names, with the filters; None without a cursor."""
    if not cursor:
        return None
    kept = _kept("instance", "quartier", "commune", "type", "annee")
    return url_for("meetings.index", **kept, quand=half, **cursor)


def _links(coming: Page[Meeting] | None, past: Page[Meeting] | None) -> dict[str, Any]:
    return {
        "coming_previous": _page_url(COMING, coming.previous) if coming else None,
        "coming_next": _page_url(COMING, coming.next) if coming else None,
        "past_previous": _page_url(PAST, past.previous) if past else None,
        "past_next": _page_url(PAST, past.next) if past else None,
        "whole_url": url_for("meetings.index", **_kept("instance", "quartier", "commune", "type", "annee")),
    }
