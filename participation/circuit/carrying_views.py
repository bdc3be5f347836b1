"""Who carries a proposal to another instance, and what its carriers told back: two forms of the team."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock
from participation.circuit import rules
from participation.circuit.forms import CarryForm, ReportForm
from participation.circuit.models import Transmission
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.opinions.forms import version_of
from participation.permissions import actor, requires
from participation.proposals import offers, queries
from participation.proposals.carriers import list_seats
from participation.proposals.models import Circuit, Step
from participation.proposals.team_views import load_circuit
from participation.proposals.views import story
from participation.sending import Answer, give_key, send

bp = Blueprint("carrying", __name__, url_prefix="/equipe/propositions/<ref>/etapes/<int:number>")


def _sent(circuit: Circuit) -> Step:
    """Return the transmission of the address."""
    assert request.view_args
    step = queries.get_step(circuit.proposal, request.view_args["number"])
    if step.kind != "transmise" or step.voided_on is not None:
        abort(404)
    return step


def _kept(step: Step) -> Transmission:
    return db.session.get(Transmission, step.id) or Transmission(step_id=step.id)


def _line(circuit: Circuit, step: Step) -> dict[str, Any]:
    told = story(circuit.proposal)
    return {**told, "line": next(line for line in told["lines"] if line.number == step.position), "step": step}


# Who carries it


@bp.get("/porteurs")
@requires("proposal.step", load=load_circuit)
def ask_carriers(circuit: Circuit) -> Answer | str:
    """Ask who carries a transmission, and to which meeting."""
    step = _sent(circuit)
    kept = _kept(step)
    form = CarryForm(
        formdata=None,
        data={
            "version": str(circuit.proposal.version),
            "carrier": kept.carrier or _likely_carrier(circuit, step),
            "carried_to": kept.meeting.ref if kept.meeting else "",
        },
    )
    return give_key(form) or _carriers_page(circuit, step, form)


def _likely_carrier(circuit: Circuit, step: Step) -> str:
    sender = step.body or circuit.proposal.body
    seats = list_seats(db.session(), [sender], step.on_date)
    return next((one.carrier for one in seats if one.where == step.to_body), "")


def _offer_meetings(form: CarryForm, step: Step) -> None:
    to = step.to_body.slug if step.to_body else None
    form.offer(offers.list_meetings_since(db.session(), step.on_date, to))


def _carriers_page(circuit: Circuit, step: Step, form: CarryForm) -> str:
    _offer_meetings(form, step)
    return render_template("circuit/carriers.html", form=form, **_line(circuit, step))


@bp.post("/porteurs")
@requires("proposal.step", load=load_circuit)
def carry(circuit: Circuit) -> Answer:
    """Say who carries a transmission, and to which meeting."""
    proposal, step, form = circuit.proposal, _sent(circuit), CarryForm()
    _offer_meetings(form, step)

    def act() -> str:
        queries.lock(db.session(), proposal)
        meeting = offers.find_meeting(db.session(), form.carried_to.data)
        version = version_of(form)
        if rules.carry(db.session(), proposal, step, form.carrier.data, meeting, version=version, by=actor()):
            flash(_("C'est noté."), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _carriers_page(circuit, step, form)

    return send(form, act, again)


# What came back


@bp.get("/retour")
@requires("proposal.step", load=load_circuit)
def ask_report(circuit: Circuit) -> Answer | str:
    """Ask what the carriers told back."""
    step = _sent(circuit)
    kept, asked = _kept(step), request.args.get("rencontre")
    form = ReportForm(
        formdata=None,
        data={
            "version": str(circuit.proposal.version),
            "report": kept.report,
            "reported_on": kept.reported_on,
            "reported_meeting": asked or (kept.reported_meeting.ref if kept.reported_meeting else ""),
        },
    )
    return give_key(form) or _report_page(circuit, step, form)


def _offer_past(form: ReportForm, circuit: Circuit, step: Step) -> None:
    """Offer the meetings of the instance that sent it, since then."""
    sender = step.body or circuit.proposal.body
    since = offers.list_meetings_since(db.session(), step.on_date, sender.slug)
    form.offer([meeting for meeting in since if meeting.held_on <= clock.today()])


def _report_page(circuit: Circuit, step: Step, form: ReportForm) -> str:
    _offer_past(form, circuit, step)
    return render_template("circuit/report.html", form=form, kept=_kept(step), **_line(circuit, step))


@bp.post("/retour")
@requires("proposal.step", load=load_circuit)
def report(circuit: Circuit) -> Answer:
    """Say what the carriers told back, or take a mistaken note back."""
    proposal, step, form = circuit.proposal, _sent(circuit), ReportForm()
    _offer_past(form, circuit, step)

    def act() -> str:
        queries.lock(db.session(), proposal)
        meeting: Meeting | None = offers.find_meeting(db.session(), form.reported_meeting.data)
        told = rules.Report(form.report.data or "", form.reported_on.data, meeting)
        if request.form.get("faire") == "retirer":
            done = rules.unreport(db.session(), proposal, step, by=actor())
            message = _("Le retour est retiré.")
        else:
            done = rules.report(db.session(), proposal, step, told, version=version_of(form), by=actor())
            message = _("Le retour est noté.")
        if done:
            flash(message, "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _report_page(circuit, step, form)

    return send(form, act, again)
