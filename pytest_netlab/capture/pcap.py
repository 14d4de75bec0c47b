"""Reading classic pcap (draft-ietf-opsawg-pcap), in both byte orders, with micro- or nanoseconds.

Refuses, by name: the modified and foreign variants that share the idea but not the layout of records.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from pytest_netlab.capture.stream import ByteStream
from pytest_netlab.errors import WireError
from pytest_netlab.wire.frame import Frame

_NS_PER_TICK: Final = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
_VARIANTS: Final = {
    0xA1B2CD34: "modified (Kuznetzov) pcap",
    0xA1B234CD: "IXIA hardware pcap, nanoseconds",
    0x1C0001AC: "IXIA software pcap",
    0x1C0001CA: "IXIA software pcap",
    0xA1E2CB12: "Navtel pcap",
}
_LINK_TYPE_BITS: Final = 0xFFFF  # above them: reserved bits, to be ignored; the frame check sequence and its flags


def byte_order(magic: bytes) -> str | None:
    """The struct byte order of a classic pcap with these first four bytes; None if it is no such file.

    Raises:
        WireError: it is one of the variants that are not read.
    """
    for order in "<>":
        (number,) = struct.unpack(f"{order}I", magic)
        if number in _NS_PER_TICK:
            return order
        if number in _VARIANTS:
            raise WireError(f"{_VARIANTS[number]} is not supported", "pcap.magic", 0)
    return None


def read_pcap(stream: ByteStream, magic: bytes, order: str) -> Iterator[Frame]:
    """The frames of a classic pcap whose first four bytes were already taken from the stream.

    Raises:
        WireError: the file is damaged; with the offset in the file.
    """
    tick = _NS_PER_TICK[struct.unpack(f"{order}I", magic)[0]]
    major, minor, _, _, _, link = struct.unpack(f"{order}2H4I", stream.take(20, "pcap.header"))
    if major != 2:
        raise WireError(f"version {major}.{minor} is not 2.x", "pcap.version", 4)
    yield from read_records(stream, order, tick, link & _LINK_TYPE_BITS)


def read_records(stream: ByteStream, order: str, tick: int, link_type: int, number: int = 0) -> Iterator[Frame]:
    """The frames of a classic pcap from the record on at which the stream stands.

    Args:
        stream: the file.
        order: its byte order, `"<"` or `">"`.
        tick: nanoseconds in a unit of its clock.
        link_type: of all its frames.
        number: of the last frame before.

    Raises:
        WireError: the file is damaged; with the offset in the file.
    """
    record = struct.Struct(f"{order}4I")
    while not stream.at_end():
        start = stream.offset
        seconds, fraction, captured, length = record.unpack(stream.take(16, "pcap.record"))
        if fraction * tick >= 1_000_000_000:
            raise WireError(f"{fraction} is no fraction of a second", "pcap.record.fraction", start + 4)
        data = stream.take(captured, "pcap.record.data")
        if length < captured:
            raise WireError(f"{captured} bytes captured of a packet of {length}", "pcap.record.length", start + 12)
        number += 1
        yield Frame(
            data=data,
            number=number,
            time_ns=seconds * 1_000_000_000 + fraction * tick,
            link_type=link_type,
            original_length=None if length == captured else length,
        )
