"""A program's side of the wall: from a forked keeper to the student's code, in four processes' steps.

    keeper ── fork ── warden        new pid and mount namespaces; waits, so that its death is theirs
                 └── fork ── first  pid 1 there: private root, /work, terminal; signals, exit status
                        └── fork ── program     limits, capabilities, filter, exec

When the first process ends, the kernel ends everything that the program ever started.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import resource
import select
import signal
import socket
import struct
import termios
from typing import Final, NoReturn

from pytest_netlab.lab import linux, messages, root, seccomp, snapshot
from pytest_netlab.lab.messages import Exited, Launch, Limits, NotStarted, Signal

_TIOCGPTPEER: Final = 0x5441
_TIOCSPTLCK: Final = 0x40045431
_COLUMNS, _ROWS = 120, 40


def start(launch: Launch, work_fd: int, control: socket.socket, report: socket.socket) -> None:
    """Become a warden: runs `launch` to its end and never returns. Call in a freshly forked process.

    Args:
        launch: what to run.
        work_fd: holds the snapshot that becomes /work.
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
        _tell_failure(report, error)
    finally:
        os._exit(status)


def _first_process(launch: Launch, work_fd: int, control: socket.socket, report: socket.socket) -> NoReturn:
    try:
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
        terminal, console = _prepare(launch, work_fd)
        messages.send(report, messages.Done(), [terminal])
        report.close()
        os.close(terminal)
        _supervise(launch, control, console)
    except OSError as error:
        _tell_failure(report, error)
    finally:
        os._exit(0)


def _tell_failure(report: socket.socket, error: OSError) -> None:
    with contextlib.suppress(OSError):
        messages.send(report, messages.Failed(str(error), error.errno or 0))


def _prepare(launch: Launch, work_fd: int) -> tuple[int, int]:
    """Private root, /work and terminal. Returns the terminal's two ends."""
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    content = snapshot.from_descriptor(work_fd)
    root.enter(work_bytes=launch.limits.work_bytes)
    os.umask(0o022)
    snapshot.unpack(content, root.WORK)
    return _open_terminal()


def _open_terminal() -> tuple[int, int]:
    """A pseudo terminal of the sandbox's own: no echo, output bytes as written, Ctrl-C works."""
    terminal = os.open("/dev/pts/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(terminal, _TIOCSPTLCK, struct.pack("i", 0))
    console: int = fcntl.ioctl(terminal, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    settings = termios.tcgetattr(console)
    settings[1] &= ~termios.OPOST
    settings[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL | termios.ECHOCTL)
    termios.tcsetattr(console, termios.TCSANOW, settings)
    fcntl.ioctl(console, termios.TIOCSWINSZ, struct.pack("4H", _ROWS, _COLUMNS, 0, 0))
    return terminal, console


def _supervise(launch: Launch, control: socket.socket, console: int) -> None:
    """Run the program, pass signals in, reap, and report how it ended."""
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
    status = _wait(program, control, woken)
    if status is None:
        return
    failure = os.read(failure_read, 4)
    if failure:
        number = int.from_bytes(failure, "little")
        messages.send(control, NotStarted(number, os.strerror(number)))
    else:
        _report_exit(launch, control, status)


def _wait(program: int, control: socket.socket, woken: socket.socket) -> int | None:
    """The program's exit status; None when the test process let go of it."""
    while True:
        readable, _, _ = select.select([control, woken], [], [])
        if woken in readable:
            woken.recv(64)
            status = _reap(program)
            if status is not None:
                return status
        if control in readable:
            request, _ = messages.receive(control)
            if not isinstance(request, Signal):
                return None
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, request.number)


def _reap(program: int) -> int | None:
    result = None
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == program:
                result = os.waitstatus_to_exitcode(status)
    return result


def _report_exit(launch: Launch, control: socket.socket, status: int) -> None:
    left: list[int] = []
    if launch.collect:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        left.append(snapshot.to_descriptor(snapshot.take(root.WORK)))
    messages.send(control, Exited(status), left)


def _program(launch: Launch, console: int, failure: int) -> NoReturn:
    """Give up everything and become the program."""
    try:
        os.setsid()
        fcntl.ioctl(console, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(console, fd)
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
