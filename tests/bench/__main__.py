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
        f"{ratio.name}: {_quantity(ratio.ours, ratio.unit)} = {ratio.ratio:.2f} x {ratio.against} "
        f"({_quantity(ratio.reference, ratio.unit)}), "
        f"limit {ratio.limit:g}{verdict}"
    )


def _quantity(value: float, unit: str) -> str:
    if unit != "s":
        return f"{value:.0f} {unit}"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


if __name__ == "__main__":
    main()
