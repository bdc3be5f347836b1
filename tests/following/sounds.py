"""A rough key of how a French word sounds: words that sound alike have the same one (others may share it too)."""

import re

_RULES = (
    (r"eaux?|aux?", "o"),
    (r"oeu|eu", "e"),
    (r"ph", "f"),
    (r"sch|ch", "C"),
    (r"gn", "N"),
    (r"th", "t"),
    (r"qu", "k"),
    (r"gu(?=[ei])", "g"),
    (r"ge(?=[ao])", "j"),
    (r"g(?=[eiy])", "j"),
    (r"sc(?=[eiy])", "s"),
    (r"c(?=[eiy])", "s"),
    (r"c", "k"),
    (r"h", ""),
    (r"y", "i"),
    (r"(?<=[aeiou])s(?=[aeiou])", "z"),
    (r"w", "v"),
    # nasal vowels
    (r"[ae][mn](?![aeioumn])", "A"),
    (r"(?:ai|ei|i|u)[mn](?![aeioumn])", "I"),
    (r"o[mn](?![aeioumn])", "O"),
    (r"(.)\1+", r"\1"),
    # what is silent at the end
    (r"(?:e|s|t|d|p|x|z)+$", ""),
    (r"ou", "U"),
    (r"oi", "W"),
    (r"ai|ei", "e"),
    (r"rf$", "r"),
    (r"(er|et|ez|ee|e)$", "e"),
)


def sound(word: str) -> str:
    """Return the key of a word in small letters without accents."""
    for pattern, heard in _RULES:
        word = re.sub(pattern, heard, word)
    return word
