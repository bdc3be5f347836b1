"""The residents' texts are plain French: short sentences, common words, no acronym (ux.md 5, R21).

**Sentence**: a piece of a text of the catalogue between two of . ! ? : or a line end, that has at least three words;
shorter pieces are labels. **Word**: a run of letters, an elided one counting with the next ("l'avis" is one); a
placeholder is one word of two syllables, a number one of two. **Syllables**: groups of vowels, the mute e at the end
of a word of several not counting, and never fewer than Pyphen's hyphenation gives. **Ease**: Flesch's, in Kandel and
Moles's French form, 207 - 1.015 words a sentence - 73.6 syllables a word, of each page's or module's own texts taken
together, then over all residents' texts. Legal pages (data protection, legal notice, accessibility) must say what the
law asks, and are left aside, like the year's assessment, whose words are those of the contract.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

import pyphen
import pytest

from tests.checks.translations import extract, french_only_templates

LONGEST = 15
"""Words of a sentence."""
EASE = 80
FEWEST = 40
"""Words: below, the ease of a file's own texts says nothing."""
OTHERS = re.compile(
    r"participation/templates/(pages/(accessibility|personal_data|legal_notice|open_data)\b|people/|exchange/|assessment/|print/"
    r"|\w+/\w*(for_team|team_parts|prints_of_meeting|opinion_cards|_waiting)\b|base_equipe)"
)
"""Legal pages; open data, which name the formats of files; the team's own; the year's assessment."""
SPOKEN = re.compile(
    r"participation/(speaking/(answers|doors|drafts|flood|forms|joining_views|keys|rules|views|words)"
    r"|following/\w+|media/(audio|photo|intake)|reports/(models|rules|views|forms)|proposals/(supports|support_views|search)"
    r"|errors_pages|language|navigation|pages/site_map)\.py"
)
"""Python that speaks to residents."""
ACRONYM = re.compile(r"\b(?!QR\b|PDF\b|RTL\b)[A-ZÉÈÀ]{2,}\b")
BANNED = re.compile(
    r"\b(valid(er|ez|é|ée|ation)|contributions?|contribu(er|ez)|usag(er|ère)s?|oups|invalides?|soumettre|soumission"
    r"|saisi(r|e|ssez)|veuillez|plateforme|utilisateurs?|cliqu(er|ez)|afin|concertation citoyenne)\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]")
_PIECES = re.compile(r"[.!?:…]+(?=\s|$)|\n+|\s–\s")
_WORD = re.compile(r"(?:[ldjmnstcç]|qu|jusqu|lorsqu|puisqu)['’](?=\w)|[^\W_]+(?:['’-][^\W_]+)*", re.IGNORECASE)
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_MUTE = re.compile(r"[^aeiouyàâäéèêëîïôöùûüœæ](e|es|ent)$")


@cache
def texts() -> Mapping[str, tuple[str, ...]]:
    """Return the residents' French texts, by the file that says them."""
    team = french_only_templates()
    found: dict[str, list[str]] = defaultdict(list)
    for message in extract():
        for place, _line in message.locations:
            if _is_for_residents(place, team):
                forms = message.id if isinstance(message.id, tuple | list) else (message.id,)
                found[place] += [form for form in forms if form]
    return {place: tuple(found[place]) for place in sorted(found)}


def _is_for_residents(place: str, team: frozenset[str]) -> bool:
    if place.startswith("participation/templates/"):
        return place not in team and not OTHERS.match(place)
    return bool(SPOKEN.match(place))


def sentences(text: str) -> Iterator[list[str]]:
    """Yield the words of each sentence of a text."""
    for piece in _PIECES.split(_PLACEHOLDER.sub("12", text)):
        words = _words(piece)
        if len(words) >= 3:
            yield words


def _words(piece: str) -> list[str]:
    joined: list[str] = []
    carried = ""
    for word in _WORD.findall(piece):
        if word.endswith(("'", "’")):
            carried += word
        else:
            joined.append(carried + word)
            carried = ""
    return joined


@cache
def syllables(word: str) -> int:
    """Return how many syllables a French word has when spoken."""
    word = word.lower()
    if word.isdigit():
        return 2
    groups = len(_VOWELS.findall(word)) - (1 if _MUTE.search(word) else 0)
    return max(1, groups, len(_hyphens().positions(word)) + 1)


@cache
def _hyphens() -> pyphen.Pyphen:
    return pyphen.Pyphen(lang="fr")


def ease(spoken: Sequence[Sequence[str]]) -> float:
    """Return the ease of reading of sentences, from about 0 (a law) to 100 (a child's book) and more."""
    words = [word for sentence in spoken for word in sentence]
    return 207 - 1.015 * len(words) / len(spoken) - 73.6 * sum(map(syllables, words)) / len(words)


def all_texts() -> set[tuple[str, str]]:
    return {(place, text) for place, own in texts().items() for text in own}


def test_no_sentence_is_long() -> None:
    long = {
        f"{len(words)} words, {place}: {' '.join(words)}"
        for place, text in all_texts()
        for words in sentences(text)
        if len(words) > LONGEST
    }
    assert not long, "\n".join(sorted(long))


def test_residents_texts_are_easy_to_read() -> None:
    spoken = [words for _place, text in sorted(all_texts()) for words in sentences(text)]
    assert len(spoken) > 150
    by_place = {place: [words for text in own for words in sentences(text)] for place, own in texts().items()}
    marks = sorted((round(ease(own), 1), place) for place, own in by_place.items() if sum(map(len, own)) >= FEWEST)
    table = "\n".join(f"{mark:>6} {place}" for mark, place in marks)
    assert ease(spoken) >= EASE, f"{ease(spoken):.1f} in all\n{table}"


@pytest.mark.parametrize("pattern", [ACRONYM, BANNED], ids=["acronyms", "words"])
def test_no_word_of_the_administration(pattern: re.Pattern[str]) -> None:
    found = {
        f"{match[0]!r} in {place}: {text}"
        for place, text in all_texts()
        if (match := pattern.search(_PLACEHOLDER.sub("", text)))
    }
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Merci. Votre avis est bien arrivé.", [["Votre", "avis", "est", "bien", "arrivé"]]),
        ("Avant le %(day)s, l'équipe lit.", [["Avant", "le", "12", "l'équipe", "lit"]]),
        ("Menu", []),
        ("Aujourd'hui, qu'en dites-vous ?", [["Aujourd'hui", "qu'en", "dites-vous"]]),
    ],
)
def test_control_sentences_are_cut_as_they_are_read(text: str, expected: list[list[str]]) -> None:
    assert list(sentences(text)) == expected


@pytest.mark.parametrize(("word", "number"), [("avis", 2), ("école", 2), ("ville", 1), ("accessibilité", 6), ("12", 2)])
def test_control_syllables_are_counted_as_they_are_spoken(word: str, number: int) -> None:
    assert syllables(word) == number


def test_control_the_contract_itself_is_hard_to_read() -> None:
    hard = (
        "La territorialisation des dispositifs de participation citoyenne nécessite la mobilisation de l'ensemble "
        "des partenaires institutionnels signataires."
    )
    assert ease(list(sentences(hard))) < 20
    assert [len(words) > LONGEST for words in sentences(hard)] == [True]
    assert ACRONYM.search("Les habitants du QPV")
    assert BANNED.search("Validez votre contribution")
