"""What can happen to a recording or a photo: taken in, written down, published with its description, kept, erased.

Nothing is kept as it was sent (audio.py, photo.py). A verb changes the rows of the session and writes the journal; the
caller commits, and the files follow the transaction (storage.py). A recording is for the team's ears alone, and is
erased once written down or after 30 days (security.md, Settled). `by` is the acting account; a resident has none.
"""

import datetime as dt
import hashlib
import logging
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session, selectinload

from participation import journal
from participation.database import now
from participation.errors import Conflict, Refusal
from participation.keys import settings
from participation.media import audio, photo, queries, storage
from participation.media.intake import Encoded
from participation.media.models import Media
from participation.opinions.models import PUBLIC_MODERATION, VOICE_PENDING, Opinion
from participation.opinions.rules import LONGEST_TEXT
from participation.refs import new_ref

VOICE_KEPT = dt.timedelta(days=30)
"""How long a recording waits at most to be written down (security.md, Settled)."""
LONGEST_DESCRIPTION = 300
_FIELDS = {"audio": audio.FIELD, "photo": photo.FIELD}
_log = logging.getLogger(__name__)


# Taken in


def read_audio(stream: IO[bytes]) -> Encoded:
    """Return a recording, re-encoded, to be given to `keep`; touches no database. Raises Refusal (audio.py)."""
    return audio.read(stream)


def read_photo(stream: IO[bytes]) -> Encoded:
    """Return a photo, drawn anew, to be given to `keep`; touches no database. Raises Refusal (photo.py)."""
    return photo.read(stream)


def keep(session: Session, opinion: Opinion, encoded: Encoded) -> Media:
    """Add a recording or photo to an opinion. Raises Refusal where there is no room for it."""
    media = Media(
        ref=new_ref(encoded.kind, storage.secret()),
        opinion=opinion,
        kind=encoded.kind,
        stored_name=storage.new_name(encoded.kind),
        size=len(encoded.data),
        seconds=encoded.seconds,
        width=encoded.width,
        height=encoded.height,
        sha256=hashlib.sha256(encoded.data).hexdigest(),
        created_at=now(),
    )
    place(session, media, encoded)
    return media


def place(session: Session, row: Any, encoded: Encoded) -> None:
    """Add `row`, which names its file (queries.holds_files), and have the file in place with the transaction.

    Raises Refusal where there is no room for it.
    """
    field = _FIELDS[encoded.kind]
    _check_room(session, len(encoded.data), field)
    session.add(row)
    try:
        storage.put(session, row, encoded.data)
    except OSError:
        _log.exception("a recording or photo could not be written")
        raise _full(field) from None


def take_audio(session: Session, opinion: Opinion, stream: IO[bytes]) -> Media:
    """Read a recording and add it to an opinion. Raises Refusal.

    Outside a transaction that writes, `read_audio` then `keep` is better: reading takes up to a second.
    """
    return keep(session, opinion, read_audio(stream))


def take_photo(session: Session, opinion: Opinion, stream: IO[bytes]) -> Media:
    """Read a photo and add it to an opinion. Raises Refusal. See `take_audio`."""
    return keep(session, opinion, read_photo(stream))


def _check_room(session: Session, needed: int, field: str) -> None:
    if queries.total_bytes(session) + needed > settings().max_media_bytes:
        _log.error("MAX_MEDIA_BYTES is reached: no recording or photo is taken")
        raise _full(field)
    if not storage.has_space(needed):
        _log.error("the disk is nearly full: no recording or photo is taken")
        raise _full(field)


def _full(field: str) -> Refusal:
    return Refusal(_("Nous ne pouvons plus garder de fichier pour le moment. Écrivez votre avis."), field=field)


# Recordings


def write_down(session: Session, media: Media, text: str, language: str | None, *, by: Any) -> None:
    """Write down what a recording says, in the language it was said in (BCP 47), and erase it.

    The transcript takes the place of VOICE_PENDING, or follows the words that came with the recording. Raises Conflict
    where somebody else has written it down or it is past its time, Refusal for a text that cannot be.
    """
    opinion = media.opinion
    _check_there(media, "audio")
    if text.strip() == VOICE_PENDING:
        raise Refusal(_("Écrivez ce que la personne dit, avec ses mots."), field="text")
    whole = text if opinion.text == VOICE_PENDING else f"{opinion.text}\n\n{text}"
    if len(whole) > LONGEST_TEXT:
        raise Refusal(_("Ce texte est trop long : %(max)s caractères au plus.", max=LONGEST_TEXT), field="text")
    if opinion.moderation == PUBLIC_MODERATION:
        raise Refusal(_("Cet avis est publié : ses mots ne changent plus. Retirez-le d'abord de la publication."))
    opinion.text, opinion.language = whole, language
    media.written_down_at = now()
    _erase(session, media)
    sentence = _("Message vocal écrit, enregistrement effacé.")
    journal.record(session, "opinion.written_down", opinion.ref, sentence, by=by)


# Photos


def publish_photo(session: Session, media: Media, description: str, *, by: Any) -> bool:
    """Publish a photo with what it shows, for those who do not see it; return whether anything changed.

    Everybody sees it once its opinion is published too. Raises Conflict where it is erased, Refusal for an opinion that
    its author or the team keeps for the team.
    """
    _check_there(media, "photo")
    if media.opinion.reserve_asked:
        raise Refusal(_("La personne a demandé que seule l'équipe lise son avis : sa photo n'est pas publiée."))
    if len(description) > LONGEST_DESCRIPTION:
        sentence = _("Cette description est trop longue : %(max)s caractères au plus.", max=LONGEST_DESCRIPTION)
        raise Refusal(sentence, field="description")
    if media.published_at and media.description == description:
        return False
    media.description, media.kept_at = description, None
    media.published_at = media.published_at or now()
    sentence = _("Photo décrite et publiée.")
    journal.record(session, "opinion.photo_published", media.opinion.ref, sentence, by=by)
    return True


def keep_photo(session: Session, media: Media, *, by: Any) -> bool:
    """Keep a photo for the team, published so far or not; return whether anything changed. Raises Conflict."""
    _check_there(media, "photo")
    if media.kept_at:
        return False
    media.kept_at, media.published_at = now(), None
    journal.record(session, "opinion.photo_kept", media.opinion.ref, _("Photo gardée pour l'équipe."), by=by)
    return True


# Erased


def erase(session: Session, media: Media, *, by: Any) -> bool:
    """Erase a recording or photo; its row stays, so that the team knows of it. Return whether it was still there."""
    if not media.is_kept:
        return False
    _erase(session, media)
    sentence = _("Enregistrement effacé.") if media.kind == "audio" else _("Photo effacée.")
    journal.record(session, f"opinion.{media.kind}_erased", media.opinion.ref, sentence, by=by)
    return True


def erase_all(session: Session, opinion: Opinion, *, by: Any = None) -> None:
    """Erase all that came with an opinion: its author takes it back. Again: nothing."""
    for media in queries.of_opinion(session, opinion):
        erase(session, media, by=by)


def erase_old_voices(session: Session) -> int:
    """Erase the recordings past VOICE_KEPT, written down or not; return how many. The caller commits.

    The opinion stays and counts; late or twice, this does no more. What the team did not write down is then lost: it
    was told from the first day how long there was.
    """
    query = (
        sa.select(Media)
        .where(Media.kind == "audio", Media.erased_at.is_(None), Media.created_at < now() - VOICE_KEPT)
        .order_by(Media.id)
    )
    old = list(session.scalars(query.options(selectinload(Media.opinion))))
    for media in old:
        _erase(session, media)
        sentence = _("Enregistrement effacé : 30 jours ont passé.")
        journal.record(session, "opinion.audio_erased", media.opinion.ref, sentence, by=None)
    return len(old)


def _erase(session: Session, media: Media) -> None:
    media.erased_at, media.published_at, media.description = now(), None, None
    storage.erase(session, media.stored_name)


def _check_there(media: Media, kind: str) -> None:
    if media.kind != kind:
        raise Refusal(_("Une voix n'est jamais publiée, et une photo ne s'écoute pas. Retournez à l'avis."))
    if not media.is_kept:
        raise Conflict(_("Ce fichier n'est plus là : il est déjà écrit, effacé, ou trop ancien."))
