"""Kill a grading at some moment of its run, and look for what is left of it.

    python -m tests.hostile.killing [TIMES]     so many random moments, 100 by default; prints what was found

A process that a keeper or a program forked is found by the mark that only it inherits: the pid namespace, or the
environment, of the grading's own descendants just before the kill. Namespaces are found by their last process.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from tests.lab.processes import NAMESPACES, descendants, namespaces, still_there, watched
from tests.matrix.grade import REPOSITORY


class Killed(NamedTuple):
    """What a killed grading left.

    Attributes:
        processes: that were the grading's, and did not end.
        namespaces: that only the grading's processes were in, and that somebody still is in.
        files: in its directory for temporary files.
        half_written: whether there is a result file that is no whole result.
    """

    processes: tuple[int, ...]
    namespaces: tuple[str, ...]
    files: tuple[str, ...]
    half_written: bool


def kill_during_a_run(scratch: Path, after_s: float) -> Killed:
    """Start to grade the reference solutions of 0.1, kill the grader with SIGKILL after so long, and look around."""
    temporary, result = scratch / "temporary", scratch / "result.json"
    temporary.mkdir()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "suites", "--netlab-exercise=0.1"]
    grading = subprocess.Popen(
        [*command, f"--netlab-json={result}"],
        cwd=REPOSITORY,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        grading.wait(after_s)
    with watched(descendants(grading.pid)) as held:
        theirs = _hold_namespaces(list(held))
        grading.send_signal(signal.SIGKILL)
        grading.wait()
        left = still_there(held)
    inhabited = _still_inhabited(set(theirs))
    for fd in theirs.values():
        os.close(fd)
    return Killed(
        tuple(left),
        inhabited,
        tuple(sorted(str(path.relative_to(temporary)) for path in temporary.rglob("*"))),
        result.exists() and not _is_whole(result),
    )


def _hold_namespaces(pids: list[int]) -> dict[str, int]:
    """Their namespaces but our own, held by descriptors: the name of one that is gone would soon be another's."""
    ours = namespaces([os.getpid()])
    found: dict[str, int] = {}
    for pid in pids:
        for kind in NAMESPACES:
            with contextlib.suppress(OSError):
                fd = os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)
                name = f"{kind}:[{os.fstat(fd).st_ino}]"
                if name in ours or name in found:
                    os.close(fd)
                else:
                    found[name] = fd
    return found


def _still_inhabited(theirs: set[str], timeout_s: float = 10.0) -> tuple[str, ...]:
    """Those that somebody is in even after a while: who was born between our last look and the kill has to die, too."""
    deadline = time.monotonic() + timeout_s
    while (left := theirs & namespaces(_everybody())) and time.monotonic() < deadline:
        time.sleep(0.02)
    return tuple(sorted(left))


def _everybody() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _is_whole(result: Path) -> bool:
    with contextlib.suppress(ValueError):
        return "exercises" in json.loads(result.read_text("utf-8"))
    return False


def main(times: int) -> int:
    """Kill so many gradings at random moments; the exit status is 0 where nothing was ever left."""
    clean = Killed((), (), (), False)
    dirty = 0
    began = time.monotonic()
    for number in range(times):
        after_s = random.uniform(0.1, 4.0)
        with tempfile.TemporaryDirectory() as scratch:
            found = kill_during_a_run(Path(scratch), after_s)
        if found != clean:
            dirty += 1
            print(f"{number}: killed after {after_s:.3f} s: {found}")
    print(f"{times} gradings killed in {time.monotonic() - began:.0f} s; {dirty} left something")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
