"""What a process gives up before it becomes the program under test: the same steps for every way to start one.

Imports only the standard library and modules that do so too, for a warm interpreter loads this file by its text
(`warm`).
"""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import termios
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pytest_netlab.lab import linux, seccomp

if TYPE_CHECKING:
    from pytest_netlab.lab.messages import Limits

_HIGHEST_DESCRIPTOR = 4096


def take_terminal(console: int, passed: Mapping[int, int] = MappingProxyType({})) -> None:
    """Lead a session of its own whose terminal is `console`.

    Args:
        console: becomes standard input, output and error.
        passed: descriptors that become some of these instead.
    """
    os.setsid()
    fcntl.ioctl(console, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(passed.get(fd, console), fd)


def close_all(*, but: int = -1) -> None:
    """Close every descriptor above standard error, except `but`."""
    if but < 0:
        os.closerange(3, _HIGHEST_DESCRIPTOR)
    else:
        os.closerange(3, but)
        os.closerange(but + 1, _HIGHEST_DESCRIPTOR)


def restore_signals() -> None:
    """As a fresh process has them, whatever the grader's own process ignores or blocks."""
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)


def confine(limits: Limits, *, net_raw: bool) -> None:
    """Limits, capabilities, the filter of system calls: from here on this is the program."""
    _set_limits(limits)
    linux.keep_only_capabilities(frozenset({linux.CAP_NET_RAW}) if net_raw else frozenset())
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install()


def _set_limits(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CPU, limits.cpu_s + 1),  # the sum over all processes is looked at by `usage`
        (resource.RLIMIT_FSIZE, limits.work_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 8 << 20),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))
