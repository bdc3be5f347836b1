"""Names, numbers and addresses planted in opinions are proposed for masking; places of the contract are not."""

import itertools
import random
import time

import pytest

from participation.opinions.names import MASK, candidates, masked

PLACES = ("Arras", "Achicourt", "Saint-Nicolas-lez-Arras", "Jean Jaurès/Cheminots", "Commission citoyenne Arras Ouest")
FRAMES = (
    "Il faudrait demander à {} de réparer le banc.",
    "{} dit que l'éclairage est en panne depuis mars.",
    "Ma voisine {} n'ose plus sortir le soir.",
    "Le jardin, c'est {} qui s'en occupe.",
    "On a déjà écrit, voyez avec {}, elle sait.",
    "Pour les clés, c'est chez {}.",
    "C'est toujours pareil ! {} laisse ses poubelles dehors.",
    "Contact : {}",
)
NAMES = (
    "Mme Lefebvre", "M. Dupont", "Fatima", "Karim Benali", "Monsieur Jean Martin", "Sylvie", "Ahmed El Amrani",
    "madame Delattre", "Jean-Pierre", "Dr Nowak", "Aïcha", "Kévin Caron", "M. de la Tour", "Nadia Haddad",
)  # fmt: skip
REACH = (
    "06 12 34 56 78", "0612345678", "+33 6 12 34 56 78", "03.21.00.00.00", "prenom.nom@exemple.fr",
    "essai+quartier@exemple.org", "12 rue des Lilas", "4 bis, avenue Pierre Exemple", "bâtiment B",
    "appartement 12", "7 allée du Parc", "entrée C",
)  # fmt: skip


def planted() -> list[tuple[str, str]]:
    """Return 100 opinions, each with something planted."""
    chance = random.Random(20260312)  # the same opinions each day
    pairs = list(itertools.product(FRAMES, NAMES + REACH))
    return [(frame.format(words), words) for frame, words in chance.sample(pairs, 100)]


def test_what_is_planted_is_proposed() -> None:
    missed = [
        (text, words)
        for text, words in planted()
        if not any(words.split()[-1].strip(",") in one.words for one in candidates(text, PLACES))
    ]
    assert len(missed) <= 5, missed


@pytest.mark.parametrize(
    "text",
    [
        "Il faudrait des bancs à Arras et à Achicourt.",
        "Le bus ne passe plus à Jean Jaurès le dimanche.",
        "La Commission citoyenne Arras Ouest se réunit en Mars.",
        "Merci à la Mairie. Nous attendons depuis 2024 !",
        "Plus de lumière rue des écoles. Moins de bruit.",
    ],
)
def test_places_and_sentences_are_left_alone(text: str) -> None:
    assert candidates(text, PLACES) == []


def test_masking_leaves_the_rest() -> None:
    text = "Demandez à Mme Lefebvre (06 12 34 56 78) de venir."
    found = candidates(text, PLACES)
    assert [one.kind for one in found] == ["nom", "telephone"]
    assert masked(text, found) == f"Demandez à {MASK} ({MASK}) de venir."
    assert masked(text, found[1:]) == f"Demandez à Mme Lefebvre ({MASK}) de venir."


def test_the_same_name_is_the_same_however_it_is_written() -> None:
    first, second = (candidates(text)[0].folded for text in ("On a vu Aïcha Haddad.", "On a vu AICHA  Haddad."))
    assert first == second


@pytest.mark.parametrize("piece", ["a", "A", "1", "é", "a.", "A-", "A'", "12 rue a ", "Mme A ", "mot Mot ", " ", "a@"])
def test_a_long_text_is_searched_in_no_time(piece: str) -> None:
    """Whoever writes 20 000 signs may not keep the server busy: looking again from each sign took ten seconds."""
    began = time.process_time()
    candidates(piece * (20_000 // len(piece)))
    assert time.process_time() - began < 2
