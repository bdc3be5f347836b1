"""What a resident sends becomes an opinion, once, with the code by which she finds it again: all of it, or nothing.

Nothing here says who she is, and no line of the journal holds a word of hers. The caller commits.
"""

import json
import re
import unicodedata
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from participation import clock
from participation.database import now
from participation.errors import Conflict, NotFound
from participation.following import codes, drafts, visits
from participation.following import rules as following
from participation.idempotency import SentForm, claim
from participation.keys import keyed_hash
from participation.media import rules as media
from participation.media.intake import Encoded
from participation.opinions.models import PHOTO_ALONE, VOICE_PENDING, Opinion
from participation.opinions.rules import LONGEST_TEXT, Said, receive
from participation.speaking import flood
from participation.speaking.doors import MEETING, Door
from participation.speaking.keys import FormKey

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}", re.ASCII)
_SCRIPTS = {"fr": "LATIN", "en": "LATIN", "ar": "ARABIC"}
"""The script of the languages of our pages: whoever writes in another one on such a page writes another language."""
_PHONE = re.compile(r"\d(?:[\s./()-]{0,2}\d){8}")
_MAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}\.\w\w")


@dataclass(frozen=True)
class Message:
    """What a resident sends. `text` is cleaned, `code` five words joined by hyphens, None where it is not readable."""

    text: str | None
    code: str | None
    reserve: bool
    """Only the team may read it."""
    language: str | None
    """BCP 47 tag of the page it was written on."""
    files: tuple[str, ...] = ()
    """SHA-256 of the recording and of the photo, as they were sent, in that order."""

    @property
    def digest(self) -> str:
        """Keyed hash by which the same sending is known again; short words cannot be guessed from it."""
        return keyed_hash(json.dumps([self.text, self.code, self.reserve, self.files]), "parole.contenu")


# Before anything is written


def faults_of(message: Message) -> dict[str, str]:
    """Return what is wrong with what was sent, by field, as sentences that say what to do."""
    text = message.text or ""
    if message.code is None:
        return {"code": _("Votre code était illisible : en voici un autre. Envoyez de nouveau.")}
    if len(text) > LONGEST_TEXT:
        return {"texte": _("Ce texte est trop long. Coupez-le en deux avis.")}
    if codes.appears_in(message.code, text):
        return {"texte": _("Vos cinq mots sont dans votre texte. Enlevez-les : ils sont secrets.")}
    return {}


def warning_of(message: Message) -> dict[str, str]:
    """Return what its author is told once, before it goes as it is: a telephone number or an address would be public.

    Not where a file came with it, which would have to be taken again: the team reads before anything is public.
    """
    if message.reserve or message.files or not shows_contact(message.text or ""):
        return {}
    return {"texte": _("Votre texte sera public. Enlevez le téléphone ou l'adresse, ou envoyez-le ainsi.")}


def shows_contact(text: str) -> bool:
    """Whether the text seems to hold a telephone number (nine digits or more) or an e-mail address."""
    return bool(_PHONE.search(text) or _MAIL.search(text))


# The code that the page holds


def code_of(key: FormKey, attempt: int) -> str:
    """Return the five words that a form's page holds, the same each time that it is shown (ux.md R8).

    They follow from the form's key: a page that is loaded again after its answer was lost holds the same words, and
    the same sending again is known as such. `attempt` counts from 0; the next gives other words. A phone that runs
    scripts puts words of its own in their place.
    """
    bits = int(keyed_hash(f"{key.text}\0{attempt}", "code"), 16)
    words = codes.words()
    return "-".join(words[bits >> 10 * place & 1023] for place in range(codes.LENGTH))


def is_settled(sent: SentForm) -> bool:
    """Whether a form was sent so long ago that its page no longer leads to the opinion: as long as a visit lasts."""
    return now() - sent.sent_at > visits.LIFE


# Sending


def send(session: Session, key: FormKey, door: Door, message: Message, files: list[Encoded]) -> str | None:
    """Take an opinion in, whole; return the token of its receipt, None where this key has served before.

    To be called first in a transaction. Raises TooMany at a flooded door, CodeTaken, and what media refuse.
    """
    if claim(session, key.hashed, message.digest) is not None:
        return None
    apart = flood.is_flooded(session, door)
    said = _said(door, key, message, files)
    opinion = receive(session, said, meeting=door.meeting, reserve_asked=message.reserve, from_flood=apart)
    for file in files:
        media.keep(session, opinion, file)
    token = _give_receipt(session, opinion, message)
    drafts.drop(session, key.hashed)
    flood.count_opinion(session, door)
    return token


def _give_receipt(session: Session, opinion: Opinion, message: Message) -> str:
    assert message.code  # faults_of has asked for it
    follow_code = following.attach(session, message.code, opinion)
    return following.open_visit(session, follow_code, message.code)


def find_sent(session: Session, key: FormKey) -> SentForm | None:
    """Return the sending for which this key has served, if it has."""
    return session.get(SentForm, key.hashed)


def receipt_again(session: Session, sent: SentForm, message: Message) -> str:
    """Return a fresh token for what was received already, where the same sending comes again: its answer was lost.

    Raises Conflict for any other content or code, and says nothing of what came first (security.md R24).
    """
    follow_code = visits.find(session, message.code) if message.code else None
    if not message.code or not follow_code or sent.body_sha256 != message.digest:
        raise Conflict(_("Un avis est déjà arrivé par cette page. Retrouvez-le avec votre code."))
    return following.open_visit(session, follow_code, message.code)


def _said(door: Door, key: FormKey, message: Message, files: list[Encoded]) -> Said:
    at_meeting = door.kind == MEETING
    quartiers = [door.quartier] if door.quartier else (door.meeting.quartiers if door.meeting else [])
    return Said(
        text=message.text or (VOICE_PENDING if any(file.kind == "audio" for file in files) else PHOTO_ALONE),
        received_on=clock.today(),
        quartier=quartiers[0] if len(quartiers) == 1 else None,
        question=_question(door, key),
        channel="telephone" if at_meeting else "web",
        language=plausible_language(message.text, message.language),
    )


def _question(door: Door, key: FormKey) -> str | None:
    """Return the question that was answered; None for the default one, and for one that the team removed meanwhile."""
    try:
        return door.asked(key.question)
    except NotFound:
        return None


def plausible_language(text: str | None, tag: str | None) -> str | None:
    """Return the page's language where the text may be in it: most of its letters are of that language's script.

    Unknown for a text without letters, and for a tag that is none.
    """
    if not text or not tag or len(tag) > 35 or not _LANGUAGE.fullmatch(tag):
        return None
    letters = [character for character in text if character.isalpha()]
    script = _SCRIPTS.get(tag.partition("-")[0].lower())
    if script is None:
        return tag if letters else None
    of_it = sum(unicodedata.name(letter, "").startswith(script) for letter in letters)
    return tag if of_it * 2 > len(letters) else None
