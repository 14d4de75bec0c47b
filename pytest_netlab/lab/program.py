"""A running program, seen from the test process: its output as bytes, its end, its signals.

A thread drains the program's terminal, so that a program never blocks on being heard. What it printed is
kept up to a bound and never decoded here.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from pytest_netlab.errors import HarnessFault
from pytest_netlab.lab import messages, snapshot
from pytest_netlab.lab.messages import Exited, Limits, NotStarted, Signal, TellWaited

_CTRL_C: Final = b"\x03"
LAST_WISH_S: Final = 2.0
"""How long a program may take to say what it has found when it is told to end."""
_PATIENCE_S: Final = 2.0
_REST: Final = 3.0
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/sh",
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def environment(added: dict[str, str] | None = None) -> dict[str, str]:
    """The environment of a program under test: this allow-list, and nothing of the grader's own."""
    return {**_ENVIRONMENT, **(added or {})}


class Program:
    """One program in the sandbox.

    Attributes:
        argv: as it was started.
        status: exit status, or minus the number of the signal that ended it; None while it runs.
        stopped_by: what the grader did to end it (`"SIGINT"`, `"SIGTERM"`, `"SIGKILL"`), the limit that it
            exceeded (`"limit:capture"`), or empty.
        not_started: why the kernel would not execute it, or empty.
        left: what it left in its working directory, where the launch asked to collect.
        not_collected: why that could not be brought back, or empty.
        limit: the limit that it exceeded, and was ended for, in words that begin with its name; empty for none.
        output_truncated: whether it printed more than is kept.

    Args:
        argv: as it was started.
        terminal: its terminal; closed with it.
        control: the channel to its supervisor; closed with it.
        output_bytes: how much of its output is kept. A program that prints more is ended.
    """

    def __init__(
        self,
        argv: tuple[str, ...],
        terminal: int,
        control: socket.socket,
        output_bytes: int = Limits().output_bytes,
    ) -> None:
        self.argv = argv
        self.limit = ""
        self.status: int | None = None
        self.stopped_by = ""
        self.not_started = ""
        self.left: snapshot.Snapshot | None = None
        self.not_collected = ""
        self.output_truncated = False
        self.started_at = time.monotonic()
        self._control = control
        self._terminal = terminal
        self._output = bytearray()
        self._kept = b""
        self._output_bytes = output_bytes
        self._changed = threading.Condition()
        self._gone = False
        self._drained = False
        self._reader = threading.Thread(target=self._drain, name="netlab-output", daemon=True)
        self._reader.start()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def fileno(self) -> int:
        """Readable when the program has ended: for select and poll, beside sockets."""
        return self._control.fileno()

    @property
    def output(self) -> bytes:
        """All that it has printed so far, standard output and error as one, as much of it as is kept."""
        with self._changed:
            return self._printed()

    def _printed(self) -> bytes:
        """A copy, made anew only where more has come. The caller holds `_changed`."""
        if len(self._kept) != len(self._output):
            self._kept = bytes(self._output)
        return self._kept

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        if not self._gone and select.select([self._control], [], [], 0)[0]:
            self._hear_end()
        return not self._gone

    def wait(self, timeout_s: float) -> bool:
        """Wait until it ends by itself. Returns whether it did so in time."""
        if not self._gone and select.select([self._control], [], [], max(0.0, timeout_s))[0]:
            self._hear_end()
        return self._gone

    def wait_output(self, wanted: bytes | Callable[[bytes], bool], timeout_s: float) -> bool:
        """Wait until the output holds `wanted`, the program ends, or time is up.

        Args:
            wanted: bytes, or a question about all that was printed so far.
            timeout_s: seconds.

        Returns:
            Whether it does.
        """
        deadline = time.monotonic() + timeout_s
        holds = wanted if callable(wanted) else lambda output: wanted in output
        while True:
            began = time.monotonic()
            last = self._drained or began > deadline
            seen = self.output
            if holds(seen):
                return True
            if last:
                if self._drained:  # nobody holds its terminal any more: all that can come is its end
                    self.wait(deadline - time.monotonic())
                return False
            # Who prints without end does not make the grader look without end: a look is paid for by a rest.
            rest_s = _REST * (time.monotonic() - began)
            self._await_more(lambda: False, rest_s)
            self._await_more(lambda: len(self._output) != len(seen), deadline - time.monotonic())  # noqa: B023

    def _await_more(self, come: Callable[[], bool], timeout_s: float) -> None:
        """Return when `come` holds, the output is at its end, or time is up."""
        with self._changed:
            self._changed.wait_for(lambda: self._drained or come(), max(0.0, timeout_s))

    def interrupt(self) -> None:
        """Press Ctrl-C on its terminal."""
        with contextlib.suppress(OSError):
            os.write(self._terminal, _CTRL_C)

    def signal(self, number: int) -> None:
        """Send a signal to all of its processes."""
        with contextlib.suppress(OSError):
            messages.send(self._control, Signal(number))

    def waited_s(self) -> float:
        """How many seconds its tasks have waited for a processor, in all; 0 where nobody can tell any more."""
        mine, theirs = os.pipe2(os.O_CLOEXEC)
        try:
            messages.send(self._control, TellWaited(), [theirs])
        except OSError:
            return 0.0
        else:
            os.close(theirs)
            theirs = -1
            told = os.read(mine, 32) if select.select([mine], [], [], _PATIENCE_S)[0] else b""
            return int(told or 0) / 1e9
        finally:
            os.close(mine)
            if theirs >= 0:
                os.close(theirs)

    def stop(self, patience_s: float = LAST_WISH_S) -> None:
        """End it as a person would: Ctrl-C, then TERM, then KILL. Its whole output is kept.

        Args:
            patience_s: how long it may take to obey Ctrl-C, and then TERM.
        """
        if self.stopped_by:
            self.wait(_PATIENCE_S)
        if not self.running or self.stopped_by:
            self.kill()
            return
        for name, act in (("SIGINT", self.interrupt), ("SIGTERM", lambda: self.signal(signal.SIGTERM))):
            self.stopped_by = name
            act()
            if self.wait(patience_s):
                break
        else:
            self.stopped_by = "SIGKILL"
        self.kill()

    def end(self, reason: str) -> None:
        """End all of its processes without waiting for it, from any thread; `reason` becomes `stopped_by`."""
        self._exceed(reason)
        self.stopped_by = self.stopped_by or reason
        self.signal(signal.SIGKILL)

    def kill(self) -> None:
        """End it, and everything that it started, at once. Harmless where it has ended."""
        if self._control.fileno() >= 0:
            with contextlib.suppress(HarnessFault):
                self.wait(0)
            self._control.close()
            if self.status is None and not self.not_started:
                self.status = -int(signal.SIGKILL)
                self.stopped_by = self.stopped_by or "SIGKILL"
            self._gone = True
        self._reader.join()
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1

    def _hear_end(self) -> None:
        self._gone = True
        message, descriptors = messages.receive(self._control)
        if isinstance(message, Exited):
            self.status = message.status
            self._exceed(message.limit)
            self.not_collected = message.not_collected
            if descriptors:
                self.left = snapshot.from_descriptor(descriptors[0])
        elif isinstance(message, NotStarted):
            self.not_started = message.reason
        else:
            raise HarnessFault("the sandbox of the program died")
        # Its last words may still be on their way; they end with its namespace, which is ending now.
        self._reader.join(_PATIENCE_S)

    def _drain(self) -> None:
        """Runs in a thread until the last process that holds the terminal is gone."""
        while True:
            try:
                part = os.read(self._terminal, 1 << 16)
            except OSError:
                part = b""
            with self._changed:
                room = self._output_bytes - len(self._output)
                self._output += part[:room]
                self._drained = not part
                self._changed.notify_all()
            if not part:
                return
            if len(part) > room and not self.output_truncated:
                self.output_truncated = True
                self._exceed(f"limit:output: more than {_size(self._output_bytes)} printed")
                self.signal(signal.SIGKILL)

    def _exceed(self, limit: str) -> None:
        """The program went too far; the first limit that it exceeded is the one that is told."""
        if limit and not self.limit:
            self.limit = limit
            self.stopped_by = ":".join(limit.split(":")[:2])


def _size(count: int) -> str:
    """A number of bytes as people say it."""
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{count >> 10} KiB"
