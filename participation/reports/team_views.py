"""Reports for the team: what waits, how long it has waited, and what was decided."""

from typing import Any

from flask import flash, render_template, url_for
from flask_babel import gettext as _

from participation.extensions import db
from participation.permissions import actor, may, requires
from participation.reports import queries, rules
from participation.reports.forms import DecisionForm
from participation.reports.models import OUTCOMES, REASONS
from participation.reports.queries import Reported
from participation.reports.views import address_of_subject, bp
from participation.sending import Answer, send


def _reported(ref: str) -> Reported:
    return queries.get_reported(db.session(), ref)


@bp.get("/equipe/signalements")
@requires("opinion.moderate")
def index() -> str:
    """Show the reports that wait, and those looked at last."""
    waiting = queries.list_waiting(db.session(), actor())
    return render_template(
        "reports/team_index.html",
        waiting=waiting,
        number=queries.count_waiting(db.session(), actor()) if len(waiting) == queries.SHOWN else len(waiting),
        looked_at=queries.list_looked_at(db.session(), actor()),
        reasons=REASONS,
        outcomes=OUTCOMES,
    )


@bp.get("/equipe/signalements/<ref>")
@requires("opinion.moderate", load=_reported)
def show(reported: Reported) -> str:
    """Show one report, its text, and what can be decided."""
    return _page(reported, DecisionForm(formdata=None))


def _page(reported: Reported, form: DecisionForm) -> str:
    form.offer(rules.decisions_for(reported.report.subject))
    if not form.cle.data:
        form.cle.data = DecisionForm(formdata=None).cle.data
    return render_template(
        "reports/team_show.html",
        reported=reported,
        form=form,
        reasons=REASONS,
        outcomes=OUTCOMES,
        others=len(queries.waiting_about(db.session(), reported.report.subject, reported.report.subject_ref)) - 1,
        edit=_edit_address(reported),
        public=address_of_subject(reported.subject) if reported.subject and reported.subject.public else None,
    )


def _edit_address(reported: Reported) -> str | None:
    """Return the page where the team changes the text, if this account may."""
    subject = reported.subject
    if subject is None:
        return None
    pages: dict[str, tuple[str, str]] = {
        "opinion": ("opinions.show", "opinion.read"),
        "proposal": ("team_proposals.edit", "proposal.edit"),
        "answer": ("team_proposals.show", "proposal.step"),
        "minutes": ("meeting_minutes.minutes", "meeting.edit"),
    }
    endpoint, permission = pages[subject.kind]
    thing: Any = subject.thing
    return url_for(endpoint, ref=subject.ref) if may(permission, thing) else None


@bp.post("/equipe/signalements/<ref>/decision")
@requires("opinion.moderate", load=_reported)
def decide(reported: Reported) -> Answer:
    """Keep what was decided."""
    form = DecisionForm()
    form.offer(rules.decisions_for(reported.report.subject))

    def act() -> str:
        if rules.decide(db.session(), reported, form.decision.data or "", form.reason.data, by=actor()):
            flash(_("C'est noté. Merci d'avoir regardé."), "success")
        return url_for("reports.index")

    return send(form, act, lambda: _page(reported, form))
