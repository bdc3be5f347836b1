"""Run as a script: `launcher.py PROCESSOR MEMORY WRITTEN PROGRAM [ARGUMENT]...` limits itself, then becomes PROGRAM.

A small process between ours and the program, because a process with threads may not run Python code between dividing
and starting the other (confined.py). Seconds of processor, bytes of address space, bytes of each file written.
"""

import os
import resource
import sys


def main(processor: str, memory: str, written: str, *argv: str) -> None:
    """Limit this process, then become the program."""
    for what, most in (
        (resource.RLIMIT_CPU, int(processor)),
        (resource.RLIMIT_AS, int(memory)),
        (resource.RLIMIT_FSIZE, int(written)),
        (resource.RLIMIT_CORE, 0),
    ):
        _lower(what, most)
    os.umask(0o077)
    os.execv(argv[0], argv)  # noqa: S606  # no shell is wanted


def _lower(what: int, most: int) -> None:
    _soft, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main(*sys.argv[1:])
