"""Writing captures in every shape that students hand in: formats, clocks and byte orders that our writer never uses."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, Literal

from pytest_netlab.capture import Remarks
from pytest_netlab.capture.pcapng import pcapng_blocks
from pytest_netlab.wire import Direction, Frame

Order = Literal["<", ">"]

ETHERNET: Final = 1
NULL: Final = 0
RAW: Final = 101
COOKED: Final = 113
COOKED2: Final = 276
_IPV4: Final = 0x0800
_AF_INET: Final = 2


def pcapng(frames: Sequence[Frame]) -> bytes:
    """As our writer makes it."""
    return b"".join(pcapng_blocks(frames, (), Remarks(application="")))


def pcapng_big_endian(frames: Iterable[Frame]) -> bytes:
    """One section of big-endian blocks with microseconds, which is what a file without if_tsresol has."""
    blocks = _block(0x0A0D0D0A, struct.pack(">I2Hq", 0x1A2B3C4D, 1, 0, -1))
    blocks += _block(1, struct.pack(">2HI", ETHERNET, 0, 262144))
    for frame in frames:
        ticks = frame.time_ns // 1000
        head = struct.pack(">5I", 0, ticks >> 32, ticks & 0xFFFF_FFFF, len(frame.data), frame.length)
        blocks += _block(6, head + frame.data + bytes(-len(frame.data) % 4))
    return blocks


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack(">I", len(body) + 12)
    return struct.pack(">I", kind) + length + body + length


def pcap(frames: Sequence[Frame], *, order: Order = "<", nanoseconds: bool = False, snap_length: int = 262144) -> bytes:
    """A classic file; its link type is that of the first frame."""
    magic, tick = (0xA1B23C4D, 1) if nanoseconds else (0xA1B2C3D4, 1000)
    link_type = frames[0].link_type if frames else ETHERNET
    data = struct.pack(f"{order}I2H4I", magic, 2, 4, 0, 0, snap_length, link_type)
    for frame in frames:
        seconds, rest = divmod(frame.time_ns, 1_000_000_000)
        data += struct.pack(f"{order}4I", seconds, rest // tick, len(frame.data), frame.length) + frame.data
    return data


def relinked(frame: Frame, link_type: int) -> Frame:
    """An Ethernet frame of IPv4 under another link layer, as loopback, tunnels and `-i any` give it."""
    assert frame.link_type == ETHERNET
    sent = frame.interface == "eth0" and frame.data[26:30] == bytes([10, 77, 0, 2])
    kind, index = (4 if sent else 0), (2 if frame.interface == "eth0" else 1)
    header = {
        NULL: struct.pack("<I", _AF_INET),
        RAW: b"",
        COOKED: struct.pack("!3H8sH", kind, 1, 6, frame.data[6:12], _IPV4),
        COOKED2: struct.pack("!2HIHBB8s", _IPV4, 0, index, 1, kind, 6, frame.data[6:12]),
    }[link_type]
    return replace(frame, data=header + frame.data[14:], link_type=link_type)


def cut(frame: Frame, snap_length: int) -> Frame:
    """The frame as a capture with this snap length keeps it."""
    if len(frame.data) <= snap_length:
        return frame
    return replace(frame, data=frame.data[:snap_length], original_length=frame.length)


def doubled(frame: Frame, *, directions: bool) -> list[Frame]:
    """A frame of loopback going out and, a few microseconds later, coming in."""
    out, into = (Direction.OUTGOING, Direction.INCOMING) if directions else (Direction.UNKNOWN, Direction.UNKNOWN)
    return [replace(frame, direction=out), replace(frame, direction=into, time_ns=frame.time_ns + 7_000)]
