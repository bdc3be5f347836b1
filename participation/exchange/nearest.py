"""The nearest known word: what was probably meant."""

from collections.abc import Collection, Iterable

_ALIKE = 60
"""Least likeness, of 100, of a name of a file, a column or a reference worth proposing."""
NEAR_MISS = 88
"""Likeness from which a new word is taken for a slip of a known one."""


def nearest(word: str, known: Iterable[str], at_least: float = _ALIKE) -> str | None:
    """Return the known word most like `word` (the first in code-point order of equals), or None."""
    from rapidfuzz import fuzz, process  # here, not at every start: heavy, for faults alone

    found = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=at_least)
    return found[0] if found else None


class Nearest:
    """Nearest words of one vocabulary; stops proposing when asked too often, for it reads the whole vocabulary.

    `always`: a short vocabulary, of which the nearest word is worth seeing however far it is, a part of it included
    ("jean-jaures"). Of many references only a likely one is.
    """

    MOST = 200

    def __init__(self, known: Collection[str], *, always: bool) -> None:
        self._known = sorted(known)
        self._always = always
        self._found: dict[str, str | None] = {}

    def __call__(self, word: str) -> str | None:
        """Return the nearest word, or None."""
        if word not in self._found and len(self._found) < self.MOST:
            self._found[word] = self._find(word)
        return self._found.get(word)

    def _find(self, word: str) -> str | None:
        if not self._always:
            return nearest(word, self._known)
        from rapidfuzz import fuzz, process

        return process.extractOne(word, self._known, scorer=fuzz.WRatio)[0] if self._known else None
