"""The small territory of tests/support/town.py."""

from tests.support.town import as_admin, as_animator, enter, today, town

__all__ = ["as_admin", "as_animator", "enter", "today", "town"]
