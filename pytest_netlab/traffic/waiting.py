"""Waiting that ends: when something can be read, when a program is over, or when time is up.

Rules: nothing sleeps and hopes. Every wait has a deadline, and every wait for a program's doing also ends
with that program. A peer's thread tells its news by a `Bell`, which any number of threads can wait for.
"""

from __future__ import annotations

import math
import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol


class HasFileno(Protocol):
    """A socket, a running program, or anything else that poll(2) takes."""

    def fileno(self) -> int:
        """Its descriptor; negative once it is closed."""
        ...


class Wakeup(NamedTuple):
    """Why a wait is over: what is ready, and whether the program has ended. Neither: time is up."""

    ready: tuple[HasFileno, ...]
    ended: bool

    @property
    def timed_out(self) -> bool:
        """Neither data nor the program's end came in time."""
        return not self.ready and not self.ended


def wait_readable(sources: Sequence[HasFileno], *, timeout_s: float, until_ended: HasFileno | None = None) -> Wakeup:
    """Wait until one of `sources` can be read, `until_ended` is over, or `timeout_s` seconds have passed.

    Args:
        sources: what to read from; at the end of a stream it can be read, too.
        timeout_s: the longest wait; 0 only looks, `math.inf` waits for ever.
        until_ended: a running program, readable at its end. One that is closed already counts as ended.

    Returns:
        Everything that was ready when the wait ended, so data that came before the end is never missed.
    """
    return _wait(sources, select.POLLIN, timeout_s, until_ended)


def wait_writable(sink: HasFileno, *, timeout_s: float, until_ended: HasFileno | None = None) -> Wakeup:
    """Wait until `sink` takes more data; otherwise as `wait_readable`."""
    return _wait([sink], select.POLLOUT, timeout_s, until_ended)


def _wait(sources: Sequence[HasFileno], event: int, timeout_s: float, until_ended: HasFileno | None) -> Wakeup:
    poll = select.poll()
    by_fd = {source.fileno(): source for source in sources}
    for fd in by_fd:
        poll.register(fd, event)
    ended_fd = until_ended.fileno() if until_ended is not None else -1
    over = until_ended is not None and ended_fd < 0
    if ended_fd >= 0:
        poll.register(ended_fd, select.POLLIN)
    timeout_ms = None if timeout_s == math.inf else math.ceil(max(0.0, timeout_s) * 1000)
    ready = {fd for fd, _ in poll.poll(0 if over else timeout_ms)}
    return Wakeup(tuple(source for fd, source in by_fd.items() if fd in ready), over or ended_fd in ready)


class Bell:
    """Wakes those who wait for a peer's news."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[int] = set()

    def ring(self) -> None:
        """Something changed: everybody looks again."""
        with self._lock:
            for fd in self._waiting:
                os.eventfd_write(fd, 1)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float, until_ended: HasFileno | None = None) -> bool:
        """Wait until `condition` holds, `until_ended` is over, or time is up.

        Returns:
            Whether the condition holds.
        """
        deadline = time.monotonic() + timeout_s
        fd = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        with self._lock:
            self._waiting.add(fd)
        try:
            return _watch(fd, condition, deadline, until_ended)
        finally:
            with self._lock:
                self._waiting.discard(fd)
            os.close(fd)


class Descriptor(NamedTuple):
    """A bare descriptor, to wait for beside sockets."""

    fd: int

    def fileno(self) -> int:
        """The descriptor."""
        return self.fd


def _watch(fd: int, condition: Callable[[], bool], deadline: float, until_ended: HasFileno | None) -> bool:
    source = Descriptor(fd)
    while not condition():
        woken = wait_readable([source], timeout_s=deadline - time.monotonic(), until_ended=until_ended)
        if woken.ready:
            os.eventfd_read(fd)
        else:
            return condition()
    return True
