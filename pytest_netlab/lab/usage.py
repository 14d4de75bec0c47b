"""What a program uses, counted from outside it by the process that supervises it, and which limit that exceeds.

The kernel's own limits (setrlimit) hold every single process, at once and without exception. What they do not do is
tell anybody, or add up processes. So all of a program's processes are looked at again and again, and a program that
is at a limit is ended and named by it: `limit:processes`, `limit:memory`, `limit:cpu`.

Memory is counted as the resident pages that a process does not share with files; where that says too much, because
many processes share what they were forked with, the kernel's proportional count decides (proc_pid_smaps(5), Pss).
"""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable
from typing import Final

from pytest_netlab.lab.messages import Limits

EVERY_S: Final = 0.025
"""How often a program is looked at."""

Pids = Callable[[], list[int]]
"""The processes of a program, now."""

_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_TICK_S: Final = 1 / (os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100)
_WALLS: Final = 3
"""Processes of the sandbox itself that RLIMIT_NPROC counts beside the program's."""
_NEARLY: Final = 7 / 8
"""Of the memory limit: who got so far could not take its next big step."""
_MIB: Final = 1 << 20


def own_namespace() -> list[int]:
    """All processes of this pid namespace but its first."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


class Usage:
    """A program's use of what is limited.

    Args:
        limits: what it may use.
        pids: its processes.
    """

    def __init__(self, limits: Limits, pids: Pids) -> None:
        self._limits = limits
        self._pids = pids

    def exceeded(self) -> str:
        """Which limit the program is at, in words that begin with the limit's name; empty for none."""
        pids = self._pids()
        tasks = sum(_tasks(pid) for pid in pids)
        if tasks + _WALLS >= self._limits.processes:
            return f"limit:processes: {tasks} processes and threads at once; {self._limits.processes} are the limit"
        used_s = self._cpu_s(pids)
        if used_s >= self._limits.cpu_s:
            return f"limit:cpu: {used_s:.1f} s of processor time; {self._limits.cpu_s} s are the limit"
        return self._memory(pids)

    def waited_ns(self) -> int:
        """How long its living tasks were ready to run, and had no processor, in all (sched-stats, run_delay)."""
        return sum(map(_waited_ns, self._pids()))

    def ended_at(self, status: int, most_resident_bytes: int) -> str:
        """Which limit a process that ended with `status` had reached; empty for none."""
        if status and most_resident_bytes >= _NEARLY * self._limits.memory_bytes:
            return self._told_memory(most_resident_bytes)
        return ""

    def _memory(self, pids: list[int]) -> str:
        if sum(map(_resident_bytes, pids)) < self._limits.memory_bytes:
            return ""
        used = sum(map(_proportional_bytes, pids))
        return self._told_memory(used) if used >= _NEARLY * self._limits.memory_bytes else ""

    def _told_memory(self, used: int) -> str:
        return f"limit:memory: {used // _MIB} MiB in use; {self._limits.memory_bytes // _MIB} MiB are the limit"

    def _cpu_s(self, pids: list[int]) -> float:
        """Of the living, their buried children, and those that this process buried."""
        buried = resource.getrusage(resource.RUSAGE_CHILDREN)
        return buried.ru_utime + buried.ru_stime + sum(map(_cpu_s, pids))


def _tasks(pid: int) -> int:
    """Threads of a process: the directory of its tasks has a link for each, and two of its own."""
    with contextlib.suppress(OSError):
        return os.stat(f"/proc/{pid}/task").st_nlink - 2
    return 0


def _resident_bytes(pid: int) -> int:
    """proc_pid_statm(5): resident, less what is shared with files; shared anonymous memory counts there, too."""
    fields = _read(pid, "statm").split()
    if len(fields) < 3:
        return 0
    return (int(fields[1]) - int(fields[2])) * _PAGE + _shared_memory_bytes(pid, int(fields[2]) * _PAGE)


def _shared_memory_bytes(pid: int, shared_bytes: int) -> int:
    """proc_pid_status(5), RssShmem. Worth a second file only where there is much to be shared."""
    if shared_bytes < 32 * _MIB:
        return 0
    for line in _read(pid, "status").splitlines():
        if line.startswith(b"RssShmem:"):
            return int(line.split()[1]) << 10
    return 0


def _proportional_bytes(pid: int) -> int:
    """proc_pid_smaps(5), Pss of what no file backs; shared memory, which a file system of ours backs, included."""
    kinds = (b"Pss_Anon:", b"Pss_Shmem:")
    lines = _read(pid, "smaps_rollup").splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(kinds))


def _cpu_s(pid: int) -> float:
    """proc_pid_stat(5): utime, stime, cutime, cstime, counted behind the name in its parentheses."""
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return sum(map(int, fields[11:15])) * _TICK_S if len(fields) > 15 else 0.0


def _waited_ns(pid: int) -> int:
    """Nanoseconds that a process's tasks have waited on a run queue: the second number of their schedstat."""
    waited = 0
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            fields = _read(pid, f"task/{task}/schedstat").split()
            waited += int(fields[1]) if len(fields) > 1 else 0
    return waited


def _read(pid: int, name: str) -> bytes:
    """A file of a process; empty where it has ended."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()
    return b""
