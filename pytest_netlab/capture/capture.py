"""A capture: taps armed, watched and drained, with nothing missing in between.

Rules:
- Armed means proved: `start` returns after a barrier frame has come through every tap.
- `sync` and `stop` prove in the same way that all that was sent before has been recorded, and ask the
  interfaces' counters for a second opinion. A frame that the two witnesses cannot account for is a
  `HarnessFault` that carries the numbers.
- At the limit recording stops and the recording says so. From there on losses prove nothing and are not
  raised; the numbers stay in `Recording.interfaces`. What the ring dropped counts towards the limit, at the
  smallest size of a frame: who sends more than any ring holds has exceeded the limit, and nothing was "lost".

Costs, Linux 6.18: start about 11 ms (the kernel's RCU grace period), a barrier 1 ms (the ring's retire time),
stop 1 to 2 ms; giving the rings back takes another 30 ms, in a thread that nobody waits for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from pytest_netlab.capture import accounting
from pytest_netlab.capture.assembly import FrameSource, merge
from pytest_netlab.capture.block import SMALLEST_FRAME_BYTES
from pytest_netlab.capture.counters import Offset
from pytest_netlab.capture.grace import close_behind, in_parallel
from pytest_netlab.capture.reader import Reader
from pytest_netlab.capture.recording import LIMIT_CAPTURE, Recording
from pytest_netlab.capture.store import BlockStore
from pytest_netlab.capture.tap import Tap, Watch
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.wire.flows import Packets
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.packet import Packet, dissect
from pytest_netlab.wire.views import Views

_ARMING_ATTEMPTS: Final = 3
_RESEND_S: Final = 0.5


class Capture(Views):
    """Watches taps from `start` to `stop`, or for the length of a `with` block.

    Args:
        taps: what to watch; where timestamps are equal, frames of the first come first.
        limit_bytes: the most that is kept, all taps together; a short frame takes about 150 bytes.
        memory_bytes: the most of it that is kept in memory, the rest goes to a temporary file.
        patience_s: how long a barrier may take, or a counter may disagree, before it is a fault. On a sound
            machine both are settled within milliseconds.
        on_limit: called once when the limit is reached, in the capture's own thread; it must not wait.
    """

    def __init__(
        self,
        taps: Sequence[Tap],
        *,
        limit_bytes: int = 64 << 20,
        memory_bytes: int = 64 << 20,
        patience_s: float = 2.0,
        on_limit: Callable[[], None] | None = None,
    ) -> None:
        if not taps:
            raise UsageError("a capture needs at least one tap")
        self._taps = tuple(taps)
        self._patience_s = patience_s
        self._store = BlockStore(limit_bytes, memory_bytes, on_limit)
        self._watches: list[Watch] = []
        self._reader: Reader | None = None
        self._baseline: list[Offset] = []
        self._frames: list[Frame] = []
        self._packets: list[Packet] = []
        self._recording: Recording | None = None

    def __enter__(self) -> Capture:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Arm every tap.

        Raises:
            HarnessFault: a barrier did not come through.
            UsageError: it was started before.
            OSError: the kernel refused a socket or does not know an interface.
        """
        if self._baseline or self._watches:
            raise UsageError("this capture was started before; make a new one")
        try:
            self._watches = [Watch(tap, self._store) for tap in self._taps]
            in_parallel([watch.open for watch in self._watches])
            self._sources = [FrameSource(watch) for watch in self._watches]
            self._reader = Reader(self._watches)
            self._reader.start()
            self._baseline = self._arm()
        except BaseException:
            self.close()
            raise

    def add(self, tap: Tap) -> None:
        """Watch one more tap, from now to the end of the capture; it is armed on return.

        Raises:
            HarnessFault: there is no such interface, or a barrier did not come through.
            UsageError: the capture is not running.
            OSError: the kernel refused a socket.
        """
        reader = self._running()
        watch = Watch(tap, self._store)
        try:
            watch.open()
        except BaseException:
            watch.close()
            raise
        self._watches.append(watch)
        self._sources.append(FrameSource(watch))
        reader.add(watch)
        try:
            self._baseline.append(self._arm()[-1])
        except BaseException:
            self.close()
            raise

    def sync(self) -> None:
        """Return once all that was sent before the call has been recorded, 1 to 2 ms.

        Raises:
            HarnessFault: a barrier or a frame is missing; the text has the numbers.
        """
        deadline = time.monotonic() + self._patience_s
        while True:
            now = self._observe()
            if self.limited:
                return
            problems = [accounting.account(*pair) for pair in zip(self._watches, self._baseline, now, strict=True)]
            certain = [text for text, final in problems if final]
            doubtful = [text for text, _ in problems if text]
            if certain or (doubtful and time.monotonic() > deadline):
                raise HarnessFault("; ".join(certain or doubtful))
            if not doubtful:
                return

    @property
    def running(self) -> bool:
        """Whether it has been started, and not stopped yet."""
        return self._reader is not None

    @property
    def limited(self) -> bool:
        """Whether more has passed than may be kept. What is recorded is a beginning, and may have holes."""
        if not self._store.limited:
            passed = sum(watch.statistics().frames for watch in self._watches if watch.ring is not None)
            self._store.limited = passed * SMALLEST_FRAME_BYTES > self._store.limit_bytes
        return self._store.limited

    def frames_so_far(self) -> list[Frame]:
        """The frames recorded up to now; after `sync`, all that were sent before it.

        Their numbers may differ from those of the recording when several taps see frames at the same time.
        """
        self._frames += merge(self._sources, first_number=len(self._frames) + 1)
        return list(self._frames)

    @property
    def packets(self) -> Packets:
        """All that was sent up to now, dissected.

        Raises:
            HarnessFault: a frame of it is missing.
        """
        if self._recording is not None:
            return self._recording.packets
        self.sync()
        self._dissect_new()
        return Packets(self._packets)

    def wait_for(self, predicate: Callable[[Packet], bool], timeout_s: float) -> Packet:
        """The first packet of the capture, past or to come, for which `predicate` is true.

        Raises:
            TimeoutError: there was none within `timeout_s` seconds.
            HarnessFault: the capture can see no more.
        """
        reader = self._running()
        deadline = time.monotonic() + timeout_s
        seen = 0
        while True:
            changes = reader.changes
            self._dissect_new()
            for packet in self._packets[seen:]:
                if predicate(packet):
                    return packet
            seen = len(self._packets)
            if not reader.wait(lambda before=changes: reader.changes != before, deadline):  # type: ignore[misc]
                raise TimeoutError(f"no packet matched within {timeout_s:g} s; {seen} were captured")

    def news(self, seen: int, timeout_s: float) -> list[Packet]:
        """The packets behind the first `seen` ones, as soon as there are any.

        Args:
            seen: how many the caller has seen.
            timeout_s: the longest wait for one, in seconds; after it the list is empty.

        Raises:
            HarnessFault: the capture can see no more.
            UsageError: the capture is not running.
        """
        reader = self._running()
        deadline = time.monotonic() + timeout_s
        while True:
            changes = reader.changes
            self._dissect_new()
            if len(self._packets) > seen:
                return self._packets[seen:]
            if not reader.wait(lambda before=changes: reader.changes != before, deadline):  # type: ignore[misc]
                return []

    def stop(self) -> Recording:
        """Drain the taps and return everything; a second call returns the same recording.

        Raises:
            HarnessFault: a barrier or a frame is missing; the text has the numbers.
        """
        if self._recording is None:
            reader = self._running()
            try:
                self._drain()
                interfaces = tuple(accounting.record(watch) for watch in self._watches)
                reader.stop()
                self._reader = None
                frames = merge([FrameSource(watch) for watch in self._watches])
                limit = LIMIT_CAPTURE if self._store.limited else None
                self._recording = Recording(frames, interfaces, limit)
            finally:
                self.close()
        return self._recording

    def close(self) -> None:
        """End the capture without asking for its result; safe at any time, any number of times."""
        if self._reader is not None:
            self._reader.stop()
            self._reader = None
        self._store.close()
        watches, self._watches = self._watches, []
        close_behind(watches)

    def _running(self) -> Reader:
        if self._reader is None:
            raise UsageError("this capture is not running")
        return self._reader

    def _dissect_new(self) -> None:
        self.frames_so_far()
        self._packets += [dissect(frame) for frame in self._frames[len(self._packets) :]]

    def _arm(self) -> list[Offset]:
        """The tightest bounds out of a few barriers; the first one, as a rule, on an idle interface."""
        best = self._observe()
        for _ in range(_ARMING_ATTEMPTS - 1):
            if not any(offset.slack for offset in best):
                break
            again = self._observe()
            best = [min(pair, key=lambda offset: offset.slack) for pair in zip(best, again, strict=True)]
        return best

    def _drain(self) -> None:
        try:
            self.sync()
        except HarnessFault:
            if not self.limited:
                raise

    def _observe(self) -> list[Offset]:
        """Send a barrier through every tap, wait for them all, and compare ring and counters around each."""
        reader = self._running()
        deadline = time.monotonic() + self._patience_s
        while True:
            before = [watch.counted() for watch in self._watches]
            for watch in self._watches:
                watch.send_barrier()
            patience = min(deadline, time.monotonic() + _RESEND_S)
            if reader.wait(lambda: all(watch.place for watch in self._watches), patience):
                return [watch.bracket(count) for watch, count in zip(self._watches, before, strict=True)]
            if time.monotonic() >= deadline:
                lost = [accounting.numbers(watch) for watch in self._watches if not watch.place]
                raise HarnessFault("a barrier frame was lost: " + "; ".join(lost))
