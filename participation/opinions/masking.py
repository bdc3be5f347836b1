"""Words of an opinion that are not for everybody: proposed by the program or marked by a person, who decides.

What is masked is replaced for good, in the opinion and in its translations: the words themselves are kept nowhere, as
with a correction or the minutes. The mark in their place says what was there, to the author as to everybody.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from participation import journal
from participation.bodies.models import Body, BodyAlias
from participation.contract.models import Commune, Contract, Quartier
from participation.errors import Refusal
from participation.keys import keyed_hash
from participation.meetings.models import Meeting
from participation.opinions.models import PUBLIC_MODERATION, Opinion
from participation.opinions.names import Candidate, candidates, masked

MARKS = {
    "nom": "[nom masqué]",
    "telephone": "[téléphone masqué]",
    "courriel": "[courriel masqué]",
    "adresse": "[adresse masquée]",
    "insulte": "[insulte masquée]",
    "prive": "[vie privée masquée]",
}
"""Kind of words -> what stands in their place, in French as the database is."""
BY_HAND = ("nom", "adresse", "telephone", "courriel", "insulte", "prive")
"""What words marked by a person may be."""
KIND_NAMES = {
    "nom": _l("Un nom"),
    "telephone": _l("Un téléphone"),
    "courriel": _l("Un courriel"),
    "adresse": _l("Une adresse"),
    "insulte": _l("Une insulte, une menace"),
    "prive": _l("La vie privée de quelqu'un"),
}
_WHY = {
    "nom": _l("Nous avons masqué un nom : personne ne doit être reconnu."),
    "telephone": _l("Nous avons masqué un numéro de téléphone : il est privé."),
    "courriel": _l("Nous avons masqué une adresse de courriel : elle est privée."),
    "adresse": _l("Nous avons masqué une adresse : elle est privée."),
    "insulte": _l("Nous avons masqué des mots qui peuvent blesser."),
    "prive": _l("Nous avons masqué la vie privée d'une personne."),
}
MASK, KEEP = "masquer", "garder"
_NAMED = 3
"""Words quoted in a refusal; of more, how many."""


@dataclass(frozen=True)
class Doubt:
    """Words that look like something to mask, once for all the places where they stand."""

    key: str
    words: str
    kind: str
    """`nom`, `telephone`, `courriel` or `adresse`."""


@dataclass(frozen=True)
class Part:
    """A piece of a text; `doubt` where it looks like something to mask."""

    words: str
    doubt: Doubt | None = None


@dataclass(frozen=True)
class ByHand:
    """Words that a person marked, as they were typed, and what they are (`BY_HAND`)."""

    words: Sequence[str] = ()
    kind: str = "nom"


# What is proposed


def known_names(session: Session, meeting: Meeting | None = None) -> list[str]:
    """Return the names that are no person's: of places, instances and institutions, and the meeting's own words."""
    columns = (Commune.name, Quartier.name, Body.name, BodyAlias.name)
    names = [name for column in columns for name in session.scalars(sa.select(column))]
    contract = session.get(Contract, 1)
    return [*names, *(contract.institutions if contract else ()), *_of_meeting(meeting)]


def _of_meeting(meeting: Meeting | None) -> list[str]:
    if meeting is None:
        return []
    return [*(row.name for row in meeting.institutions), meeting.title, meeting.place or ""]


def doubts(opinion: Opinion, known: Iterable[str]) -> list[Doubt]:
    """Return what is proposed for masking, each words once: in the opinion's text, then in its translations."""
    allowed = [*known, *_of_meeting(opinion.meeting)]
    found: dict[str, Doubt] = {}
    for text in (opinion.text, *(row.text for row in opinion.translations)):
        for one in candidates(text, allowed):
            doubt = _doubt(opinion, one)
            found.setdefault(doubt.key, doubt)
    return list(found.values())


def parts(opinion: Opinion, text: str, known: Iterable[str]) -> list[Part]:
    """Return a text of the opinion in pieces, so that a page can mark what is proposed."""
    pieces, end = [], 0
    for one in candidates(text, [*known, *_of_meeting(opinion.meeting)]):
        pieces += [Part(text[end : one.start]), Part(one.words, _doubt(opinion, one))]
        end = one.end
    return [piece for piece in (*pieces, Part(text[end:])) if piece.words]


def _doubt(opinion: Opinion, one: Candidate) -> Doubt:
    return Doubt(keyed_hash(f"{opinion.ref}\0{one.folded}", "mask")[:20], one.words, one.kind)


def refuse_undecided(opinion: Opinion, known: Iterable[str], kept: Collection[str]) -> None:
    """Raise Refusal where words are proposed whose key is not in `kept`: somebody must decide before all can read."""
    left = [f"« {doubt.words} »" for doubt in doubts(opinion, known) if doubt.key not in kept]
    if not left:
        return
    more = len(left) - _NAMED
    words = ", ".join(left[:_NAMED]) + (f" {_('et %(n)s de plus', n=more)}" if more > 0 else "")
    raise Refusal(
        ngettext(
            "Avant de publier, décidez de ce mot, masquer ou garder : %(words)s.",
            "Avant de publier, décidez de ces mots, masquer ou garder : %(words)s.",
            len(left),
            words=words,
        )
    )


# Mask


def mask(
    session: Session, opinion: Opinion, choices: Mapping[str, str], by_hand: ByHand, known: Sequence[str], *, by: Any
) -> int:
    """Mask the words chosen, by the key of their doubt, and those marked by hand; return how many places were masked.

    The journal notes how many of which kind, without a word. Raises Refusal for a published opinion, and for words
    marked by hand that stand nowhere in it.
    """
    chosen = {key for key, choice in choices.items() if choice == MASK}
    if not chosen and not by_hand.words:
        return 0
    if opinion.moderation == PUBLIC_MODERATION:
        raise Refusal(
            _("Cet avis est publié : ses mots ne changent plus. Retirez-le d'abord de la publication."), field="autres"
        )
    _check_by_hand(opinion, by_hand)
    allowed = [*known, *_of_meeting(opinion.meeting)]
    numbers: dict[str, int] = {}

    def without(text: str) -> str:
        found = [one for one in candidates(text, allowed) if _doubt(opinion, one).key in chosen]
        hidden = _apart([*_marked(text, by_hand), *found])
        for one in hidden:
            numbers[one.kind] = numbers.get(one.kind, 0) + 1
        return masked(text, hidden, MARKS)

    _rewrite(opinion, without)
    total = sum(numbers.values())
    if total:
        sentence = ngettext("Avis : %(num)s passage masqué.", "Avis : %(num)s passages masqués.", total)
        details = {kind: [0, number] for kind, number in sorted(numbers.items())}
        journal.record(session, "opinion.masked", opinion.ref, sentence, by=by, details=details)
    return total


def _rewrite(opinion: Opinion, without: Any) -> None:
    """Replace the words of the opinion and of its translations, which stay: they say what the new words say."""
    rows = list(opinion.translations)
    opinion.text = without(opinion.text)
    for row in rows:
        row.text = without(row.text)
    opinion.translations = rows


def _check_by_hand(opinion: Opinion, by_hand: ByHand) -> None:
    if by_hand.words and by_hand.kind not in BY_HAND:
        raise Refusal(_("Dites ce que sont ces mots : un nom, une adresse, une insulte…"), field="nature")
    texts = [opinion.text, *(row.text for row in opinion.translations)]
    for words in by_hand.words:
        if not any(_pattern(words).search(text) for text in texts):
            raise Refusal(
                _("« %(words)s » n'est pas dans l'avis. Recopiez les mots comme ils y sont écrits.", words=words),
                field="autres",
            )


def _pattern(words: str) -> re.Pattern[str]:
    """Return what finds these words, whatever their capitals and blanks, and not inside a longer word."""
    return re.compile(r"(?<!\w)" + r"\s+".join(map(re.escape, words.split())) + r"(?!\w)", re.IGNORECASE)


def _marked(text: str, by_hand: ByHand) -> list[Candidate]:
    return [
        Candidate(match.start(), match.end(), match[0], by_hand.kind)
        for words in by_hand.words
        for match in _pattern(words).finditer(text)
    ]


def _apart(found: list[Candidate]) -> list[Candidate]:
    """Return the candidates without overlaps: of two, one that covers both, of the first one's kind."""
    apart: list[Candidate] = []
    for one in sorted(found, key=lambda candidate: (candidate.start, -candidate.end)):
        if apart and one.start < apart[-1].end:
            last = apart[-1]
            apart[-1] = Candidate(last.start, max(last.end, one.end), last.words, last.kind)
        else:
            apart.append(one)
    return apart


# What its author is told


def why_masked(text: str) -> list[str]:
    """Return what an author is told of what the team masked in her words, one sentence for each kind."""
    return [str(_WHY[kind]) for kind, mark in MARKS.items() if mark in text]
