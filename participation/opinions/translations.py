"""Translations of opinions, by a person: beside the original, which never changes for them (ux.md 2.3)."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.database import now
from participation.errors import Refusal
from participation.opinions.models import PHOTO_ALONE, TAKEN_BACK, VOICE_PENDING, Opinion, OpinionTranslation
from participation.opinions.rules import LONGEST_TEXT

_NO_WORDS = (VOICE_PENDING, TAKEN_BACK, PHOTO_ALONE)


def has_words(opinion: Opinion) -> bool:
    """Whether there is anything to translate."""
    return opinion.text not in _NO_WORDS


def find(opinion: Opinion, language: str) -> OpinionTranslation | None:
    """Return the translation in that language (BCP 47 tag), if there is one."""
    return next((row for row in opinion.translations if row.language == language), None)


def of_opinions(session: Session, opinions: Iterable[Opinion]) -> dict[int, list[OpinionTranslation]]:
    """Return id of opinion -> its translations, by language; in one query."""
    query = sa.select(OpinionTranslation).where(OpinionTranslation.opinion_id.in_([one.id for one in opinions]))
    found: dict[int, list[OpinionTranslation]] = {}
    for row in session.scalars(query.order_by(OpinionTranslation.opinion_id, OpinionTranslation.language)):
        found.setdefault(row.opinion_id, []).append(row)
    return found


def translate(session: Session, opinion: Opinion, language: str, text: str, *, by: Any) -> bool:
    """Write or correct the translation into `language`; return whether anything changed.

    The journal notes that it happened, without a word. Raises Refusal: nothing to translate, the original's language,
    or too long a text.
    """
    if not has_words(opinion):
        raise Refusal(_("Il n'y a pas de mots à traduire. Écrivez d'abord ce qui est dit."))
    if language == opinion.language:
        raise Refusal(_("L'avis est déjà dans cette langue. Choisissez-en une autre."), field="language")
    if len(text) > LONGEST_TEXT:
        raise Refusal(
            _("Cette traduction est trop longue : %(max)s caractères au plus.", max=LONGEST_TEXT), field="text"
        )
    known = find(opinion, language)
    if known and known.text == text:
        return False
    row = known or OpinionTranslation(language=language)
    row.text, row.author, row.translated_at = text, str(by.function) if by else None, now()
    if known is None:
        opinion.translations.append(row)
    sentence = _("Traduction corrigée.") if known else _("Avis traduit.")
    journal.record(session, "opinion.translated", opinion.ref, sentence, by=by, details={"language": [None, language]})
    return True
