"""What a process started, and when the last of it is gone: the kernel says so (pidfd), nothing is slept for.

Any process may end while it is looked at; one that has ended is not there.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE_S = 20.0
NAMESPACES = ("net", "mnt", "pid", "user", "ipc", "uts")


def descendants(pid: int) -> list[int]:
    """All processes below `pid` that first threads started, parents first."""
    return [each for child in _children(pid, str(pid)) for each in (child, *descendants(child))]


def descendants_of_threads(pid: int) -> list[int]:
    """All processes below `pid`, whichever of its own threads started them."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except FileNotFoundError:
        return []
    return [each for thread in threads for child in _children(pid, thread) for each in (child, *descendants(child))]


def _children(pid: int, thread: str) -> list[int]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split()]
    return []


def status_of(pid: int) -> dict[str, str]:
    """/proc/PID/status by its names."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def namespaces(pids: list[int]) -> set[str]:
    """All namespaces that these processes are in."""
    found = set()
    for pid in pids:
        for kind in NAMESPACES:
            with contextlib.suppress(OSError):
                found.add(os.readlink(f"/proc/{pid}/ns/{kind}"))
    return found


def open_descriptors() -> int:
    """How many this process has, once what captures close in the background is closed."""
    for thread in threading.enumerate():
        if thread.name == "netlab-close":
            thread.join()
    return len(os.listdir("/proc/self/fd"))


@contextlib.contextmanager
def watched(pids: list[int]) -> Iterator[dict[int, int]]:
    """Processes held by descriptors, which stay theirs when a number is given to somebody else."""
    held: dict[int, int] = {}
    try:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                held[pid] = os.pidfd_open(pid)
        yield held
    finally:
        for fd in held.values():
            os.close(fd)


def still_there(held: dict[int, int], patience_s: float = PATIENCE_S) -> list[int]:
    """The processes that have not ended within `patience_s`."""
    deadline = time.monotonic() + patience_s
    left = dict(held)
    while left and time.monotonic() < deadline:
        ended, _, _ = select.select(list(left.values()), [], [], deadline - time.monotonic())
        left = {pid: fd for pid, fd in left.items() if fd not in ended}
    return sorted(left)
