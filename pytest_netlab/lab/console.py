"""The user's own terminal, lent to a program in the lab.

Rules:
- What the user has redirected goes to the program as it is, descriptor and all: a file stays a file, a pipe a pipe.
  What is a terminal becomes a terminal of the program's own; bytes travel between the two, unread and unchanged.
- While a program has the terminal, the user's is raw: Ctrl-C is a byte on its way to the program's terminal, where it
  becomes SIGINT. Signals to this process are passed on, and so is every change of the window's size.
- Our own lines never cut into one of the program's: a line that the program has begun is ended first.
- However the program ends, the terminal is as it was before.
- Signals are for the program from before it is started: none is lost between its start and the first look at it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import socket
import struct
import termios
import threading
import time
import tty
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import Any, Final

from pytest_netlab.errors import HarnessFault
from pytest_netlab.lab import messages, snapshot
from pytest_netlab.lab.messages import Exited, NotStarted, Signal

_CTRL_C: Final = b"\x03"
_PART: Final = 1 << 16
_LAST_WORDS_S: Final = 2.0
_PASSED_ON: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_STANDARD: Final = (0, 1, 2)
_NO_WINDOW: Final = (40, 120)


class Console:
    """Standard input, output and error of this process.

    A context manager: within it, the terminal and the signals are the program's.

    Attributes:
        passed: those of the three that are no terminal, and that the program gets as they are.
        woken: says within it which signals have come, as bytes.
    """

    woken: socket.socket

    def __init__(self) -> None:
        self._terminals = [fd for fd in _STANDARD if os.isatty(fd)]
        self.passed = tuple(fd for fd in _STANDARD if fd not in self._terminals and _is_open(fd))
        self._screen = next((fd for fd in (1, 2, 0) if fd in self._terminals), 2)
        self._saved: list[Any] | None = None
        self._signals = contextlib.ExitStack()
        self._one_at_a_time = threading.Lock()
        self._within_a_line = False

    def __enter__(self) -> Console:
        self.woken = self._signals.enter_context(_heard_signals())
        if self.has_keyboard:
            self._saved = termios.tcgetattr(0)
            tty.setraw(0, termios.TCSADRAIN)
        return self

    def __exit__(self, *_: object) -> None:
        self.say(())
        if self._saved is not None:
            termios.tcsetattr(0, termios.TCSADRAIN, self._saved)
            self._saved = None
        self._signals.close()

    @property
    def has_keyboard(self) -> bool:
        """Standard input is a terminal, and this process is not in the background of it."""
        if 0 not in self._terminals:
            return False
        try:
            return os.tcgetpgrp(0) == os.getpgrp()
        except OSError:  # ENOTTY: a terminal, but not the controlling one; nobody's background then
            return True

    @property
    def window(self) -> tuple[int, int]:
        """Rows and columns of the terminal; something usual where there is none."""
        if not self._terminals:
            return _NO_WINDOW
        columns, rows = os.get_terminal_size(self._terminals[0])
        return (rows, columns) if rows and columns else _NO_WINDOW

    def show(self, data: bytes) -> None:
        """Write what the program printed to its terminal."""
        with self._one_at_a_time:
            _write(self._screen, data)
            self._within_a_line = not data.endswith(b"\n")

    def say(self, lines: Iterable[str]) -> None:
        """Write lines of our own to standard error, none of them within a line of the program's."""
        told = list(lines)
        end = "\r\n" if self._saved is not None else "\n"
        with self._one_at_a_time:
            both_seen = self._screen in self._terminals and (2 in self._terminals or not told)
            if self._within_a_line and both_seen:
                _write(self._screen, end.encode())
                self._within_a_line = False
            text = "".join(line + end for line in told)
            with contextlib.suppress(BrokenPipeError):
                _write(2, text.encode(errors="replace"))


class Attached:
    """A program in the lab that has the user's terminal.

    Attributes:
        status: exit status, or minus the number of the signal that ended it; None while it runs.
        not_started: why the kernel would not execute it, or empty.
        left: what it left in its directory, where that was asked for.
        not_collected: why that could not be brought back, or empty.
    """

    def __init__(self, terminal: int, control: socket.socket) -> None:
        self.status: int | None = None
        self.not_started = ""
        self.left: snapshot.Snapshot | None = None
        self.not_collected = ""
        self._terminal = terminal
        self._control = control
        os.set_blocking(terminal, False)

    def converse(self, console: Console) -> None:
        """Carry bytes, signals and window sizes between the two terminals until the program has ended.

        Args:
            console: the person's, entered before the program was started.

        Raises:
            HarnessFault: the sandbox died.
        """
        woken = console.woken
        sources: list[socket.socket | int] = [
            self._control,
            self._terminal,
            woken,
            *([0] if console.has_keyboard else []),
        ]
        while self._control in sources:
            readable = select.select(sources, [], [])[0]
            if woken in readable:
                self._hear_signals(woken, console)
            if 0 in readable and not self._type(0):
                sources.remove(0)
            if self._terminal in readable and not self._show(console):
                sources.remove(self._terminal)
            if self._control in readable:
                self._hear_end()
                sources.remove(self._control)
        self._show_the_rest(console)

    def close(self) -> None:
        """End the program and everything that it started. Harmless where it has ended."""
        self._control.close()
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1

    def kill(self) -> None:
        """As `close`."""
        self.close()

    def end(self, reason: str) -> None:
        """End all of its processes without waiting for it; the reason is told by whoever has one."""
        self._signal(signal.SIGKILL)

    def _type(self, keyboard: int) -> bool:
        """Pass on what was typed. Returns False at the end of the keyboard."""
        typed = os.read(keyboard, _PART)
        self._press(typed)
        return bool(typed)

    def _press(self, typed: bytes) -> None:
        """Type into the program's terminal. What a full one does not take is lost, as on any terminal; not Ctrl-C."""
        try:
            os.write(self._terminal, typed)
        except OSError:
            if _CTRL_C in typed:
                self._signal(signal.SIGINT)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(OSError):
            messages.send(self._control, Signal(number))

    def _show(self, console: Console) -> bool:
        """Show what the program printed. Returns False when nobody holds its terminal any more."""
        try:
            data = os.read(self._terminal, _PART)
        except BlockingIOError:
            return True
        except OSError:  # EIO: all of its processes have closed it
            return False
        console.show(data)
        return bool(data)

    def _show_the_rest(self, console: Console) -> None:
        """What was printed last may still be on its way; it ends with the program's namespace, which is ending now."""
        deadline = time.monotonic() + _LAST_WORDS_S
        while (left := deadline - time.monotonic()) > 0:
            if not select.select([self._terminal], [], [], left)[0] or not self._show(console):
                return

    def _hear_signals(self, woken: socket.socket, console: Console) -> None:
        for number in woken.recv(64):
            if number == signal.SIGINT:
                self._press(_CTRL_C)
            elif number == signal.SIGWINCH:
                size = struct.pack("4H", *console.window, 0, 0)
                with contextlib.suppress(OSError):
                    fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)
            elif number in _PASSED_ON:
                self._signal(number)

    def _hear_end(self) -> None:
        message, descriptors = messages.receive(self._control)
        if isinstance(message, Exited):
            self.status = message.status
            self.not_collected = message.not_collected
            if descriptors:
                self.left = snapshot.from_descriptor(descriptors[0])
        elif isinstance(message, NotStarted):
            self.not_started = message.reason
        else:
            raise HarnessFault("the sandbox of the program died")


@contextlib.contextmanager
def _heard_signals() -> Iterator[socket.socket]:
    """A socket that says which signals came, as bytes; outside the block they do what they did before."""
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    numbers = (signal.SIGINT, signal.SIGWINCH, *_PASSED_ON)
    before = {number: signal.signal(number, _noted) for number in numbers}
    wakeup = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    try:
        with woken, waker:
            yield woken
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)


def _noted(number: int, frame: FrameType | None) -> None:
    """The socket has heard of it."""


def _is_open(fd: int) -> bool:
    try:
        fcntl.fcntl(fd, fcntl.F_GETFD)
    except OSError:
        return False
    return True


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except BlockingIOError:  # the user's terminal, or what stands behind it, was made non-blocking by somebody
            select.select([], [fd], [])
