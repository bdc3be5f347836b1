"""A contract file at fault is told everything at once, where it stands and what would be right."""

import tomllib
from pathlib import Path

import pytest

from participation.bodies.models import FAMILIES, LEVELS, SCALES
from participation.contract import words
from participation.contract.file import BadContract, check_contract, read_contract
from participation.contract.models import QUARTIER_KINDS
from participation.meetings.models import MEETING_TYPES
from participation.proposals.models import FUNDINGS
from tests.contract.helpers import FICTITIOUS, REAL, edited

DATA = Path(__file__).parent.parent / "data"


def faults(*changes: tuple[str, str]) -> list[str]:
    return [str(fault) for fault in check_contract(edited(FICTITIOUS, *changes))]


CASES = tomllib.loads((DATA / "contrat-fautes.toml").read_text(encoding="utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_file_at_fault_is_told(case: dict[str, str]) -> None:
    found = faults((case["old"], case["new"]))
    assert any(case["says"] in fault for fault in found), found


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (f'nom = "{"a" * 201}"', "le texte est trop long (201 caractères) ; 200 au plus"),
        (f'nom = "{"é" * 1_000_000}"', "quartiers[1].nom"),
    ],
)
def test_text_too_long_is_told(new: str, expected: str) -> None:
    found = faults(('nom = "Les Quais"', new))
    assert len(found) == 1
    assert expected in found[0] or "trop gros" in found[0]
    assert len(found[0]) < 200


def test_slug_too_long_is_told() -> None:
    assert "trop long ; 64 caractères au plus" in faults(('slug = "le-moulin"', f'slug = "{"a" * 65}"'))[0]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("contrat.fin = 2031", "contrat.fin 2031", "ligne 9, colonne 13 : il manque le signe ="),
        ('"Rives de l\'Anse"', '"Rives de l\'Anse', "ligne 5, colonne 31 : un texte n'est pas refermé"),
        ('"Rives de l\'Anse"', "“Rives de l'Anse”", "ligne 5, colonne 15 : valeur illisible : un texte va"),
        ("contrat.fin = 2031", "contrat.fin = 1\ncontrat.fin = 2", "ligne 10, colonne 16 : cette valeur est donnée"),
        ("]\n\npopulations", "\n\npopulations", "ligne 18, colonne 1 : valeur illisible"),
        ("fermee_le = 2025-09-15", "fermee_le = 2025-13-15", "ou une date qui n'existe pas"),
    ],
)  # fmt: skip
def test_file_that_is_no_toml_is_told_the_line(old: str, new: str, expected: str) -> None:
    found = faults((old, new))
    assert len(found) == 1
    assert expected in found[0], found


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "Le fichier est vide."),
        (b"\n \n", "Le fichier est vide."),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "Ce n'est pas un fichier de texte"),
        (b"PK\x03\x04" + b"\0" * 40, "Ce n'est pas un fichier de texte"),
        ("nom = « été »".encode("cp1252"), "ligne 1 : un caractère n'est pas en UTF-8"),
        (b"#" * 2_000_001, "trop gros pour un contrat : 2 Mo au plus"),
        (b"a=" + b"[" * 100_000, "trop de crochets"),
        (b"a=" + b"{a=" * 100_000, "trop de crochets"),
        (b"a=" + b"9" * 5_000, "la syntaxe TOML n'est pas respectée"),
        (b"[" * 50 + b"a", "ligne 1, colonne 3"),
        ("\u202e = 1".encode(), "ligne 1"),
    ],
)  # fmt: skip
def test_hostile_file_is_one_clear_fault(content: bytes, expected: str) -> None:
    found = check_contract(content)
    assert len(found) == 1
    assert expected in str(found[0])


def test_missing_file_and_folder_are_clear_faults(tmp_path: Path) -> None:
    assert "n'existe pas" in str(check_contract(tmp_path / "absent.toml")[0])
    assert "est un dossier" in str(check_contract(tmp_path)[0])
    assert "ne peut pas être lu" in str(check_contract(Path("a\0b"))[0])


def test_file_of_wrong_types_everywhere_is_told_each_once() -> None:
    keys = ("contrat", "communes", "quartiers", "ambitions", "thematiques", "niveaux", "genres", "instances", "moyens")
    found = check_contract("\n".join(f"{key} = 1" for key in keys).encode())
    assert sorted(fault.place for fault in found) == sorted(keys)


def test_several_faults_are_told_at_once() -> None:
    found = faults(
        ('"99902"', '"9990"'),
        ('niveau = "codecision"', 'niveau = "débat"'),
        ("par_an = 4", "par_an = 0"),
        ('quartiers = ["le-moulin"]', 'quartiers = ["le-moulins"]'),
    )
    assert len(found) == 4


@pytest.mark.parametrize("change", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_file_saved_by_an_office_editor_is_read(change: object) -> None:
    assert callable(change)
    assert check_contract(change(REAL).encode()) == []


def test_names_are_kept_in_one_form() -> None:
    decomposed = edited(FICTITIOUS, ('nom = "Déplacements"', 'nom = " De\u0301placements "'))
    assert read_contract(decomposed).themes[1].name == "Déplacements"


def test_bad_contract_carries_its_faults() -> None:
    with pytest.raises(BadContract) as caught:
        read_contract(b"a = 1")
    assert "contrat : cette valeur manque" in str(caught.value)


def test_closed_lists_are_those_of_the_tables() -> None:
    assert tuple(LEVELS) == words.LEVELS
    assert tuple(FAMILIES) == words.FAMILIES
    assert tuple(SCALES) == words.SCALES
    assert tuple(MEETING_TYPES) == words.MEETING_TYPES
    assert words.MEANS == FUNDINGS
    assert words.QUARTIER_KINDS == QUARTIER_KINDS
