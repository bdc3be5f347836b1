"""The commission's seats in the council, as the way between instances has them."""

from tests.circuit.conftest import as_admin, as_animator, coming, enter, seats, today, town

__all__ = ["as_admin", "as_animator", "coming", "enter", "seats", "today", "town"]
