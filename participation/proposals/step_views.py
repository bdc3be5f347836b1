"""The steps of a proposal, for the team and the élus: add one, void a mistaken one, say that an answer was told."""

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from participation import clock
from participation.bodies.models import Body
from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.meetings.models import Meeting
from participation.meetings.queries import list_bodies
from participation.opinions.forms import version_of
from participation.permissions import actor, requires
from participation.proposals import carriers, offers, queries, step_rules
from participation.proposals.forms import StepForm, ToldForm, VoidForm
from participation.proposals.models import DECISIONS, OUTCOMES, STEP_KINDS, Circuit, Proposal, Step
from participation.proposals.team_views import load_circuit
from participation.proposals.views import story
from participation.sending import Answer, give_key, send

bp = Blueprint("steps", __name__, url_prefix="/equipe/propositions/<ref>")


_ICONS = {
    "etude": "recherche", "transmise": "envoi", "ajournee": "horloge", "retenue": "check",
    "retenue_en_partie": "check", "non_retenue": "croix", "en_cours": "crayon", "realisee": "check",
    "abandonnee": "croix", "regroupee": "plus", "retiree": "moins",
}  # fmt: skip
_MEANINGS = {
    "etude": _l("On regarde si c'est possible."),
    "transmise": _l("On la passe à une instance ou à des élus, qui répondront."),
    "ajournee": _l("Pas de réponse maintenant, et pourquoi."),
    "retenue": _l("La réponse est oui."),
    "retenue_en_partie": _l("La réponse est oui pour une partie."),
    "non_retenue": _l("La réponse est non, et pourquoi."),
    "en_cours": _l("Des nouvelles de ce qui se fait."),
    "realisee": _l("C'est fait."),
    "abandonnee": _l("On ne le fera pas, et pourquoi."),
    "regroupee": _l("Elle continue avec une autre proposition."),
    "retiree": _l("Ceux qui l'ont faite la retirent."),
}

# Add


@bp.get("/etape")
@requires("proposal.step", load=load_circuit)
def add(circuit: Circuit) -> Answer | str:
    """Show the steps that may follow, or (`?genre=`) the form of one of them."""
    proposal = circuit.proposal
    kinds = step_rules.possible_kinds(proposal, actor())
    kind = request.args.get("genre")
    if kind is None:
        kept: dict[str, Any] = {"ref": proposal.ref, "rencontre": request.args.get("rencontre")}
        choices = [
            (_ICONS[one], STEP_KINDS[one], _MEANINGS[one], url_for("steps.add", **{**kept, "genre": one}))
            for one in kinds
        ]
        return render_template("proposals/step_kinds.html", kinds=kinds, choices=choices, **story(proposal))
    if kind not in kinds:
        abort(404)
    form = StepForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    form.process(formdata=None, data={**_guessed(proposal, kind), "cle": form.cle.data})
    return _step_page(proposal, kind, form)


@bp.post("/etapes")
@requires("proposal.step", load=load_circuit)
def create(circuit: Circuit) -> Answer:
    """Add the step."""
    proposal, kind = circuit.proposal, request.form.get("genre", "")
    if kind not in step_rules.ASKED:
        abort(404)
    form = StepForm()
    _offer(form, proposal, kind)

    def act() -> str:
        other = _other_proposal(form)
        queries.lock(db.session(), proposal, *([other] if other else []))
        draft = _draft(form, kind, other)
        step = step_rules.add_step(db.session(), proposal, draft, version=version_of(form), by=actor())
        flash(_("L'étape « %(kind)s » est ajoutée.", kind=STEP_KINDS[step.kind]), "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _step_page(proposal, kind, form)

    return send(form, act, again)


def _guessed(proposal: Proposal, kind: str) -> dict[str, Any]:
    """Return what the form starts with: who has the proposal now, today or the day of the meeting that is named.

    `?vers=` names the other proposal of a merger, or to whom a transmission goes; its representatives then carry it.
    """
    meeting = offers.find_meeting(db.session(), request.args.get("rencontre"))
    holder = step_rules.holder(proposal)
    day = meeting.held_on if meeting else clock.today()
    return {
        "genre": kind,
        "version": str(proposal.version),
        "on_date": max(min(day, clock.today()), *(step.on_date for step in proposal.steps)),
        "body": holder.slug if holder else "",
        "meeting": meeting.ref if meeting else "",
        **({"to": _whither(), "carrier": _carrier(proposal)} if kind == "transmise" else {"to_proposal": _whither()}),
    }


def _whither() -> str:
    return request.args.get("vers") or ""


def _seats(proposal: Proposal) -> list[carriers.Seats]:
    """Return where the body that has the proposal, or the one that carries it, has representatives."""
    bodies = {body.id: body for body in (step_rules.holder(proposal), proposal.body) if body}
    return carriers.list_seats(db.session(), list(bodies.values()), clock.today())


def _carrier(proposal: Proposal) -> str:
    return next((one.carrier for one in _seats(proposal) if _whither() == f"i:{one.where.slug}"), "")


def _step_page(proposal: Proposal, kind: str, form: StepForm) -> str:
    _offer(form, proposal, kind)
    searched = request.args.get("q", "").strip()[:200]
    return render_template(
        "proposals/step.html",
        form=form,
        kind=kind,
        kind_name=STEP_KINDS[kind],
        is_outcome=kind in OUTCOMES,
        contract=queries.find_contract(db.session()),
        searched=searched,
        found=offers.search_by_title(db.session(), searched, proposal) if kind == "regroupee" else [],
        seats=_seats(proposal) if kind == "transmise" else [],
        **story(proposal),
    )


def _offer(form: StepForm, proposal: Proposal, kind: str) -> None:
    """Keep and fill what this kind asks."""
    form.for_kind(kind)
    today = clock.today()
    known = {proposal.body, *(step.to_body for step in proposal.steps if step.to_body)}
    bodies = [b for b in list_bodies(db.session()) if b in known or not (b.closed_on and b.closed_on < today)]
    form.offer(
        bodies=bodies,
        recipients=offers.list_recipients(db.session()),
        meetings=_meetings(proposal, form.meeting.data if "meeting" in form else None),
        means={row.slug: row.name for row in offers.list_means(db.session())},
        coming=_coming(form) if kind == "transmise" else (),
    )


def _coming(form: StepForm) -> list[Meeting]:
    """Return the meetings to which it may be carried: of the body to which a link leads, else of all."""
    where, _colon, slug = _whither().partition(":")
    meetings = offers.list_meetings_since(db.session(), clock.today(), slug if where == "i" else None)
    return _with(form.carried_to.data, meetings)


def _with(also: str | None, meetings: list[Meeting]) -> list[Meeting]:
    """Return the meetings, the one that is chosen already among them."""
    if also and also not in {meeting.ref for meeting in meetings}:
        extra = offers.find_meeting(db.session(), also)
        return [extra, *meetings] if extra else meetings
    return meetings


def _meetings(proposal: Proposal, also: str | None) -> list[Meeting]:
    """Return the meetings to choose from, the one that is chosen already among them."""
    bodies: list[Body] = [proposal.body, *(step.to_body for step in proposal.steps if step.to_body)]
    return _with(also, offers.list_meetings_for(db.session(), actor(), bodies, clock.today()))


def _other_proposal(form: StepForm) -> Proposal | None:
    ref = form.to_proposal.data if "to_proposal" in form else None
    if not ref:
        return None
    try:
        return queries.find_proposal(db.session(), queries.resolve(db.session(), ref.rstrip("/").rsplit("/", 1)[-1]))
    except NotFound:
        raise Refusal(
            _("Cette proposition n'existe pas. Cherchez-la par les mots de son titre."), field="to_proposal"
        ) from None


def _draft(form: StepForm, kind: str, other: Proposal | None) -> step_rules.StepDraft:
    """Return what the form says, with the rows that it names."""
    said: dict[str, Any] = {name: form[name].data for name in step_rules.ASKED[kind]}
    bodies = {body.slug: body for body in list_bodies(db.session())}
    where, _colon, slug = str(said.pop("to", "")).partition(":")
    recipients = {row.slug: row for row in offers.list_recipients(db.session())} if where == "d" else {}
    said["to_proposal"] = other
    if "amount" in said:
        said["amount_cents"] = said.pop("amount")
    if "funding" in said:
        said["funding"] = said["funding"] or None
    assert form.on_date.data is not None  # the form has asked for it
    return step_rules.StepDraft(
        **said
        | {
            "kind": kind,
            "on_date": form.on_date.data,
            "body": bodies.get(said.get("body") or ""),
            "meeting": offers.find_meeting(db.session(), said.get("meeting")),
            "to_body": bodies.get(slug) if where == "i" else None,
            "to_recipient": recipients.get(slug),
            "carried_to": offers.find_meeting(db.session(), said.get("carried_to")),
        }
    )


# Void


def _step_of(circuit: Circuit) -> Step:
    assert request.view_args
    return queries.get_step(circuit.proposal, request.view_args["number"])


@bp.get("/etapes/<int:number>/annuler")
@requires("proposal.void_step", load=load_circuit)
def ask_void(circuit: Circuit) -> Answer | str:
    """Ask why a step is voided."""
    step = _step_of(circuit)
    form = VoidForm(formdata=None, data={"version": str(circuit.proposal.version)})
    return give_key(form) or _void_page(circuit.proposal, step, form)


def _void_page(proposal: Proposal, step: Step, form: VoidForm) -> str:
    told = story(proposal)
    line = next(line for line in told["lines"] if line.number == step.position)
    return render_template("proposals/void.html", form=form, line=line, **told)


@bp.post("/etapes/<int:number>/annulation")
@requires("proposal.void_step", load=load_circuit)
def void(circuit: Circuit) -> Answer:
    """Void a mistaken step."""
    proposal, step = circuit.proposal, _step_of(circuit)
    form = VoidForm()

    def act() -> str:
        queries.lock(db.session(), proposal)
        if step_rules.void_step(db.session(), proposal, step, form.reason.data, version=version_of(form), by=actor()):
            flash(_("L'étape est annulée. Elle reste visible, barrée."), "success")
        else:
            flash(_("Cette étape était déjà annulée."), "info")
        return url_for("team_proposals.show", ref=proposal.ref)

    def again() -> str:
        form.version.data = str(proposal.version)
        return _void_page(proposal, step, form)

    return send(form, act, again)


# Tell back


@bp.get("/etapes/<int:number>/restituer")
@requires("proposal.told", load=load_circuit)
def ask_told(circuit: Circuit) -> Answer | str:
    """Ask when, and at which meeting, an answer was told back to residents."""
    step = _decision_of(circuit)
    asked = request.args.get("rencontre")
    form = ToldForm(
        formdata=None,
        data={"told_on": step.told_on, "meeting": asked or (step.told_meeting.ref if step.told_meeting else "")},
    )
    return give_key(form) or _told_page(circuit.proposal, step, form)


def _decision_of(circuit: Circuit) -> Step:
    step = _step_of(circuit)
    if step.kind not in DECISIONS or step.voided_on is not None:
        abort(404)
    return step


def _told_page(proposal: Proposal, step: Step, form: ToldForm) -> str:
    form.offer(_meetings(proposal, form.meeting.data))
    told = story(proposal)
    line = next(line for line in told["lines"] if line.number == step.position)
    return render_template("proposals/told.html", form=form, line=line, step=step, **told)


@bp.post("/etapes/<int:number>/restitution")
@requires("proposal.told", load=load_circuit)
def tell(circuit: Circuit) -> Answer:
    """Note that an answer was told back, or take a mistaken note back."""
    proposal, step = circuit.proposal, _decision_of(circuit)
    form = ToldForm()
    form.offer(_meetings(proposal, form.meeting.data))

    def act() -> str:
        queries.lock(db.session(), proposal)
        if request.form.get("faire") == "retirer":
            done, message = (
                step_rules.untell(db.session(), proposal, step, by=actor()),
                _("La restitution est retirée."),
            )
        else:
            meeting = offers.find_meeting(db.session(), form.meeting.data)
            done = step_rules.tell(db.session(), proposal, step, form.told_on.data, meeting, by=actor())
            message = _("La restitution est notée.")
        if done:
            flash(message, "success")
        return url_for("team_proposals.show", ref=proposal.ref)

    return send(form, act, lambda: _told_page(proposal, step, form))
