"""Words that look like a person's name, a telephone number or an address: proposed for masking, a person decides.

Pure. It proposes too much rather than too little: a name that is published cannot be called back (ux.md R28). Words of
the contract (communes, quartiers, instances) and the first word of a sentence alone are left out.
"""

import bisect
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from participation.opinions.known_words import COMMON, FIRST_NAMES, FUNCTIONS

MASK = "[masqué]"
"""What stands where something is masked."""

_MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]+\s?@\s?[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:\+33|0033|0)\s?(?:\(0\)\s?)?[1-9](?:[\s.\-/]?\d{2}){4}(?!\d)")
_STREET_KIND = (
    r"rue|avenue|av\.|boulevard|bd|bld|all[ée]e|impasse|place|chemin|route|quai|square|cours|passage|r[ée]sidence|"
    r"b[âa]timent|b[âa]t\.?|tour|entr[ée]e|appartement|appt?\.?|escalier"
)
_STREET = re.compile(
    rf"\b\d{{1,4}}\s?(?:bis|ter|quater|[a-d])?\s?,?\s(?:{_STREET_KIND})\s(?:[\w'’-]+\s?){{1,5}}", re.IGNORECASE
)
_FLAT = re.compile(
    r"\b(?:b[âa]timent|b[âa]t\.?|appartement|appt?\.?|escalier|entr[ée]e|porte|logement|[ée]tage)\s(?:n°\s?)?"
    r"(?:[A-Z]\d{0,3}|\d{1,4}[A-Za-z]?)\b",
    re.IGNORECASE,
)
_WORD = r"(?<![\w/;,&=])[A-ZÀ-ÖØ-Þ](?:[^\W\d_]|['’])*(?:-[A-ZÀ-ÖØ-Þ](?:[^\W\d_]|['’])*)*(?![\w/=])"
_TITLED = re.compile(
    rf"\b(?:M\.|MM\.|Mr\.?|Mme\.?|Mmes|Mlle|Monsieur|Madame|Mademoiselle|Dr\.?|[Dd]octeur|Me|Ma[îi]tre|monsieur|madame)\s"
    rf"(?:{_WORD})(?:[^\S\n]+(?:de\s|du\s|d['’]|des\s|la\s|le\s|El\s|Ben\s)?{_WORD})*"
)
_TITLED_SMALL = re.compile(
    r"\b(?:m\.|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle|docteur|dr\.?)[^\S\n]+"
    r"((?:de\s|du\s|d['’]|la\s|le\s|el\s|ben\s)*[a-zà-öø-ÿ][\w'’-]{2,})",
    re.IGNORECASE,
)
_CAPITALS = re.compile(rf"{_WORD}(?:[^\S\n]+(?:de\s|du\s|d['’]|la\s|le\s|el\s|ben\s)?{_WORD})*")
_CALLED = re.compile(
    r"\b(?:je m['’]appelle|mon nom est|je suis|il s['’]appelle|elle s['’]appelle|nomm[ée]e?|pr[ée]nomm[ée]e?|"
    r"(?:mon|ma|le|la) (?:voisine?|gardien(?:ne)?|fils|fille|mari|femme|frère|s(?:oe|œ)ur|amie?|nièce|neveu))"
    r"\s+([a-zà-öø-ÿ]{3,})",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?:^|[.!?…:»\n]\s*|[«\"(\[–#*>-]\s*)$")


@dataclass(frozen=True)
class Candidate:
    """Words that look like something to mask: where they stand, and what they look like."""

    start: int
    end: int
    words: str
    kind: str
    """`nom`, `telephone`, `courriel` or `adresse`."""

    @property
    def folded(self) -> str:
        """The words as two places are compared: no case, no accents, single spaces."""
        return fold(self.words)


def fold(words: str) -> str:
    """Return words without case, accents and doubled spaces."""
    plain = unicodedata.normalize("NFD", words.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def candidates(text: str, known: Iterable[str] = ()) -> list[Candidate]:
    """Return what looks like a name, a number or an address, in order, without overlaps.

    `known`: names that are no person's (communes, quartiers, instances, institutions).
    """
    found: list[Candidate] = []
    starts: list[int] = []
    for candidate in _all(text, _allowed(known)):
        place = bisect.bisect_left(starts, candidate.start)
        after_last = place == 0 or found[place - 1].end <= candidate.start
        before_next = place == len(found) or candidate.end <= starts[place]
        if after_last and before_next:
            found.insert(place, candidate)
            starts.insert(place, candidate.start)
    return found


def _all(text: str, allowed: frozenset[str]) -> Iterator[Candidate]:
    """Give every candidate, the surest kinds first."""
    for kind, pattern in (("courriel", _MAIL), ("telephone", _PHONE), ("adresse", _STREET), ("adresse", _FLAT)):
        for match in pattern.finditer(text):
            words = match[0].rstrip()
            yield Candidate(match.start(), match.start() + len(words), words, kind)
    for match in _TITLED.finditer(text):
        yield Candidate(match.start(), match.end(), match[0], "nom")
    for match in _TITLED_SMALL.finditer(text):
        # Typed on a phone, names often have no capital: "mme lefebvre"; "madame la maire" is a function.
        if fold(match[1]).split()[-1] not in FUNCTIONS | _COMMON_FOLDED:
            yield Candidate(match.start(), match.end(), match[0], "nom")
    for match in _CALLED.finditer(text):
        if match[1][0].islower() and fold(match[1]) in FIRST_NAMES:
            yield Candidate(match.start(1), match.end(1), match[1], "nom")
    yield from _capitals(text, allowed)


def _capitals(text: str, allowed: frozenset[str]) -> Iterator[Candidate]:
    """Give runs of capitalised words that no sentence begins with and that the contract does not name."""
    for match in _CAPITALS.finditer(text):
        words = match[0].split()
        start = match.start()
        if _SENTENCE.search(text[:start][-3:]):
            # The first word of a sentence says nothing, unless another capital follows or it is a known first name.
            if len(words) == 1 and not FIRST_NAMES.intersection(fold(words[0]).split("-")):
                continue
            followed = len(words) > 1 and FIRST_NAMES.intersection(fold(words[1]).split("-"))
            if fold(words[0]) in allowed or (followed and fold(words[0]) not in FIRST_NAMES):
                start += len(words[0]) + 1
                words = words[1:]
        if not words or _is_known(words, allowed):
            continue
        yield Candidate(start, match.end(), text[start : match.end()], "nom")


def _is_known(words: list[str], allowed: frozenset[str]) -> bool:
    parts = [part for word in words for part in re.split(r"['’-]", fold(word)) if part]
    return all(part in allowed or len(part) == 1 for part in parts)


_COMMON_FOLDED = frozenset(fold(word) for word in COMMON)


def _allowed(known: Iterable[str]) -> frozenset[str]:
    words = {part for name in known for part in re.split(r"[\s'’/()-]+", fold(name)) if part}
    return _COMMON_FOLDED | words


def masked(text: str, hidden: Iterable[Candidate], marks: Mapping[str, str] | None = None) -> str:
    """Return the text with these candidates masked; `marks`: what stands there by kind, `MASK` for those of none."""
    for one in sorted(hidden, key=lambda candidate: candidate.start, reverse=True):
        text = text[: one.start] + (marks or {}).get(one.kind, MASK) + text[one.end :]
    return text
