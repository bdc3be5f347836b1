"""The definitions of each version of the rules: what a closed year counted, whatever has been defined since.

`definitions/<version>.json` has every indicator as it stood. A file is written once (`python -m
tests.checks.definitions`), when a definition changes and `results.RULES` is raised, and never changes:
years closed under it are read by it.
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask_babel import force_locale

from participation.assessment.indicators import INDICATORS, Indicator
from participation.assessment.results import RULES
from participation.assessment.shapes import Shape

FOLDER = Path(__file__).parent / "definitions"
_BINDING = ("definition", "unit", "rows")
"""What makes a definition: another label says the same thing better."""


def find(code: str, rules: str = RULES) -> Indicator:
    """Return an indicator as a version of the rules defines it. Raises KeyError where that version has none.

    One whose definition is still the same comes with its words of today, in every language; another one with the
    words that it had then, in French.
    """
    today = INDICATORS.get(code)
    if rules == RULES and today:
        return today
    then = read(rules)[code]
    return today if today and _same(then, described(today)) else _as_it_was(code, then)


def changed(rules: str) -> list[str]:
    """Return the labels of the indicators that a version defines otherwise than today's, or that it alone has."""
    then = read(rules)
    today = {code: described(one) for code, one in INDICATORS.items()}
    return [told["label"] for code, told in then.items() if code not in today or not _same(told, today[code])]


def described(indicator: Indicator) -> dict[str, str]:
    """Return an indicator as a file keeps it, in French."""
    with force_locale("fr"):
        return {
            "label": str(indicator.label),
            "block": indicator.block,
            "rows": indicator.rows,
            "unit": indicator.unit,
            "meaning": str(indicator.meaning),
            "definition": indicator.definition,
        }


@functools.cache
def read(rules: str) -> Mapping[str, dict[str, str]]:
    """Return the indicators of a version, by code, in their order; none for a version that nobody knows."""
    file = FOLDER / f"{rules}.json"
    return json.loads(file.read_text(encoding="utf-8")) if rules.isdigit() and file.exists() else {}


def write() -> Path:
    """Write the file of the version of today; return it. Raises FileExistsError: a version is written once."""
    text = json.dumps({code: described(one) for code, one in INDICATORS.items()}, ensure_ascii=False, indent=1)
    file = FOLDER / f"{RULES}.json"
    with file.open("x", encoding="utf-8") as opened:
        opened.write(text + "\n")
    return file


def _same(then: Mapping[str, str], today: Mapping[str, str]) -> bool:
    return all(then[name] == today[name] for name in _BINDING)


def _as_it_was(code: str, then: Mapping[str, str]) -> Indicator:
    return Indicator(
        code, then["label"], then["block"], "", then["unit"], then["rows"], then["meaning"], _counted_no_more
    )


def _counted_no_more(_row: Any) -> Shape:
    raise LookupError("this definition is kept to be read, not to count by")
