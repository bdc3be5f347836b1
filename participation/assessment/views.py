"""The assessment on screen: for everybody, small counts withheld; for the team and the élus, all of it at any date."""

import datetime as dt
import functools
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock
from participation.assessment import (
    closing,
    engine,
    headlines,
    multiples,
    notes,
    objectives,
    owed,
    queries,
    records,
    signing,
    words,
)
from participation.assessment.findings import findings
from participation.assessment.indicators import INDICATORS
from participation.assessment.models import NOTE_KINDS
from participation.assessment.reading import (
    Reading,
    asked_scope,
    place_argument,
    read_full,
    read_public,
)
from participation.assessment.results import Figure
from participation.assessment.scope import Scope
from participation.contract.load import has_contract
from participation.extensions import db
from participation.forms import clean_text
from participation.keys import settings
from participation.permissions import Place as RightsPlace
from participation.permissions import actor, may, public, requires

bp = Blueprint("assessment", __name__)

PAGE = 50
"""Rows of a list on one page."""
AFTER = {engine.ROWS: "apres", engine.OF_ROWS: "apres_sur", engine.MISSING: "apres_sans"}
"""Arguments that name the row after which a page of a list begins."""


# For everybody


@bp.get("/bilan")
@public
def public_latest() -> Any:
    """Lead to this year's assessment; say so where no contract is loaded yet."""
    if not has_contract(db.session()):
        return render_template("assessment/no_contract.html")
    return redirect(url_for("assessment.public", periode=clock.today().year, **place_argument(asked_scope())))


@bp.get("/bilan/<periode>", endpoint="public")
@public
def public_page(periode: str) -> str:
    """Show the assessment of a year or period, for the contract, a commune or a quartier."""
    return _page(read_public(periode), "assessment/index.html")


@bp.get("/bilan/<periode>/<code>")
@public
def public_indicator(periode: str, code: str) -> str:
    """Show one figure, what it means, and exactly the rows that it counts."""
    return _indicator_page(read_public(periode, code), "assessment/indicator.html")


# For the team and the élus


@bp.get("/elus/bilan", endpoint="full_latest")
@bp.get("/equipe/bilan", endpoint="team_latest")
@requires("assessment.full")
def full_latest() -> Any:
    """Lead to this year's assessment, of the reader's own scope where their right ends there."""
    return redirect(url_for("assessment.full", periode=clock.today().year, **place_argument(_widest_scope())))


def _widest_scope() -> Scope:
    whole = _Anywhere()
    return Scope() if may("assessment.full", whole) else queries.scopes_of(actor())[0]


class _Anywhere:
    """The whole contract, as a thing to have rights on: no narrower right reaches it."""

    def places(self) -> set[RightsPlace]:
        """Return no place."""
        return set()


@bp.get("/elus/bilan/<periode>", endpoint="full")
@requires("assessment.full", load=read_full)
def full_page(reading: Reading) -> str:
    """Show the whole assessment of a year or period, for any scope, read at any date."""
    return _page(reading, "assessment/full_index.html")


@bp.get("/elus/bilan/<periode>/<code>", endpoint="full_indicator")
@requires("assessment.full", load=read_full)
def full_indicator(reading: Reading) -> str:
    """Show one figure, what it means, and exactly the rows that it counts."""
    return _indicator_page(reading, "assessment/full_indicator.html")


# Both


def _page(reading: Reading, template: str) -> str:
    frame, session = reading.frame, db.session()
    shown = first_page(reading)
    return render_template(
        template,
        reading=reading,
        frame=frame,
        **shown,
        owed=owed.list_owed(session, frame, owed.FIRST_PAGE_OWING) if reading.full else (),
        covered=objectives.count_covered(session, frame),
        covered_url=reading.url_of(f"{'full' if reading.full else 'public'}_objectives"),
        periods=queries.list_periods(frame, clock.today().year),
        places=_places(reading),
        whole=Scope() if not reading.full or may("assessment.full", _Anywhere()) else None,
        files=_files(reading),
        small_count=settings().small_count,
        versions=_versions(reading),
        **_written(reading),
    )


def _written(reading: Reading) -> dict[str, Any]:
    """Return what people wrote beside the assessment: all of it, or for everybody what residents say (E12)."""
    frame = reading.frame
    asked: dict[str, Any] = {"periode": frame.period, **place_argument(frame.place.scope)}
    kept = [one for one in notes.list_notes(db.session(), frame.period, frame.place.scope) if not one.withdrawn_at]
    return {
        "notes": [one for one in kept if reading.full and one.block],
        "appraisal": [one for one in kept if not one.block],
        "note_kinds": NOTE_KINDS,
        "may_sign": reading.full and may("assessment.sign", reading) and not _signed(reading),
        "review_url": url_for("assessment.review", **asked),
        "note_url": functools.partial(url_for, "assessment.new_note", **asked)
        if reading.full and actor() and notes.kinds_for(actor())
        else None,
    }


def _files(reading: Reading) -> list[tuple[str, str]]:
    """Return the address and the name of each file of what is read."""
    names = {
        "xlsx": _("Classeur (XLSX)"),
        "csv": _("Tableau (CSV)"),
        "json": _("Pour un programme (JSON)"),
    }
    if reading.full:
        return [
            (reading.url_of("full_file", ending=ending), name)
            for ending, name in {"pdf": _("Document à imprimer et à signer (PDF)"), **names}.items()
        ]
    sheet = (reading.url_of("public_sheet"), _("Une page à imprimer (PDF)"))
    return [sheet, *((reading.url_of("public_file", ending=ending), names[ending]) for ending in ("csv", "json"))]


def first_page(reading: Reading) -> dict[str, Any]:
    """Return what the first page and its one sheet of paper show: sentences, blocks and their charts, the portrait."""
    session, frame, before = db.session(), reading.frame, reading.before()
    assessment = reading.assess()
    earlier = before.assess(beside=assessment) if before else None
    baselines, targets = queries.list_baselines(session, frame), queries.list_targets(session, frame)
    blocks = words.blocks(assessment, frame, earlier, baselines, targets=targets, public=not reading.full)
    history = headlines.list_history(session, reading, [one for one in (assessment, earlier) if one])
    return {
        "before": before,
        "blocks": blocks,
        "findings": findings(assessment, frame, public=not reading.full),
        "charts": headlines.list_headlines(blocks, reading, earlier, history),
        "portrait": queries.find_portrait(session, frame),
        "context": queries.list_context(session, frame),
    }


def _signed(reading: Reading) -> bool:
    """Whether the reader has signed the last closed version."""
    last = closing.list_closed(db.session(), reading.frame.period, reading.frame.place.scope)[-1:]
    return bool(last) and signing.has_signed(db.session(), last[0], actor())


def _versions(reading: Reading) -> list[tuple[int, dt.datetime, str]]:
    """Return the closed versions that the reader may read, as (number, moment, address), the last one first."""
    frame = reading.frame
    asked: dict[str, Any] = {"periode": frame.period, **place_argument(frame.place.scope)}
    endpoint = "assessment.version" if reading.full else "assessment.public_version"
    return [
        (one.version, one.closed_at, url_for(endpoint, number=one.version, **asked))
        for one in reversed(closing.list_closed(db.session(), frame.period, frame.place.scope))
    ]


def _places(reading: Reading) -> list[tuple[Scope, str]]:
    """Return the other scopes that the reader may choose, the whole contract aside."""
    if not reading.full:
        return queries.list_public_places(db.session())
    places = [*queries.list_public_places(db.session()), *queries.list_bodies(db.session())]
    if may("assessment.full", _Anywhere()):
        return places
    own = queries.scopes_of(actor())
    return [(scope, name) for scope, name in places if scope in own]


def _indicator_page(reading: Reading, template: str) -> str:
    assert reading.code
    session, frame, before = db.session(), reading.frame, reading.before()
    earlier = before.assess_one() if before else None
    line = words.line_of(
        reading.code,
        reading.assess_one(),
        frame,
        earlier,
        queries.list_baselines(session, frame).get(reading.code, ()),
        target=queries.list_targets(session, frame).get(reading.code),
        public=not reading.full,
    )
    promises, tables = _told_apart(reading)
    lists = [] if promises is not None else [_list(reading, part, line.figure) for part in AFTER]
    years = headlines.year_by_year(line, reading, earlier, headlines.list_years(session, reading))
    return render_template(
        template,
        reading=reading,
        frame=frame,
        before=before,
        line=line,
        years=years if len(years.bars) > 1 else None,
        owed=owed.list_owed(session, frame) if reading.full and reading.code == words.OVERDUE else (),
        promises=promises,
        tables=tables,
        lists=[one for one in lists if one],
        multiples=multiples.list_multiples(session, reading) if _wide(reading) else [],
    )


def _wide(reading: Reading) -> bool:
    """Whether other places are shown beside: an animator reads those of their own scope alone."""
    return not reading.full or may("assessment.full", _Anywhere())


def _told_apart(reading: Reading) -> tuple[list[records.Promise] | None, list[Any]]:
    """Return the cadences (of R1 alone), and the count told apart in tables."""
    assert reading.code
    by = engine.told_apart(db.session(), reading.code, reading.frame)
    if INDICATORS[reading.code].rows == "cadence":
        return records.list_promises(db.session(), by, reading.frame), []
    return None, records.named(db.session(), by)


def _list(reading: Reading, part: str, figure: Figure) -> dict[str, Any] | None:
    """Return one page of the rows counted, counted among or left out; None where the indicator has no such list."""
    assert reading.code
    session, after = db.session(), clean_text(request.args.get(AFTER[part])) or ""
    refs = engine.rows_of(session, reading.code, reading.frame, part, after=after, limit=PAGE + 1)
    if part != engine.ROWS and not refs and not after:
        return None
    more, refs = len(refs) > PAGE, refs[:PAGE]
    others = {name: request.args[name] for name in AFTER.values() if name != AFTER[part] and name in request.args}
    return {
        "part": part,
        "number": _how_many(figure, part),
        "records": records.list_records(session, INDICATORS[reading.code].rows, refs),
        "first": _list_url(reading, part, others) if after else None,
        "next": _list_url(reading, part, {**others, AFTER[part]: refs[-1]}) if more else None,
    }


def _how_many(figure: Figure, part: str) -> int | None:
    """Return how many rows a list has, where the figure itself says it."""
    if part == engine.MISSING:
        return figure.coverage.of - figure.coverage.counted if figure.coverage else None
    if figure.coverage and part == engine.ROWS:
        return None
    return figure.denominator if part == engine.OF_ROWS else figure.numerator


def _list_url(reading: Reading, part: str, arguments: dict[str, str]) -> str:
    return reading.url(code=reading.code, _anchor=part, **arguments)  # type: ignore[arg-type]  # names of AFTER only
