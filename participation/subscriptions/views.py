"""Following a proposal, an instance or a quartier: by mail (double opt-in), by a feed, in a calendar."""

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from participation.bodies.models import Body
from participation.contract.models import Quartier
from participation.errors import NotFound, Refusal
from participation.extensions import csrf, db
from participation.fragments import provide
from participation.headers import private_page
from participation.language import current
from participation.origin import from_this_site
from participation.permissions import public
from participation.proposals.models import Proposal
from participation.proposals.queries import get_proposal, resolve
from participation.sending import Answer, give_key
from participation.sending import send as send_once
from participation.subscriptions import rules, subjects
from participation.subscriptions.dates import calendar_of
from participation.subscriptions.feeds import feed_of
from participation.subscriptions.forms import FollowForm, PaceForm
from participation.subscriptions.models import PACES
from participation.subscriptions.subjects import Subject, get

bp = Blueprint("subscriptions", __name__)

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program's own button sends (RFC 8058)."""


# Asking


@bp.get("/suivre/<word>/<ref>")
@public
def follow(word: str, ref: str) -> ResponseReturnValue:
    """Show the ways to follow it; the form's one-use key is in the address."""
    subject = get(db.session(), word, ref)
    form = FollowForm(formdata=None)
    return give_key(form) or _follow_page(subject, form)


def _follow_page(subject: Subject, form: FollowForm) -> str:
    return render_template("subscriptions/follow.html", subject=subject, form=form, calendar=_calendar(subject))


def _calendar(subject: Subject) -> str:
    if subject.kind == "proposal":
        return f"{subject.path}/agenda.ics"
    instance, quartier = (subject.ref, None) if subject.kind == "body" else (None, subject.ref)
    return url_for("meetings.calendar", instance=instance, quartier=quartier)


@bp.post("/suivre/<word>/<ref>/envoi")
@public
@from_this_site
def send(word: str, ref: str) -> Answer:
    """Keep the address, unconfirmed, and send it a link. A fault shows the form again, with what was typed.

    Not a redirection to a kept draft, as where residents speak: an address is neither stored unasked nor put in an
    address bar.
    """
    subject = get(db.session(), word, ref)
    form = FollowForm()

    def act() -> str:
        typed, pace = form.courriel.data or "", form.rythme.data or ""
        network = request.remote_addr or ""
        rules.ask(db.session(), subject, typed, pace, language=current().language, network=network)
        return url_for("subscriptions.sent", word=word, ref=ref)

    return send_once(form, act, lambda: _follow_page(get(db.session(), word, ref), form))


@bp.get("/suivre/<word>/<ref>/courriel")
@public
def sent(word: str, ref: str) -> str:
    """Say that a mail waits to be opened."""
    return render_template("subscriptions/sent.html", subject=get(db.session(), word, ref))


# Feeds and calendars


@bp.get("/propositions/<ref>/flux.atom")
@public
def feed_of_proposal(ref: str) -> Response:
    """Give the steps of a proposal as a feed; `ref` may be followed by the slug of its title."""
    return feed_of(db.session(), get(db.session(), "proposition", resolve(db.session(), ref)))


@bp.get("/instances/<slug>/flux.atom")
@public
def feed_of_body(slug: str) -> Response:
    """Give the steps of the proposals of an instance as a feed."""
    return feed_of(db.session(), get(db.session(), "instance", slug))


@bp.get("/quartiers/<slug>/flux.atom")
@public
def feed_of_quartier(slug: str) -> Response:
    """Give the steps of the proposals of a quartier as a feed."""
    return feed_of(db.session(), get(db.session(), "quartier", slug))


@bp.get("/propositions/<ref>/agenda.ics")
@public
def calendar_of_proposal(ref: str) -> Response:
    """Give the dates of a proposal as a calendar, to subscribe to."""
    proposal = get_proposal(db.session(), resolve(db.session(), ref))
    answer = Response(calendar_of(db.session(), proposal), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = 'inline; filename="agenda.ics"'
    answer.headers["Cache-Control"] = "public, max-age=900"
    answer.vary.update(("Accept-Language", "Cookie"))
    answer.add_etag()
    answer.make_conditional(request)
    return answer


# The links in mails


@bp.get("/abonnement/<jeton>")
@public
def mail_link(jeton: str) -> ResponseReturnValue:
    """Show what the link can do: a page is only looked at, a button acts."""
    private_page()
    try:
        return _link_page(jeton)
    except NotFound as refusal:
        return render_template("subscriptions/gone.html", message=refusal.message), 404


def _link_page(jeton: str, form: PaceForm | None = None) -> str:
    row = rules.get_by_token(db.session(), jeton)
    found = subjects.find_all(db.session(), row.subject, [row.subject_ref])
    form = form or PaceForm(formdata=None, data={"rythme": row.pace})
    values: dict[str, Any] = {"row": row, "subject": found.get(row.subject_ref), "form": form, "jeton": jeton}
    return render_template("subscriptions/link.html", **values, paces=PACES)


@bp.post("/abonnement/<jeton>/confirmer")
@csrf.exempt
@public
def confirm(jeton: str) -> ResponseReturnValue:
    """Confirm the address."""
    return _change(jeton, lambda row: rules.confirm(db.session(), row))


@bp.post("/abonnement/<jeton>/rythme")
@csrf.exempt
@public
def change_pace(jeton: str) -> ResponseReturnValue:
    """Write more or less often."""
    form = PaceForm()
    return _change(jeton, lambda row: rules.change_pace(row, form.rythme.data or ""), form)


def _change(jeton: str, act: Any, form: PaceForm | None = None) -> ResponseReturnValue:
    private_page()
    try:
        act(rules.get_by_token(db.session(), jeton))
    except NotFound:
        return redirect(url_for("subscriptions.mail_link", jeton=jeton), 303)
    except Refusal as refusal:
        db.session.rollback()
        assert form is not None  # only a pace can be refused
        form.refuse(refusal)
        return _link_page(jeton, form), refusal.status
    db.session.commit()
    return redirect(url_for("subscriptions.mail_link", jeton=jeton), 303)


@bp.post("/abonnement/<jeton>/fin")
@csrf.exempt
@public
def end(jeton: str) -> ResponseReturnValue:
    """End the subscription; again: it is over. A mail program's button gets its answer without a redirection."""
    private_page()
    _end(jeton, everything=bool(request.form.get("tout")))
    name, value = ONE_CLICK
    if request.form.get(name) == value:
        return Response(status=200, mimetype="text/plain")
    return redirect(url_for("subscriptions.ended"), 303)


def _end(jeton: str, *, everything: bool) -> None:
    try:
        rules.end(db.session(), rules.get_by_token(db.session(), jeton), everything=everything)
        db.session.commit()
    except NotFound:
        db.session.rollback()


@bp.get("/abonnement/<jeton>/fin")
@public
def end_asked(jeton: str) -> ResponseReturnValue:
    """Lead a mail program that opens the button's address to the page that has the button."""
    return redirect(url_for("subscriptions.mail_link", jeton=jeton), 302)


@bp.get("/abonnement/fini")
@public
def ended() -> str:
    """Say that the address is erased."""
    return render_template("subscriptions/ended.html")


# What is shown on the pages of what can be followed


def _of_proposal(proposal: Proposal) -> Markup:
    return _link_to(Subject("proposal", proposal.ref, proposal.title))


def _of_body(body: Body) -> Markup:
    return _link_to(Subject("body", body.slug, body.name))


def _of_quartier(quartier: Quartier) -> Markup:
    return _link_to(Subject("quartier", quartier.slug, quartier.name))


def _link_to(subject: Subject) -> Markup:
    return Markup(render_template("subscriptions/_link.html", subject=subject))  # noqa: S704  # our own template


provide("proposal.follow.public", _of_proposal)
provide("body.public", _of_body)
provide("quartier.public", _of_quartier)
