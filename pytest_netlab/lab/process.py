"""A program from fork to end, whatever stands around it: its terminal, its limits, its signals, its exit.

The process that supervises is the program's parent and hears the test process on a channel: a signal to pass on, or
the end of the channel, which is the end of the program. What differs between a sandbox and a machine without
namespaces is only how all of the program's processes are found and reached (`Walls`).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import os
import select
import signal
import socket
import struct
import termios
import time
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import confinement, messages, snapshot, usage, warm
from pytest_netlab.lab.messages import Done, Exited, Launch, NotStarted, Signal, TellWaited
from pytest_netlab.lab.usage import Usage

_TIOCGPTPEER: Final = 0x5441
_TIOCSPTLCK: Final = 0x40045431
_COLUMNS, _ROWS = 120, 40
_LAST_WORDS_S: Final = 1.0
_WORD: Final = 8
_READY: Final = b"ready"
_LOST: Final = 0


class Walls(NamedTuple):
    """What a program is surrounded by, for the process that supervises it.

    Attributes:
        work: the program's working directory: what is collected, where a launch asks for it.
        reach: sends a signal to all of the program's processes.
        pids: finds them.
    """

    work: str
    reach: Callable[[int], None]
    pids: usage.Pids


def open_terminal(window: tuple[int, int] | None = None) -> tuple[int, int]:
    """A private pseudo terminal, both ends; Ctrl-C works, and what was printed before or after it is not lost.

    Args:
        window: rows and columns where a person sits at it; it behaves as any terminal then. Without them nothing is
            echoed, and output is what was written, byte for byte.
    """
    terminal = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    fcntl.ioctl(terminal, _TIOCSPTLCK, struct.pack("i", 0))
    console: int = fcntl.ioctl(terminal, _TIOCGPTPEER, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    settings = termios.tcgetattr(console)
    settings[3] |= termios.NOFLSH  # without it Ctrl-C throws away output that nobody has read yet
    if window is None:
        settings[1] &= ~termios.OPOST
        settings[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL | termios.ECHOCTL)
    termios.tcsetattr(console, termios.TCSANOW, settings)
    rows, columns = window or (_ROWS, _COLUMNS)
    fcntl.ioctl(console, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    return terminal, console


def supervise(launch: Launch, control: socket.socket, report: socket.socket, walls: Walls) -> None:
    """Run the program, pass signals in, reap, end it where it exceeds a limit, and tell how it ended.

    Args:
        launch: what to run, in the working directory of this process.
        control: the test process's channel.
        report: `Done` and the terminal's descriptor go here when the program is about to run, so that what it took to
            get there is no time of its own; closed here.
        walls: what surrounds it.
    """
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    terminal, console = open_terminal(launch.window)
    door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = os.fork()
    if program == 0:
        report.close()
        door.close()
        os.close(terminal)
        _program(launch, console, theirs)
    theirs.close()
    os.close(console)
    told = door.recv(_WORD)
    messages.send(report, Done(), [terminal])
    report.close()
    os.close(terminal)
    if told == _READY:
        door.send(_READY)
    wait = _Wait(program, control, woken, walls, Usage(launch.limits, walls.pids))
    if not wait.until_end() or wait.status is None:
        return
    failure = door.recv(_WORD) if told == _READY else told or _LOST.to_bytes(_WORD, "little")
    if not failure:
        _tell_exit(launch, control, wait.status, wait.limit, walls)
    elif number := int.from_bytes(failure, "little"):
        messages.send(control, NotStarted(number, f"{launch.argv[0]}: {os.strerror(number)}"))


class _Wait:
    """From the program's start to its end.

    Attributes:
        status: the program's exit status, None while it runs.
        limit: the limit that it was at, and was ended for, in words; empty for none.
    """

    def __init__(self, program: int, control: socket.socket, woken: socket.socket, walls: Walls, used: Usage) -> None:
        self.status: int | None = None
        self.limit = ""
        self._program = program
        self._control = control
        self._woken = woken
        self._reach = walls.reach
        self._usage = used
        self._look_at = time.monotonic() + usage.EVERY_S
        self._last_words_until = math.inf

    def until_end(self) -> bool:
        """Return when the program has ended, or False when the test process let go of it.

        Where the program ends before its children do, they have a moment for their last words, as on a terminal.
        """
        while True:
            now = time.monotonic()
            if now >= self._last_words_until:
                return True
            if now >= self._look_at:
                self._look()
            until = min(self._look_at, self._last_words_until)
            readable, _, _ = select.select([self._control, self._woken], [], [], max(0.0, until - time.monotonic()))
            if self._woken in readable:
                self._woken.recv(64)
                if self._reap():
                    return True
            if self._control in readable and not self._answer():
                return False

    def _answer(self) -> bool:
        """Do what the test process asks. Returns False when it has let go of the program."""
        request, descriptors = messages.receive(self._control)
        match request:
            case Signal(number):
                self._reach(number)
            case TellWaited():
                with contextlib.suppress(OSError):
                    os.write(descriptors[0], b"%d" % self._usage.waited_ns())
            case _:
                return False
        for fd in descriptors:
            os.close(fd)
        return True

    def _look(self) -> None:
        """End a program that is at a limit. How long a look takes decides when the next one is due."""
        began = time.monotonic()
        self.limit = self.limit or self._usage.exceeded()
        if self.limit:
            self._reach(signal.SIGKILL)
        now = time.monotonic()
        self._look_at = now + max(usage.EVERY_S, 2 * (now - began))

    def _reap(self) -> bool:
        """Bury the dead. Returns whether no child is left."""
        try:
            while True:
                pid, status, used = os.wait4(-1, os.WNOHANG)
                if pid == 0:
                    return False
                if pid == self._program:
                    self.status = os.waitstatus_to_exitcode(status)
                    self.limit = self.limit or self._usage.ended_at(self.status, used.ru_maxrss << 10)
                    self._last_words_until = time.monotonic() + _LAST_WORDS_S
        except ChildProcessError:
            return True


def _tell_exit(launch: Launch, control: socket.socket, status: int, limit: str, walls: Walls) -> None:
    left: list[int] = []
    problem = ""
    if launch.collect:
        walls.reach(signal.SIGKILL)
        try:
            left.append(snapshot.to_descriptor(snapshot.take(walls.work)))
        except UsageError as error:
            problem = str(error)
    messages.send(control, Exited(status, problem, limit), left)


def _program(launch: Launch, console: int, door: socket.socket) -> NoReturn:
    """Give up everything and become the program.

    Says `_READY` and waits to hear the same; after that nothing, where it became the program, or the number of the
    error why not, or `_LOST` where nobody knows how the program that it stood in for has ended.
    """

    def tell(number: int) -> None:
        door.send(number.to_bytes(_WORD, "little"))

    def begin() -> None:
        door.send(_READY)
        door.recv(_WORD)

    try:
        warm.stand_in(launch, console, begin, lambda: tell(_LOST))
        begin()
        confinement.take_terminal(console, launch.passed)
        confinement.close_all(but=door.fileno())
        confinement.restore_signals()
        confinement.confine(launch.limits, net_raw=launch.net_raw)
        os.execvpe(launch.argv[0], launch.argv, launch.environment)
    except OSError as error:
        tell(error.errno or errno.EIO)
    finally:
        os._exit(127)
