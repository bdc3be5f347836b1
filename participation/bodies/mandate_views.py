"""Who sits in an instance: mandates, and their holders' names for those who animate it."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from participation import clock, sending
from participation.bodies import forms, queries, rules
from participation.bodies.models import MANDATE_KINDS, Body, Mandate
from participation.bodies.team_views import bp, load_body
from participation.errors import NotFound, Refusal
from participation.extensions import db
from participation.permissions import actor, may, requires

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
    sees_names = may("mandate.names", body)
    return render_template(
        "bodies/mandates.html",
        body=body,
        mandates=queries.list_mandates(db.session(), body, names=sees_names),
        sees_names=lambda mandate: sees_names and may("mandate.names", mandate),
        kinds=MANDATE_KINDS,
        today=clock.today(),
    )


@bp.get("/<slug>/mandats/nouveau")
@requires("mandate.edit", load_body)
def new_mandate(body: Body) -> Any:
    """Show the form of a mandate."""
    form = forms.MandateForm()
    return sending.give_key(form) or _mandate_page(body, form)


@bp.post("/<slug>/mandats/nouveau")
@requires("mandate.edit", load_body)
def add_mandate(body: Body) -> Any:
    """Add a mandate, once. Whoever may not read names writes none either."""
    slug, form = body.slug, forms.MandateForm()
    form.offer(queries.list_bodies(db.session()))

    def add() -> str:
        assert form.started_on.data  # the form asks for it
        found = load_body(slug)
        seat = form.seat_body.data
        rules.add_mandate(
            db.session(),
            found,
            kind=form.kind.data,
            started_on=form.started_on.data,
            ended_on=form.ended_on.data,
            seat_body=queries.get_body(db.session(), seat) if seat else None,
            name=form.name.data if may("mandate.names", found) else None,
            by=actor(),
        )
        flash(_("Le mandat est ajouté."), "success")
        return url_for(".mandates", slug=slug)

    return sending.send(form, add, lambda: _mandate_page(load_body(slug), form))


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
        rules.end_mandate(db.session(), mandate, form.ended_on.data, actor())
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
    rules.erase_name(db.session(), mandate, actor())
    db.session.commit()
    return _back(slug, _("Le nom est effacé. Le mandat reste."))


def _back(slug: str, message: str) -> Response:
    flash(message, "success")
    return make_response(redirect(url_for("team_bodies.mandates", slug=slug), 303))


def _mandate_page(body: Body, form: forms.MandateForm) -> str:
    form.offer([other for other in queries.list_bodies(db.session()) if other.slug != body.slug])
    return render_template("bodies/new_mandate.html", body=body, form=form, with_name=may("mandate.names", body))


def _end_page(mandate: Mandate, form: forms.EndMandateForm) -> str:
    return render_template("bodies/end_mandate.html", mandate=mandate, form=form, kinds=MANDATE_KINDS)
