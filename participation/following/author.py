"""What the author of an opinion can do with it, code in hand: change it for half an hour, take it back, add a photo.

A verb changes the rows of the session and writes the journal (without a word of what was said); the caller commits.
Journal lines are in French, whatever the language of the author's page.
"""

import datetime as dt
import math
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import journal
from participation.database import now
from participation.errors import Refusal
from participation.following import codes, drafts
from participation.following.models import Contact, FollowCode
from participation.idempotency import claim
from participation.keys import keyed_hash
from participation.media import rules as media
from participation.media.intake import Encoded
from participation.media.queries import of_opinion
from participation.opinions.models import PHOTO_ALONE, REJECTED, TAKEN_BACK, VOICE_PENDING, Opinion
from participation.opinions.queries import in_places
from participation.opinions.rules import LONGEST_TEXT
from participation.permissions import TEAM, Acting

WINDOW = dt.timedelta(minutes=30)
"""How long an opinion may be changed, or taken back at once, after it was sent (ux.md 2.1)."""
WORDLESS = (VOICE_PENDING, PHOTO_ALONE)
"""Texts that stand for a recording or a photo: nobody wrote them."""
_PAPER = "papier"


def minutes_left(opinion: Opinion) -> int:
    """Return for how many minutes still the opinion may be changed; 0 for a card, which the team typed in."""
    left = opinion.created_at + WINDOW - now()
    return 0 if opinion.channel == _PAPER else max(0, math.ceil(left / dt.timedelta(minutes=1)))


def may_change(opinion: Opinion) -> bool:
    """Whether its author may change it: in time, and nobody has answered it or drawn a proposal from it."""
    untouched = opinion.moderation != REJECTED and opinion.proposal_id is None and opinion.answer is None
    return untouched and opinion.withdrawal_asked_at is None and minutes_left(opinion) > 0


def written(opinion: Opinion) -> str:
    """Return the words that the author wrote; empty where she sent a recording or a photo alone."""
    return "" if opinion.text in WORDLESS else opinion.text


def change(session: Session, opinion: Opinion, text: str | None, *, reserve: bool, code: str) -> bool:
    """Change the words and who may read them; return whether anything changed.

    What the team has read meanwhile is to be read again: nothing unread is ever public. Raises Refusal: too late,
    nothing written, too long, or the code itself in the text.
    """
    new = text or (opinion.text if opinion.text in WORDLESS else "")
    _check_words(new, code)
    if (opinion.text, opinion.reserve_asked) == (new, reserve):
        return False
    if not may_change(opinion):
        raise Refusal(_("Les 30 minutes sont passées. Vous pouvez demander le retrait, ou donner un autre avis."))
    opinion.text, opinion.reserve_asked, opinion.moderation = new, reserve, "en_attente"
    journal.record(session, "opinion.changed", opinion.ref, "Avis modifié par la personne qui l'a écrit.", by=None)
    return True


def _check_words(text: str, code: str) -> None:
    if not text:
        raise Refusal(_("Écrivez votre avis, ou retirez-le."), field="texte")
    if len(text) > LONGEST_TEXT:
        raise Refusal(_("Ce texte est trop long. Coupez-le en deux avis."), field="texte")
    if codes.appears_in(code, text):
        raise Refusal(_("Vos cinq mots sont dans votre texte. Enlevez-les : ils sont secrets."), field="texte")


# Taking back


def is_taken_at_once(opinion: Opinion) -> bool:
    """Whether taking it back erases its words now; later it is the team that erases them."""
    return minutes_left(opinion) > 0 and opinion.proposal_id is None


def take_back(session: Session, opinion: Opinion) -> None:
    """Hide the opinion from the public at once; erase its words now if it was just sent, else ask the team to.

    Again: nothing.
    """
    if opinion.withdrawal_asked_at or opinion.text == TAKEN_BACK:
        return
    at_once = is_taken_at_once(opinion)
    opinion.withdrawal_asked_at = now()
    if at_once:
        erase_words(session, opinion, by=None)
    else:
        sentence = "Retrait demandé par la personne qui l'a écrit."
        journal.record(session, "opinion.withdrawal_asked", opinion.ref, sentence, by=None)


def erase_words(session: Session, opinion: Opinion, *, by: Any) -> None:
    """Erase what its author said, wrote and recorded, and her address; the opinion no longer counts. Again: nothing."""
    media.erase_all(session, opinion, by=by)
    session.execute(sa.delete(Contact).where(Contact.opinion_id == opinion.id))
    for row in session.scalars(sa.select(FollowCode).where(FollowCode.opinion_id == opinion.id)):
        drafts.drop(session, drafts.key_of(row))
    if opinion.text == TAKEN_BACK:
        return
    opinion.withdrawal_asked_at = opinion.withdrawal_asked_at or now()
    opinion.text, opinion.language, opinion.answer, opinion.answered_on = TAKEN_BACK, None, None, None
    opinion.moderation, opinion.moderation_reason = REJECTED, "Retiré par la personne qui l'a écrit."
    journal.record(session, "opinion.taken_back", opinion.ref, "Avis retiré, ses mots sont effacés.", by=by)


def erase_asked(session: Session, opinion: Opinion, *, by: Any) -> None:
    """Erase the words of an opinion that its author asked to have back. Raises Refusal where nobody asked."""
    if opinion.withdrawal_asked_at is None:
        raise Refusal(_("Personne n'a demandé le retrait de cet avis : ses mots restent."))
    erase_words(session, opinion, by=by)


def list_asked(session: Session, account: Acting) -> list[Opinion]:
    """Return the opinions that wait to be erased and that the account may moderate, the oldest request first."""
    query = sa.select(Opinion).where(Opinion.withdrawal_asked_at.is_not(None), Opinion.text != TAKEN_BACK)
    if account.role not in TEAM:
        query = query.where(in_places(account.scopes))
    return list(session.scalars(query.order_by(Opinion.withdrawal_asked_at, Opinion.id)))


# A photo after the words


def may_add_photo(session: Session, opinion: Opinion) -> bool:
    """Whether a photo may still be added: the opinion was just sent, and has none."""
    return may_change(opinion) and not any(one.kind == "photo" for one in of_opinion(session, opinion))


def claim_photo(session: Session, code: str, digest: str) -> bool:
    """Take the one right to add a photo by this code; return False where it has served. First in a transaction."""
    return claim(session, keyed_hash(code, "suivi.photo"), keyed_hash(digest, "suivi.photo.contenu")) is None


def add_photo(session: Session, opinion: Opinion, photo: Encoded) -> None:
    """Add a photo to an opinion that was just sent. Raises Refusal where it is too late or has one."""
    if not may_add_photo(session, opinion):
        raise Refusal(_("On ne peut plus ajouter de photo à cet avis. Donnez un autre avis avec la photo."))
    media.keep(session, opinion, photo)
    if opinion.moderation != "en_attente":
        opinion.moderation = "en_attente"
