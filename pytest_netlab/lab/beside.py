"""The loopback tier: no namespaces, so programs run beside everything else on this machine's 127.0.0.1.

For containers that give CAP_NET_RAW and nothing more. The same requests are answered as in a lab, but there is one
host, nothing is hidden from the program, and what it does could be forged by whoever shares the machine: evidence
from here is uncertified. Only scenarios that stay on 127.0.0.1 may run here; kernel settings are never touched.

One run at a time on a machine: the fixed ports of the exercises would collide.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from typing import NoReturn

from pytest_netlab.lab import linux, messages, process, sandbox, snapshot
from pytest_netlab.lab.keeper import Keeper
from pytest_netlab.lab.messages import Done, Launch, NewLab

_PR_SET_CHILD_SUBREAPER = 36


def main(channel: socket.socket) -> None:
    """Be the agent of this tier: serve `channel` until the other side is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    messages.send(channel, Done())
    while True:
        request, descriptors = messages.receive(channel)
        if request is None:
            return
        if isinstance(request, NewLab) and os.fork() == 0:
            channel.close()
            linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
            _keep(socket.socket(fileno=os.dup(descriptors[0])))
        for fd in descriptors:
            os.close(fd)


def _keep(channel: socket.socket) -> NoReturn:
    """Be the keeper of one turn."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        with _turn():
            messages.send(channel, Done())
            keeper = Keeper(channel, {}, start)
            keeper.serve()
            keeper.wait_wardens()
    except OSError as error:
        sandbox.tell_failure(channel, error)
    finally:
        os._exit(0)


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    """Hold the machine's loopback interface until the end of the block; wait for whoever holds it.

    The lock is on the directory for temporary files itself, so that no file of ours stays behind.
    """
    lock = os.open(tempfile.gettempdir(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def start(launch: Launch, work_fd: int, control: socket.socket, report: socket.socket) -> None:
    """Become a warden, as `sandbox.start` does, without walls: runs `launch` to its end and never returns.

    No namespace ends with this process, so it has to outlive the keeper and clean up: it ends when the test process
    lets go of `control`, alive or dead.
    """
    work = ""
    try:
        linux.prctl(_PR_SET_CHILD_SUBREAPER, 1)
        work = tempfile.mkdtemp(prefix="pytest-netlab-")
        snapshot.unpack(snapshot.from_descriptor(work_fd), work)
        os.chdir(work)
        walls = process.Walls(work, _reach, lambda: _descendants(os.getpid()))
        process.supervise(launch, control, report, walls)
    except OSError as error:
        sandbox.tell_failure(report, error)
    finally:
        _end_all()
        shutil.rmtree(work, ignore_errors=True)
        os._exit(0)


def _reach(number: int) -> None:
    for pid in _descendants(os.getpid()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _end_all() -> None:
    """End every descendant. This process is the reaper of those whose parents ended, so none can hide."""
    while _descendants(os.getpid()):
        _reach(signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.wait()


def _descendants(ancestor: int) -> list[int]:
    """All living processes that descend from `ancestor` (proc_pid_stat(5): the fourth field is the parent)."""
    parents: dict[int, int] = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            state, parent = file.read().rpartition(b")")[2].split()[:2]
            if state != b"Z" or int(parent) == ancestor:
                parents[int(name)] = int(parent)
    found: list[int] = []
    layer = [ancestor]
    while layer:
        layer = [pid for pid, parent in parents.items() if parent in layer]
        found += layer
    return found
