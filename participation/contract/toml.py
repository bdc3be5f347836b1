"""The bytes of a contract file into plain values, or one fault that says in French why they cannot be read."""

import re
import tomllib
from pathlib import Path
from typing import Any

from participation.contract.shape import Fault

LARGEST = 2_000_000
"""Largest contract file read, in bytes: forty times the one that ships."""

# What the standard parser says, and what it means to somebody who edits the file.
FRENCH = (
    ("Expected '=' after a key", "il manque le signe = après le nom de la valeur"),
    (
        "Expected newline or end of document",
        "il y a quelque chose en trop à la fin de la ligne, ou une date qui n'existe pas",
    ),
    ("Unterminated string", "un texte n'est pas refermé : il manque un guillemet"),
    ("Illegal character '\\n'", "un texte n'est pas refermé : il manque un guillemet à la fin de la ligne"),
    ("Illegal character", "un caractère invisible n'est pas permis ici"),
    ("Unescaped '\\'", "la barre oblique inverse doit être doublée dans un texte"),
    ("Unclosed array", "une liste n'est pas refermée : il manque un guillemet, une virgule ou un crochet ]"),
    ("Unclosed inline table", "un groupe n'est pas refermé : il manque un guillemet, une virgule ou une accolade }"),
    ("Invalid initial character for a key", "le nom d'une valeur doit commencer par une lettre sans accent"),
    (
        "Invalid value",
        'valeur illisible : un texte va entre guillemets droits "…", et la liste du dessus se ferme par un crochet ]',
    ),
    ("Invalid date", "cette date n'existe pas"),
    ("Cannot overwrite", "cette valeur est donnée deux fois"),
    ("Duplicate inline table key", "cette valeur est donnée deux fois dans le même groupe"),
    ("Cannot declare", "cette partie est annoncée deux fois"),
    ("Cannot mutate", "cette partie est déjà écrite autrement plus haut"),
    ("Expected ']", "il manque un crochet fermant"),
)


class Unreadable(ValueError):
    """The file cannot be read at all; `fault` says why."""

    def __init__(self, message: str, place: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(place, message)


def parse(content: bytes) -> dict[str, Any]:
    """Return the values of a TOML file; raise `Unreadable` on what is no text, no UTF-8 or no TOML."""
    try:
        return tomllib.loads(_text(content))
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable("trop de crochets ou d'accolades les uns dans les autres", "fichier") from None
    except ValueError as error:  # TOMLDecodeError, and a number of thousands of digits
        raise _syntax(str(error)) from None


def read_bytes(source: Path | bytes) -> bytes:
    """Return the bytes of a file; raise `Unreadable` if it cannot be opened or is too big for a contract."""
    content = source if isinstance(source, bytes) else _from_disk(source)
    if len(content) > LARGEST:
        raise Unreadable(f"Le fichier est trop gros pour un contrat : {LARGEST // 1_000_000} Mo au plus.")
    return content


def _from_disk(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except IsADirectoryError:
        raise Unreadable(f"{path} est un dossier ; indiquez le fichier du contrat.") from None
    except FileNotFoundError:
        raise Unreadable(f"{path} n'existe pas ; vérifiez le chemin du fichier.") from None
    except PermissionError:
        raise Unreadable(f"{path} ne peut pas être lu : vous n'en avez pas le droit.") from None
    except (OSError, ValueError):  # ValueError: a NUL in the path
        raise Unreadable(f"{path!s:.200} ne peut pas être lu ; vérifiez le chemin du fichier.") from None


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise Unreadable("Ce n'est pas un fichier de texte ; un contrat est un fichier TOML enregistré en UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = content[: error.start].count(b"\n") + 1
        message = "un caractère n'est pas en UTF-8 ; réenregistrez le fichier en UTF-8"
        raise Unreadable(message, f"ligne {at}") from None
    if not text.strip():
        raise Unreadable("Le fichier est vide.")
    return text


def _syntax(error: str) -> Unreadable:
    said = next((french for english, french in FRENCH if error.startswith(english)), None)
    at = re.search(r"\(at line (\d+), column (\d+)\)", error)
    somewhere = "fin du fichier" if "(at end of document)" in error else "fichier"
    place = f"ligne {at[1]}, colonne {at[2]}" if at else somewhere
    return Unreadable(said or "la syntaxe TOML n'est pas respectée ici ; comparez avec une ligne voisine", place)
