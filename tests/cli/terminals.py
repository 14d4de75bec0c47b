"""A person at a terminal, played by a test: the command on a pseudo terminal of its own, keys in, screen out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path

COMMAND = [sys.executable, "-m", "pytest_netlab"]
PATIENCE_S = 60.0


class Terminal:
    """The command `pytest-netlab` with arguments, as the foreground of a terminal.

    Args:
        arguments: of the command.
        size: rows and columns.
        directory: its working directory.
        environment: added to this process's own.
    """

    def __init__(
        self,
        *arguments: str | Path,
        size: tuple[int, int] = (50, 80),
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._ours, theirs = pty.openpty()
        self.resize(*size, tell=False)
        self.before = termios.tcgetattr(theirs)
        self._kept = os.dup(theirs)
        self.screen = b""
        self._process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=directory,
            env={**os.environ, "TERM": "xterm", **(environment or {})},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(theirs)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._ours)
        os.close(self._kept)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._ours, keys.encode())

    def resize(self, rows: int, columns: int, *, tell: bool = True) -> None:
        """Change the window's size; the kernel tells the foreground."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command itself."""
        self._process.send_signal(number)

    def wait_for(self, text: str, count: int = 1) -> str:
        """Read until the screen has shown a text so many times. Returns all that it has shown."""
        deadline = time.monotonic() + PATIENCE_S
        while self.screen.count(text.encode()) < count:
            assert self._read(deadline), f"{text!r} was not shown:\n{self.shown}"
        return self.shown

    def wait_end(self) -> int:
        """Read until the command has ended. Returns its exit status."""
        deadline = time.monotonic() + PATIENCE_S
        while self._process.poll() is None:
            assert time.monotonic() < deadline, self.shown
            self._read(time.monotonic() + 0.1)
        while self._read(time.monotonic()):
            pass
        return self._process.returncode

    @property
    def shown(self) -> str:
        """All that was written to the screen."""
        return self.screen.decode(errors="replace").replace("\r\n", "\n")

    @property
    def settings(self) -> list[object]:
        """The terminal's settings as they are now."""
        return list(termios.tcgetattr(self._kept))

    def _read(self, deadline: float) -> bool:
        if not select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        self.screen += os.read(self._ours, 1 << 16)
        return True
