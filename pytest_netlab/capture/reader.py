"""The reader: a thread that empties the rings, so that the kernel never runs out of blocks.

Rules:
- It copies blocks and wakes whoever waits; it parses nothing but the block in which a barrier is expected.
- It polls the rings and one eventfd. Nothing here sleeps or asks for the time.
- What it cannot go on after becomes `failure`, which every wait raises as `HarnessFault`.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Sequence

from pytest_netlab.capture.tap import Watch
from pytest_netlab.errors import HarnessFault


class Reader:
    """Reads the rings of some watches, which must be open, until `stop`.

    Attributes:
        changes: how often something new was collected; compare it to notice news.
    """

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.changes = 0
        self._watches = {watch.ring.fileno(): watch for watch in watches if watch.ring is not None}
        self._news = threading.Condition()
        self._failure = ""
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="netlab-capture", daemon=True)

    def start(self) -> None:
        """Start reading."""
        self._thread.start()

    def stop(self) -> None:
        """Take what the rings still hold, then end the thread."""
        self._stopping = True
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        os.close(self._wake)

    def add(self, watch: Watch) -> None:
        """Read one more watch, which must be open."""
        assert watch.ring is not None
        with self._news:
            self._watches[watch.ring.fileno()] = watch
        os.eventfd_write(self._wake, 1)

    def wait(self, condition: Callable[[], bool], deadline: float) -> bool:
        """Wait until a condition holds that only collecting can change.

        Args:
            condition: asked under the reader's lock.
            deadline: on the clock of `time.monotonic`.

        Returns:
            Whether it holds.

        Raises:
            HarnessFault: the reader has failed.
        """
        with self._news:
            while not condition():
                if self._failure:
                    raise HarnessFault(self._failure)
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
            return True

    def _run(self) -> None:
        try:
            self._read()
        except Exception as error:
            self._fail(f"the capture's reader stopped: {error!r}")

    def _read(self) -> None:
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        while True:
            with self._news:
                for fd in self._watches:
                    poll.register(fd, select.POLLIN)
            ready = dict(poll.poll())
            if self._wake in ready:
                os.eventfd_read(self._wake)
            stopping = self._stopping  # asked before collecting: what came before the stop is collected
            for fd, events in ready.items():
                if fd != self._wake and events & select.POLLERR:
                    self._note_error(self._watches[fd])
            with self._news:
                if sum(watch.collect() for watch in self._watches.values()):
                    self.changes += 1
                    self._news.notify_all()
            if stopping:
                return

    def _note_error(self, watch: Watch) -> None:
        assert watch.ring is not None
        number = watch.ring.take_error()
        if number:
            self._fail(f"{watch.tap.name} cannot be watched any more: {os.strerror(number)}")

    def _fail(self, failure: str) -> None:
        with self._news:
            self._failure = self._failure or failure
            self._news.notify_all()
