"""The interfaces' own counters, a second witness for what a ring says.

Owns: the table /proc/net/dev, and the arithmetic that compares it with a ring while frames may be passing.

The comparison: the interface has counted C frames since it exists, the ring has shown N since it was bound.
C - N never changes unless a frame went missing. It cannot be read in one instant, but a barrier brackets it:
C is read before the barrier is sent and after it was seen, N is the barrier's place in the ring. On an idle
interface both bounds meet and the comparison is exact; on a busy one it is as sharp as the traffic allows.
"""

from __future__ import annotations

from typing import NamedTuple

from pytest_netlab.errors import HarnessFault


class Counters(NamedTuple):
    """One line of /proc/net/dev, as far as it concerns frames."""

    received: int
    received_dropped: int
    sent: int
    sent_dropped: int

    def since(self, earlier: Counters) -> Counters:
        """What was added after `earlier` was read."""
        return Counters(*(new - old for new, old in zip(self, earlier, strict=True)))


def read_counters(table: bytes, interface: str) -> Counters:
    """The counters of one interface in the text of /proc/net/dev.

    Raises:
        HarnessFault: the table has no such interface.
    """
    for line in table.decode("ascii", "replace").splitlines():
        name, colon, numbers = line.partition(":")
        if colon and name.strip() == interface:
            column = [int(number) for number in numbers.split()]
            return Counters(column[1], column[3], column[9], column[11])
    raise HarnessFault(f"/proc/net/dev has no interface {interface}")


class Offset(NamedTuple):
    """Bounds of "counted by the interface minus shown by the ring" at the moment of one barrier."""

    least: int
    most: int

    @classmethod
    def bracket(cls, before: int, place: int, after: int) -> Offset:
        """From the counter before and after a barrier, and its place (from 1) among the ring's frames.

        The barrier itself is counted after `before` was read.
        """
        return cls(before + 1 - place, after - place)

    @property
    def slack(self) -> int:
        """Frames that passed beside the barrier, each of which makes the comparison one less sharp."""
        return self.most - self.least

    def missing_since(self, earlier: Offset) -> int:
        """How many frames are certainly missing: counted by the interface, not shown by the ring."""
        return max(0, self.least - earlier.most)

    def surplus_since(self, earlier: Offset) -> int:
        """How many frames the ring certainly showed that the interface never counted."""
        return max(0, earlier.least - self.most)
