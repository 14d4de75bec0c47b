"""Reading pcapng (draft-ietf-opsawg-pcapng): any number of sections and interfaces, both byte orders.

Rules:
- One block is in memory at a time. Blocks and options that are not understood are skipped, as the draft asks.
- A frame takes link type, name and clock from its interface, direction and checksum state from epb_flags, and
  its comments, joined by newlines, from opt_comment.

Refuses: a packet that names an interface the section has not described, options that overrun their block,
clocks finer than 10^-18 or 2^-63 seconds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from pytest_netlab.capture import pcapng
from pytest_netlab.capture.stream import ByteStream
from pytest_netlab.errors import WireError
from pytest_netlab.wire.frame import Direction, Frame

_DIRECTIONS: Final = {bits: direction for direction, bits in pcapng.FLAG_DIRECTION.items()}
_MOST_INTERFACES: Final = 1 << 16
_FINEST_DECIMAL: Final = 18
_FINEST_BINARY: Final = 63
_EPB_FLAGS_BITS: Final = 3


@dataclass(frozen=True, slots=True)
class _Interface:
    link_type: int
    snap_length: int
    name: str = ""
    ticks_per_second: int = 1_000_000
    offset_s: int = 0
    checksums_known: bool = False

    def time_ns(self, high: int, low: int) -> int:
        ticks = high << 32 | low
        return ticks * 1_000_000_000 // self.ticks_per_second + self.offset_s * 1_000_000_000


@dataclass(slots=True)
class _Section:
    order: str
    interfaces: list[_Interface] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Body:
    """A block's body, with the offset of its first byte in the file and the section's byte order."""

    data: bytes
    at: int
    order: str

    def unpack(self, layout: str, at: int, name: str) -> tuple[int, ...]:
        size = struct.calcsize(f"{self.order}{layout}")
        if at + size > len(self.data):
            raise WireError(f"the block's {len(self.data)} bytes end before it", name, self.at + at)
        return struct.unpack_from(f"{self.order}{layout}", self.data, at)

    def cut(self, at: int, length: int, name: str) -> bytes:
        if at + length > len(self.data):
            left = max(0, len(self.data) - at)
            raise WireError(f"{length} bytes, but the block has {left} left", name, self.at + at)
        return self.data[at : at + length]

    def options(self, at: int) -> Iterator[tuple[int, bytes, int]]:
        """Code, value and offset in the file of each option from byte `at` of the body on."""
        while at < len(self.data):
            code, length = self.unpack("2H", at, "pcapng.option")
            if code == 0:
                return
            yield code, self.cut(at + 4, length, "pcapng.option"), self.at + at
            at += 4 + _padded(length)


def read_pcapng(stream: ByteStream) -> Iterator[Frame]:
    """The frames of a pcapng file, of which the first block's type was already taken from the stream.

    Raises:
        WireError: the file is damaged; with the offset in the file.
    """
    section = _read_section(stream)
    number = 0
    while not stream.at_end():
        kind = struct.unpack(f"{section.order}I", stream.take(4, "pcapng.block.type"))[0]
        if kind == pcapng.SECTION_HEADER:
            section = _read_section(stream)
            continue
        body = _read_body(stream, section.order)
        if kind == pcapng.INTERFACE_DESCRIPTION:
            _describe(section, body)
        elif kind in _PACKETS:
            number += 1
            yield _PACKETS[kind](section, body, number)


def _padded(length: int) -> int:
    return length + 3 & ~3


def _read_section(stream: ByteStream) -> _Section:
    """A section header block, section 4.1, whose type has been taken."""
    start = stream.offset - 4
    head = stream.take(8, "pcapng.section")
    for order in "<>":
        length, magic = struct.unpack(f"{order}2I", head)
        if magic == pcapng.BYTE_ORDER_MAGIC:
            break
    else:
        raise WireError("no byte-order magic", "pcapng.section.magic", start + 8)
    body = _Body(_rest(stream, order, length, start, taken=12), start + 12, order)
    major, minor = body.unpack("2H", 0, "pcapng.section.version")
    if major != 1:
        raise WireError(f"version {major}.{minor} is not 1.x", "pcapng.section.version", start + 12)
    body.unpack("q", 4, "pcapng.section.length")
    return _Section(order)


def _read_body(stream: ByteStream, order: str) -> _Body:
    """The body of a block whose type has been taken."""
    start = stream.offset - 4
    (length,) = struct.unpack(f"{order}I", stream.take(4, "pcapng.block.length"))
    return _Body(_rest(stream, order, length, start, taken=8), start + 8, order)


def _rest(stream: ByteStream, order: str, length: int, start: int, taken: int) -> bytes:
    """What follows the `taken` bytes of a block, without the second length, which must agree."""
    if length % 4 or length < taken + 4:
        raise WireError(f"{length} is no length of a block", "pcapng.block.length", start + 4)
    data = stream.take(length - taken, "pcapng.block")
    (again,) = struct.unpack(f"{order}I", data[-4:])
    if again != length:
        problem = f"the block's lengths disagree: {length} and {again}"
        raise WireError(problem, "pcapng.block.length", stream.offset - 4)
    return data[:-4]


def _describe(section: _Section, body: _Body) -> None:
    """An interface description block, section 4.2."""
    if len(section.interfaces) >= _MOST_INTERFACES:
        raise WireError(f"more than {_MOST_INTERFACES} interfaces", "pcapng.interface", body.at)
    link_type, _, snap_length = body.unpack("2HI", 0, "pcapng.interface")
    name, description, ticks, offset_s = "", "", 1_000_000, 0
    for code, value, at in body.options(8):
        if code == pcapng.IF_NAME:
            name = _decoded(value)
        elif code == pcapng.IF_DESCRIPTION:
            description = _decoded(value)
        elif code == pcapng.IF_TSRESOL:
            ticks = _ticks_per_second(value, at)
        elif code == pcapng.IF_TSOFFSET:
            if len(value) != 8:
                raise WireError(f"{len(value)} bytes instead of 8", "pcapng.if_tsoffset", at)
            (offset_s,) = struct.unpack(f"{body.order}q", value)
    known = description == pcapng.CHECKSUMS_KNOWN
    section.interfaces.append(_Interface(link_type, snap_length, name, ticks, offset_s, known))


def _ticks_per_second(value: bytes, at: int) -> int:
    if len(value) != 1:
        raise WireError(f"{len(value)} bytes instead of 1", "pcapng.if_tsresol", at)
    power, binary = value[0] & 0x7F, value[0] & 0x80
    if power > (_FINEST_BINARY if binary else _FINEST_DECIMAL):
        clock = f"{2 if binary else 10}^-{power} s"
        raise WireError(f"a clock of {clock} is not supported", "pcapng.if_tsresol", at)
    return int(2**power if binary else 10**power)


def _decoded(value: bytes) -> str:
    return value.decode("utf-8", "replace").rstrip("\0")


def _interface_of(section: _Section, number: int, body: _Body) -> _Interface:
    if number >= len(section.interfaces):
        problem = f"interface {number}, but the section describes {len(section.interfaces)}"
        raise WireError(problem, "pcapng.packet.interface", body.at)
    return section.interfaces[number]


def _enhanced(section: _Section, body: _Body, number: int) -> Frame:
    """An enhanced packet block, section 4.3."""
    which, high, low, captured, length = body.unpack("5I", 0, "pcapng.packet")
    interface = _interface_of(section, which, body)
    return _with_options(interface, interface.time_ns(high, low), captured, length, body, number)


def _obsolete(section: _Section, body: _Body, number: int) -> Frame:
    """A packet block as files had it before the enhanced one, appendix A."""
    which, _, high, low, captured, length = body.unpack("2H4I", 0, "pcapng.packet")
    interface = _interface_of(section, which, body)
    return _with_options(interface, interface.time_ns(high, low), captured, length, body, number)


def _with_options(interface: _Interface, time_ns: int, captured: int, length: int, body: _Body, number: int) -> Frame:
    """Both packet blocks have their data at byte 20 of the body, and options behind it."""
    data = body.cut(20, captured, "pcapng.packet.captured")
    if length < captured:
        problem = f"{captured} bytes captured of a packet of {length}"
        raise WireError(problem, "pcapng.packet.length", body.at + 16)
    comments: list[str] = []
    flags = 0
    for code, value, at in body.options(20 + _padded(captured)):
        if code == pcapng.OPT_COMMENT:
            comments.append(_decoded(value))
        elif code == pcapng.EPB_FLAGS:
            if len(value) != 4:
                raise WireError(f"{len(value)} bytes instead of 4", "pcapng.epb_flags", at)
            (flags,) = struct.unpack(f"{body.order}I", value)
    unfinished = bool(flags & pcapng.FLAG_CHECKSUM_UNFINISHED)
    return Frame(
        data=data,
        number=number,
        time_ns=time_ns,
        interface=interface.name,
        link_type=interface.link_type,
        direction=_DIRECTIONS.get(flags & _EPB_FLAGS_BITS, Direction.UNKNOWN),
        original_length=None if length == captured else length,
        checksum_unfinished=unfinished if unfinished or interface.checksums_known else None,
        comment="\n".join(comments),
    )


def _simple(section: _Section, body: _Body, number: int) -> Frame:
    """A simple packet block, section 4.4: the first interface, no time, captured length by arithmetic."""
    interface = _interface_of(section, 0, body)
    (length,) = body.unpack("I", 0, "pcapng.simple")
    captured = min(length, interface.snap_length) if interface.snap_length else length
    data = body.cut(4, captured, "pcapng.simple.data")
    return Frame(
        data=data,
        number=number,
        interface=interface.name,
        link_type=interface.link_type,
        original_length=None if length == captured else length,
    )


_PACKETS: Final = {
    pcapng.ENHANCED_PACKET: _enhanced,
    pcapng.OBSOLETE_PACKET: _obsolete,
    pcapng.SIMPLE_PACKET: _simple,
}
