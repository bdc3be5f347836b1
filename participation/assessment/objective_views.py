"""Objectives of the contract in a period and place: which got proposals, which did not, and the proposals of each."""

from typing import Any

from flask import render_template, request

from participation.assessment import objectives, records
from participation.assessment.reading import Reading, read_full, read_public
from participation.assessment.views import PAGE, bp
from participation.extensions import db
from participation.forms import clean_text
from participation.permissions import public, requires

AFTER = "apres"


@bp.get("/bilan/<periode>/objectifs")
@public
def public_objectives(periode: str) -> str:
    """Show everybody which objectives of the contract got proposals."""
    return _objectives_page(read_public(periode), "assessment/objectives.html")


@bp.get("/elus/bilan/<periode>/objectifs")
@requires("assessment.full", load=read_full)
def full_objectives(reading: Reading) -> str:
    """Show the team and the élus which objectives of the contract got proposals."""
    return _objectives_page(reading, "assessment/full_objectives.html")


@bp.get("/bilan/<periode>/objectifs/<code>")
@public
def public_objective(periode: str, code: str) -> str:
    """Show everybody the proposals that serve an objective."""
    return _objective_page(read_public(periode), code, "assessment/objective.html")


@bp.get("/elus/bilan/<periode>/objectifs/<code>")
@requires("assessment.full", load=lambda periode, code: read_full(periode))
def full_objective(reading: Reading) -> str:
    """Show the team and the élus the proposals that serve an objective."""
    return _objective_page(reading, request.view_args["code"], "assessment/full_objective.html")  # type: ignore[index]


def _objectives_page(reading: Reading, template: str) -> str:
    branches = objectives.list_branches(db.session(), reading.frame)
    return render_template(
        template,
        reading=reading,
        frame=reading.frame,
        branches=branches,
        covered=sum(len(branch.covered) for branch in branches),
        of=sum(branch.of for branch in branches),
        way=lambda code: _way(reading, code),
    )


def _objective_page(reading: Reading, code: str, template: str) -> str:
    session = db.session()
    objective, after = objectives.get_objective(session, code), clean_text(request.args.get(AFTER)) or ""
    refs = objectives.list_proposals(session, reading.frame, objective, after=after, limit=PAGE + 1)
    more, refs = len(refs) > PAGE, refs[:PAGE]
    return render_template(
        template,
        reading=reading,
        frame=reading.frame,
        objective=objective,
        records=records.list_records(session, "proposal", refs),
        first=_way(reading, code) if after else None,
        next=_way(reading, code, **{AFTER: refs[-1]}) if more else None,
    )


def _way(reading: Reading, code: str, **more: Any) -> str:
    return reading.url_of("full_objective" if reading.full else "public_objective", code=code, **more)
