"""What is wrong with a package: every fault at once, each with file, line, column, value and what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_KEPT = 20_000
"""Faults beyond this number are counted, not kept: a wrong file of 100,000 lines must not fill the memory."""
_LONGEST_VALUE = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `line` is that of the spreadsheet (the header is line 1); None where it is about the whole file."""

    file: str
    line: int | None
    column: str | None
    value: str | None
    problem: str
    """In French: what is wrong and what would be right. It goes on from the value where `quotes`."""
    quotes: bool = True
    """Whether the sentence begins with the value."""

    @property
    def shown(self) -> str:
        """The value on one line, cut if it is long."""
        return shown(self.value)

    def __str__(self) -> str:
        where = [self.file, *([f"ligne {self.line}"] if self.line else []), *([self.column] if self.column else [])]
        said = f"« {shown(self.value)} » " if self.quotes and self.value is not None else ""
        return f"{', '.join(where)} : {said}{self.problem}"


def shown(value: str | None) -> str:
    """Return a cell's text on one line, cut if it is long, control characters made visible."""
    if value is None:
        return ""
    cut = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in cut)


class Faults:
    """The faults found so far."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.total = 0

    def add(
        self,
        file: str,
        problem: str,
        *,
        line: int | None = None,
        column: str | None = None,
        value: str | None = None,
        quotes: bool = True,
    ) -> None:
        """Add a fault (see Fault)."""
        self.total += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(Fault(file, line, column, value, problem, quotes))

    def __bool__(self) -> bool:
        return self.total > 0

    def refuse(self, order: Iterable[str] = ()) -> None:
        """Raise BadPackage if there are faults, sorted by file (in `order`, then by name) and line."""
        if not self:
            return
        rank = {file: number for number, file in enumerate(order)}
        faults = sorted(self.kept, key=lambda f: (rank.get(f.file, -1), f.file, f.line or 0))
        raise BadPackage(faults, self.total)


class BadPackage(Exception):
    """The package is at fault: nothing of it is taken. `faults` are sorted; `total` may be more than are kept."""

    def __init__(self, faults: list[Fault], total: int | None = None) -> None:
        super().__init__("\n".join(map(str, faults[:200])))
        self.faults = faults
        self.total = len(faults) if total is None else total
