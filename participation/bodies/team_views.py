"""Instances for the team: create, rename, close, reopen. Mandates: seats/mandate_views.py."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _

from participation import clock, editing, journal, sending
from participation.bodies import forms, queries, rules
from participation.bodies.models import FAMILIES, Body
from participation.editing import Differences
from participation.extensions import db
from participation.permissions import actor, may, requires

bp = Blueprint("team_bodies", __name__, url_prefix="/equipe/instances")


def load_body(slug: str) -> Body:
    """Return the instance of the address."""
    return queries.get_body(db.session(), slug)


@bp.get("")
@requires("mandate.edit")
def index() -> str:
    """List the instances that the account may do something with."""
    bodies = [body for body in queries.list_bodies(db.session()) if may("mandate.edit", body)]
    today = clock.today()
    return render_template(
        "bodies/team_index.html",
        groups=queries.group_bodies(queries.list_communes(db.session()), bodies),
        families=FAMILIES,
        is_closed=lambda body: rules.is_closed(body, today),
    )


@bp.get("/nouvelle")
@requires("body.manage")
def new() -> Any:
    """Show an empty form."""
    form = forms.NewBodyForm()
    return sending.give_key(form) or _new_page(form)


@bp.post("/nouvelle")
@requires("body.manage")
def create() -> Any:
    """Add an instance, once."""
    form = forms.NewBodyForm()
    _offer(form)

    def add() -> str:
        body = rules.create_body(db.session(), form.values(), actor())
        flash(_("L'instance est créée."), "success")
        return url_for(".show", slug=body.slug)

    return sending.send(form, add, lambda: _new_page(form))


@bp.get("/<slug>")
@requires("mandate.edit", load_body)
def show(body: Body) -> str:
    """Show what the account may do with an instance, and its history."""
    return render_template(
        "bodies/team_show.html",
        body=body,
        is_closed=rules.is_closed(body, clock.today()),
        entries=journal.list_entries(db.session(), "body", body.slug),
    )


@bp.get("/<slug>/modifier")
@requires("body.manage", load_body)
def edit(body: Body) -> str:
    """Show the form of an instance."""
    return _edit_page(body, _as_it_is(body))


@bp.post("/<slug>/modifier")
@requires("body.manage", load_body)
def update(body: Body) -> Any:
    """Change an instance; its old name is kept."""
    slug, form = body.slug, forms.EditBodyForm()
    _offer(form)
    if not form.validate():
        return _edit_page(body, form), 422
    return editing.save(
        form,
        lambda: load_body(slug),
        change=lambda found: rules.change_body(db.session(), found, form.values(), actor()),
        again=lambda found, differences: _edit_page(found, form, differences),
        current=_as_it_is,
        done=lambda _body, _changed: _back(slug, _("Enregistré.")),
    )


@bp.get("/<slug>/fermer")
@requires("body.manage", load_body)
def closing(body: Body) -> str:
    """Ask when and why the instance closes."""
    form = forms.CloseBodyForm(version=str(body.version))
    return _close_page(body, form)


@bp.post("/<slug>/fermer")
@requires("body.manage", load_body)
def close(body: Body) -> Any:
    """Close an instance."""
    slug, form = body.slug, forms.CloseBodyForm()
    if not form.validate():
        return _close_page(body, form), 422

    def change(found: Body) -> bool:
        assert form.closed_on.data  # the form asks for it
        if (found.closed_on, found.closing_reason) == (form.closed_on.data, form.reason.data):
            return False  # sent twice
        rules.close_body(
            db.session(),
            found,
            on=form.closed_on.data,
            reason=form.reason.data or "",
            end_mandates=form.end_mandates.data,
            by=actor(),
        )
        return True

    return editing.save(
        form,
        lambda: load_body(slug),
        change=change,
        again=lambda found, _differences: _close_page(found, form),
        current=lambda found: forms.CloseBodyForm(formdata=None, obj=found),
        done=lambda _body, _changed: _back(slug, _("L'instance est fermée. Sa page et son histoire restent.")),
    )


@bp.post("/<slug>/rouvrir")
@requires("body.manage", load_body)
def reopen(body: Body) -> Response:
    """Open a closed instance again."""
    slug = body.slug
    if body.closed_on is not None:
        rules.reopen_body(db.session(), body, actor())
        db.session.commit()
    return _back(slug, _("L'instance est ouverte."))


def _back(slug: str, message: str) -> Response:
    flash(message, "success")
    return make_response(redirect(url_for("team_bodies.show", slug=slug), 303))


def _offer(form: forms.BodyFields) -> None:
    session = db.session()
    form.offer(queries.list_communes(session), queries.list_quartiers(session), queries.list_kinds(session))


def _as_it_is(body: Body) -> forms.EditBodyForm:
    form = forms.EditBodyForm(formdata=None)
    _offer(form)
    form.show(body)
    return form


def _new_page(form: forms.NewBodyForm) -> str:
    _offer(form)
    return render_template("bodies/new.html", form=form)


def _edit_page(body: Body, form: forms.EditBodyForm, differences: Differences | None = None) -> str:
    _offer(form)
    return render_template("bodies/edit.html", body=body, form=form, differences=differences)


def _close_page(body: Body, form: forms.CloseBodyForm) -> str:
    return render_template("bodies/close.html", body=body, form=form)
