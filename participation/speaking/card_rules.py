"""What can happen to opinion cards: they are printed, each with a code of its own, and typed in when they come back.

A verb changes the rows of the session and writes the journal; the caller commits. `by` is the acting account.
"""

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation import journal
from participation.errors import Refusal
from participation.following import codes
from participation.following.addresses import qr_url
from participation.following.models import FollowCode
from participation.following.rules import attach, print_codes
from participation.meetings.models import Meeting
from participation.opinions import rules as opinions
from participation.opinions.models import Opinion
from participation.speaking.cards import CARDS_A_SHEET, Card

MOST_SHEETS = 10
PAPER = "papier"
"""The channel of an opinion that came on a card."""
_OFFERED = 2
_ALIKE = 60
"""Likeness, of 100, from which a word of the list may be the one that was meant."""


def print_cards(session: Session, meeting: Meeting, sheets: int, *, by: Any) -> list[Card]:
    """Return fresh cards for `sheets` sheets (1 to 10). Their codes exist in the answer alone: only hashes are kept.

    Asked again, it gives other cards. Raises Refusal for a number of sheets out of bounds.
    """
    if not 1 <= sheets <= MOST_SHEETS:
        raise Refusal(_("Choisissez de 1 à %(most)s feuilles.", most=MOST_SHEETS), field="sheets")
    printed = print_codes(session, sheets * CARDS_A_SHEET, meeting)
    number = len(printed)
    sentence = ngettext(
        "%(num)s carte préparée pour l'impression.", "%(num)s cartes préparées pour l'impression.", number
    )
    journal.record(session, "meeting.cards_printed", meeting.ref, sentence, by=by)
    return [Card(code, qr_url(code)) for code in printed]


def type_in(session: Session, typed: str, said: opinions.Said, *, meeting: Meeting, reserve: bool, by: Any) -> Opinion:
    """Write down the opinion of a card that came back; its author then finds it by the card's code.

    `typed` are the five words as they were read; `reserve`: the box « seulement l'équipe » is ticked. Raises Refusal
    for words that are no code, that no printed card has, or whose card was typed in before.
    """
    code = codes.parse(typed)
    if code is None:
        raise Refusal(_what_is_wrong(typed), field="code")
    card = session.scalar(sa.select(FollowCode).where(FollowCode.code_hash == codes.hash_of(code)))
    if card is None:
        raise Refusal(
            _("Aucune carte imprimée ne porte ces cinq mots. Vérifiez chaque mot et leur ordre."), field="code"
        )
    if card.opinion_id is not None:
        raise Refusal(
            _("Cette carte est déjà enregistrée. Prenez la carte suivante, ou vérifiez les cinq mots."), field="code"
        )
    moderation = "reserve" if reserve else "en_attente"
    opinion = opinions.log(session, said, meeting=meeting, moderation=moderation, by=by)
    opinion.reserve_asked = reserve
    attach(session, code, opinion)
    return opinion


def count_typed(session: Session, meeting: Meeting) -> int:
    """Return how many cards were typed in for a meeting."""
    query = (
        sa.select(sa.func.count())
        .select_from(FollowCode)
        .join(Opinion, Opinion.id == FollowCode.opinion_id)
        .where(Opinion.meeting_id == meeting.id, Opinion.channel == PAPER)
    )
    return session.scalar(query) or 0


def _what_is_wrong(typed: str) -> str:
    """Return what to check in five words that could not be read: how many there are, or the words that look wrong."""
    unknown = codes.unknown(typed)
    if unknown:
        return " ".join(_not_a_word(word) for word in unknown[: codes.LENGTH])
    return _("Écrivez les cinq mots de la carte. Vous en avez écrit %(n)s.", n=len(codes.split(typed)))


def _not_a_word(word: str) -> str:
    from rapidfuzz import process  # here, not at every start: heavy, for misread words alone

    near = [found for found, _score, _at in process.extract(word, codes.words(), limit=_OFFERED, score_cutoff=_ALIKE)]
    if not near:
        return _("« %(word)s » n'est pas un mot de nos cartes. Relisez-le.", word=word)
    offered = _(" ou ").join(f"« {found} »" for found in near)
    return _("« %(word)s » n'est pas un mot de nos cartes. Est-ce %(near)s ?", word=word, near=offered)
