"""Checks of `make check` that no tool does for us; each is a module that prints its faults and exits with 1 if any."""

import sys
from collections.abc import Iterable


def report(faults: Iterable[str], passed: str) -> None:
    """Print `faults` and end with 1, or print `passed`."""
    found = list(faults)
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        sys.exit(1)
    print(passed)
