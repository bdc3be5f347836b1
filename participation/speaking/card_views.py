"""Posters and cards for the team: as pages to print and as PDF; and typing in the cards that come back."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock
from participation.contract.models import Quartier
from participation.extensions import db
from participation.fragments import provide
from participation.meetings.models import Meeting
from participation.meetings.queries import list_quartiers
from participation.meetings.saving import load_meeting
from participation.opinions.queries import list_questions, list_themes
from participation.opinions.rules import Said
from participation.permissions import actor, may, requires
from participation.printing import pdf, pdf_answer
from participation.qr import qr_svg
from participation.sending import Answer, give_key, send
from participation.speaking import card_rules, cards, doors
from participation.speaking.card_forms import TEAM_ALONE, PrintCardsForm, TypeCardForm, kept

bp = Blueprint("cards", __name__, url_prefix="/equipe")
bp.add_app_template_global(qr_svg, "qr_svg")


def _quartier(slug: str) -> Quartier:
    return doors.get_quartier(db.session(), slug)


@bp.get("/affiches")
@requires("team.home")
def index() -> str:
    """List what can be printed at any time: the posters of the quartiers, and those of the answers."""
    return render_template("speaking/posters.html", quartiers=list_quartiers(db.session()))


# Posters and table cards: they hold no secret, and may be printed again


@bp.get("/rencontres/<ref>/affiche")
@requires("meeting.edit", load_meeting)
def poster(meeting: Meeting) -> str:
    """Show the A3 poster of a meeting, to print."""
    return _page("poster", doors.meeting_door(db.session(), meeting), url_for(".poster_pdf", ref=meeting.ref))


@bp.get("/rencontres/<ref>/affiche.pdf")
@requires("meeting.edit", load_meeting)
def poster_pdf(meeting: Meeting) -> Response:
    """Give the A3 poster of a meeting as PDF."""
    return _pdf("poster", doors.meeting_door(db.session(), meeting), f"affiche-{meeting.ref}")


@bp.get("/rencontres/<ref>/cartes")
@requires("meeting.edit", load_meeting)
def table_cards(meeting: Meeting) -> str:
    """Show the cards for the tables, four on an A4, to print."""
    return _page("table_cards", doors.meeting_door(db.session(), meeting), url_for(".table_cards_pdf", ref=meeting.ref))


@bp.get("/rencontres/<ref>/cartes.pdf")
@requires("meeting.edit", load_meeting)
def table_cards_pdf(meeting: Meeting) -> Response:
    """Give the cards for the tables as PDF."""
    return _pdf("table_cards", doors.meeting_door(db.session(), meeting), f"cartes-{meeting.ref}")


@bp.get("/quartiers/<slug>/affiche")
@requires("team.home", _quartier)
def quartier_poster(quartier: Quartier) -> str:
    """Show the poster of a quartier, which serves between meetings, to print."""
    door = doors.quartier_door(db.session(), quartier)
    return _page("poster", door, url_for(".quartier_poster_pdf", slug=quartier.slug))


@bp.get("/quartiers/<slug>/affiche.pdf")
@requires("team.home", _quartier)
def quartier_poster_pdf(quartier: Quartier) -> Response:
    """Give the poster of a quartier as PDF."""
    return _pdf("poster", doors.quartier_door(db.session(), quartier), f"affiche-{quartier.slug}")


def _page(name: str, door: doors.Door, pdf_url: str) -> str:
    return render_template(
        f"speaking/{name}.html",
        data=cards.poster(db.session(), door),
        heading=_heading(name, door),
        meeting=door.meeting,
        pdf_url=pdf_url,
        size="A3" if name == "poster" else _("A4, sans marges"),
    )


def _pdf(name: str, door: doors.Door, file_name: str) -> Response:
    return pdf_answer(pdf(name, cards.poster(db.session(), door), title=_heading(name, door)), file_name)


def _heading(name: str, door: doors.Door) -> str:
    what = {"poster": _("Affiche"), "table_cards": _("Cartes de table"), "opinion_cards": _("Cartes pour écrire")}
    return f"{what[name]}{_(' :')} {door.title}"


# Opinion cards: their codes exist in one answer alone


@bp.get("/rencontres/<ref>/cartes-avis")
@requires("meeting.edit", load_meeting)
def ask_opinion_cards(meeting: Meeting) -> str:
    """Ask how many opinion cards to print."""
    return _ask_page(_print_form(meeting, formdata=None), meeting)


@bp.post("/rencontres/<ref>/cartes-avis")
@requires("meeting.edit", load_meeting)
def opinion_cards(meeting: Meeting) -> ResponseReturnValue:
    """Make fresh cards and give them at once, as a page or as PDF: nobody can show their codes again."""
    form = _print_form(meeting)
    if not form.validate():
        return _ask_page(form, meeting), 422
    door = doors.meeting_door(db.session(), meeting)
    printed = card_rules.print_cards(db.session(), meeting, form.sheets.data, by=actor())
    data = cards.opinion_cards(db.session(), door, _chosen_question(form, door), printed)
    answer = _cards_answer(data, door)
    db.session.commit()  # last: a card whose code is not kept would lead nowhere
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _print_form(meeting: Meeting, **options: Any) -> PrintCardsForm:
    form = PrintCardsForm(**options)
    form.offer(doors.meeting_door(db.session(), meeting).questions)
    return form


def _chosen_question(form: PrintCardsForm, door: doors.Door) -> str:
    return door.questions[int(form.question.data)] if "question" in form else door.questions[0]


def _cards_answer(data: dict[str, Any], door: doors.Door) -> Response:
    assert door.meeting
    heading = _heading("opinion_cards", door)
    if request.form.get("valider") == "pdf":
        return pdf_answer(pdf("opinion_cards", data, title=heading), f"cartes-pour-ecrire-{door.meeting.ref}")
    return make_response(
        render_template("speaking/opinion_cards.html", data=data, heading=heading, meeting=door.meeting)
    )


def _ask_page(form: PrintCardsForm, meeting: Meeting) -> str:
    return render_template("speaking/opinion_cards_ask.html", form=form, meeting=meeting)


# Cards that come back


@bp.get("/rencontres/<ref>/saisir-carte")
@requires("opinion.create", load_meeting)
def type_card(meeting: Meeting) -> Answer | str:
    """Show the form in which a card is typed in, with what the last one left."""
    form = TypeCardForm(formdata=None, data=_begun(meeting))
    keyed = give_key(form)
    if keyed:
        return keyed
    _offer(form, meeting)
    return _type_page(form, meeting)


@bp.post("/rencontres/<ref>/cartes-saisies")
@requires("opinion.create", load_meeting)
def save_card(meeting: Meeting) -> Answer:
    """Keep what a card says, then ask for the next one."""
    form = TypeCardForm()
    _offer(form, meeting)

    def act() -> str:
        card_rules.type_in(
            db.session(),
            form.code.data or "",
            _said(form, meeting),
            meeting=meeting,
            reserve=form.reader.data == TEAM_ALONE,
            by=actor(),
        )
        flash(_("Carte enregistrée."), "success")
        return url_for(".type_card", ref=meeting.ref, **kept(form))

    return send(form, act, lambda: _type_page(form, meeting))


def _begun(meeting: Meeting) -> dict[str, Any]:
    """Return what the form begins with: what the last card left, else what is known of the meeting."""
    names = ("question", "theme", "quartier", "language")
    begun: dict[str, Any] = {name: request.args[name] for name in names if name in request.args}
    quartiers = doors.list_quartiers_of(meeting)
    if len(quartiers) == 1:
        begun.setdefault("quartier", quartiers[0].slug)
    if len(meeting.questions) == 1:
        begun.setdefault("question", "0")
    begun["received_on"] = min(meeting.held_on, clock.today())
    return begun


def _offer(form: TypeCardForm, meeting: Meeting) -> None:
    questions = _questions(meeting).items()
    form.offer(questions=questions, themes=list_themes(db.session()), quartiers=list_quartiers(db.session()))


def _questions(meeting: Meeting) -> dict[str, str]:
    """Return the questions that may stand on a card by their value: the meeting's, then those of the contract."""
    own = {str(number): question.text for number, question in enumerate(meeting.questions)}
    ready = {f"c{question.id}": question.text for question in list_questions(db.session())}
    return own | {value: text for value, text in ready.items() if text not in own.values()}


def _said(form: TypeCardForm, meeting: Meeting) -> Said:
    session = db.session()
    themes = {theme.slug: theme for theme in list_themes(session)}
    quartiers = {quartier.slug: quartier for quartier in list_quartiers(session)}
    assert form.received_on.data
    return Said(
        text=form.text.data or "",
        received_on=form.received_on.data,
        quartier=quartiers.get(form.quartier.data),
        theme=themes.get(form.theme.data),
        question=_questions(meeting).get(form.question.data),
        channel=card_rules.PAPER,
        language=form.language.data or None,
    )


def _type_page(form: TypeCardForm, meeting: Meeting) -> str:
    return render_template(
        "speaking/type_card.html",
        form=form,
        meeting=meeting,
        typed=card_rules.count_typed(db.session(), meeting),
    )


# What cards add to other pages


def _of_meeting_for_team(meeting: Meeting) -> Markup | None:
    if meeting.status == "annulee" or not may("opinion.create", meeting):
        return None
    text = render_template("speaking/_prints_of_meeting.html", meeting=meeting, may_print=may("meeting.edit", meeting))
    return Markup(text)  # noqa: S704  # a template of our own, which escapes


provide("meeting.team", _of_meeting_for_team)
