"""Calls for which the kernel takes its time (RCU grace periods, 8 to 30 ms): made together, or behind one's back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol


class Closable(Protocol):
    """A ring's watch, or a packet socket."""

    def close(self) -> None:
        """Give it back to the kernel."""


def in_parallel(calls: Sequence[Callable[[], None]]) -> None:
    """Run the calls at the same time: each waits for the kernel, and the kernel serves them together.

    Raises:
        BaseException: the first that one of them raised, when all have ended.
    """
    errors: list[BaseException] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls[1:]]
    for thread in threads:
        thread.start()
    guarded(calls[0])
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def close_behind(things: Sequence[Closable]) -> None:
    """Close rings and packet sockets in a thread that nobody waits for; it is no daemon, so it always finishes."""
    if things:
        threading.Thread(target=_close_all, args=(things,), name="netlab-close").start()


def _close_all(things: Sequence[Closable]) -> None:
    for each in things:
        each.close()
