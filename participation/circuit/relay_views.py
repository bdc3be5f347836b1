"""Relays: a project discussed in one instance is told to others, and they answer. The team's pages, a public one."""

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock, journal
from participation.addresses import beside
from participation.bodies.models import Body
from participation.circuit import relay_queries as queries
from participation.circuit import relay_rules as rules
from participation.circuit.models import Relay, RelayCopy
from participation.circuit.relay_forms import EditRelayForm, NewRelayForm, ReplyForm
from participation.extensions import db
from participation.formatting import datetime_fr
from participation.meetings.models import Meeting
from participation.meetings.queries import list_bodies
from participation.opinions.forms import version_of
from participation.permissions import actor, may, public, requires
from participation.proposals import offers
from participation.sending import Answer, give_key, send

bp = Blueprint("relays", __name__)


def load(ref: str) -> Relay:
    """Return the relay of an address. Raises NotFound."""
    return queries.get_relay(db.session(), ref)


def load_receiver(ref: str, slug: str) -> Body:
    """Return the instance of an address that was relayed something. Raises NotFound."""
    return queries.get_copy(load(ref), slug).body


# For everybody


@bp.get("/relais/<ref>")
@public
def show(ref: str) -> str:
    """Show what was relayed, where it comes from, and what each instance said."""
    return render_template("circuit/relay.html", relay=load(ref))


# The team's list


@bp.get("/equipe/relais")
@requires("relay.edit")
def index() -> str:
    """Show the relays in which the account has a part."""
    page = queries.list_for_team(db.session(), actor(), request.args)
    return render_template("circuit/relays.html", relays=page.items, beside=beside(page))


# Make


@bp.get("/equipe/relais/nouveau")
@requires("relay.edit")
def new() -> Answer | str:
    """Show the form, filled after the meeting (`?rencontre=`) or the instance (`?instance=`) that the address names."""
    form = NewRelayForm(formdata=None)
    keyed = give_key(form)
    if keyed:
        return keyed
    meeting = offers.find_meeting(db.session(), request.args.get("rencontre"))
    origin = _origin(meeting)
    data = {
        "from_body": origin.slug if origin else "",
        "meeting": meeting.ref if meeting else "",
        "to": [body.slug for body in queries.list_seated_in(db.session(), origin)] if origin else [],
        "cle": form.cle.data,
    }
    form.process(formdata=None, data=data)
    return _new_page(form)


def _origin(meeting: Meeting | None) -> Body | None:
    asked = request.args.get("instance")
    if meeting and len(meeting.bodies) == 1:
        return meeting.bodies[0]
    return next((body for body in list_bodies(db.session()) if body.slug == asked), None)


def _open_bodies() -> list[Body]:
    today = clock.today()
    return [body for body in list_bodies(db.session()) if not (body.closed_on and body.closed_on < today)]


def _offer_new(form: NewRelayForm) -> None:
    form.offer_origins(_open_bodies())
    form.offer(meetings=_past_meetings(None, form.meeting.data), bodies=_open_bodies())


def _past_meetings(body: Body | None, also: str | None) -> list[Meeting]:
    """Return the meetings of the last year, of an instance or of all, the chosen one among them."""
    found = queries.list_past_meetings(db.session(), body, clock.today())
    extra = None if also in {m.ref for m in found} else offers.find_meeting(db.session(), also)
    return [extra, *found] if extra else found


def _new_page(form: NewRelayForm) -> str:
    _offer_new(form)
    return render_template("circuit/new_relay.html", form=form)


@bp.post("/equipe/relais")
@requires("relay.edit")
def create() -> Answer:
    """Relay a project."""
    form = NewRelayForm()
    _offer_new(form)

    def act() -> str:
        origin = next(body for body in list_bodies(db.session()) if body.slug == form.from_body.data)
        relay = rules.create(db.session(), origin, _draft(form), by=actor())
        flash(_("Le projet est relayé."), "success")
        return url_for("relays.team_show", ref=relay.ref)

    return send(form, act, lambda: _new_page(form))


def _draft(form: NewRelayForm | EditRelayForm) -> rules.RelayDraft:
    chosen = set(form.to.data or ())
    return rules.RelayDraft(
        title=form.title.data or "",
        to=tuple(body for body in list_bodies(db.session()) if body.slug in chosen),
        text=form.text.data,
        carrier=form.carrier.data,
        meeting=offers.find_meeting(db.session(), form.meeting.data),
        on_date=form.on_date.data,
    )


# One relay


@bp.get("/equipe/relais/<ref>")
@requires("relay.edit", load=load)
def team_show(relay: Relay) -> str:
    """Show what was relayed, what each instance said, and what can be noted."""
    return render_template(
        "circuit/team_relay.html",
        relay=relay,
        mine={copy.body.slug for copy in relay.copies if may("relay.edit", copy.body)},
        journal_rows=[
            [datetime_fr(entry.at), entry.actor, entry.sentence]
            for entry in journal.list_entries(db.session(), "relay", relay.ref)
        ],
    )


@bp.get("/equipe/relais/<ref>/modifier")
@requires("relay.edit", load=load)
def edit(relay: Relay) -> Answer | str:
    """Show the form that changes what is relayed."""
    form = EditRelayForm(
        formdata=None,
        data={
            "title": relay.title,
            "text": relay.text,
            "carrier": relay.carrier,
            "meeting": relay.meeting.ref if relay.meeting else "",
            "on_date": relay.on_date,
            "to": [copy.body.slug for copy in relay.copies],
            "version": str(relay.version),
        },
    )
    return give_key(form) or _edit_page(relay, form)


def _offer_edit(form: EditRelayForm, relay: Relay) -> None:
    known = {copy.body.id: copy.body for copy in relay.copies}
    bodies = {**known, **{body.id: body for body in _open_bodies()}}
    meetings = _past_meetings(relay.from_body, form.meeting.data)
    form.offer(meetings=meetings, bodies=sorted(bodies.values(), key=lambda body: (body.name, body.id)))


def _edit_page(relay: Relay, form: EditRelayForm) -> str:
    _offer_edit(form, relay)
    return render_template("circuit/edit_relay.html", relay=relay, form=form)


@bp.post("/equipe/relais/<ref>")
@requires("relay.edit", load=load)
def change(relay: Relay) -> Answer:
    """Change what is relayed, and to whom."""
    form = EditRelayForm()
    _offer_edit(form, relay)

    def act() -> str:
        queries.lock(db.session(), relay)
        if rules.edit(db.session(), relay, _draft(form), version=version_of(form), by=actor()):
            flash(_("Le relais est modifié."), "success")
        return url_for("relays.team_show", ref=relay.ref)

    def again() -> str:
        form.version.data = str(relay.version)
        return _edit_page(relay, form)

    return send(form, act, again)


# What an instance said


def _copy() -> tuple[Relay, RelayCopy]:
    assert request.view_args
    relay = load(request.view_args["ref"])
    return relay, queries.get_copy(relay, request.view_args["slug"])


@bp.get("/equipe/relais/<ref>/<slug>/reponse")
@requires("relay.edit", load=load_receiver)
def ask_reply(_body: Body) -> Answer | str:
    """Ask when an instance spoke of it, and what it said."""
    relay, copy = _copy()
    asked = request.args.get("rencontre")
    form = ReplyForm(
        formdata=None,
        data={
            "version": str(relay.version),
            "reply": copy.reply,
            "discussed_on": copy.discussed_on,
            "reply_meeting": asked or (copy.meeting.ref if copy.meeting else ""),
        },
    )
    return give_key(form) or _reply_page(relay, copy, form)


def _reply_page(relay: Relay, copy: RelayCopy, form: ReplyForm) -> str:
    _offer_reply(form, copy)
    return render_template("circuit/reply.html", relay=relay, copy=copy, form=form)


def _offer_reply(form: ReplyForm, copy: RelayCopy) -> None:
    form.offer(_past_meetings(copy.body, form.reply_meeting.data))


@bp.post("/equipe/relais/<ref>/<slug>/reponse")
@requires("relay.edit", load=load_receiver)
def reply(_body: Body) -> Answer:
    """Note what an instance said, or take a mistaken note back."""
    (relay, copy), form = _copy(), ReplyForm()
    _offer_reply(form, copy)

    def act() -> str:
        queries.lock(db.session(), relay)
        if request.form.get("faire") == "retirer":
            if rules.take_back(db.session(), relay, copy, by=actor()):
                flash(_("La réponse est retirée."), "success")
        elif rules.reply(db.session(), relay, copy, _said(form), version=version_of(form), by=actor()):
            flash(_("La réponse est notée."), "success")
        return url_for("relays.team_show", ref=relay.ref)

    def again() -> str:
        form.version.data = str(relay.version)
        return _reply_page(relay, copy, form)

    return send(form, act, again)


def _said(form: ReplyForm) -> rules.Reply:
    meeting = offers.find_meeting(db.session(), form.reply_meeting.data)
    return rules.Reply(form.reply.data, form.discussed_on.data, meeting)
