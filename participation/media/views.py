"""Recordings and photos over HTTP: each byte behind a right, and what the team does with them."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from participation import clock
from participation.extensions import db
from participation.fragments import provide, provide_each
from participation.media import queries, rules, storage
from participation.media.forms import ActForm, DescribeForm, WriteDownForm
from participation.media.models import Media
from participation.media.serving import serve
from participation.opinions.models import VOICE_PENDING, Opinion
from participation.opinions.reading_views import page_of
from participation.permissions import actor, may, public, requires
from participation.sending import Answer, give_key, send

bp = Blueprint("media", __name__)


def _media(ref: str) -> Media:
    return queries.get_media(db.session(), ref)


# The bytes


@bp.get("/medias/<ref>")
@public
def show(ref: str) -> Response:
    """Give the file to the team of its place, and a published photo to everybody; to others it does not exist."""
    media = _media(ref)
    if not media.is_kept or not (media.is_public or may("opinion.read", media)):
        abort(404)
    return serve(media, media.kind, everybody=media.is_public)


# Recordings


@bp.get("/equipe/medias/<ref>/ecrire")
@requires("opinion.moderate", load=_media)
def listen(media: Media) -> Answer | str:
    """Play a recording beside the form in which to write it down."""
    if media.kind != "audio" or not media.is_kept:
        return redirect(_page_of(media), 303)
    form = WriteDownForm(formdata=None, data={"language": media.opinion.language or ""})
    return give_key(form) or _listen_page(media, form)


def _listen_page(media: Media, form: WriteDownForm) -> str:
    form.offer(media.opinion.language)
    return render_template("media/listen.html", media=media, opinion=media.opinion, form=form, pending=VOICE_PENDING)


@bp.post("/equipe/medias/<ref>/ecrit")
@requires("opinion.moderate", load=_media)
def write_down(media: Media) -> Answer:
    """Keep what the recording says; the recording is erased."""
    form = WriteDownForm()
    form.offer(media.opinion.language)

    def act() -> str:
        rules.write_down(db.session(), media, form.text.data or "", form.language.data or None, by=actor())
        flash(_("Le message est écrit. L'enregistrement est effacé."), "success")
        return _page_of(media)

    return send(form, act, lambda: _listen_page(media, form))


# Photos


@bp.get("/equipe/medias/<ref>/decrire")
@requires("opinion.moderate", load=_media)
def describe(media: Media) -> Answer | str:
    """Show a photo beside the form in which to describe it."""
    if media.kind != "photo" or not media.is_kept:
        return redirect(_page_of(media), 303)
    form = DescribeForm(formdata=None, data={"description": media.description})
    return give_key(form) or _describe_page(media, form)


def _describe_page(media: Media, form: DescribeForm) -> str:
    return render_template("media/describe.html", media=media, opinion=media.opinion, form=form)


@bp.post("/equipe/medias/<ref>/publiee")
@requires("opinion.moderate", load=_media)
def publish(media: Media) -> Answer:
    """Publish the photo with its description."""
    form = DescribeForm()

    def act() -> str:
        rules.publish_photo(db.session(), media, form.description.data or "", by=actor())
        shown = _("La photo est publiée.") if media.is_public else _("La photo sera publiée avec l'avis.")
        flash(shown, "success")
        return _page_of(media)

    return send(form, act, lambda: _describe_page(media, form))


@bp.post("/equipe/medias/<ref>/gardee")
@requires("opinion.moderate", load=_media)
def keep(media: Media) -> Answer:
    """Keep the photo for the team."""

    def act() -> str:
        rules.keep_photo(db.session(), media, by=actor())
        flash(_("La photo est gardée pour l'équipe."), "success")
        return _page_of(media)

    return _press(media, act)


@bp.get("/equipe/medias/<ref>/effacer")
@requires("opinion.moderate", load=_media)
def ask_to_erase(media: Media) -> Answer | str:
    """Ask before erasing: it cannot be taken back."""
    if not media.is_kept:
        return redirect(_page_of(media), 303)
    form = ActForm(formdata=None)
    return give_key(form) or _erase_page(media, form)


def _erase_page(media: Media, form: ActForm) -> str:
    return render_template("media/erase.html", media=media, opinion=media.opinion, form=form)


@bp.post("/equipe/medias/<ref>/effacee")
@requires("opinion.moderate", load=_media)
def erase(media: Media) -> Answer:
    """Erase the recording or the photo."""

    def act() -> str:
        rules.erase(db.session(), media, by=actor())
        flash(_("Le fichier est effacé."), "success")
        return _page_of(media)

    form = ActForm()
    return send(form, act, lambda: _erase_page(media, form))


def _press(media: Media, act: Any) -> Answer:
    form = ActForm()
    return send(form, act, lambda: render_template("media/refused.html", media=media, form=form))


def _page_of(media: Media) -> str:
    return page_of(media.opinion)


# What recordings and photos add to other pages


def _of_opinion(opinion: Opinion) -> Markup | None:
    """Show the team what came with an opinion."""
    return _found_with(opinion)


def _of_reading(opinion: Opinion) -> Markup | None:
    """Show the team what came with an opinion that it reads; a recording is written down right there."""
    form = WriteDownForm(formdata=None, data={"language": opinion.language or ""})
    form.offer(opinion.language)
    return _found_with(opinion, form)


def _found_with(opinion: Opinion, form: WriteDownForm | None = None) -> Markup | None:
    found = queries.of_opinion(db.session(), opinion)
    if not found or not may("opinion.read", opinion):
        return None
    return _part(
        "media/_of_opinion.html",
        opinion=opinion,
        found=found,
        lost={media.id for media in found if media.is_kept and not storage.is_there(media.stored_name)},
        erased_on={media.id: clock.to_local(media.created_at + rules.VOICE_KEPT).date() for media in found},
        key=ActForm(formdata=None),
        form=form,
        pending=VOICE_PENDING,
    )


def _beside_each_for_team(opinions: Sequence[Opinion]) -> dict[int, Markup]:
    """Say of each opinion what waits with it; its list is shown to those who may read it only."""
    found = queries.of_opinions(db.session(), opinions)
    return {number: _part("media/_waiting.html", found=media) for number, media in found.items()}


def _beside_each(opinions: Sequence[Opinion]) -> dict[int, Markup]:
    """Show everybody the published photos of published opinions."""
    found = queries.of_opinions(db.session(), opinions)
    shown = {number: [media for media in some if media.is_public] for number, some in found.items()}
    return {number: _part("media/_published.html", photos=photos) for number, photos in shown.items() if photos}


def _part(template: str, **values: Any) -> Markup:
    return Markup(render_template(template, **values))  # noqa: S704  # our own template, escaped as any other


provide("opinion.team", _of_opinion)
provide("opinion.reading.team", _of_reading)
provide_each("opinions.team", _beside_each_for_team)
provide_each("opinions.public", _beside_each)
