"""A tap: one interface of one host, how it is watched, and who may testify about it.

Owns: `Tap`, which says what to watch, and `Watch`, one tap while it is being watched.

Two kinds of tap:
- `Tap.cable`: the grader's end of a veth pair. Barriers are sent at the other end, so they come the way the
  frames of the program under test come. They bypass the queueing discipline (PACKET_QDISC_BYPASS), and with
  it every packet socket at the sending end: a sniffer there does not see them.
- `Tap.loopback`: `lo`. The kernel shows each of its frames twice; only the incoming one is recorded. Barriers
  are sent on `lo` itself, so every sniffer in that namespace sees those sent while it runs.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Final, Protocol

from pytest_netlab.capture import barrier
from pytest_netlab.capture.block import block_header, parse_block
from pytest_netlab.capture.counters import Counters, Offset, read_counters
from pytest_netlab.capture.ring import CABLE_RING, LOOPBACK_RING, Ring, RingShape, Statistics
from pytest_netlab.capture.store import BlockStore, Kept

_SOL_PACKET: Final = 263
_PACKET_QDISC_BYPASS: Final = 20


class Host(Protocol):
    """What a tap needs of a host."""

    def socket(self, family: int, type: int, protocol: int = 0, /) -> socket.socket:
        """A socket in the host's network namespace."""

    def read_net(self, name: str, /) -> bytes:
        """The content of /proc/net/`name` in that namespace."""


@dataclass(frozen=True, slots=True)
class Tap:
    """An interface to watch.

    Attributes:
        host: where the interface is.
        interface: its name there.
        name: how recordings call it, such as `"eth0@internet"`.
        far_host: where barriers are sent.
        far_interface: the interface they are sent on.
        shape: size and pace of the ring.
    """

    host: Host
    interface: str
    name: str
    far_host: Host
    far_interface: str
    shape: RingShape

    @classmethod
    def cable(cls, near: tuple[Host, str], far: tuple[Host, str], name: str, shape: RingShape = CABLE_RING) -> Tap:
        """A tap at the `near` end of a veth pair whose other end is `far`; both are host and interface."""
        return cls(near[0], near[1], name, far[0], far[1], shape)

    @classmethod
    def loopback(cls, host: Host, name: str = "lo", shape: RingShape = LOOPBACK_RING) -> Tap:
        """A tap on the `lo` of a host."""
        return cls(host, "lo", name, host, "lo", shape)

    @property
    def is_loopback(self) -> bool:
        """Whether the interface hears what it says."""
        return self.far_host is self.host and self.far_interface == self.interface


class Watch:
    """One tap while it is watched: its ring, its blocks, its barriers and its counters.

    The reader's thread calls `collect`, under the reader's lock; all else belongs to the capture's thread.

    Attributes:
        frames: frames that the ring has shown, barriers and frames beyond the limit included.
        barriers_seen: how many of them were barriers.
        issued: nonces of the barriers sent.
    """

    def __init__(self, tap: Tap, store: BlockStore) -> None:
        self.tap = tap
        self.frames = 0
        self.barriers_seen = 0
        self.issued: set[bytes] = set()
        self._store = store
        self._kept: list[Kept] = []
        self._awaited: set[bytes] = set()
        self._latest = b""
        self._place = 0
        self._ring_socket = tap.host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._sender = tap.far_host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.ring: Ring | None = None

    def open(self) -> None:
        """Set the ring up, about 8 ms; it is armed on return."""
        self._sender.setsockopt(_SOL_PACKET, _PACKET_QDISC_BYPASS, 1)
        self._sender.bind((self.tap.far_interface, 0))
        self._first = self.counters()
        self._first_far = self._far_counters()
        self.ring = Ring(self._ring_socket, self.tap.interface, self.tap.shape, ignore_outgoing=self.tap.is_loopback)

    def close(self) -> None:
        """Give ring and sockets back, about 32 ms."""
        self._sender.close()
        if self.ring is None:
            self._ring_socket.close()
        else:
            self.ring.close()

    def collect(self) -> bool:
        """Take what the ring has; True where there was something."""
        assert self.ring is not None
        blocks = self.ring.read_blocks()
        for block in blocks:
            for nonce in [nonce for nonce in self._awaited if nonce in block]:
                self._note_barrier(block, nonce)
            self.frames += block_header(block).frames
            kept = self._store.keep(block)
            if kept is not None:
                self._kept.append(kept)
        return bool(blocks)

    def send_barrier(self) -> None:
        """Send a fresh barrier; `place` tells when it has come."""
        nonce = barrier.new_nonce()
        self._place = 0
        self._latest = nonce
        self._awaited.add(nonce)
        self.issued.add(nonce)
        self._sender.send(barrier.build(nonce))

    @property
    def place(self) -> int:
        """Place of the latest barrier among the ring's frames, from 1; 0 while it is on its way."""
        return self._place

    def block(self, index: int) -> bytes | None:
        """The kept block with that index, None past the last."""
        return self._store.load(self._kept[index]) if index < len(self._kept) else None

    def counters(self) -> Counters:
        """The interface's counters now."""
        return read_counters(self.tap.host.read_net("dev"), self.tap.interface)

    def counted(self) -> int:
        """Frames of the kind that the ring shows, as the interface counts them since it exists.

        An outgoing frame passes the ring before the driver can refuse it, so refused ones count.
        """
        now = self.counters()
        return now.received if self.tap.is_loopback else now.received + now.sent + now.sent_dropped

    def bracket(self, before: int) -> Offset:
        """The comparison around the barrier that has come; `before` is `counted()` before it was sent."""
        return Offset.bracket(before, self._place, self.counted())

    def statistics(self) -> Statistics:
        """What the kernel says about the ring."""
        assert self.ring is not None
        return self.ring.statistics()

    def counters_since_open(self) -> Counters:
        """What the interface counted since it is watched."""
        return self.counters().since(self._first)

    def lost_on_link(self) -> int:
        """Frames that the kernel accepted and then dropped between the two ends, where no tap could see them.

        A full backlog counts as received-dropped on `lo` and as sent-dropped at the sending end of a veth.
        """
        near = self.counters_since_open()
        if self.tap.is_loopback:
            return near.received_dropped
        return near.sent_dropped + self._far_counters().since(self._first_far).sent_dropped

    def _far_counters(self) -> Counters:
        return read_counters(self.tap.far_host.read_net("dev"), self.tap.far_interface)

    def _note_barrier(self, block: bytes, nonce: bytes) -> None:
        for index, raw in enumerate(parse_block(block), start=1):
            if not raw.outgoing and barrier.nonce_of(raw.data) == nonce:
                if nonce == self._latest:
                    self._place = self.frames + index
                self._awaited.remove(nonce)
                self.barriers_seen += 1
                return
