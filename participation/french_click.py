"""The command line's own words in French: what click says of wrong usage and above its lists.

Click has its texts translated by `gettext` wherever the machine has a catalogue for them; none comes with it. This
table stands in the catalogue's place, whatever the machine's language: like the rest, the commands speak French.
"""

import sys
from collections.abc import Callable
from typing import Any

import click

FRENCH = {
    "Aborted!": "Interrompu.",
    "Commands": "Commandes",
    "Options": "Options",
    "Usage:": "Usage :",
    "Error: {message}": "Erreur : {message}",
    "Try '{command} {option}' for help.": "Pour de l'aide : {command} {option}",
    "Show this message and exit.": "Montre cette aide.",
    "default: {default}": "par défaut : {default}",
    "required": "obligatoire",
    "Missing command.": "Il manque le nom d'une commande.",
    "No such command {name!r}.": "La commande « {name} » n'existe pas.",
    "No such option {name!r}.": "L'option « {name} » n'existe pas.",
    "Option {name!r} does not take a value.": "L'option « {name} » ne prend pas de valeur.",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "Missing argument": "Il manque",
    "Missing option": "Il manque l'option",
    "Missing parameter": "Il manque",
    "Choose from:\n\t{choices}": "Au choix :\n\t{choices}",
    "{value!r} is not a valid {number_type}.": "« {value} » n'est pas un nombre.",
    "{value} is not in the range {range}.": "{value} n'est pas dans l'intervalle {range}.",
    "{name} {filename!r} does not exist.": "« {filename} » n'existe pas.",
    "{name} {filename!r} is a file.": "« {filename} » est un fichier, pas un dossier.",
    "{name} {filename!r} is a directory.": "« {filename} » est un dossier, pas un fichier.",
    "{name} {filename!r} is not readable.": "« {filename} » ne peut pas être lu.",
    "{name} {filename!r} is not writable.": "On ne peut pas écrire dans « {filename} ».",
    "Could not open file {filename!r}: {message}": "« {filename} » ne s'ouvre pas : {message}",
    "unknown error": "raison inconnue",
}
"""Click's text -> ours, with the same placeholders or fewer."""

FRENCH_PLURALS = {
    "Got unexpected extra argument ({args})": ("Un mot est de trop : {args}", "Des mots sont de trop : {args}"),
    "Option {name!r} requires an argument.": (
        "L'option « {name} » demande une valeur.",
        "L'option « {name} » demande {nargs} valeurs.",
    ),
    "Takes {nargs} values but 1 was given.": (
        "Il faut {nargs} valeurs ; une seule est donnée.",
        "Il faut {nargs} valeurs ; {len} sont données.",
    ),
    "Did you mean {possibility}?": ("Peut-être {possibility} ?", "Peut-être l'un de ceux-ci : {possibilities}"),
    "{value!r} is not {choice}.": ("« {value} » n'est pas {choice}.", "« {value} » n'est pas parmi {choices}."),
    "{value!r} does not match the format {format}.": (
        "« {value} » ne s'écrit pas ainsi : {format}.",
        "« {value} » ne s'écrit d'aucune de ces façons : {formats}.",
    ),
}
"""Click's text for one -> ours for one and for several."""


def install() -> None:
    """Have click speak French in this process; what the tables lack stays as click says it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("click.") and module is not None:
            _replace(vars(module))


def _replace(names: dict[str, Any]) -> None:
    if "_" in names:
        names["_"] = _translated(names["_"])
    if "ngettext" in names:
        names["ngettext"] = _translated_plural(names["ngettext"])


def _translated(original: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: FRENCH.get(text) or original(text)


def _translated_plural(original: Callable[[str, str, int], str]) -> Callable[[str, str, int], str]:
    def choose(one: str, several: str, number: int) -> str:
        ours = FRENCH_PLURALS.get(one)
        return (ours[0] if number < 2 else ours[1]) if ours else original(one, several, number)

    return choose


class Port(click.IntRange):
    """A port of this machine; 0 takes any that is free."""

    name = "port"

    def __init__(self) -> None:
        super().__init__(0, 65535)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number; what is none is refused with an example of what to type."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            sentence = f"« {value} » n'est pas un port : il faut un nombre de 1 à 65535 (make run PORT=8001)."
            self.fail(sentence, param, ctx)
