"""A program from fork to end, whatever walls stand around it: its terminal, its limits, its signals, its exit.

The process that supervises is the program's parent and hears the test process on a channel: a signal to pass on, or
the end of the channel, which is the end of the program. What differs between a sandbox and a machine without
namespaces is only how all of the program's processes are reached (`Reach`).
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import select
import signal
import socket
import struct
import termios
from collections.abc import Callable
from typing import Final, NoReturn

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import linux, messages, seccomp, snapshot
from pytest_netlab.lab.messages import Exited, Launch, Limits, NotStarted, Signal

Reach = Callable[[int], None]
"""Sends a signal to all of a program's processes."""

_TIOCGPTPEER: Final = 0x5441
_TIOCSPTLCK: Final = 0x40045431
_COLUMNS, _ROWS = 120, 40
_LAST_WORDS_S: Final = 1.0


def open_terminal(window: tuple[int, int] | None = None) -> tuple[int, int]:
    """A private pseudo terminal, both ends; Ctrl-C works.

    Args:
        window: rows and columns where a person sits at it; it behaves as any terminal then. Without them nothing is
            echoed, and output is what was written, byte for byte.
    """
    terminal = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(terminal, _TIOCSPTLCK, struct.pack("i", 0))
    console: int = fcntl.ioctl(terminal, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    if window is None:
        settings = termios.tcgetattr(console)
        settings[1] &= ~termios.OPOST
        settings[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL | termios.ECHOCTL)
        termios.tcsetattr(console, termios.TCSANOW, settings)
    rows, columns = window or (_ROWS, _COLUMNS)
    fcntl.ioctl(console, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    return terminal, console


def supervise(launch: Launch, control: socket.socket, console: int, work: str, reach: Reach) -> None:
    """Run the program, pass signals in, reap, and report how it ended.

    Args:
        launch: what to run, in the working directory of this process.
        control: the test process's channel.
        console: the program's end of its terminal; closed here.
        work: what is collected, where the launch asks for it.
        reach: how all of its processes are signalled.
    """
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    failure_read, failure_write = os.pipe2(os.O_CLOEXEC)
    program = os.fork()
    if program == 0:
        _program(launch, console, failure_write)
    os.close(failure_write)
    os.close(console)
    status = _wait(program, control, woken, reach)
    if status is None:
        return
    failure = os.read(failure_read, 4)
    if failure:
        number = int.from_bytes(failure, "little")
        messages.send(control, NotStarted(number, f"{launch.argv[0]}: {os.strerror(number)}"))
    else:
        _report_exit(launch, control, status, work, reach)


def _wait(program: int, control: socket.socket, woken: socket.socket, reach: Reach) -> int | None:
    """The program's exit status; None when the test process let go of it.

    Where the program ends before its children do, they have a moment for their last words, as on a terminal.
    """
    status: int | None = None
    last_words_s: float | None = None
    while True:
        readable, _, _ = select.select([control, woken], [], [], last_words_s)
        if not readable:
            return status
        if woken in readable:
            woken.recv(64)
            ended, alone = _reap(program)
            status = ended if status is None else status
            if alone:
                return status
            if status is not None:
                last_words_s = _LAST_WORDS_S
        if control in readable:
            request, _ = messages.receive(control)
            if not isinstance(request, Signal):
                return None
            reach(request.number)


def _reap(program: int) -> tuple[int | None, bool]:
    """Bury the dead: the program's exit status if it is among them, and whether no child is left."""
    result = None
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return result, False
            if pid == program:
                result = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return result, True


def _report_exit(launch: Launch, control: socket.socket, status: int, work: str, reach: Reach) -> None:
    left: list[int] = []
    problem = ""
    if launch.collect:
        reach(signal.SIGKILL)
        try:
            left.append(snapshot.to_descriptor(snapshot.take(work)))
        except UsageError as error:
            problem = str(error)
    messages.send(control, Exited(status, problem), left)


def _program(launch: Launch, console: int, failure: int) -> NoReturn:
    """Give up everything and become the program."""
    try:
        os.setsid()
        fcntl.ioctl(console, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(launch.passed.get(fd, console), fd)
        os.closerange(3, failure)
        os.closerange(failure + 1, 4096)
        _restore_signals()
        _set_limits(launch.limits)
        linux.keep_only_capabilities(frozenset({linux.CAP_NET_RAW}) if launch.net_raw else frozenset())
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        seccomp.install()
        os.execvpe(launch.argv[0], launch.argv, launch.environment)
    except OSError as error:
        os.write(failure, (error.errno or errno.EIO).to_bytes(4, "little"))
    finally:
        os._exit(127)


def _restore_signals() -> None:
    """As a fresh process has them, whatever the grader's own process ignores or blocks."""
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)


def _set_limits(limits: Limits) -> None:
    for kind, value in (
        (resource.RLIMIT_DATA, limits.memory_bytes),
        (resource.RLIMIT_NPROC, limits.processes),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CPU, limits.cpu_s),
        (resource.RLIMIT_FSIZE, limits.work_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 8 << 20),
    ):
        _, hard = resource.getrlimit(kind)
        allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (allowed, allowed))
