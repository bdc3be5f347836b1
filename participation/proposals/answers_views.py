"""The answers for everybody: the page, the feed, and the poster of the last quarter."""

import datetime as dt
from typing import Any

from flask import Response, render_template, request, url_for

from participation import atom, clock
from participation.addresses import beside
from participation.contract.models import Quartier
from participation.extensions import db
from participation.language import current
from participation.meetings.models import Meeting
from participation.meetings.queries import find_meeting, list_quartiers
from participation.opinions.queries import list_themes
from participation.permissions import public
from participation.printing import pdf, pdf_answer
from participation.proposals import answers_feed as feeds
from participation.proposals import answers_poster as posters
from participation.proposals import answers_queries as found
from participation.proposals import queries
from participation.proposals.answers import answers_of, last_full_quarter, late_sentence
from participation.proposals.answers_queries import Asked
from participation.proposals.cards import cards
from participation.proposals.forms import AnswerFilters
from participation.proposals.views import bp
from participation.qr import qr_svg

bp.add_app_template_global(qr_svg, "qr_svg")

LATE_SHOWN = 5
MEETINGS_OFFERED = 30
_FILTERS = ("quartier", "theme", "rencontre", "annee")


@bp.get("/reponses")
@public
def answers() -> str:
    """Show what residents said and what was answered, the latest first; late answers are said openly."""
    session = db.session()
    asked = _asked()
    meeting = find_meeting(session, asked.meeting) if asked.meeting else None
    page = found.list_answers(session, asked, request.args)
    late, number = found.list_late(session, asked, clock.today(), confirmed=_confirmed(), most=LATE_SHOWN)
    return render_template(
        "proposals/answers.html",
        answers=answers_of(session, page.items, clock.today()),
        beside=beside(page),
        filters=_filters(meeting),
        meeting=meeting,
        active=bool(_kept()),
        late=cards(session, late, clock.today()),
        late_number=number,
        late_sentence=late_sentence,
        anchor=feeds.anchor,
        feed_url=url_for(".answers_feed", **_kept()),
        poster_url=url_for(".answers_poster", quartier=asked.quartier),
    )


def _asked() -> Asked:
    """Return what the address asks; a year that is none gives an empty list."""
    year = request.args.get("annee") or ""
    first = last = None
    if year:
        known = year.isascii() and year.isdigit() and len(year) == 4 and int(year)
        first, last = (dt.date(int(year), 1, 1), dt.date(int(year), 12, 31)) if known else (dt.date.max, dt.date.min)
    return Asked(
        quartier=request.args.get("quartier") or None,
        theme=request.args.get("theme") or None,
        meeting=request.args.get("rencontre") or None,
        first=first,
        last=last,
    )


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in _FILTERS if request.args.get(name)}


def _confirmed() -> bool:
    contract = queries.find_contract(db.session())
    return bool(contract and contract.response_days_confirmed)


def _filters(meeting: Meeting | None) -> AnswerFilters:
    session = db.session()
    form = AnswerFilters(request.args)
    meetings = found.list_answered_meetings(session, MEETINGS_OFFERED)
    form.offer(
        quartiers=list_quartiers(session),
        themes=list_themes(session),
        meetings=meetings if meeting is None or meeting in meetings else [meeting, *meetings],
        years=found.list_years(session),
    )
    return form


# The feed


@bp.get("/reponses/flux.atom")
@public
def answers_feed() -> Response:
    """Give the latest answers as an Atom feed (RFC 4287); a reader that has it already gets 304."""
    session = db.session()
    rows = found.list_answers(session, _asked(), {}, size=atom.MOST).items
    answers = answers_of(session, rows, clock.today())
    return feeds.feed(answers, contract=queries.find_contract(session), query=_kept())


# The poster


@bp.get("/reponses/affiche")
@public
def answers_poster() -> str:
    """Show the answers of the last full quarter as an A3 poster, to print."""
    quartier = _quartier()
    return render_template(
        "proposals/answers_poster.html",
        data=_poster(quartier, estimate=True),
        quartier=quartier,
        quartiers=list_quartiers(db.session()),
        pdf_url=url_for(".answers_poster_pdf", quartier=quartier.slug if quartier else None),
    )


@bp.get("/reponses/affiche.pdf")
@public
def answers_poster_pdf() -> Response:
    """Give the same poster as PDF."""
    quartier = _quartier()
    data = _poster(quartier, estimate=False)
    content = pdf("answers", data, title=f"{data['heading']} – {data['period']}", language=current().language)
    return pdf_answer(content, f"reponses-{quartier.slug}" if quartier else "reponses")


def _quartier() -> Quartier | None:
    """Return the quartier that the address asks for; None for all of them, and for one that does not exist."""
    slug = request.args.get("quartier")
    return next((row for row in list_quartiers(db.session()) if row.slug == slug), None)


def _poster(quartier: Quartier | None, *, estimate: bool) -> dict[str, Any]:
    session = db.session()
    quarter = last_full_quarter(clock.today())
    asked = Asked(quartier=quartier.slug if quartier else None, first=quarter.first, last=quarter.last)
    rows = found.list_answers(session, asked, {}, size=posters.MOST).items
    return posters.poster(
        answers_of(session, rows, clock.today()),
        total=found.count_answers(session, asked),
        late=found.list_late(session, asked, clock.today(), confirmed=_confirmed(), most=0)[1],
        quarter=quarter,
        quartier=quartier,
        contract=queries.find_contract(session),
        estimate=estimate,
    )
