"""What this process started, and when the last of it is gone: the kernel says so (pidfd), nothing is slept for."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Iterator
from pathlib import Path

PATIENCE_S = 20.0


def descendants(pid: int) -> list[int]:
    """All processes below `pid`, parents first."""
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += [int(child), *descendants(int(child))]
    return found


def status_of(pid: int) -> dict[str, str]:
    """/proc/PID/status by its names."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


@contextlib.contextmanager
def watched(pids: list[int]) -> Iterator[dict[int, int]]:
    """Processes held by descriptors, which stay theirs when a number is given to somebody else.

    Those that have ended since they were found are left out.
    """
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
