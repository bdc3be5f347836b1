"""The words of a text as searches see them: folded and stemmed, the same way on every database.

A word is known by each of its stems: French and English for Latin letters (nobody says in which language a title is),
Arabic for Arabic ones; with its accents and without, since phones are typed on without. Stop words go before accents
do: « là » is not « la », « été » is no « ete ».
"""

import functools
import re
import unicodedata
from collections.abc import Callable

LONGEST = 40
"""Characters of a stem that are kept."""

_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’‘`\u02bc\u00b4]")
_WORD = re.compile(r"[^\W_]+")
_ARABIC = re.compile(r"[\u0620-\u06ff]")
_ARABIC_BEFORE_ARTICLE = re.compile(r"^[وفبك](?=ال..)")
"""« and », « so », « with », « like », written as one with the article and the word."""
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "\u0640": None})  # the last one stretches Arabic words

_STOP = frozenset(
    """
    a à afin ai alors après as au aussi autre autres aux avant avec avez avoir avons c ça ce ceci cela celle celles
    celui ces cet cette ceux chaque chez comme d dans de des deux doit doivent donc du elle elles en encore entre es est
    et être eu eux faire fait faut il ils j je l la là le les leur leurs lui m ma mais me mes moi moins mon n ne ni non
    nos notre nous on ont ou où par parce pas peu peut peuvent plus pour pourquoi qu quand que quel quelle quelles
    quels qui quoi s sa sans se ses si sont sous sur t ta te tes toi ton tous tout toute toutes très trop tu un une
    vers voici voilà vos votre vous y

    an and are as at be been by can for from has have he her his i in is it its may more my of on or our she should so
    that the their them there they this to us was we were what when where which who will with would you your

    في من على إلى الى عن مع أن ان إن لا ما لم لن هذا هذه ذلك تلك التي الذي الذين هو هي هم نحن أنا انا أنت انت كان كانت
    كل بعض قد أو او و ثم بين عند كما لكن حتى إذا اذا أي اي هل يا منذ بعد قبل غير فقط
    """.split()  # noqa: SIM905  # a page of words
)


def stems(text: str | None) -> frozenset[str]:
    """Return every stem of the text's words, each at most `LONGEST` characters; empty for nothing but stop words."""
    return frozenset().union(*words(text))


def words(text: str | None) -> list[frozenset[str]]:
    """Return the text's words in their order, stop words left out, each as the set of its stems."""
    return [stems_of_word(word) for word in _split(text or "") if word not in _STOP]


def first_stems(text: str | None) -> str:
    """Return the text as one stem a word, to compare two texts whatever their endings and accents."""
    return " ".join(min(forms, key=len) for forms in words(text))


def _split(text: str) -> list[str]:
    text = unicodedata.normalize("NFKC", text).lower().translate(_LIGATURES)
    text = _ELISION.sub(" ", _without_marks(text))
    return _WORD.findall(text)


@functools.lru_cache(maxsize=50_000)
def stems_of_word(word: str) -> frozenset[str]:
    """Return the stems of one word of lower-case letters or digits."""
    if _ARABIC.search(word):
        found = {_stemmer("arabic")(_ARABIC_BEFORE_ARTICLE.sub("", word))}
    else:
        bare = fold(word)
        french, english = _stemmer("french"), _stemmer("english")
        found = {french(word), french(bare), english(bare)}
    return frozenset(fold(stem)[:LONGEST] for stem in found)


@functools.cache
def _stemmer(language: str) -> Callable[[str], str]:
    import snowballstemmer  # here, not at every start: heavy, for searches and writing

    stem: Callable[[str], str] = snowballstemmer.stemmer(language).stemWord
    return stem


def fold(word: str) -> str:
    """Return the word without its accents."""
    return _without_marks(unicodedata.normalize("NFKD", word))


def _without_marks(text: str) -> str:
    return "".join(character for character in text if unicodedata.category(character) != "Mn")
