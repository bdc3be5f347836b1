"""The five words: the list, and how what people type is read."""

import string
from itertools import combinations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from participation.following import codes
from tests.following.sounds import sound

CODES = st.lists(st.sampled_from(codes.words()), min_size=5, max_size=5).map("-".join)
BETWEEN = st.sampled_from([" ", "-", ", ", ". ", "\n", " - ", "\t", " ; ", "\u00a0", "\r\n", "/"])


# The list


def test_list_has_1024_words_in_small_letters():
    assert len(codes.words()) == len(set(codes.words())) == 1024, "50 bits for five of them"
    assert all(3 <= len(word) <= 9 and set(word) <= set(string.ascii_lowercase) for word in codes.words())
    assert {"chat", "lune", "pain", "velo", "pont"} <= set(codes.words()), "the words of the examples"


def test_no_two_words_are_nearer_than_three_slips():
    near = [pair for pair in combinations(codes.words(), 2) if DamerauLevenshtein.distance(*pair, score_cutoff=2) <= 2]
    assert near == []


@pytest.mark.parametrize(
    ("one", "other"),
    [("pot", "peaux"), ("cerf", "serre"), ("lac", "laque"), ("cric", "crique"), ("balai", "balais"), ("pin", "pain")],
)
def test_key_hears_words_that_sound_alike(one: str, other: str):
    assert sound(one) == sound(other), "the check below sees such pairs"


def test_no_two_words_sound_alike():
    heard: dict[str, str] = {}
    alike = [(word, heard[sound(word)]) for word in codes.words() if heard.setdefault(sound(word), word) != word]
    assert alike == []


@pytest.mark.parametrize(
    "kind",
    [
        "rose marguerite violette iris olive clementine capucine ambre jade pierrot robin cesar charlotte madeleine",
        "eglise messe temple mosquee synagogue croix ange diable enfer autel bible coran priere moine pape",
        "maire depute vote urne parti president roi greve drapeau camp gauche",
        "fusil pistolet sabre couteau epee canon bombe obus mine balle grenade hache poignard",
        "virus cancer grippe fievre tumeur cercueil tombe seringue mort",
        "cochon porc ane singe chienne truie morue thon vache dinde cruche gourde pedale tante",
        "jaune gaz four chambrees cendre melon raton banane gris voile turban",
    ],
)
def test_no_word_hurts(kind: str):
    assert set(kind.split()).isdisjoint(codes.words())


def test_every_word_is_one():
    plural = [word for word in codes.words() if word.endswith(("aux", "eux", "oux"))]
    assert plural == []


# Reading


@given(CODES, st.lists(BETWEEN, min_size=4, max_size=4), st.booleans())
def test_code_is_read_however_it_is_separated(code: str, between: list[str], capitals: bool):
    first, *others = code.split("-")
    text = first + "".join(space + word for space, word in zip(between, others, strict=True))
    assert codes.parse(f"  {text.upper() if capitals else text}.\n") == code


@given(CODES, st.data())
def test_one_slip_in_one_word_is_mended(code: str, data: st.DataObject):
    typed = code.split("-")
    at = data.draw(st.integers(0, 4))
    typed[at] = data.draw(_slips(typed[at]))
    assert codes.parse(" ".join(typed)) == code


@st.composite
def _slips(draw: st.DrawFn, word: str) -> str:
    at, letter = draw(st.integers(0, len(word) - 1)), draw(st.sampled_from(string.ascii_lowercase + "éèàç"))
    kind = draw(st.sampled_from(["insert", "remove", "replace", "swap"]))
    if kind == "insert":
        return word[:at] + letter + word[at:]
    if kind == "remove":
        return word[:at] + word[at + 1 :]
    if kind == "replace":
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]


@pytest.mark.parametrize(
    "typed",
    [
        "Chat, lune, pain, vélo, pont",
        "CHAT LUNE PAIN VÉLO PONT",
        "chat · lune · pain · vélo · pont",
        "1. chat\n2. lune\n3. pain\n4. vélo\n5. pont",
        "chat-lune-pain-ve\u0301lo-pont",
        "chatlune pain velo pont",
        "chat lune pain ve lo pont",
        "ｃｈａｔ lune pain velo pont",
    ],
)
def test_ways_of_typing_the_same_code(typed: str):
    assert codes.parse(typed) == "chat-lune-pain-velo-pont"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "chat lune pain velo",
        "chat lune pain velo pont pont",
        "chta luen pain velo pont",
        "xxxxx lune pain velo pont",
        "قط lune pain velo pont",
        "chat lune pain velo " + "a" * 500,
        "\0",
    ],
)
def test_what_is_no_code_is_none(typed: str):
    assert codes.parse(typed) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_fault(text: str):
    code = codes.parse(text)
    assert code is None or codes.parse(code) == code


def test_ligatures_are_two_letters():
    assert codes.split("Œuf ŒUVRE cœur Ægir") == ["oeuf", "oeuvre", "coeur", "aegir"]


# Making


def test_new_codes_are_codes_and_differ():
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(codes.parse(code) == code for code in made)


def test_hash_tells_one_code_from_another(app_context: Flask):
    one, other = codes.hash_of("chat-lune-pain-velo-pont"), codes.hash_of("chat-lune-pain-pont-velo")
    assert len(one) == 64
    assert one != other, "the order counts"


def test_code_is_seen_in_a_text():
    code = "chat-lune-pain-velo-pont"
    assert codes.appears_in(code, "Mon code : Chat Lune Pain Vélo Pont. Merci")
    assert not codes.appears_in(code, "Le chat est sur le pont, la lune aussi.")
