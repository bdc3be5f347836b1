"""Instances for everybody: the list, and each one's page."""

from flask import Blueprint, render_template, request

from participation import clock
from participation.bodies import forms, queries, rules, words
from participation.bodies.models import FAMILIES, LEVELS, MANDATE_KINDS, SCALES
from participation.extensions import db
from participation.permissions import public

bp = Blueprint("bodies", __name__)


@bp.get("/instances")
@public
def index() -> str:
    """List the instances by commune and family; the closed ones apart."""
    communes = queries.list_communes(db.session())
    form = forms.BodyFilters(request.args)
    form.offer(communes)
    commune = form.commune.data if any(form.commune.data == known.slug for known in communes) else None
    family = form.famille.data if form.famille.data in FAMILIES else None
    bodies, today = queries.list_bodies(db.session(), commune, family), clock.today()
    return render_template(
        "bodies/index.html",
        form=form,
        active=bool(commune or family),
        groups=queries.group_bodies(communes, [body for body in bodies if not rules.is_closed(body, today)]),
        closed=[body for body in bodies if rules.is_closed(body, today)],
        families=FAMILIES,
        today=today,
    )


@bp.get("/instances/<slug>")
@public
def show(slug: str) -> str:
    """Show what an instance is, how often it meets, what it discussed (fragments of the features above)."""
    session, today = db.session(), clock.today()
    body = queries.get_body(session, slug)
    return render_template(
        "bodies/show.html",
        body=body,
        is_closed=rules.is_closed(body, today),
        today=today,
        families=FAMILIES,
        scales=SCALES,
        levels=LEVELS,
        mandate_kinds=MANDATE_KINDS,
        cadences=queries.list_cadences(session, body),
        cadence_words=words.cadence_words,
        seats_given=queries.list_seats_given(session, body),
        seats_received=queries.list_seats_received(session, body),
        mandates=queries.count_mandates(session, body, today),
        seats=queries.count_seats(session, body, today),
        groups=queries.list_groups(session, body),
        questions=queries.list_questions(session, body),
    )
