"""The one door: `python -m benchmarks NAME [options]`; each name is a module of this package with a `main`."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Final

_NAMES: Final = {
    "capture": "frames lost at each rate",
    "cost": "CPU of grading beside the programs",
    "grade": "submissions a core-hour, beside what teachers do today",
    "verify": "checksums verified per second",
}


def main() -> int:
    """Run the benchmark that is named."""
    if len(sys.argv) < 2 or sys.argv[1] not in _NAMES:
        lines = [f"  {name:<10}{what}" for name, what in _NAMES.items()]
        print("usage: python -m benchmarks NAME [--help]", *lines, sep="\n", file=sys.stderr)
        return 2
    import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
