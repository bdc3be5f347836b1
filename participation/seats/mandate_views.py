"""Who sits in an instance: mandates, and their holders' names for those who animate it."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock, sending
from participation.bodies import queries
from participation.bodies import rules as bodies
from participation.bodies.models import MANDATE_KINDS, Body, Mandate
from participation.bodies.team_views import bp, load_body
from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.fragments import provide
from participation.permissions import actor, may, requires
from participation.seats import mandate_forms as forms
from participation.seats import mandate_queries as seats
from participation.seats import mandates as rules
from participation.seats.views import part

__all__ = ["bp"]


def load_mandate(slug: str, ref: str) -> Mandate:
    """Return the mandate of the address, which names its instance too."""
    mandate = queries.get_mandate(db.session(), ref)
    if mandate.body.slug != slug:
        raise NotFound(_("Ce mandat n'existe pas dans cette instance."))
    return mandate


@bp.get("/<slug>/mandats")
@requires("mandate.edit", load_body)
def mandates(body: Body) -> str:
    """List the mandates of an instance."""
    session, sees_names = db.session(), may("mandate.names", body)
    rows = queries.list_mandates(session, body, names=sees_names)
    return render_template(
        "seats/mandates.html",
        body=body,
        mandates=rows,
        substitutes=seats.substitutes_among(session, rows),
        elections=seats.elections_of(session, rows),
        delegations=seats.list_delegations(session, body, clock.today()),
        sees_names=lambda mandate: sees_names and may("mandate.names", mandate),
        kinds=MANDATE_KINDS,
    )


@bp.get("/<slug>/mandats/nouveau")
@requires("mandate.edit", load_body)
def new_mandate(body: Body) -> Any:
    """Show the form of a mandate."""
    form = forms.MandateForm()
    return sending.give_key(form) or _new_page(body, form)


@bp.post("/<slug>/mandats/nouveau")
@requires("mandate.edit", load_body)
def add_mandate(body: Body) -> Any:
    """Add a mandate, once. Whoever may not read names writes none either."""
    slug, form = body.slug, forms.MandateForm()
    form.offer_seats(queries.list_bodies(db.session()))

    def add() -> str:
        found = load_body(slug)
        name = form.name.data if may("mandate.names", found) else None
        rules.open_mandate(db.session(), seat_of(form, found), substitute=form.substitute.data, name=name, by=actor())
        flash(_("Le mandat est ajouté."), "success")
        return url_for(".mandates", slug=slug)

    return sending.send(form, add, lambda: _new_page(load_body(slug), form))


def seat_of(form: forms.SeatFields, body: Body) -> rules.Seat:
    """Return what a valid form says of a mandate of the instance."""
    assert form.started_on.data  # the form asks for it
    seat = form.seat_body.data
    return rules.Seat(
        body,
        form.kind.data,
        form.started_on.data,
        form.ended_on.data,
        queries.get_body(db.session(), seat) if seat else None,
    )


@bp.get("/<slug>/mandats/<ref>")
@requires("mandate.edit", load_mandate)
def show_mandate(mandate: Mandate) -> str:
    """Show one mandate: since when, from which election, a holder's or a substitute's."""
    is_substitute = bool(seats.substitutes_among(db.session(), [mandate]))
    form = forms.StandingForm(standing=forms.SUBSTITUTE if is_substitute else forms.HOLDER)
    return _page(mandate, form)


@bp.post("/<slug>/mandats/<ref>")
@requires("mandate.edit", load_mandate)
def mark_mandate(mandate: Mandate) -> Any:
    """Say whether a representative's mandate is a holder's or a substitute's; sent twice, it changes once."""
    form, slug, ref = forms.StandingForm(), mandate.body.slug, mandate.ref
    if not form.validate():
        return _page(mandate, form), 422
    try:
        rules.mark(db.session(), mandate, form.standing.data == forms.SUBSTITUTE, by=actor())
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(load_mandate(slug, ref), form), refusal.status
    db.session.commit()
    return _back(slug, _("C'est noté."))


@bp.get("/<slug>/mandats/<ref>/fin")
@requires("mandate.edit", load_mandate)
def ending(mandate: Mandate) -> str:
    """Ask when a mandate ends."""
    return _end_page(mandate, forms.EndMandateForm(ended_on=mandate.ended_on or clock.today()))


@bp.post("/<slug>/mandats/<ref>/fin")
@requires("mandate.edit", load_mandate)
def end_mandate(mandate: Mandate) -> Any:
    """End a mandate; sent twice, it ends once."""
    form, slug, ref = forms.EndMandateForm(), mandate.body.slug, mandate.ref
    if not form.validate():
        return _end_page(mandate, form), 422
    assert form.ended_on.data  # the form asks for it
    try:
        bodies.end_mandate(db.session(), mandate, form.ended_on.data, actor())
    except Refusal as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _end_page(queries.get_mandate(db.session(), ref), form), refusal.status
    db.session.commit()
    return _back(slug, _("Le mandat est terminé."))


@bp.post("/<slug>/mandats/<ref>/effacer-nom")
@requires("mandate.names", load_mandate)
def erase_name(mandate: Mandate) -> Response:
    """Erase the name of who holds a mandate."""
    slug = mandate.body.slug
    bodies.erase_name(db.session(), mandate, actor())
    db.session.commit()
    return _back(slug, _("Le nom est effacé. Le mandat reste."))


def _back(slug: str, message: str) -> Response:
    flash(message, "success")
    return make_response(redirect(url_for("team_bodies.mandates", slug=slug), 303))


def _new_page(body: Body, form: forms.MandateForm) -> str:
    form.offer_seats([other for other in queries.list_bodies(db.session()) if other.slug != body.slug])
    return render_template("seats/new_mandate.html", body=body, form=form, with_name=may("mandate.names", body))


def _page(mandate: Mandate, form: forms.StandingForm) -> str:
    return render_template(
        "seats/mandate.html",
        mandate=mandate,
        form=form,
        election=seats.elections_of(db.session(), [mandate]).get(mandate.id),
        sees_names=may("mandate.names", mandate),
        kinds=MANDATE_KINDS,
    )


def _end_page(mandate: Mandate, form: forms.EndMandateForm) -> str:
    return render_template("seats/end_mandate.html", mandate=mandate, form=form, kinds=MANDATE_KINDS)


# On the instance's page


def _of_body(body: Body) -> Markup | None:
    found = [one for one in seats.list_delegations(db.session(), body, clock.today()) if one.where]
    return part("seats/_of_body.html", body=body, delegations=found) if found else None


def _of_body_for_team(body: Body) -> Markup | None:
    found = seats.list_delegations(db.session(), body, clock.today())
    return part("seats/_of_body_for_team.html", body=body, delegations=found) if found else None


provide("body.public", _of_body)
provide("body.team", _of_body_for_team)
