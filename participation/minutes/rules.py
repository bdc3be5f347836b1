"""Before minutes are published: five checks declared by a person, and a decision on each word that looks like a name.

Publishing is refused while one is undecided or undone (ux.md 2.2 and R28), whatever page or device asks for it: the
guards are put before `meetings.rules.publish_minutes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation import journal
from participation.database import insert_into, now
from participation.errors import Refusal
from participation.keys import keyed_hash
from participation.meetings import rules as meetings
from participation.meetings.models import Meeting
from participation.minutes.models import CHECKS, MASK_CHOICES, MaskChoice, PublicationCheck
from participation.opinions.masking import known_names
from participation.opinions.names import Candidate, candidates, masked


@dataclass(frozen=True)
class Doubt:
    """Words that look like something to mask, with what stands around them, and what was decided of them."""

    key: str
    words: str
    kind: str
    before: str
    after: str
    choice: str | None


_AROUND = 40
"""Characters shown on each side."""


def doubts(session: Session, meeting: Meeting) -> list[Doubt]:
    """Return each kind of words once, in the order of the text: of the minutes, then of the decisions."""
    known = known_names(session, meeting)
    decided = {
        row.fragment_hash: row.choice
        for row in session.scalars(sa.select(MaskChoice).where(MaskChoice.meeting_id == meeting.id))
    }
    found: dict[str, Doubt] = {}
    for text in _texts(meeting):
        for one in candidates(text, known):
            key = _key(meeting, one)
            found.setdefault(key, _doubt(text, one, key, decided.get(key)))
    return list(found.values())


def undecided(session: Session, meeting: Meeting) -> int:
    """Return on how many of them nobody decided."""
    return sum(1 for doubt in doubts(session, meeting) if doubt.choice is None)


def decide(session: Session, meeting: Meeting, choices: Mapping[str, str], *, by: Any) -> int:
    """Mask or keep words, by the key of their doubt; return how many were masked. Raises Refusal: published already.

    Masked words are replaced in the draft and in the decisions; kept ones are not asked about again.
    """
    if meeting.minutes_published_on:
        raise Refusal(_("Ce compte rendu est publié. Corrigez-le : la correction sera visible."))
    open_doubts = {doubt.key for doubt in doubts(session, meeting)}
    chosen = {key: choice for key, choice in choices.items() if key in open_doubts and choice in MASK_CHOICES}
    for key, choice in chosen.items():
        _remember(session, meeting, key, choice, by)
    hidden = {key for key, choice in chosen.items() if choice == "masquer"}
    number = _mask(session, meeting, hidden, by) if hidden else 0
    if chosen:
        sentence = ngettext("Noms relus : %(num)s masqué.", "Noms relus : %(num)s masqués.", number)
        journal.record(session, "meeting.names_read", meeting.ref, sentence, by=by)
    return number


def _mask(session: Session, meeting: Meeting, hidden: set[str], by: Any) -> int:
    known = known_names(session, meeting)
    number = 0

    def without(text: str) -> str:
        nonlocal number
        found = [one for one in candidates(text, known) if _key(meeting, one) in hidden]
        number += len(found)
        return masked(text, found)

    if meeting.minutes:
        meetings.draft_minutes(session, meeting, without(meeting.minutes), by=by)
    for decision in meeting.decisions:
        decision.text = without(decision.text)
    return number


def _remember(session: Session, meeting: Meeting, key: str, choice: str, by: Any) -> None:
    values = {"choice": choice, "decided_at": now(), "author": str(by.function) if by else None}
    row = insert_into(session, MaskChoice).values(meeting_id=meeting.id, fragment_hash=key, **values)
    session.execute(
        row.on_conflict_do_update(index_elements=[MaskChoice.meeting_id, MaskChoice.fragment_hash], set_=values)
    )


def _doubt(text: str, one: Candidate, key: str, choice: str | None) -> Doubt:
    before, after = text[max(one.start - _AROUND, 0) : one.start], text[one.end : one.end + _AROUND]
    return Doubt(key, one.words, one.kind, before, after, choice)


def _key(meeting: Meeting, one: Candidate) -> str:
    return keyed_hash(f"{meeting.ref}\0{one.folded}", "mask")


def _texts(meeting: Meeting) -> list[str]:
    return [text for text in (meeting.minutes, *(row.text for row in meeting.decisions)) if text]


# The five checks


def checks_done(session: Session, meeting: Meeting) -> set[str]:
    """Return which of the five checks somebody declared done."""
    query = sa.select(PublicationCheck.point).where(PublicationCheck.meeting_id == meeting.id)
    return set(session.scalars(query))


def check(session: Session, meeting: Meeting, done: set[str], *, by: Any) -> None:
    """Keep which checks are declared done. Raises Refusal for names that nobody decided on."""
    if "noms" in done and undecided(session, meeting):
        raise Refusal(_("Décidez d'abord de chaque nom : masquer ou garder."), field="noms")
    session.execute(
        sa.delete(PublicationCheck).where(
            PublicationCheck.meeting_id == meeting.id, PublicationCheck.point.not_in(done.intersection(CHECKS) or {""})
        )
    )
    for point in done.intersection(CHECKS):
        row = insert_into(session, PublicationCheck).values(
            meeting_id=meeting.id, point=point, done_at=now(), author=str(by.function) if by else None
        )
        session.execute(
            row.on_conflict_do_nothing(index_elements=[PublicationCheck.meeting_id, PublicationCheck.point])
        )


def refuse_undecided(session: Session, meeting: Meeting) -> None:
    """Raise Refusal where words that look like a name wait for a decision."""
    number = undecided(session, meeting)
    if number:
        raise Refusal(
            ngettext(
                "%(num)s mot ressemble à un nom, un numéro ou une adresse. Décidez de le masquer ou de le garder.",
                "%(num)s mots ressemblent à un nom, un numéro ou une adresse. Décidez de les masquer ou de les garder.",
                number,
            )
        )


def refuse_unchecked(session: Session, meeting: Meeting) -> None:
    """Raise Refusal while one of the five checks is not declared done: nobody goes round them by an address."""
    number = len(set(CHECKS) - checks_done(session, meeting))
    if number:
        raise Refusal(
            ngettext(
                "Il reste %(num)s vérification à faire avant de publier.",
                "Il reste %(num)s vérifications à faire avant de publier.",
                number,
            )
        )


meetings.before_publishing(refuse_undecided)
meetings.before_publishing(refuse_unchecked)
