"""Writing pcapng (draft-ietf-opsawg-pcapng): a recording that any tool opens and that explains itself.

Owns: the one writer. One section, in this machine's byte order: section header, the interfaces, the names of
the hosts, the packets, the interfaces' statistics.

Rules:
- Times are nanoseconds (if_tsresol 9). Directions go into epb_flags, comments into opt_comment.
- epb_flags bit 9, "checksum not ready", keeps `Frame.checksum_unfinished`. The standard reads a zero there as
  "false or unknown"; where an interface's description is `CHECKSUMS_KNOWN` it means false.
- An interface's statistics tell apart what was dropped by the interface (isb_ifdrop) and by the kernel for want of
  room in the ring (isb_osdrop), and how many frames are in the file (isb_usrdeliv) of those that passed (isb_ifrecv).
- A file appears whole or not at all: it is written beside its place and renamed.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import struct
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pytest_netlab.capture.recording import InterfaceRecord
from pytest_netlab.errors import UsageError
from pytest_netlab.wire.frame import Direction, Frame

SECTION_HEADER: Final = 0x0A0D0D0A
INTERFACE_DESCRIPTION: Final = 1
OBSOLETE_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
NAME_RESOLUTION: Final = 4
INTERFACE_STATISTICS: Final = 5
ENHANCED_PACKET: Final = 6

OPT_COMMENT: Final = 1
SHB_HARDWARE, SHB_OS, SHB_APPLICATION = 2, 3, 4
IF_NAME, IF_DESCRIPTION, IF_TSRESOL, IF_OS, IF_TSOFFSET, IF_HARDWARE = 2, 3, 9, 12, 14, 15
EPB_FLAGS: Final = 2
ISB_IFRECV, ISB_IFDROP, ISB_OSDROP, ISB_USRDELIV = 4, 5, 7, 8

BYTE_ORDER_MAGIC: Final = 0x1A2B3C4D
FLAG_DIRECTION: Final = {Direction.UNKNOWN: 0, Direction.INCOMING: 1, Direction.OUTGOING: 2}
FLAG_CHECKSUM_UNFINISHED: Final = 1 << 9
CHECKSUMS_KNOWN: Final = "bit 9 of epb_flags is authoritative: 0 means that the checksums were computed"

_LONGEST_OPTION: Final = 0xFFFF
_NANOSECONDS: Final = 9
_SNAP_LENGTH: Final = 262_144
"""More than any frame; what Wireshark and tcpdump write when they cut nothing."""


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a file says besides frames.

    Attributes:
        section: comment on the whole file.
        frames: comments by frame number, in addition to `Frame.comment`.
        names: host names by IPv4 or IPv6 address.
        hardware, system, application: who recorded it.
    """

    section: str = ""
    frames: Mapping[int, Sequence[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    hardware: str = ""
    system: str = ""
    application: str = "pytest-netlab"


def write_pcapng(
    path: str | os.PathLike[str],
    frames: Sequence[Frame],
    interfaces: Sequence[InterfaceRecord] = (),
    remarks: Remarks | None = None,
) -> None:
    """Write a recording to a file.

    Args:
        path: replaced if it exists.
        frames: in the order of their numbers. Interfaces that `interfaces` does not name are added.
        interfaces: with what is known of them.
        remarks: comments, names and origin.

    Raises:
        UsageError: a name's address is none.
        OSError: the file cannot be written.
    """
    target = Path(path)
    blocks = pcapng_blocks(frames, interfaces, remarks or Remarks())
    fd, beside = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(fd, "wb") as file:
            os.fchmod(fd, 0o644)
            file.writelines(blocks)
        os.replace(beside, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise


def pcapng_blocks(frames: Sequence[Frame], interfaces: Sequence[InterfaceRecord], remarks: Remarks) -> Iterator[bytes]:
    """The blocks of the file, one after the other."""
    index = _interface_table(frames, interfaces)
    known = dict.fromkeys(index, True)
    for frame in frames:
        known[_key(frame)] &= frame.checksum_unfinished is not None
    yield _section(remarks)
    for (name, link_type), certain in known.items():
        yield _interface(name, link_type, certain, remarks)
    if remarks.names:
        yield _names(remarks.names)
    for frame in frames:
        yield _packet(frame, index[_key(frame)], remarks.frames.get(frame.number, ()))
    last_ns = max((frame.time_ns for frame in frames), default=0)
    delivered = Counter(map(_key, frames))
    for interface in interfaces:
        key = interface.name, interface.link_type
        yield _statistics(interface, index[key], last_ns, delivered[key])


def _key(frame: Frame) -> tuple[str, int]:
    return frame.interface, frame.link_type


def _interface_table(frames: Iterable[Frame], interfaces: Iterable[InterfaceRecord]) -> dict[tuple[str, int], int]:
    """Number the interfaces: those given first, then those that only frames mention."""
    keys = dict.fromkeys((interface.name, interface.link_type) for interface in interfaces)
    keys.update(dict.fromkeys(_key(frame) for frame in frames))
    return {key: number for number, key in enumerate(keys)}


def _block(kind: int, body: bytes) -> bytes:
    """A general block, section 3.1: type, total length, body, total length again."""
    length = len(body) + 12
    return struct.pack("=2I", kind, length) + body + struct.pack("=I", length)


def _pad(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, value: bytes) -> bytes:
    value = value[:_LONGEST_OPTION]
    return struct.pack("=2H", code, len(value)) + _pad(value)


def _text(code: int, text: str) -> bytes:
    """A UTF-8 option; nothing for an empty text. Cut at a character where it is too long."""
    data = text.encode("utf-8", "backslashreplace")[:_LONGEST_OPTION]
    data = data.decode("utf-8", "ignore").encode()
    return _option(code, data) if data else b""


def _end(options: bytes) -> bytes:
    return options + bytes(4) if options else b""


def _section(remarks: Remarks) -> bytes:
    options = (
        _text(OPT_COMMENT, remarks.section)
        + _text(SHB_HARDWARE, remarks.hardware)
        + _text(SHB_OS, remarks.system)
        + _text(SHB_APPLICATION, remarks.application)
    )
    return _block(SECTION_HEADER, struct.pack("=I2Hq", BYTE_ORDER_MAGIC, 1, 0, -1) + _end(options))


def _interface(name: str, link_type: int, checksums_known: bool, remarks: Remarks) -> bytes:
    """An interface description block, section 4.2."""
    options = (
        _text(IF_NAME, name)
        + _text(IF_DESCRIPTION, CHECKSUMS_KNOWN if checksums_known else "")
        + _option(IF_TSRESOL, bytes([_NANOSECONDS]))
        + _text(IF_OS, remarks.system)
        + _text(IF_HARDWARE, remarks.hardware)
    )
    return _block(INTERFACE_DESCRIPTION, struct.pack("=2HI", link_type, 0, _SNAP_LENGTH) + _end(options))


def _names(names: Mapping[str, str]) -> bytes:
    """A name resolution block, section 4.5."""
    records = b""
    for address, name in names.items():
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError as error:
            raise UsageError(f"no address to name {name!r}: {error}") from error
        value = parsed.packed + name.encode() + b"\0"
        records += struct.pack("=2H", 1 if parsed.version == 4 else 2, len(value)) + _pad(value)
    return _block(NAME_RESOLUTION, records + bytes(4))


def _packet(frame: Frame, interface: int, comments: Iterable[str]) -> bytes:
    """An enhanced packet block, section 4.3."""
    flags = FLAG_DIRECTION[frame.direction]
    if frame.checksum_unfinished:
        flags |= FLAG_CHECKSUM_UNFINISHED
    options = b"".join(_text(OPT_COMMENT, comment) for comment in (frame.comment, *comments))
    if flags:
        options += _option(EPB_FLAGS, struct.pack("=I", flags))
    time = struct.pack("=2I", frame.time_ns >> 32 & 0xFFFF_FFFF, frame.time_ns & 0xFFFF_FFFF)
    head = struct.pack("=I", interface) + time + struct.pack("=2I", len(frame.data), frame.length)
    return _block(ENHANCED_PACKET, head + _pad(frame.data) + _end(options))


def _statistics(interface: InterfaceRecord, number: int, time_ns: int, delivered: int) -> bytes:
    """An interface statistics block, section 4.6."""
    counters = interface.counters
    passed = None if interface.received is None else interface.received + (interface.dropped or 0)
    lost = None if counters is None else counters.received_dropped + counters.sent_dropped
    known = {ISB_IFRECV: passed, ISB_IFDROP: lost, ISB_OSDROP: interface.dropped, ISB_USRDELIV: delivered}
    options = b"".join(_option(code, struct.pack("=Q", value)) for code, value in known.items() if value is not None)
    head = struct.pack("=3I", number, time_ns >> 32 & 0xFFFF_FFFF, time_ns & 0xFFFF_FFFF)
    return _block(INTERFACE_STATISTICS, head + _end(options))
