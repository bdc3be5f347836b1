"""Opinions for the team: write them down, read them, publish them, answer them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask_babel import gettext as _

from participation import clock
from participation.addresses import beside
from participation.bodies.models import Question
from participation.extensions import db
from participation.fragments import fragments
from participation.meetings.models import Meeting
from participation.meetings.queries import get_meeting, list_bodies, list_quartiers
from participation.navigation import address_of
from participation.opinions import masking, queries, queue, rules
from participation.opinions.forms import (
    AnswerForm,
    ChosenForm,
    EditOpinionForm,
    Filters,
    ModerationForm,
    NewOpinionForm,
    language_name,
    version_of,
)
from participation.opinions.models import CHANNELS, MODERATIONS, PUBLIC_MODERATION, Opinion
from participation.permissions import actor, may, requires
from participation.sending import Answer, give_key, send

bp = Blueprint("opinions", __name__)

_KEPT = ("rencontre", "received_on", "body", "quartier", "theme", "question", "question_free", "channel", "language")
"""What "write another one" keeps."""


def _opinion(ref: str) -> Opinion:
    return queries.get_opinion(db.session(), ref)


# The list to read


@bp.get("/equipe/avis")
@requires("opinion.read")
def inbox() -> str:
    """Show the opinions to read, then any others that the filters ask for."""
    arguments = request.args if "moderation" in request.args else {**request.args, "moderation": "en_attente"}
    shown = asked_filters(arguments)
    form = Filters(data=arguments)
    form.offer(
        bodies=list_bodies(db.session()),
        quartiers=list_quartiers(db.session()),
        themes=queries.list_themes(db.session()),
    )
    page = queries.list_for_team(db.session(), actor(), shown, request.args)
    return render_template(
        "opinions/inbox.html",
        page=page,
        beside=beside(page),
        filters=form,
        shown=shown,
        waiting=queries.count_waiting(db.session(), actor()),
        to_read=queue.count(db.session(), queue.Queue(actor(), shown)),
        to_write_down=queue.count(db.session(), queue.Queue(actor(), shown, voice=True)),
        walk={name: request.args[name] for name in queue.ARGUMENTS if request.args.get(name)},
        chosen=ChosenForm(formdata=None),
        moderations=MODERATIONS,
    )


def asked_filters(arguments: Mapping[str, str]) -> queries.Filters:
    """Return the filters that an address of the list asks for."""
    return queries.Filters(
        body=arguments.get("instance") or None,
        quartier=arguments.get("quartier") or None,
        theme=arguments.get("theme") or None,
        meeting=arguments.get("rencontre") or None,
        moderation=arguments.get("moderation") or None,
        from_flood=arguments.get("arrivee") == "masse",
    )


# Write down


@bp.get("/equipe/avis/nouveau")
@requires("opinion.create")
def new() -> Answer | str:
    """Show the form, for one meeting (`?rencontre=`) or none; what the address gives is filled in."""
    meeting = _asked_meeting(request.args.get("rencontre"))
    form = NewOpinionForm(formdata=None, data=_given(meeting))
    keyed = give_key(form)
    if keyed:
        return keyed
    _offer(form, meeting)
    return _new_page(form, meeting)


@bp.post("/equipe/avis")
@requires("opinion.create")
def create() -> Answer:
    """Write the opinion down."""
    form = NewOpinionForm()
    meeting = _asked_meeting(form.rencontre.data)
    _offer(form, meeting)

    def act() -> str:
        opinion = rules.log(
            db.session(), _said(form, meeting), meeting=meeting, moderation=form.moderation.data, by=actor()
        )
        if form.moderation.data == PUBLIC_MODERATION and opinion.moderation != PUBLIC_MODERATION:
            flash(_("L'avis est gardé. Avant de le publier, décidez de chaque nom, numéro ou adresse."), "warning")
        else:
            flash(_("L'avis est gardé."), "success")
        return _after(form, opinion)

    return send(form, act, lambda: _new_page(form, _asked_meeting(form.rencontre.data)))


def _asked_meeting(ref: str | None) -> Meeting | None:
    return get_meeting(db.session(), ref) if ref else None


def _given(meeting: Meeting | None) -> dict[str, Any]:
    """Return what the form starts with: the address's own context, else the meeting's."""
    given: dict[str, Any] = {name: request.args[name] for name in _KEPT if name in request.args}
    given.pop("received_on", None)
    given["received_on"] = min(meeting.held_on, clock.today()) if meeting else clock.today()
    if meeting:
        if len(meeting.quartiers) == 1:
            given.setdefault("quartier", meeting.quartiers[0].slug)
        if meeting.type == "micro_trottoir":
            given.setdefault("channel", "micro_trottoir")
    if request.args.get("moderation") in MODERATIONS:
        given["moderation"] = request.args["moderation"]
    return given


def _after(form: NewOpinionForm, opinion: Opinion) -> str:
    """Return where to go: back to the form with its context, or to the opinion for those who may read it."""
    if request.form.get("valider") == "autre" or not may("opinion.read", opinion):
        fields = {name: form[name].data for name in (*_KEPT, "moderation") if name != "received_on" and name in form}
        return url_for("opinions.new", **{name: value for name, value in fields.items() if value})
    return url_for("opinions.show", ref=opinion.ref)


def _new_page(form: NewOpinionForm, meeting: Meeting | None) -> str:
    return render_template("opinions/new.html", form=form, meeting=meeting)


def _offer(form: NewOpinionForm | EditOpinionForm, meeting: Meeting | None, opinion: Opinion | None = None) -> None:
    """Fill the form's lists with what the account may choose."""
    bodies = [b for b in list_bodies(db.session()) if may("opinion.create", b) or (opinion and opinion.body is b)]
    form.offer(
        bodies=bodies,
        quartiers=list_quartiers(db.session()),
        themes=queries.list_themes(db.session()),
        questions=_questions(meeting),
        language=opinion.language if opinion else None,
    )
    if meeting:
        del form["body"]  # its instances are the opinion's
    if isinstance(form, NewOpinionForm):
        form.offer_moderation(may_publish=may("opinion.moderate", meeting))


def _questions(meeting: Meeting | None) -> list[Question]:
    """Return the contract's questions: at a meeting, those of its bodies first."""
    questions = queries.list_questions(db.session())
    here = {body.id for body in meeting.bodies} if meeting else set()
    return sorted(questions, key=lambda question: question.body_id not in here)


def _said(form: NewOpinionForm | EditOpinionForm, meeting: Meeting | None) -> rules.Said:
    """Return what the form says, with the rows that it names."""
    session = db.session()
    bodies = {body.slug: body for body in list_bodies(session)}
    quartiers = {quartier.slug: quartier for quartier in list_quartiers(session)}
    themes = {theme.slug: theme for theme in queries.list_themes(session)}
    questions = {str(question.id): question.text for question in queries.list_questions(session)}
    return rules.Said(
        text=form.text.data or "",
        received_on=form.received_on.data,  # type: ignore[arg-type]  # the form has asked for it
        body=bodies.get(form.body.data) if form.body else None,
        quartier=quartiers.get(form.quartier.data),
        theme=themes.get(form.theme.data),
        question=form.question_free.data or questions.get(form.question.data),
        channel=form.channel.data or None,
        language=form.language.data or None,
    )


# One opinion


@bp.get("/equipe/avis/<ref>")
@requires("opinion.read", load=_opinion)
def show(opinion: Opinion) -> str:
    """Show one opinion and what can be done with it."""
    return _page(opinion, ModerationForm(formdata=None))


def _page(opinion: Opinion, form: ModerationForm) -> str:
    if not form.cle.data:
        form.cle.data = ModerationForm(formdata=None).cle.data
    return render_template(
        "opinions/show.html",
        opinion=opinion,
        form=form,
        moderations=MODERATIONS,
        undecided=_undecided(opinion),
        channels=CHANNELS,
        language=language_name(opinion.language) if opinion.language else None,
        parts_of_others=fragments("opinion.team", opinion),
    )


def _undecided(opinion: Opinion) -> bool:
    """Whether words look like something to mask: it is then published from the page where they are decided on."""
    return not opinion.is_public and bool(masking.doubts(opinion, masking.known_names(db.session())))


@bp.post("/equipe/avis/<ref>/lecture")
@requires("opinion.moderate", load=_opinion)
def moderate(opinion: Opinion) -> Answer:
    """Publish, keep for the team, or refuse to publish."""
    form = ModerationForm()

    def act() -> str:
        done = rules.moderate(db.session(), opinion, form.moderation.data or "", reason=form.reason.data, by=actor())
        if done:
            flash(str(MODERATIONS[opinion.moderation]), "success")
        return url_for("opinions.show", ref=opinion.ref)

    return send(form, act, lambda: _page(opinion, form))


@bp.get("/equipe/avis/<ref>/modifier")
@requires("opinion.moderate", load=_opinion)
def edit(opinion: Opinion) -> Answer | str:
    """Show the form that corrects what was written down."""
    form = EditOpinionForm(formdata=None, data=_written(opinion))
    keyed = give_key(form)
    if keyed:
        return keyed
    _offer(form, opinion.meeting, opinion)
    return _edit_page(opinion, form)


def _written(opinion: Opinion) -> dict[str, Any]:
    by_text = {question.text: str(question.id) for question in queries.list_questions(db.session())}
    known = by_text.get(opinion.question or "")
    return {
        "text": opinion.text,
        "received_on": opinion.received_on,
        "body": opinion.body.slug if opinion.body else "",
        "quartier": opinion.quartier.slug if opinion.quartier else "",
        "theme": opinion.theme.slug if opinion.theme else "",
        "question": known or "",
        "question_free": None if known else opinion.question,
        "channel": opinion.channel or "",
        "language": opinion.language or "",
        "version": str(opinion.version),
    }


def _edit_page(opinion: Opinion, form: EditOpinionForm, *, stale: bool = False) -> str:
    return render_template("opinions/edit.html", opinion=opinion, form=form, stale=stale)


@bp.post("/equipe/avis/<ref>")
@requires("opinion.moderate", load=_opinion)
def correct(opinion: Opinion) -> Answer:
    """Correct what was written down."""
    form = EditOpinionForm()
    _offer(form, opinion.meeting, opinion)

    def act() -> str:
        said = _said(form, opinion.meeting)
        if rules.edit(db.session(), opinion, said, version=version_of(form), by=actor()):
            flash(_("L'avis est corrigé."), "success")
        return url_for("opinions.show", ref=opinion.ref)

    def again() -> str:
        stale = version_of(form) != opinion.version
        form.version.data = str(opinion.version)
        return _edit_page(opinion, form, stale=stale)

    return send(form, act, again)


# A short answer of its own


def _readable(opinion: Opinion) -> None:
    """Stop here for those who may not read it; an élu reads the published ones, as everybody does."""
    if not opinion.is_public and not may("opinion.read", opinion):
        abort(404)


@bp.get("/equipe/avis/<ref>/repondre")
@requires("opinion.answer", load=_opinion)
def answer(opinion: Opinion) -> Answer | str:
    """Show the form of a short answer."""
    _readable(opinion)
    form = AnswerForm(
        formdata=None,
        data={
            "answer": opinion.answer,
            "answered_on": opinion.answered_on or clock.today(),
            "version": str(opinion.version),
        },
    )
    return give_key(form) or _answer_page(opinion, form)


def _answer_page(opinion: Opinion, form: AnswerForm) -> str:
    return render_template("opinions/answer.html", opinion=opinion, form=form)


@bp.post("/equipe/avis/<ref>/reponse")
@requires("opinion.answer", load=_opinion)
def send_answer(opinion: Opinion) -> Answer:
    """Keep the answer."""
    _readable(opinion)
    form = AnswerForm()

    def act() -> str:
        text, day = form.answer.data or "", form.answered_on.data
        assert day is not None  # the form has asked for it
        rules.answer(db.session(), opinion, text, day, version=version_of(form), by=actor())
        flash(_("La réponse est gardée."), "success")
        if may("opinion.read", opinion):
            return url_for("opinions.show", ref=opinion.ref)
        return address_of("/elus") or url_for("opinions.answer", ref=opinion.ref)

    def again() -> str:
        form.version.data = str(opinion.version)
        return _answer_page(opinion, form)

    return send(form, act, again)
