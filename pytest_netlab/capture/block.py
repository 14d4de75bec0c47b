"""One block of a TPACKET_V3 ring, read after the fact.

Owns: the layout of `struct tpacket_block_desc` and `struct tpacket3_hdr` (linux/if_packet.h; explained in the
kernel's Documentation/networking/packet_mmap.rst). Pure: a block is `bytes` that were copied out of the ring.

Rules:
- Times are nanoseconds since the epoch, as the kernel stamped them.
- Direction is `sll_pkttype`, which the kernel sets; addresses inside a frame prove nothing.
- A VLAN tag that the kernel took out of the bytes is put back, so a frame is what stood on the wire.

Refuses nothing: the kernel wrote these bytes, not the program under test.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

STATUS_CSUM_NOT_READY: Final = 0x08
"""tp_status: the kernel left the transport checksum for hardware that does not exist on this interface."""
STATUS_LOSING: Final = 0x04
"""tp_status: frames were dropped since the statistics were last read."""
STATUS_CSUM_VALID: Final = 0x80
"""tp_status: the kernel has verified the transport checksum."""

SMALLEST_FRAME_BYTES: Final = 96
"""The least that a frame takes of a block: headers of 82 bytes, an Ethernet header, and nothing in it."""

_STATUS_VLAN_VALID: Final = 0x10
_STATUS_VLAN_TPID_VALID: Final = 0x40
_PACKET_OUTGOING: Final = 4
_ETH_P_8021Q: Final = 0x8100
_MAC_ADDRESSES: Final = 12

# version, offset_to_priv, then tpacket_hdr_v1: block_status, num_pkts, offset_to_first_pkt, blk_len, seq_num
_BLOCK: Final = struct.Struct("=6IQ")
# tp_next_offset, tp_sec, tp_nsec, tp_snaplen, tp_len, tp_status, tp_mac, tp_net, rxhash, tci, tpid
_FRAME: Final = struct.Struct("=6I2H2IH")
# struct sockaddr_ll stands behind the 48 bytes of tpacket3_hdr; sll_pkttype is its byte 10.
_PACKET_TYPE_AT: Final = 48 + 10


class BlockHeader(NamedTuple):
    """What a block says about itself."""

    frames: int
    first_at: int
    used_bytes: int
    sequence: int


class RawFrame(NamedTuple):
    """A frame as the ring holds it, before it becomes a `Frame`.

    `status` holds the TP_STATUS_… bits; `original_length` counts bytes on the wire.
    """

    time_ns: int
    data: bytes
    original_length: int
    status: int
    packet_type: int

    @property
    def outgoing(self) -> bool:
        """Whether this interface sent the frame (PACKET_OUTGOING)."""
        return self.packet_type == _PACKET_OUTGOING

    @property
    def checksum_unfinished(self) -> bool:
        """Whether the kernel had yet to compute the transport checksum."""
        return bool(self.status & STATUS_CSUM_NOT_READY)


def block_header(block: bytes | memoryview, at: int = 0) -> BlockHeader:
    """The header of the block that starts at byte `at`."""
    _, _, _, frames, first_at, used, sequence = _BLOCK.unpack_from(block, at)
    return BlockHeader(frames, first_at, used, sequence)


def parse_block(block: bytes) -> Iterator[RawFrame]:
    """The frames of one block, in the order in which the kernel stored them."""
    header = block_header(block)
    at = header.first_at
    unpack = _FRAME.unpack_from
    for _ in range(header.frames):
        step, sec, nsec, captured, length, status, mac, _, _, tci, tpid = unpack(block, at)
        start = at + mac
        data = block[start : start + captured]
        if status & _STATUS_VLAN_VALID:
            tag = _vlan_tag(status, tpid, tci)
            data = data[:_MAC_ADDRESSES] + tag + data[_MAC_ADDRESSES:]
            length += len(tag)
        yield RawFrame(sec * 1_000_000_000 + nsec, data, length, status, block[at + _PACKET_TYPE_AT])
        at += step


def _vlan_tag(status: int, tpid: int, tci: int) -> bytes:
    """The four bytes that the kernel moved from the frame to its metadata (IEEE 802.1Q)."""
    protocol = tpid if status & _STATUS_VLAN_TPID_VALID else _ETH_P_8021Q
    return struct.pack("!2H", protocol, tci & 0xFFFF)
