"""Campaigns (« démarches »): the team's pages and everybody's; what they add to the pages of meetings and instances."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from participation import clock, editing, journal
from participation.addresses import beside
from participation.bodies.models import Body
from participation.editing import Differences
from participation.extensions import db
from participation.formatting import datetime_fr
from participation.forms import Form
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.queries import list_bodies, list_quartiers
from participation.opinions.queries import list_questions
from participation.permissions import actor, may, public, requires
from participation.planning import campaign_forms as forms
from participation.planning import queries, rules
from participation.planning.models import Campaign
from participation.planning.views import bp
from participation.sending import Answer, give_key, send


def load(ref: str) -> Campaign:
    """Return the campaign of an address. Raises NotFound."""
    return queries.get_campaign(db.session(), ref)


# For everybody


@bp.get("/demarches")
@public
def campaigns() -> str:
    """Show the campaigns, the latest first."""
    page = queries.list_campaigns(db.session(), request.args)
    return render_template("planning/campaigns.html", campaigns=page.items, beside=beside(page))


@bp.get("/demarches/<ref>")
@public
def campaign(ref: str) -> str:
    """Show a campaign: why, what is asked where, its meetings, how much was said, when it is given back."""
    found = load(ref)
    said = queries.count_said(db.session(), found)
    return render_template("planning/campaign.html", campaign=found, said=said, today=clock.today())


# The team's list


@bp.get("/equipe/demarches")
@requires("campaign.edit")
def team_campaigns() -> str:
    """Show the campaigns to the team."""
    page = queries.list_campaigns(db.session(), request.args)
    return render_template("planning/team_campaigns.html", campaigns=page.items, beside=beside(page))


@bp.get("/equipe/demarches/nouvelle")
@requires("campaign.edit")
def new_campaign() -> Answer | str:
    """Show an empty form."""
    form = _form(forms.NewCampaignForm, formdata=None)
    return give_key(form) or _new_page(form)


@bp.post("/equipe/demarches")
@requires("campaign.edit")
def create_campaign() -> Answer:
    """Add a campaign, once."""
    form = _form(forms.NewCampaignForm)

    def act() -> str:
        made = rules.create(db.session(), form.draft(), by=actor())
        flash(_("La démarche est créée. Choisissez maintenant ses rencontres."), "success")
        return url_for("planning.choose_meetings", ref=made.ref)

    return send(form, act, lambda: _new_page(form))


def _form(base: Any, **options: Any) -> Any:
    """Return a form with a field for each quartier, its lists filled with the account's instances."""
    quartiers = list_quartiers(db.session())
    form = forms.for_quartiers(base, quartiers)(**options)
    form.offer([body for body in list_bodies(db.session()) if may("campaign.edit", body)], quartiers)
    return form


def _new_page(form: Any) -> str:
    return render_template("planning/new_campaign.html", form=form, ready=_ready())


def _ready() -> list[str]:
    """Return the ready-made questions of the contract, for all instances."""
    return [question.text for question in list_questions(db.session()) if question.body_id is None]


# One campaign


@bp.get("/equipe/demarches/<ref>")
@requires("campaign.edit", load)
def team_campaign(campaign: Campaign) -> str:
    """Show a campaign to the team: what it asks at each meeting, and its history."""
    return render_template(
        "planning/team_campaign.html",
        campaign=campaign,
        said=queries.count_said(db.session(), campaign),
        asked={meeting.id: [row.text for row in meeting.questions] for meeting in campaign.meetings},
        journal_rows=[
            [datetime_fr(entry.at), entry.actor, entry.sentence]
            for entry in journal.list_entries(db.session(), "campaign", campaign.ref)
        ],
    )


@bp.get("/equipe/demarches/<ref>/modifier")
@requires("campaign.edit", load)
def edit_campaign(campaign: Campaign) -> str:
    """Show the form that changes a campaign."""
    return _edit_page(campaign, _filled(campaign))


@bp.post("/equipe/demarches/<ref>/modifier")
@requires("campaign.edit", load)
def update_campaign(campaign: Campaign) -> Any:
    """Change a campaign."""
    form, ref = _form(forms.EditCampaignForm), campaign.ref
    if not form.validate():
        return _edit_page(campaign, form), 422
    return editing.save(
        form,
        lambda: load(ref),
        change=lambda now: rules.edit(db.session(), now, form.draft(), by=actor()),
        again=lambda now, differences: _edit_page(now, form, differences),
        current=_filled,
        done=_done,
    )


def _filled(campaign: Campaign) -> Form:
    filled: Form = _form(forms.EditCampaignForm, formdata=None, data=forms.said(campaign))
    return filled


def _edit_page(campaign: Campaign, form: Any, differences: Differences | None = None) -> str:
    return render_template(
        "planning/edit_campaign.html", campaign=campaign, form=form, differences=differences, ready=_ready()
    )


def _done(campaign: Campaign, changed: bool) -> Response:
    flash(_("Enregistré.") if changed else _("Rien n'a changé."), "success")
    return redirect(url_for("planning.team_campaign", ref=campaign.ref), 303)


# Its meetings


@bp.get("/equipe/demarches/<ref>/rencontres")
@requires("campaign.edit", load)
def choose_meetings(campaign: Campaign) -> str:
    """Offer the meetings of the campaign's time."""
    return _attach_page(campaign, _ticked(campaign))


@bp.post("/equipe/demarches/<ref>/rencontres")
@requires("campaign.edit", load)
def attach_meetings(campaign: Campaign) -> Any:
    """Choose the meetings of a campaign."""
    form, ref = _attach_form(campaign), campaign.ref
    if not form.validate():
        return _attach_page(campaign, form), 422
    return editing.save(
        form,
        lambda: load(ref),
        change=lambda now: rules.attach(db.session(), now, form.chosen(now), by=actor()),
        again=lambda now, differences: _attach_page(now, form, differences),
        current=_ticked,
        done=_done,
    )


def _attach_form(campaign: Campaign, **options: Any) -> forms.AttachForm:
    form = forms.AttachForm(**options)
    form.offer(queries.list_offered(db.session(), campaign, actor()))
    return form


def _ticked(campaign: Campaign) -> forms.AttachForm:
    data = {"version": str(campaign.version), "meetings": [meeting.ref for meeting in campaign.meetings]}
    return _attach_form(campaign, formdata=None, data=data)


def _attach_page(campaign: Campaign, form: forms.AttachForm, differences: Differences | None = None) -> str:
    return render_template("planning/choose_meetings.html", campaign=campaign, form=form, differences=differences)


# What campaigns add to other pages


def _of_meeting(meeting: Meeting) -> Markup | None:
    return _fragment(queries.list_of_meeting(db.session(), meeting), "planning.campaign")


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    endpoint = "planning.team_campaign" if may("campaign.edit", meeting) else "planning.campaign"
    return _fragment(queries.list_of_meeting(db.session(), meeting), endpoint)


def _of_body(body: Body) -> Markup | None:
    return _fragment(queries.list_of_body(db.session(), body), "planning.campaign")


def _fragment(campaigns: list[Campaign], endpoint: str) -> Markup | None:
    if not campaigns:
        return None
    text = render_template("planning/_campaigns.html", campaigns=campaigns, endpoint=endpoint)
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.public", _of_meeting)
provide("meeting.team", _of_meeting_for_team)
provide("body.public", _of_body)
