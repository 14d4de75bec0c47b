"""What a class costs: `python -m benchmarks grade`.

Grades classes of growing size by exercises 0.1 and 1.1, with one worker and with two, and prints CPU and wall time a
submission, and submissions a core-hour; beside them the same for a plain script that does what teachers do today.
With `--warm` also with the warm interpreter. CPU time is counted by `perf`, which sees processes that nobody waits
for; without it only wall time is printed. A machine with something else to do shows larger figures.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks import school

EXERCISES: Final = ("0.1", "1.1")
_AS_TODAY: Final = Path(__file__).with_name("as_today.py")


class Cost(NamedTuple):
    """Of one command: wall time and, where it could be counted, CPU time; seconds."""

    wall_s: float
    cpu_s: float | None


def main(arguments: list[str] | None = None) -> int:
    """Measure and print. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks grade", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 50, 200], metavar="N", help="of the classes")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N", help="how many at a time")
    parser.add_argument("--today", type=int, default=10, metavar="N", help="submissions for the plain script")
    parser.add_argument("--warm", action="store_true", help="also with the warm interpreter")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="netlab-school-") as scratch:
        print(f"{'':<34}{'CPU s each':>12}{'wall s each':>13}{'a core-hour':>13}", flush=True)
        if chosen.today:
            _today(Path(scratch, "today"), chosen.today)
        for size in chosen.sizes:
            school.make(Path(scratch, f"class-{size}"), size, EXERCISES)
            for workers in chosen.workers:
                _grade(Path(scratch), size, workers)
                if chosen.warm:
                    _grade(Path(scratch), size, workers, "--warm")
    return 0


def _grade(scratch: Path, size: int, workers: int, *options: str) -> None:
    out = Path(tempfile.mkdtemp(dir=scratch))
    command = [sys.executable, "-m", "pytest_netlab", "grade", str(scratch / f"class-{size}"), f"--out={out}"]
    command += [f"-j{workers}", *(f"--exercise={each}" for each in EXERCISES), *options]
    _print(f"{size} submissions, {workers} at a time {' '.join(options)}", size, _measure(command))


def _today(directory: Path, size: int) -> None:
    school.make(directory, size, EXERCISES, archives=False)
    script = 'for each in "$0"/*; do unshare --map-root-user --net "$1" "$2" "$each"; done'
    cost = _measure(["sh", "-c", script, str(directory), sys.executable, str(_AS_TODAY)])
    _print(f"{size} submissions, as today", size, cost)


def _measure(command: list[str]) -> Cost:
    """Run a command, with all its descendants counted where `perf` can."""
    with tempfile.NamedTemporaryFile("r", suffix=".perf") as report:
        counted = shutil.which("perf") is not None
        perf = ["perf", "stat", "-x", ",", "-e", "task-clock", "-o", report.name] if counted else []
        begun = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([*perf, *command], capture_output=True, text=True)
        wall_s = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
        found = re.search(r"^([\d.]+),msec,task-clock", report.read(), re.MULTILINE)
    waited_for_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall_s, max(waited_for_s, float(found[1]) / 1000) if found else None)


def _print(what: str, size: int, cost: Cost) -> None:
    cpu = f"{cost.cpu_s / size:12.2f}" if cost.cpu_s else f"{'?':>12}"
    rate = f"{3600 * size / cost.cpu_s:13.0f}" if cost.cpu_s else f"{'?':>13}"
    print(f"{what:<34}{cpu}{cost.wall_s / size:13.2f}{rate}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
