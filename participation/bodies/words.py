"""Instances in words."""

from typing import Any

from flask_babel import lazy_gettext as _l


def cadence_words(per_year: int) -> Any:
    """Return how often, in words."""
    words = {
        1: _l("une fois par an"),
        2: _l("deux fois par an"),
        4: _l("une fois par trimestre"),
        6: _l("tous les deux mois"),
        12: _l("une fois par mois"),
    }
    return words.get(per_year) or _l("%(n)s fois par an", n=per_year)
