"""The ring: one interface's frames in memory shared with the kernel, taken a block at a time.

Owns: an AF_PACKET socket with a TPACKET_V3 receive ring (Documentation/networking/packet_mmap.rst).

Rules:
- The socket comes with protocol 0, which receives nothing; it is bound last. So every frame in the ring came
  from the one interface, and the ring is armed when the constructor returns.
- Reading copies the used bytes of whole blocks and looks at no frame: that keeps pace with the wire.
- PACKET_STATISTICS clears itself on every read, so the sums are kept here.
- Setting a ring up costs about 8 ms and closing it about 24 ms, whatever its size: the kernel waits for RCU
  grace periods (packet_set_ring and packet_release call synchronize_net). Neither holds the interpreter's
  lock meanwhile.

The process may live in another network namespace than its socket. Python resolves the interface's name with
an ioctl on the socket itself, hence in the socket's namespace.

Refuses: interfaces whose frames carry no Ethernet header.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import socket
import struct
from typing import Final, NamedTuple

from pytest_netlab.capture.block import block_header
from pytest_netlab.errors import HarnessFault, UsageError

LINK_ETHERNET: Final = 1
"""LINKTYPE_ETHERNET, the only link type that a ring delivers."""

_SOL_PACKET: Final = 263
_PACKET_RX_RING: Final = 5
_PACKET_STATISTICS: Final = 6
_PACKET_VERSION: Final = 10
_PACKET_IGNORE_OUTGOING: Final = 23
_TPACKET_V3: Final = 2
_ETH_P_ALL: Final = 3
_ARPHRD_ETHERNET_LIKE: Final = frozenset({1, 772})  # ARPHRD_ETHER, ARPHRD_LOOPBACK

_STATUS_WORD: Final = 2  # block_status is the third 32-bit word of a block
_STATUS_USER: Final = 1
_TO_KERNEL: Final = 0


class RingShape(NamedTuple):
    """Size and pace of a ring.

    A block comes to the reader when it is full or `retire_ms` after its first frame. So the number of blocks
    is the number of milliseconds for which a trickle of frames survives a reader that is held up, and
    their size is that of the burst. A block has to hold the largest frame of the interface.
    """

    block_bytes: int
    blocks: int
    retire_ms: int = 1

    @property
    def size_bytes(self) -> int:
        """Memory that the kernel sets aside."""
        return self.block_bytes * self.blocks


CABLE_RING: Final = RingShape(8 << 10, 1024)
"""8 MiB for interfaces with frames of up to 1514 bytes; bears a reader that is held up for a second."""
LOOPBACK_RING: Final = RingShape(128 << 10, 128)
"""16 MiB for `lo`, whose frames reach 65,550 bytes; bears 128 ms."""
LARGE_RING: Final = RingShape(1 << 20, 64)
"""64 MiB, for measurements at line rate."""


class Statistics(NamedTuple):
    """What the kernel counted since the ring was made.

    `frames` includes the `drops`; `freezes` counts how often the ring was full.
    """

    frames: int = 0
    drops: int = 0
    freezes: int = 0


class Ring:
    """An armed ring on one interface.

    Args:
        sock: a SOCK_RAW packet socket opened with protocol 0. The ring owns it from now on.
        interface: a name in the socket's network namespace.
        shape: size and pace.
        ignore_outgoing: leave out frames that the interface sends. For `lo`, which shows each one twice.

    Raises:
        UsageError: the interface carries no Ethernet frames, or the shape is none the kernel accepts.
        OSError: no such interface.
    """

    def __init__(
        self,
        sock: socket.socket,
        interface: str,
        shape: RingShape = LOOPBACK_RING,
        *,
        ignore_outgoing: bool = False,
    ) -> None:
        self.interface = interface
        self.shape = shape
        self._socket = sock
        self._next = 0
        self._sequence: int | None = None
        self._statistics = Statistics()
        with contextlib.ExitStack() as undo:
            undo.callback(sock.close)
            self._memory = _map_ring(sock, shape, ignore_outgoing)
            undo.callback(self._memory.close)
            self._words = memoryview(self._memory).cast("I")
            undo.callback(self._words.release)
            sock.bind((interface, _ETH_P_ALL))
            if sock.getsockname()[3] not in _ARPHRD_ETHERNET_LIKE:
                raise UsageError(f"{interface} carries no Ethernet frames and cannot be captured")
            undo.pop_all()

    def fileno(self) -> int:
        """The descriptor to poll: readable while a block waits."""
        return self._socket.fileno()

    def read_blocks(self) -> list[bytes]:
        """Copy every waiting block and hand it back to the kernel. Never waits.

        Raises:
            HarnessFault: a block is missing from the kernel's own numbering.
        """
        blocks: list[bytes] = []
        words = self._words
        size, count = self.shape.block_bytes, self.shape.blocks
        while True:
            at = self._next * size
            status = (at >> 2) + _STATUS_WORD
            if not words[status] & _STATUS_USER:
                return blocks
            header = block_header(self._memory, at)  # type: ignore[arg-type]
            blocks.append(self._memory[at : at + header.used_bytes])
            words[status] = _TO_KERNEL
            self._check_order(header.sequence)
            self._next = (self._next + 1) % count

    def statistics(self) -> Statistics:
        """What the kernel counted up to now."""
        raw = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 12)
        frames, drops, freezes = struct.unpack("=3I", raw)
        old = self._statistics
        self._statistics = Statistics(old.frames + frames, old.drops + drops, old.freezes + freezes)
        return self._statistics

    def take_error(self) -> int:
        """The socket's pending error number, such as ENETDOWN; reading it clears it."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def close(self) -> None:
        """Give socket and memory back. Takes about 24 ms; may be called twice."""
        self._words.release()
        self._memory.close()
        self._socket.close()

    def _check_order(self, sequence: int) -> None:
        if self._sequence is not None and sequence != self._sequence + 1:
            raise HarnessFault(f"ring of {self.interface}: block {sequence} came after block {self._sequence}")
        self._sequence = sequence


def _map_ring(sock: socket.socket, shape: RingShape, ignore_outgoing: bool) -> mmap.mmap:
    """Give the unbound socket its options and its ring, and map the ring."""
    sock.setsockopt(_SOL_PACKET, _PACKET_VERSION, _TPACKET_V3)
    if ignore_outgoing:
        sock.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    # struct tpacket_req3; with TPACKET_V3 a "frame" is any divisor of the block, here the block itself.
    request = struct.pack(
        "=7I", shape.block_bytes, shape.blocks, shape.block_bytes, shape.blocks, shape.retire_ms, 0, 0
    )
    # socket.setsockopt would hold the interpreter's lock while the kernel waits; ctypes lets it go.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setsockopt(sock.fileno(), _SOL_PACKET, _PACKET_RX_RING, request, len(request)):
        raise UsageError(f"the kernel refuses {shape}: {os.strerror(ctypes.get_errno())}")
    return mmap.mmap(sock.fileno(), shape.size_bytes, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE)
