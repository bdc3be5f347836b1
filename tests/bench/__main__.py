"""Run every bench: `python -m tests.bench [--full] [NAME]...`. Ends with 1 if a limit is not kept."""

import argparse
import importlib
import sys
from pathlib import Path

from tests.bench import Ratio


def main() -> None:
    """Run the benches, print each ratio as it comes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--full", action="store_true", help="the largest sizes too")
    parser.add_argument("names", nargs="*", help="only these benches (start...)")
    options = parser.parse_args()
    broken = 0
    for name in options.names or names():
        for ratio in importlib.import_module(f"tests.bench.bench_{name}").measure(options.full):
            print(line(ratio), flush=True)
            broken += not ratio.kept
    sys.exit(1 if broken else 0)


def names() -> list[str]:
    """Return the names of the benches."""
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def line(ratio: Ratio) -> str:
    """Return the ratio in words."""
    verdict = "" if ratio.kept else "  TOO SLOW"
    return (
        f"{ratio.name}: {_seconds(ratio.ours)} = {ratio.ratio:.2f} x {ratio.against} ({_seconds(ratio.reference)}), "
        f"limit {ratio.limit:g}{verdict}"
    )


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


if __name__ == "__main__":
    main()
