"""A program's side of the wall: from a forked keeper to the student's code, in four processes' steps.

    keeper ── fork ── warden        new pid and mount namespaces; waits, so that its death is theirs
                 └── fork ── first  pid 1 there: private root, /submission, terminal; signals, exit status
                        └── fork ── program     limits, capabilities, filter, exec

When the first process ends, the kernel ends everything that the program ever started.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from typing import NoReturn

from pytest_netlab.lab import linux, messages, process, root, snapshot, usage
from pytest_netlab.lab.messages import Launch


def start(launch: Launch, work_fd: int, control: socket.socket, report: socket.socket) -> None:
    """Become a warden: runs `launch` to its end and never returns. Call in a freshly forked process.

    Args:
        launch: what to run.
        work_fd: holds the snapshot that becomes /submission.
        control: the test process's channel to the program's first process.
        report: one message goes here: `Done` with the terminal's descriptor, or `Failed`.
    """
    status = 1
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        linux.unshare(linux.CLONE_NEWPID | linux.CLONE_NEWNS)
        first = os.fork()
        if first == 0:
            _first_process(launch, work_fd, control, report)
        control.close()
        report.close()
        os.waitpid(first, 0)
        status = 0
    except OSError as error:
        tell_failure(report, error)
    finally:
        os._exit(status)


def _first_process(launch: Launch, work_fd: int, control: socket.socket, report: socket.socket) -> NoReturn:
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        _prepare(launch, work_fd)
        process.supervise(launch, control, report, process.Walls(root.WORK, _reach, usage.own_namespace))
    except OSError as error:
        tell_failure(report, error)
    finally:
        os._exit(0)


def tell_failure(report: socket.socket, error: OSError) -> None:
    """Tell the keeper why nothing was started."""
    with contextlib.suppress(OSError):
        messages.send(report, messages.Failed(str(error), error.errno or 0))


def _prepare(launch: Launch, work_fd: int) -> None:
    """Private root and /submission."""
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    content = snapshot.from_descriptor(work_fd)
    root.enter(work_bytes=launch.limits.work_bytes, directory=launch.directory)
    os.umask(0o022)
    if not launch.directory:
        snapshot.unpack(content, root.WORK)


def _reach(number: int) -> None:
    """The first process of a pid namespace reaches all others in it by -1."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, number)
