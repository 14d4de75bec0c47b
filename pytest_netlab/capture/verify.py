"""Every checksum of a capture file, judged: how many are good, and which are not.

Rules:
- The verdicts are those of the headers' own `checksum_state`. Most packets of a large file are plain, though: a classic
  little-endian pcap of Ethernet, IPv4 without options or fragments, UDP or TCP, all sums right. Those are recognised
  by their bytes and counted without making anything of them, at about a microsecond each; nobody asks for
  their time. Whatever is not exactly
  that, or not right, is read like any other frame.
- Memory does not grow with the file: a window of it is held, and the first `MOST_FAULTS` faults.
"""

from __future__ import annotations

import io
import os
import struct
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple

from pytest_netlab.capture.pcap import read_records
from pytest_netlab.capture.reading import read_frames
from pytest_netlab.capture.stream import LONGEST_READ, ByteStream
from pytest_netlab.wire.checksum import Checksum
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.link import ETHERNET
from pytest_netlab.wire.packet import dissect

MOST_FAULTS: Final = 1000

_WINDOW_BYTES: Final = 1 << 20
_TICKS: Final = {b"\xd4\xc3\xb2\xa1": 1000, b"\x4d\x3c\xb2\xa1": 1}
# A record header of 16 bytes (its two lengths read as if they were big-endian), Ethernet's type, IPv4's first byte,
# total length, fragment word and protocol, and where UDP has length and checksum.
_PLAIN: Final = struct.Struct(">8xII12xHBxHxxHxB14xHH")
_LOOK_AHEAD: Final = 80  # the farthest byte that is looked at, in TCP's options, has to be there
_RECORD: Final = struct.Struct("<4I")
_TIMESTAMPS: Final = b"\x01\x01\x08\x0a"  # no operation, twice, and the timestamps option (RFC 7323, appendix A)


class Fault(NamedTuple):
    """A checksum that is not good: the frame's number, the layer, such as `"udp"`, and the verdict."""

    number: int
    layer: str
    state: Checksum


@dataclass(slots=True)
class Verified:
    """What all checksums of a file come to.

    Attributes:
        packets: frames in the file.
        states: how many checksums there are, by layer and verdict.
        unreadable: frames in which something known did not parse.
        faults: the first that are bad or unfinished.
    """

    packets: int = 0
    states: Counter[tuple[str, Checksum]] = field(default_factory=Counter)
    unreadable: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, frames: Iterable[Frame]) -> None:
        """Judge frames one by one."""
        for frame in frames:
            self.packets += 1
            packet = dissect(frame)
            self.unreadable += packet.error is not None
            for header in packet.layers:
                state = getattr(header, "checksum_state", None)
                if state is not None:
                    self.states[header.layer, state] += 1
                    if state in (Checksum.BAD, Checksum.UNFINISHED) and len(self.faults) < MOST_FAULTS:
                        self.faults.append(Fault(frame.number, header.layer, state))


def verify_checksums(path: str | os.PathLike[str]) -> Verified:
    """Judge every checksum of a capture file.

    Args:
        path: pcap or pcapng, as for `read_capture`.

    Raises:
        WireError: the file is damaged; with the offset in the file.
        OSError: it cannot be opened.
    """
    result = Verified()
    with open(path, "rb") as file:
        start = file.read(24)
        tick = _TICKS.get(start[:4])
        if tick and len(start) == 24 and struct.unpack("<H14xI", start[4:]) == (2, ETHERNET):
            _verify_plain(file, tick, result)
        else:
            file.seek(0)
            result.add(read_frames(file))
    return result


def _verify_plain(file: BinaryIO, tick: int, result: Verified) -> None:
    """The records of a little-endian pcap of Ethernet frames, a window at a time."""
    window, offset = b"", 24
    while more := file.read(_WINDOW_BYTES):
        window += more
        done = _count(window, offset, tick, result)
        window, offset = window[done:], offset + done
    result.add(read_records(ByteStream(io.BytesIO(window), offset), "<", tick, ETHERNET, result.packets))


def _count(window: bytes, offset: int, tick: int, result: Verified) -> int:
    """Judge the whole records at the beginning of a window; returns their length."""
    at = 0
    while True:
        at, udp, tcp = _skip_good(window, at)
        result.packets += udp + tcp
        for layer, count in (("ipv4", udp + tcp), ("udp", udp), ("tcp", tcp)):
            if count:
                result.states[layer, Checksum.GOOD] += count
        if at + 16 > len(window):
            return at
        _, fraction, captured, _ = _RECORD.unpack_from(window, at)
        damaged = fraction * tick >= 1_000_000_000 or captured > LONGEST_READ
        stop = len(window) if damaged else at + 16 + captured
        if stop > len(window):
            return at
        record = ByteStream(io.BytesIO(window[at:stop]), offset + at)
        result.add(read_records(record, "<", tick, ETHERNET, result.packets))
        at = stop


def _skip_good(window: bytes, at: int) -> tuple[int, int, int]:
    """Pass over records of plain packets whose sums are right.

    The sum over a pseudo header and what follows it needs no pseudo header: IPv4's two addresses stand right before
    the segment, and 65,535 divides the sum of all of it, protocol and length included (RFC 1071).

    Returns:
        Where the first other record begins, and how many packets of UDP and of TCP came before it.
    """
    unpack, number = _PLAIN.unpack_from, int.from_bytes
    udp = tcp = 0
    most = len(window) - _LOOK_AHEAD
    while at < most:
        captured, length, kind, first, total, fragment, protocol, told, checksum = unpack(window, at)
        if kind != 0x0800 or first != 0x45 or fragment & 0x3FFF or captured != length or captured & 0xFFFF:
            break
        captured = captured >> 24 | captured >> 8 & 0xFF00
        carried = total - 20
        stop = at + 16 + captured
        if total + 14 > captured or stop > len(window):
            break
        if protocol == 17:
            if told != carried or not checksum or carried < 8:
                break
        elif protocol != 6 or not _plain_tcp(window, at + 50, carried):
            break
        summed = number(window[at + 42 : at + 30 + total], "big")
        if carried & 1:
            summed <<= 8
        if (summed + protocol + carried) % 65535 or number(window[at + 30 : at + 50], "big") % 65535:
            break
        if protocol == 17:
            udp += 1
        else:
            tcp += 1
        at = stop
    return at, udp, tcp


def _plain_tcp(window: bytes, at: int, length: int) -> bool:
    """Whether the segment at byte `at` has no options, or those of every other packet of the Internet."""
    header = window[at + 12]
    if header == 0x50:
        return length >= 20
    return header == 0x80 and length >= 32 and window[at + 20 : at + 24] == _TIMESTAMPS
