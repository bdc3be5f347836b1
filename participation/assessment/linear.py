"""Which sums can be worked out from other sums: exact linear algebra, for small_counts.py.

Rows are published sums, columns the unknown cells that they run over, entries 0 or 1. Numbers are taken modulo a large
prime: as good as fractions to tell what a combination is, and fast.
"""

import itertools
from collections.abc import Iterator, Sequence

PRIME = 2**61 - 1

Matrix = list[list[int]]


def span_without(rows: Sequence[Sequence[int]], unwanted: Sequence[int], wanted: Sequence[int]) -> Matrix:
    """Return a reduced basis, over `wanted` columns, of the combinations of rows that are 0 in every `unwanted` one.

    Reduced: each vector has a 1 in a column of its own (its first that is not 0), where all others have 0.
    """
    matrix = [[*(row[column] for column in unwanted), *(row[column] for column in wanted)] for row in rows]
    free = _eliminate(matrix, range(len(unwanted)))
    kept = [row[len(unwanted) :] for row in free]
    _eliminate(kept, range(len(wanted)))
    return [row for row in kept if any(row)]


def in_both(some: Sequence[Sequence[int]], others: Sequence[Sequence[int]], shared: int) -> Matrix:
    """Return what can be worked out from some rows and from others alike, over their first `shared` columns.

    Rows are of one length: in what comes after those columns a combination of the ones must equal one of the others.
    """
    width = len((*some, *others)[0]) if some and others else 0
    rows = [[*row, *row[:shared]] for row in some] + [[*row, *[0] * shared] for row in others]
    return span_without(rows, range(width), range(width, width + shared)) if width else []


def _eliminate(matrix: Matrix, columns: Sequence[int]) -> Matrix:
    """Reduce the matrix in place by pivots in `columns`; return the rows that served for none."""
    done = 0
    for column in columns:
        pivot = next((number for number in range(done, len(matrix)) if matrix[number][column]), None)
        if pivot is None:
            continue
        matrix[done], matrix[pivot] = matrix[pivot], matrix[done]
        _clear(matrix, done, column)
        done += 1
    return matrix[done:]


def _clear(matrix: Matrix, pivot: int, column: int) -> None:
    """Make the pivot's entry 1 and that of every other row 0."""
    inverse = pow(matrix[pivot][column], -1, PRIME)
    matrix[pivot] = [entry * inverse % PRIME for entry in matrix[pivot]]
    for number, row in enumerate(matrix):
        factor = row[column]
        if number != pivot and factor:
            matrix[number] = [(entry - factor * other) % PRIME for entry, other in zip(row, matrix[pivot], strict=True)]


def small_sum(basis: Matrix, sums: Sequence[int], threshold: int) -> bool:
    """Whether a combination of the basis is a set of columns (entries 0 and 1) whose sums make 1 to `threshold` - 1."""
    pivots = [next(column for column, entry in enumerate(row) if entry) for row in basis]
    for chosen in _choices([sums[pivot] for pivot in pivots], threshold - 1):
        vector = [sum(entries) % PRIME for entries in zip(*(basis[number] for number in chosen), strict=True)]
        if all(entry <= 1 for entry in vector):
            total = sum(amount for entry, amount in zip(vector, sums, strict=True) if entry)
            if 0 < total < threshold:
                return True
    return False


def _choices(amounts: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Choose one or several places whose amounts (at least 1 each) make at most `most`."""
    for size in range(1, min(most, len(amounts)) + 1):
        for chosen in itertools.combinations(range(len(amounts)), size):
            if sum(amounts[number] for number in chosen) <= most:
                yield chosen
