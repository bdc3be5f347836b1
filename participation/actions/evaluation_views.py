"""« Est-ce que ça répond à votre demande ? » : three faces, one tap each, then words; and what the team reads of them.

The forms stand on the page of a proposal and on a receipt, without scripts; each tap leads back there.
"""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from participation.actions import evaluations
from participation.actions.done_views import bp
from participation.actions.forms import WordsForm
from participation.actions.models import FACES, Evaluation
from participation.addresses import PASSING, beside, here
from participation.errors import Refusal
from participation.extensions import db
from participation.forms import clean_text
from participation.fragments import provide
from participation.headers import private_page
from participation.keys import settings
from participation.language import current
from participation.origin import from_this_site
from participation.people.rules import local_path
from participation.permissions import actor, may, public, requires
from participation.proposals import phones, queries
from participation.proposals.models import Proposal
from participation.sending import Answer, send

Outcome = Response | tuple[str, int]
ANCHOR = "evaluation"


# A resident's phone


@bp.post("/propositions/<ref>/evaluation")
@public
@from_this_site
def evaluate(ref: str) -> Outcome:
    """Count this phone's face."""
    face = request.form.get("visage", "")

    def act(proposal: Proposal, phone: str) -> None:
        evaluations.give(db.session(), proposal, phone, face, request.remote_addr or "")

    return _tap(ref, act, "comptee")


@bp.post("/propositions/<ref>/evaluation/retirer")
@public
@from_this_site
def take_back_evaluation(ref: str) -> Outcome:
    """Take back what this phone said."""

    def act(proposal: Proposal, phone: str) -> None:
        evaluations.take_back(db.session(), proposal, phone, request.remote_addr or "")

    return _tap(ref, act, "retiree")


@bp.post("/propositions/<ref>/evaluation/mots")
@public
@from_this_site
def add_words(ref: str) -> Outcome:
    """Keep this phone's words, which the team reads first; what cannot be kept comes back with what was typed."""
    words = clean_text(request.form.get("mots"))

    def act(proposal: Proposal, phone: str) -> None:
        evaluations.say(db.session(), proposal, phone, words, current().language, request.remote_addr or "")

    return _tap(ref, act, "mots" if words else "sans-mots", words=words)


def _tap(ref: str, act: Any, done: str, *, words: str | None = None) -> Outcome:
    proposal = queries.get_proposal(db.session(), ref)
    phone = phones.phone()
    if phone is None:
        return _again(proposal, words, None) if words else _back(proposal, "sans-temoin")
    try:
        act(proposal, phone)
    except Refusal as refusal:
        db.session.rollback()
        if words:
            return _again(proposal, words, refusal)
        return _back(proposal, "attente" if isinstance(refusal, evaluations.TooMany) else "impossible")
    db.session.commit()
    return _back(proposal, done)


def _again(proposal: Proposal, words: str, refusal: Refusal | None) -> Outcome:
    """Return the page that gives the words back, and says why they are not kept."""
    private_page()
    sentence = refusal.message if refusal else _without_cookie()
    page = render_template(
        "actions/words_again.html", proposal=proposal, words=words, sentence=sentence, suite=_came(proposal)
    )
    return page, refusal.status if refusal else 422


def _without_cookie() -> str:
    return _("Votre réponse n'est pas comptée. Votre téléphone refuse les témoins (cookies) de ce site.")


def _came(proposal: Proposal) -> str:
    return local_path(request.form.get("suite")) or url_for("proposals.show", ref=proposal.ref)


def _back(proposal: Proposal, outcome: str) -> Response:
    """Return to the page of the tap; its address tells the outcome, which the page shows in words."""
    came = urlsplit(_came(proposal))
    asked = [(name, value) for name, value in parse_qsl(came.query) if name not in PASSING]
    query = urlencode([*asked, ("evaluation", outcome)])
    return redirect(f"{came.path}?{query}#{ANCHOR}", 303)


# The team reads the words


@bp.get("/equipe/evaluations")
@requires("opinion.moderate")
def words_to_read() -> str:
    """Show the words that wait to be read, or (`?lus=`) those that are published or not."""
    asked = request.args.get("lus")
    moderation = asked if asked in {evaluations.PUBLISHED, evaluations.REJECTED} else evaluations.WAITING
    page = evaluations.list_for_team(db.session(), actor(), moderation, request.args)
    return render_template(
        "actions/evaluations.html",
        page=page,
        beside=beside(page),
        moderation=moderation,
        faces=FACES,
        seal_of=evaluations.seal_of,
        key=WordsForm(formdata=None),
    )


def _evaluation(ref: str) -> Evaluation:
    return evaluations.get_evaluation(db.session(), ref)


@bp.get("/equipe/evaluations/<ref>")
@requires("opinion.moderate", load=_evaluation)
def words(row: Evaluation) -> str:
    """Show the words of one phone, to publish them or not."""
    return _words_page(row, WordsForm(formdata=None, data={"read": evaluations.seal_of(row)}))


def _words_page(row: Evaluation, form: WordsForm) -> str:
    return render_template("actions/words.html", row=row, form=form, faces=FACES)


@bp.post("/equipe/evaluations/<ref>/lecture")
@requires("opinion.moderate", load=_evaluation)
def moderate_words(row: Evaluation) -> Answer:
    """Publish the words, or refuse to."""
    form = WordsForm()

    def act() -> str:
        evaluations.moderate(
            db.session(),
            row,
            request.form.get("faire", ""),
            reason=form.reason.data,
            read=form.read.data or "",
            by=actor(),
        )
        published = row.moderation == evaluations.PUBLISHED
        flash(_("Ces mots sont publiés.") if published else _("Ces mots ne sont pas publiés."), "success")
        return url_for("actions.words_to_read")

    def again() -> str:
        form.read.data = evaluations.seal_of(row)
        return _words_page(row, form)

    return send(form, act, again)


# On the pages of proposals


def _faces(proposal: Proposal) -> Markup | None:
    """Ask everybody what they think of a proposal that is done, and show what was said."""
    if not evaluations.is_open(proposal):
        return None
    tally = evaluations.tally(db.session(), proposal, phones.leave_number())
    return _part(
        "actions/_evaluation.html",
        proposal=proposal,
        tally=tally,
        published=evaluations.list_published(db.session(), proposal),
        faces=FACES,
        outcome=request.args.get("evaluation"),
        known=phones.phone() is not None,
        longest=evaluations.LONGEST,
        here=here(),
        small_count=settings().small_count,
    )


def _faces_for_team(proposal: Proposal) -> Markup | None:
    """Show the team what phones said; the figures themselves to those who read what residents say, not to élus."""
    if not evaluations.is_open(proposal):
        return None
    tally = evaluations.tally(db.session(), proposal, None)
    return _part(
        "actions/_evaluation_for_team.html",
        tally=tally,
        counts=tally.counts if may("opinion.read", proposal) else None,
        faces=FACES,
        small_count=settings().small_count,
    )


def _part(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


provide("proposal.deeds.public", _faces)
provide("receipt.public", _faces)
provide("proposal.team", _faces_for_team)
