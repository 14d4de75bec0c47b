"""`python -m fuzz TARGET`: have atheris (coverage-guided, on libFuzzer) look for bytes that a target does not bear.

An input that takes longer than `--timeout` seconds, or memory beyond `--memory` MiB, is a finding as an exception is.
A finding is written to `fuzz/findings/`; make it a file in `fuzz/corpus/TARGET/` when it is mended.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
CORPUS: Final = HERE / "corpus"
FINDINGS: Final = HERE / "findings"
GROWN: Final = HERE / "grown"
NAMES: Final = ("wire", "stream", "dns", "http", "capture", "sidecar")
LONGEST: Final = 4096
"""Octets in the longest input."""


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzz the parsers with atheris.")
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--runs", type=int, default=100_000, metavar="N", help="inputs to try (default: %(default)s)")
    parser.add_argument("--timeout", type=int, default=5, metavar="S", help="seconds for one input")
    parser.add_argument("--memory", type=int, default=1024, metavar="MIB", help="memory of the whole run")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="0 draws one")
    return parser.parse_args(argv)


def main() -> None:
    """Fuzz one target; libFuzzer ends the process, with status 0 where nothing was found."""
    chosen = arguments()
    try:
        import atheris
    except ModuleNotFoundError:
        sys.exit("fuzzing needs atheris: pip install -e '.[fuzz]'")
    with atheris.instrument_imports(include=["pytest_netlab"]):
        from fuzz.targets import TARGETS
    grown = GROWN / chosen.target
    for directory in (grown, FINDINGS):
        directory.mkdir(parents=True, exist_ok=True)
    flags = {
        "runs": chosen.runs,
        "seed": chosen.seed,
        "timeout": chosen.timeout,
        "rss_limit_mb": chosen.memory,
        "max_len": LONGEST,
        "artifact_prefix": f"{FINDINGS}/{chosen.target}-",
        "print_final_stats": 1,
    }
    atheris.Setup(
        [sys.argv[0], *(f"-{name}={value}" for name, value in flags.items()), str(grown), str(CORPUS / chosen.target)],
        TARGETS[chosen.target],
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
