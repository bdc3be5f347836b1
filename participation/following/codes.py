"""Follow-up codes: five words of our own list, 50 bits, read as people write them (ux.md 4.6, R15; security.md).

The list is `static/mots.txt`, which phones fetch too: 1,024 common French nouns without accents, no two of which sound
alike or are nearer than three slips of the keyboard (insertion, removal, another letter, two letters swapped). One
slip therefore never leads to another word. The order of the list means nothing and may change: a code is its words.
"""

import re
import secrets
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

from participation.keys import keyed_hash

WORDS_FILE = Path(__file__).parent.parent / "static" / "mots.txt"
LENGTH = 5
"""Words of a code."""
LONGEST = 200
"""Characters of what is read as a code: more is something else."""

_LETTERS = re.compile(r"[a-z]+")
_JOINED = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"})


@cache
def words() -> tuple[str, ...]:
    """Return the list, in the order of the file."""
    return tuple(WORDS_FILE.read_text(encoding="ascii").split())


def new_code() -> str:
    """Return a fresh code, its words joined by hyphens: `chat-lune-pain-velo-pont`."""
    return "-".join(secrets.choice(words()) for _ in range(LENGTH))


def hash_of(code: str) -> str:
    """Return the keyed hash under which the database knows a code: 64 hexadecimal digits."""
    return keyed_hash(code, "suivi")


def parse(text: str) -> str | None:
    """Return the code that `text` means, or None.

    Case, accents and what stands between the words do not count; one slip in one word is mended, a space too many or
    too few as well.
    """
    typed = split(text)
    for read in (typed, _rejoined(typed)):
        if len(read) == LENGTH and (mended := _mended(read)):
            return "-".join(mended)
    return None


def split(text: str) -> list[str]:
    """Return the words of a text as the list writes them: small letters, no accents."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST].translate(_JOINED)).casefold()
    return _LETTERS.findall("".join(char for char in plain if not unicodedata.combining(char)))


def unknown(text: str) -> list[str]:
    """Return the words of `text` that are not in the list, as typed."""
    return [word for word in split(text) if word not in _known()]


def nearest(word: str) -> str | None:
    """Return the word of the list that is one slip away from `word`, if there is one."""
    from rapidfuzz.distance import DamerauLevenshtein  # here, not at every start: heavy, for slips alone

    near = (known for known in words() if DamerauLevenshtein.distance(word, known, score_cutoff=1) <= 1)
    return next(near, None)


def appears_in(code: str, text: str) -> bool:
    """Whether a text holds the code: it would then be read by whoever reads the text (security.md R07)."""
    plain = unicodedata.normalize("NFKD", text.translate(_JOINED)).casefold()
    found = _LETTERS.findall("".join(char for char in plain if not unicodedata.combining(char)))
    return f"-{code}-" in f"-{'-'.join(found)}-"


@cache
def _known() -> frozenset[str]:
    return frozenset(words())


def _mended(typed: list[str]) -> list[str] | None:
    """Return the words with the one that is not in the list mended; None where more than one is not."""
    strange = [word for word in typed if word not in _known()]
    if len(strange) > 1:
        return None
    found = [word if word in _known() else nearest(word) for word in typed]
    return [word for word in found if word] if all(found) else None


def _rejoined(typed: list[str]) -> list[str]:
    """Return the words with the space put back that is missing, or the one removed that is too many."""
    if len(typed) == LENGTH - 1:
        for at, word in enumerate(typed):
            for cut in range(3, len(word) - 2):
                if {word[:cut], word[cut:]} <= _known():
                    return [*typed[:at], word[:cut], word[cut:], *typed[at + 1 :]]
    if len(typed) == LENGTH + 1:
        for at, (first, second) in enumerate(pairwise(typed)):
            if first + second in _known():
                return [*typed[:at], first + second, *typed[at + 2 :]]
    return typed
