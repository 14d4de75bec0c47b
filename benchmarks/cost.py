"""What grading costs beside the programs it runs: `python -m benchmarks cost`.

Grades exercises 0.1, 0.2 and 1.1 and, for comparison, runs the same programs as often as the suites do, bare,
against plain Python peers on 127.0.0.1. Then it builds labs and times them. Figures are medians, of CPU time (user
and system, with all descendants) and of wall time; a machine with something else to do shows larger ones, in both
columns.

`perf` counts the CPU of a grading: its keepers end unwaited-for, so no parent's resource usage includes them. The
plugins of development tools are left out (Hypothesis alone takes a second of imports): a student has none.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

REPOSITORY: Final = Path(__file__).parent.parent
SOLUTIONS: Final = REPOSITORY / "suites" / "solutions"
EXERCISES: Final = ("0.1", "0.2", "1.1")
WITHOUT: Final = ("hypothesispytest", "cacheprovider")
_PATIENCE_S: Final = 20.0
_LABS: Final = 40


class Bare(NamedTuple):
    """A program, and how often the suites of `EXERCISES` run it."""

    name: str
    port: int
    runs: int
    is_server: bool


PROGRAMS: Final = (
    Bare("abcd_server", 20000, 6, True),
    Bare("abcd_client", 20000, 2, False),
    Bare("udp_server", 8000, 7, True),
    Bare("udp_client", 8000, 1, False),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks cost", description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5, metavar="N", help="gradings to take the median of")
    repeat = parser.parse_args(arguments).repeat
    if shutil.which("perf") is None:
        parser.error("it needs perf, which counts processes that nobody waits for (Debian: linux-perf)")
    _grade()  # leaves the compiled files that every later run finds
    graded = statistics.median(_grade() for _ in range(repeat))
    pytest_alone = statistics.median(_pytest_alone() for _ in range(repeat))
    bare = statistics.median(_all_bare() for _ in range(repeat))
    runs = sum(program.runs for program in PROGRAMS)
    print(f"grading {', '.join(EXERCISES)}: {graded:.3f} s of CPU, for {runs} runs of programs")
    print(f"the programs alone:      {bare:.3f} s; grading costs {graded / bare:.2f} times that")
    print(f"pytest collecting alone: {pytest_alone:.3f} s; without it {(graded - pytest_alone) / bare:.2f} times")
    print(f"a lab: {_lab_ms():.1f} ms after the agent has started")
    return 0


def _grade() -> float:
    return _cpu_s("suites", *(f"--netlab-exercise={exercise}" for exercise in EXERCISES))


def _pytest_alone() -> float:
    return _cpu_s("suites", "--collect-only", "-c", os.devnull, "--rootdir", str(REPOSITORY))


def _cpu_s(*arguments: str) -> float:
    """CPU seconds of one run of pytest and of all that it starts."""
    with tempfile.NamedTemporaryFile("r", suffix=".perf") as report:
        command = [
            "perf",
            "stat",
            "-x",
            ",",
            "-e",
            "task-clock",
            "-o",
            report.name,
            sys.executable,
            "-m",
            "pytest",
            "-q",
        ]
        command += [word for name in WITHOUT for word in ("-p", f"no:{name}")]
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run([*command, *arguments], cwd=REPOSITORY, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"pytest ended with status {done.returncode}:\n{done.stdout}{done.stderr}")
        found = re.search(r"^([\d.]+),msec,task-clock", report.read(), re.MULTILINE)
    if found is None:
        sys.exit("perf counted no task-clock; this kernel may refuse it (sysctl kernel.perf_event_paranoid=1)")
    return float(found[1]) / 1000


def _all_bare() -> float:
    return sum(_bare(program) for program in PROGRAMS for _ in range(program.runs))


def _bare(program: Bare) -> float:
    """CPU seconds of one run, as a person would make it."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
        subprocess.Popen(
            [sys.executable, f"{program.name}.py"], cwd=SOLUTIONS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as running,
    ):
        if program.is_server:
            _ask(peer, program.port, running.pid)
            running.send_signal(signal.SIGINT)
        else:
            peer.bind(("127.0.0.1", program.port))
            peer.settimeout(_PATIENCE_S)
            _, client = peer.recvfrom(2048)
            peer.sendto(b"ABCD", client)
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        sys.exit(f"{program.name} ended with status {running.returncode}: is UDP port {program.port} taken?")
    return usage.ru_utime + usage.ru_stime


def _ask(peer: socket.socket, port: int, pid: int) -> None:
    """Wait until the server has bound its port, then send it a datagram and give it time to read it."""
    _until(lambda: f":{port:04X} " in Path(f"/proc/{pid}/net/udp").read_text(), f"nobody bound UDP port {port}")
    peer.sendto(b"A", ("127.0.0.1", port))
    _until(lambda: _nothing_unread(port, pid), f"nobody reads UDP port {port}")


def _nothing_unread(port: int, pid: int) -> bool:
    lines = Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]
    return all(line.split()[4].endswith(":00000000") for line in lines if f":{port:04X} " in line)


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            sys.exit(otherwise)
        time.sleep(0.002)


def _lab_ms() -> float:
    """How long a lab takes once the agent has started, in milliseconds."""
    from pytest_netlab.lab.client import Agent

    agent = Agent()
    agent.wait_ready()
    taken: list[float] = []
    for _ in range(_LABS):
        before = time.perf_counter()
        lab = agent.lab()
        taken.append(time.perf_counter() - before)
        lab.close()
    agent.close()
    return statistics.median(taken) * 1000


if __name__ == "__main__":
    sys.exit(main())
