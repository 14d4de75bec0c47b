"""From blocks to frames: parse, take this capture's barriers out, bring the taps into one order.

Rules:
- Each tap's frames keep the order of its ring; between taps the kernel's timestamps decide, and where they
  are equal the tap that was named first.
- Of frames with one of our nonces, only the first incoming one is a barrier; the rest are frames.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from pytest_netlab.capture import barrier
from pytest_netlab.capture.block import RawFrame, parse_block
from pytest_netlab.capture.ring import LINK_ETHERNET
from pytest_netlab.capture.tap import Watch
from pytest_netlab.wire.frame import Direction, Frame


class FrameSource:
    """One tap's frames, from the first kept block on; reads on where it left off.

    Attributes:
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._next_block = 0
        self._removed: set[bytes] = set()

    def read(self) -> Iterator[tuple[RawFrame, str]]:
        """Frames of the blocks that came since the last call, each with the name of the tap."""
        while (block := self._watch.block(self._next_block)) is not None:
            self._next_block += 1
            for raw in parse_block(block):
                if not self._is_barrier(raw):
                    yield raw, self._watch.tap.name

    def _is_barrier(self, raw: RawFrame) -> bool:
        if raw.outgoing or (nonce := barrier.nonce_of(raw.data)) is None:
            return False
        if nonce not in self._watch.issued or nonce in self._removed:
            return False
        self._removed.add(nonce)
        return True


def merge(sources: Sequence[FrameSource], first_number: int = 1) -> list[Frame]:
    """New frames of all sources in one order, numbered from `first_number`."""
    in_order = heapq.merge(*(source.read() for source in sources), key=_time)
    return [_frame(number, *item) for number, item in enumerate(in_order, start=first_number)]


def _time(item: tuple[RawFrame, str]) -> int:
    return item[0].time_ns


def _frame(number: int, raw: RawFrame, interface: str) -> Frame:
    whole = raw.original_length == len(raw.data)
    return Frame(
        data=raw.data,
        number=number,
        time_ns=raw.time_ns,
        interface=interface,
        link_type=LINK_ETHERNET,
        direction=Direction.OUTGOING if raw.outgoing else Direction.INCOMING,
        original_length=None if whole else raw.original_length,
        checksum_unfinished=raw.checksum_unfinished,
    )
