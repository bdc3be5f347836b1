"""Reading what waits, one opinion after the other: publish, mask, keep, or refuse with a reason; then the next one.

The addresses carry the filters of the list, so that the walk keeps them; `fait` names the opinion just read, which may
be taken back from the screen that follows. Nothing here needs a script.
"""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from participation.errors import Conflict, Refusal
from participation.extensions import db
from participation.fragments import fragments
from participation.opinions import masking, queries, queue, rules, translations, undoing
from participation.opinions.forms import ReadingForm, TranslationForm, UndoForm, language_name, version_of
from participation.opinions.models import MODERATIONS, PUBLIC_MODERATION, REJECTED, Opinion
from participation.opinions.views import asked_filters, bp
from participation.permissions import actor, requires
from participation.sending import Answer, send

_VOICE = "voix"
_WORD = "mot-"
"""Beginning of the name of the field that decides on one word."""
_PLACE = "lecture"


def _opinion(ref: str) -> Opinion:
    return queries.get_opinion(db.session(), ref)


def _queue() -> queue.Queue:
    return queue.Queue(actor(), asked_filters(request.args), voice=request.args.get(_VOICE) == "oui")


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in (*queue.ARGUMENTS, _VOICE) if request.args.get(name)}


def _address(opinion: Opinion, **more: Any) -> str:
    return url_for("opinions.read", ref=opinion.ref, _anchor=_PLACE, **_kept(), **more)


# Coming back from a page beside the walk: a translation, a recording, a photo


def walking() -> dict[str, Any]:
    """Return what an address needs for its page to lead back to the walk; nothing outside of it."""
    inside = request.endpoint in {"opinions.read", "opinions.decide"} or request.args.get(_PLACE)
    return {_PLACE: "oui", **_kept()} if inside else {}


def page_of(opinion: Opinion) -> str:
    """Return where a page about the opinion leads back to: the walk it was opened from, else the opinion's page."""
    return _address(opinion) if walking() else url_for("opinions.show", ref=opinion.ref)


@bp.app_context_processor
def _walk() -> dict[str, object]:
    return {"walking": walking, "page_of_opinion": page_of}


# The walk


@bp.get("/equipe/avis/lire")
@requires("opinion.moderate")
def read_next() -> Response | str:
    """Lead to the opinion that the address asks for; say so where none waits."""
    found = queue.find(db.session(), _queue(), request.args)
    if found is not None:
        return redirect(_address(found, fait=request.args.get("fait") or None), 302)
    return render_template("opinions/read_all.html", kept=_kept(), voice=_queue().voice, **_just_done())


@bp.get("/equipe/avis/<ref>/lire")
@requires("opinion.moderate", load=_opinion)
def read(opinion: Opinion) -> str:
    """Show one opinion with what is proposed for masking, and what can become of it."""
    return _page(opinion, ReadingForm(formdata=None))


def _page(opinion: Opinion, form: ReadingForm) -> str:
    session, walk = db.session(), _queue()
    known = masking.known_names(session)
    before, after = queue.beside(opinion)
    form.version.data = str(opinion.version)
    language = "ar" if opinion.language == "fr" else "fr"
    return render_template(
        "opinions/read.html",
        opinion=opinion,
        form=form,
        left=queue.count(session, walk),
        voice=walk.voice,
        doubts=masking.doubts(opinion, known),
        pieces=masking.parts(opinion, opinion.text, known),
        kinds=masking.KIND_NAMES,
        typed=_choices(),
        moderations=MODERATIONS,
        language=language_name(opinion.language) if opinion.language else None,
        translation=TranslationForm(formdata=None, data={"language": language}),
        translatable=translations.has_words(opinion),
        parts_of_others=fragments("opinion.reading.team", opinion),
        kept=_kept(),
        previous=url_for("opinions.read_next", **_kept(), **before),
        later=url_for("opinions.read_next", **_kept(), **after),
        **_just_done(),
    )


def _choices() -> dict[str, str]:
    sent = request.form.items()
    return {name.removeprefix(_WORD): value for name, value in sent if name.startswith(_WORD)}


def _just_done() -> dict[str, Any]:
    """Return the opinion just read, if this account may still take that back, with the form that does."""
    done = queries.find_opinion(db.session(), request.args.get("fait", ""))
    if done is None or not undoing.may_undo(db.session(), done, by=actor()):
        return {"done": None}
    masked = bool(masking.why_masked(done.text))
    return {"done": done, "done_state": MODERATIONS[done.moderation], "done_masked": masked, "undo": UndoForm(None)}


# What becomes of it


@bp.post("/equipe/avis/<ref>/lu")
@requires("opinion.moderate", load=_opinion)
def decide(opinion: Opinion) -> Answer:
    """Do what the button says, then lead to the next opinion; masking alone stays on this one."""
    form, ref = ReadingForm(), opinion.ref

    def act() -> str:
        _check_still_waits(opinion, form)
        asked = request.form.get("faire", "")
        number = _mask(opinion, form)
        if asked == masking.MASK:
            if not number:
                raise Refusal(_("Choisissez « Masquer » pour un mot, ou écrivez les mots à masquer."), field="autres")
            flash(_("C'est masqué. Relisez, puis décidez."), "success")
            return _address(opinion)
        _moderate(opinion, asked, form)
        db.session.flush()
        next_one = queue.following(db.session(), _queue(), opinion)
        return _address(next_one, fait=ref) if next_one else url_for("opinions.read_next", **_kept(), fait=ref)

    return send(form, act, lambda: _page(opinion, form))


def _mask(opinion: Opinion, form: ReadingForm) -> int:
    known = masking.known_names(db.session())
    return masking.mask(db.session(), opinion, _choices(), form.by_hand(), known, by=actor())


def _moderate(opinion: Opinion, asked: str, form: ReadingForm) -> None:
    if asked not in {PUBLIC_MODERATION, "reserve", REJECTED}:
        raise Refusal(_("Choisissez : publier, masquer, garder pour l'équipe, ou ne pas publier."))
    kept = {key for key, choice in _choices().items() if choice == masking.KEEP}
    reason = form.whole_reason() if asked == REJECTED else None
    if asked == REJECTED and not reason:
        raise Refusal(_("Choisissez un motif, ou écrivez-le : la personne pourra le lire."), field="motif")
    rules.moderate(db.session(), opinion, asked, reason=reason, kept=kept, by=actor())


def _check_still_waits(opinion: Opinion, form: ReadingForm) -> None:
    """Raise Conflict where somebody else has read or changed the opinion since the page was opened."""
    if opinion.version == version_of(form):
        return
    if opinion.moderation == queue.WAITING:
        raise Conflict(_("Quelqu'un d'autre vient de changer cet avis. Relisez-le, puis décidez."))
    raise Conflict(
        _(
            "Quelqu'un d'autre vient de lire cet avis : « %(state)s ». Votre choix n'a rien changé.",
            state=MODERATIONS[opinion.moderation],
        )
    )


@bp.post("/equipe/avis/<ref>/reprendre")
@requires("opinion.moderate", load=_opinion)
def take_back(opinion: Opinion) -> Answer:
    """Take back what was just decided: the opinion waits again, and its page is shown."""
    form = UndoForm()

    def act() -> str:
        undoing.undo(db.session(), opinion, by=actor())
        flash(_("C'est annulé : cet avis attend de nouveau d'être lu."), "success")
        return _address(opinion)

    return send(form, act, lambda: render_template("opinions/undo.html", opinion=opinion, form=form, kept=_kept()))
