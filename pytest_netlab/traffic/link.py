"""A cable with faults: frames that are dropped, delayed, doubled, reordered or damaged, the same ones in each run.

The lab's cable is cut in the middle and this peer carries its frames from one half to the other, in user space. So
it needs nothing of the kernel that machines may lack (netem), and which frames are hit is counted, never drawn.

Rules:
- A rule hits by number: the n-th frame *of those that its `where` holds for*, from the moment the rule is made.
- Rules of one way are asked in the order in which they were made; each sees what the earlier ones left.
- Frames of one way leave in the order of their times; equal times keep their order.
- Frames carried without a rule are up to two milliseconds late: the ring gives them away in blocks.
- The grader's own barrier frames pass unseen and untouched: a capture knows that it is complete, whatever is lost.

Refuses: losing a frame by itself. A burst that the ring could not hold is a `HarnessFault`, not packet loss.
"""

from __future__ import annotations

import heapq
import itertools
import math
import selectors
import socket
import time
from collections.abc import Callable, Container
from typing import Final, Literal, NamedTuple

from pytest_netlab.capture import barrier
from pytest_netlab.capture.block import parse_block
from pytest_netlab.capture.ring import CABLE_RING, Ring
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab.client import Lab
from pytest_netlab.lab.messages import HostName
from pytest_netlab.traffic.peer import Peer
from pytest_netlab.wire import Frame, Packet, Packets, dissect

Where = Callable[[Packet], object]
"""Tells by its truth whether a rule counts a packet."""

Nth = int | Container[int] | None
"""Which of the matching frames: the first is 1; a range or set of numbers; None is every one."""

MOST_REMEMBERED: Final = 10_000
"""How many of the frames it hit a rule remembers."""

_SEND_BUFFER_BYTES: Final = 4 << 20


class Copy(NamedTuple):
    """A frame on its way, and how many seconds it stays."""

    data: bytes
    stays_s: float = 0.0


class Rule:
    """What happens to some frames of one way, and which ones it has happened to.

    Made by the methods of `Way`.
    """

    def __init__(self, way: Way, nth: Nth, where: Where | None, act: Callable[[Copy], list[Copy]]) -> None:
        if isinstance(nth, int) and nth < 1:
            raise UsageError(f"frames are counted from 1; there is no frame {nth}")
        self._way = way
        self._nth = nth
        self._where = where
        self._act = act
        self._seen = 0
        self._hit: list[Frame] = []
        self._hits = 0

    @property
    def hits(self) -> int:
        """How many frames the rule has hit."""
        return self._hits

    @property
    def packets(self) -> Packets:
        """The frames that it hit, as they were before; the first `MOST_REMEMBERED` of them."""
        return Packets([dissect(frame) for frame in tuple(self._hit)])

    def wait(self, count: int = 1, timeout_s: float = 5.0) -> bool:
        """Wait until it has hit `count` frames; whether it has.

        Raises:
            HarnessFault: the link died.
        """
        return self._way.link.wait_for(lambda: self._hits >= count, timeout_s)

    def apply(self, copy: Copy, now_ns: int) -> list[Copy]:
        """What leaves instead of `copy`. Called in the link's thread."""
        frame = Frame(copy.data, len(self._hit) + 1, now_ns, f"cable to {self._way.name}")
        if self._where is not None and not self._where(dissect(frame)):
            return [copy]
        self._seen += 1
        if not self._is_meant(self._seen):
            return [copy]
        if len(self._hit) < MOST_REMEMBERED:
            self._hit.append(frame)
        self._hits += 1
        return self._act(copy)

    def _is_meant(self, number: int) -> bool:
        if self._nth is None:
            return True
        return number == self._nth if isinstance(self._nth, int) else number in self._nth


class Way:
    """One way of a link.

    Attributes:
        name: the host that its frames go to.
        link: the link that it is a way of.
    """

    def __init__(
        self, link: Link, name: Literal["student", "internet"], entry: Ring, exit_socket: socket.socket
    ) -> None:
        self.name = name
        self.link = link
        self.entry = entry
        self._exit = exit_socket
        self._rules: tuple[Rule, ...] = ()
        self._waiting: list[tuple[float, int, bytes]] = []
        self._order = itertools.count()
        self._behind: list[tuple[float, Copy]] = []
        self._bits_per_s = math.inf
        self._free_at_s = 0.0

    def drop(self, nth: Nth = None, *, where: Where | None = None) -> Rule:
        """Lose the n-th matching frame, several of them, or all."""
        return self._rule(nth, where, lambda copy: [])

    def delay(self, nth: Nth = None, *, by_s: float, where: Where | None = None) -> Rule:
        """Keep matching frames for `by_s` seconds. Those that come behind may overtake them."""
        if not 0 <= by_s < math.inf:
            raise UsageError(f"a frame is delayed by some seconds, not by {by_s}")
        return self._rule(nth, where, lambda copy: [copy._replace(stays_s=copy.stays_s + by_s)])

    def duplicate(self, nth: Nth = None, *, copies: int = 2, where: Where | None = None) -> Rule:
        """Let matching frames arrive `copies` times, one behind the other."""
        if copies < 1:
            raise UsageError("a frame arrives at least once; `drop` loses it")
        return self._rule(nth, where, lambda copy: [copy] * copies)

    def reorder(self, nth: Nth = None, *, at_most_s: float = 1.0, where: Where | None = None) -> Rule:
        """Let the next frame of this way overtake a matching one; without a next one it leaves after `at_most_s`."""
        return self._rule(nth, where, lambda copy: self._set_behind(copy, at_most_s))

    def corrupt(self, nth: Nth = None, *, at: int = -1, bits: int = 0x01, where: Where | None = None) -> Rule:
        """Flip `bits` (a mask of 8) of the octet `at` of matching frames; checksums stay as they were.

        Args:
            nth: which of the matching frames.
            at: counted from the frame's first octet, or from its end where negative.
            bits: the mask.
            where: which frames match.
        """
        if not 0 < bits < 256:
            raise UsageError(f"the mask has 8 bits and flips at least one; {bits} does not")
        return self._rule(nth, where, lambda copy: [copy._replace(data=_flipped(copy.data, at, bits))])

    def limit_rate(self, bits_per_s: float) -> None:
        """Let frames leave one after the other, each taking its length (from its Ethernet header on) over the rate."""
        if bits_per_s <= 0:
            raise UsageError(f"a rate is above 0 bit/s, not {bits_per_s}")
        self._bits_per_s = bits_per_s

    def carry(self) -> None:
        """Take what has come in. Called in the link's thread."""
        for block in self.entry.read_blocks():
            for raw in parse_block(block):
                if raw.outgoing:
                    continue
                if barrier.nonce_of(raw.data) is not None:
                    self._send(raw.data)
                else:
                    self._pass(raw.data, raw.time_ns)

    def release(self, now_s: float) -> None:
        """Let go what is due. Called in the link's thread."""
        while self._behind and self._behind[0][0] <= now_s:
            self._queue(self._behind.pop(0)[1])
        while self._waiting and self._waiting[0][0] <= now_s:
            self._send(heapq.heappop(self._waiting)[2])

    @property
    def due_at_s(self) -> float:
        """When the next frame is due, on the monotonic clock; infinity where none waits."""
        first = self._waiting[0][0] if self._waiting else math.inf
        return min([first, *(deadline_s for deadline_s, _ in self._behind)])

    def check(self) -> None:
        """Raise HarnessFault where the ring lost a frame."""
        drops = self.entry.statistics().drops
        if drops:
            raise HarnessFault(f"the link to {self.name} lost {drops} frames of a burst that it could not hold")

    def close(self) -> None:
        """Give the ring and the socket back."""
        self.entry.close()
        self._exit.close()

    def _rule(self, nth: Nth, where: Where | None, act: Callable[[Copy], list[Copy]]) -> Rule:
        rule = Rule(self, nth, where, act)
        self._rules = (*self._rules, rule)
        return rule

    def _set_behind(self, copy: Copy, at_most_s: float) -> list[Copy]:
        """Keep a frame back, so that the next one overtakes it."""
        self._behind.append((time.monotonic() + at_most_s, copy))
        return []

    def _pass(self, data: bytes, now_ns: int) -> None:
        """Ask the rules what leaves instead of a frame; what was kept back leaves behind it."""
        kept_back, self._behind = self._behind, []
        copies = [Copy(data)]
        for rule in self._rules:
            copies = [left for copy in copies for left in rule.apply(copy, now_ns)]
        if copies:
            copies += [copy for _, copy in kept_back]
        else:
            self._behind = kept_back + self._behind
        for copy in copies:
            self._queue(copy)

    def _queue(self, copy: Copy) -> None:
        leaves_s = time.monotonic() + copy.stays_s
        if self._bits_per_s < math.inf:
            leaves_s = max(leaves_s, self._free_at_s) + len(copy.data) * 8 / self._bits_per_s
            self._free_at_s = leaves_s
        heapq.heappush(self._waiting, (leaves_s, next(self._order), copy.data))

    def _send(self, data: bytes) -> None:
        try:
            self._exit.send(data)
        except OSError as error:
            raise HarnessFault(f"the link to {self.name} could not deliver a frame: {error.strerror}") from error


class Link(Peer):
    """The two ways of a lab's cable, each with its rules. Frames pass from the moment it is made.

    Args:
        lab: one made with `relayed=True`.

    Attributes:
        to_internet: the way from the student host.
        to_student: the way to it.

    Raises:
        UsageError: the lab's cable is not cut.
    """

    def __init__(self, lab: Lab) -> None:
        super().__init__("link")
        self.to_internet = _way(self, lab, "student", "internet")
        self.to_student = _way(self, lab, "internet", "student")
        for way in (self.to_internet, self.to_student):
            self._selector.register(way.entry, selectors.EVENT_READ, way.carry)
        self._start()

    def wait_for(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `condition`, which looks at rules, holds; whether it does.

        Raises:
            HarnessFault: the link died.
        """
        return self._wait(condition, timeout_s)

    def close(self) -> None:
        """Stop carrying.

        Raises:
            HarnessFault: the link had died, or lost a frame by itself.
        """
        if self._closed:
            return
        try:
            super().close()
            for way in (self.to_internet, self.to_student):
                way.check()
        finally:
            self.to_internet.close()
            self.to_student.close()

    def _due_in_s(self) -> float | None:
        due_at_s = min(self.to_internet.due_at_s, self.to_student.due_at_s)
        return None if due_at_s == math.inf else max(0.0, due_at_s - time.monotonic())

    def _tick(self) -> None:
        for way in (self.to_internet, self.to_student):
            way.release(time.monotonic())
        self._bell.ring()


def _way(link: Link, lab: Lab, source: HostName, target: Literal["student", "internet"]) -> Way:
    """The way that begins at the cable's end at `source`."""
    try:
        entry = Ring(lab.socket("cable", socket.AF_PACKET, socket.SOCK_RAW), source, CABLE_RING, ignore_outgoing=True)
        leaving = lab.socket("cable", socket.AF_PACKET, socket.SOCK_RAW)
    except HarnessFault as error:
        raise UsageError("a link needs a lab whose cable is cut: ask for lab(relayed=True)") from error
    leaving.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    leaving.bind((target, 0))
    return Way(link, target, entry, leaving)


def _flipped(data: bytes, at: int, bits: int) -> bytes:
    """A copy of `data` with `bits` flipped in octet `at`; unchanged where it has no such octet."""
    changed = bytearray(data)
    if -len(changed) <= at < len(changed):
        changed[at] ^= bits
    return bytes(changed)
