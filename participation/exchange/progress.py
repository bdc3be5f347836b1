"""How far long work has come; only a terminal shows it."""


class Progress:
    """Told how many rows are done; this one stays silent."""

    def begin(self, what: str, total: int | None = None) -> None:
        """A part of the work begins: its name in French, and its number of rows if known."""

    def advance(self, rows: int) -> None:
        """`rows` more are done."""

    def end(self) -> None:
        """The part is done."""


SILENT = Progress()
