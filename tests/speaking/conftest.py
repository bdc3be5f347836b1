"""The small territory of tests/support/town.py, and a resident's phone (tests/speaking/phone.py)."""

from tests.speaking.phone import quay, tab, telephone
from tests.support.town import as_admin, as_animator, enter, today, town

__all__ = ["as_admin", "as_animator", "enter", "quay", "tab", "telephone", "today", "town"]
