"""What all peers share: a thread that waits for its sockets, and stops when it is told to.

Rules:
- The thread waits in a selector and never polls. `close` wakes it, joins it and closes its sockets.
- An exception in the thread is kept and raised as `HarnessFault` at the next look at the peer, or on close.
- `settle` returns once the thread has dealt with all that had arrived before the call. So "nothing came" is
  known, not hoped, when a program has ended.
"""

from __future__ import annotations

import os
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Final

from pytest_netlab.errors import HarnessFault
from pytest_netlab.traffic.closing import Closing
from pytest_netlab.traffic.waiting import Bell, HasFileno

SETTLE_S: Final = 5.0
"""How long a peer may take to deal with what has arrived, in seconds."""


class Peer(Closing):
    """A thread over sockets of the lab. A context manager: leaving it closes it."""

    def __init__(self, name: str) -> None:
        self._bell = Bell()
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._selector.register(self._wake, selectors.EVENT_READ, None)
        self._fault: BaseException | None = None
        self._stopping = False
        self._closed = False
        self._asked = self._settled = 0
        self._thread = threading.Thread(target=self._run, name=f"netlab-{name}", daemon=True)

    def check(self) -> None:
        """Raise what went wrong in the peer's thread, if anything did.

        Raises:
            HarnessFault: an exception ended the thread; it is the cause.
        """
        if self._fault is not None:
            raise HarnessFault(f"{type(self).__name__} died: {self._fault!r}") from self._fault

    def settle(self) -> None:
        """Return once everything that has arrived by now is dealt with.

        Raises:
            HarnessFault: the peer died, or did not get there within `SETTLE_S`.
        """
        if not self._closed:
            self._asked += 1
            mine = self._asked
            os.eventfd_write(self._wake, 1)
            if not self._wait(lambda: self._settled >= mine, SETTLE_S):
                raise HarnessFault(f"{type(self).__name__} did not settle within {SETTLE_S} s")

    def close(self) -> None:
        """Stop the thread and close the sockets. May be called twice.

        Raises:
            HarnessFault: the thread had died of an exception.
        """
        if not self._closed:
            self._closed = True
            self._stop()
            self._selector.close()
            os.close(self._wake)
        self.check()

    def _start(self) -> None:
        self._thread.start()

    def _stop(self) -> None:
        self._stopping = True
        if self._thread.ident is not None:
            os.eventfd_write(self._wake, 1)
            self._thread.join()
        for key in list(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()

    def _watch(self, sock: socket.socket, act: Callable[[], None]) -> None:
        """Call `act` in the thread whenever `sock` can be read. The peer owns the socket from now on."""
        sock.setblocking(False)
        self._selector.register(sock, selectors.EVENT_READ, act)

    def _due_in_s(self) -> float | None:
        """Seconds until the thread has something to do by itself; None where it only reacts."""
        return None

    def _tick(self) -> None:
        """Do what is due; called in the thread after every wait."""

    def _wait(self, condition: Callable[[], bool], timeout_s: float, until_ended: HasFileno | None = None) -> bool:
        """Wait for news that make `condition` true; at the program's end, settle and look once more."""

        def holds_or_dead() -> bool:
            return condition() or self._fault is not None

        self._bell.wait_until(holds_or_dead, timeout_s, until_ended)
        self.check()
        if until_ended is not None and not condition():
            self.settle()
        return condition()

    def _fail(self, fault: BaseException) -> None:
        self._fault = self._fault or fault
        self._bell.ring()

    def _run(self) -> None:
        try:
            while not self._stopping:
                asked = self._asked  # read before looking: what came before it is seen by this look
                ready = self._selector.select(0 if asked != self._settled else self._due_in_s())
                acts = [key.data for key, _ in ready if key.data is not None]
                for act in acts:
                    act()
                self._tick()
                if len(acts) < len(ready):
                    os.eventfd_read(self._wake)
                if not acts and asked != self._settled:
                    self._settled = asked
                    self._bell.ring()
        except Exception as fault:  # whatever it is, the test's thread must hear of it
            self._fail(fault)
