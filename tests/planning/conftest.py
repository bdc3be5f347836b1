"""The small territory of tests/support/town.py on 20 March 2026, and what a person reads of a page."""

import html
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.town import as_admin, as_animator, enter, today, town

__all__ = ["as_admin", "as_animator", "enter", "today", "town", "words"]


@pytest.fixture
def words() -> Callable[[Any], str]:
    """Return the text of an answer with its tags, entities read, on one line."""
    return lambda page: " ".join(html.unescape(page.text).split())
