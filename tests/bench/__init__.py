"""Measures, as ratios against a reference taken in the same run: a slow or busy machine slows both alike.

Each module `bench_*` of this folder has a function `measure(full)` that yields Ratios; `full` asks for the largest
sizes too.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """Our time for a work and the reference's, in seconds; ours may be `limit` times the reference's."""

    name: str
    ours: float
    reference: float
    against: str
    limit: float
    unit: str = "s"
    """Of ours and the reference: `s`, or `Mo` where memory is measured."""

    @property
    def ratio(self) -> float:
        """How many times the reference."""
        return self.ours / self.reference

    @property
    def kept(self) -> bool:
        """Tell whether the limit is kept."""
        return self.ratio <= self.limit


def compare(ours: Callable[[], object], reference: Callable[[], object], rounds: int = 5) -> tuple[float, float]:
    """Return the median times of both in seconds, taken in turn so that what disturbs one disturbs the other."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for work, taken in zip((ours, reference), times, strict=True):
            start = time.perf_counter()
            work()
            taken.append(time.perf_counter() - start)
    return statistics.median(times[0]), statistics.median(times[1])
