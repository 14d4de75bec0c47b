"""Changing recorded frames: flags, numbers, addresses and data, with the checksums put right again."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Final

from pytest_netlab.traffic import craft
from pytest_netlab.wire import Frame, dissect, internet_checksum, pseudo_header4

CLIENT: Final = "10.77.0.2"
SERVER: Final = "10.77.0.80"
SERVER_PORT: Final = 80
LOCAL: Final = "127.0.0.1"
_IP: Final = 14
_FLAGS: Final = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}


def tcp(
    frame: Frame,
    *,
    flags: str | None = None,
    ack: int | None = None,
    client_port: int | None = None,
    data: bytes | None = None,
    more_ns: int = 0,
) -> Frame:
    """A TCP frame with other flags, acknowledgment, data, or another port of the client's, some time later."""
    header = dissect(frame).tcp
    assert header is not None
    octets = bytearray(frame.data[header.offset : header.payload_offset])
    if client_port is not None:
        at = 2 if header.src_port == SERVER_PORT else 0
        octets[at : at + 2] = struct.pack("!H", client_port)
    if ack is not None:
        octets[8:12] = struct.pack("!I", ack)
    if flags is not None:
        octets[13] = sum(_FLAGS[letter] for letter in flags)
    segment = bytes(octets) + (bytes(header.payload) if data is None else data)
    return _again(frame, segment, 16, more_ns)


def ip(frame: Frame, *, ttl: int | None = None, identification: int | None = None) -> Frame:
    """The frame with another time to live or identification in its IPv4 header."""
    header = bytearray(frame.data[_IP : _IP + 20])
    if ttl is not None:
        header[8] = ttl
    if identification is not None:
        header[4:6] = struct.pack("!H", identification & 0xFFFF)
    return replace(frame, data=frame.data[:_IP] + _summed(header) + frame.data[_IP + 20 :])


def readdressed(frame: Frame, changes: dict[str, str]) -> Frame:
    """The frame with other addresses."""
    data = bytearray(frame.data)
    for at in (_IP + 12, _IP + 16):
        there = str(IPv4Address(bytes(data[at : at + 4])))
        data[at : at + 4] = IPv4Address(changes.get(there, there)).packed
    carrier = dissect(frame).transport
    assert carrier is not None
    changed = replace(frame, data=bytes(data))
    return _again(changed, bytes(data[carrier.offset : carrier.end]), 16 if carrier.layer == "tcp" else 6, 0)


def with_checksum(frame: Frame, value: int) -> Frame:
    """The frame with this in the field of its TCP checksum."""
    header = dissect(frame).tcp
    assert header is not None
    at = header.offset + 16
    return replace(frame, data=frame.data[:at] + struct.pack("!H", value) + frame.data[at + 2 :])


def datagram(like: Frame, source_port: int, port: int, data: bytes, *, more_ns: int = 0) -> Frame:
    """A datagram on the loopback interface, a while after the frame `like`."""
    packet = craft.ipv4(LOCAL, LOCAL, 17, craft.udp(LOCAL, LOCAL, source_port, port, data))
    return replace(like, data=bytes(12) + b"\x08\x00" + packet, time_ns=like.time_ns + more_ns)


def refusal(like: Frame, *, more_ns: int = 0) -> Frame:
    """What the kernel says of the datagram `like` when nobody is there to receive it."""
    packet = craft.ipv4(LOCAL, LOCAL, 1, craft.unreachable(craft.UNREACHABLE_PORT, like.data[_IP:]))
    return replace(like, data=bytes(12) + b"\x08\x00" + packet, time_ns=like.time_ns + more_ns)


def _again(frame: Frame, segment: bytes, checksum_at: int, more_ns: int) -> Frame:
    """The frame around another segment: lengths and checksums follow from it."""
    header = bytearray(frame.data[_IP : _IP + 20])
    header[2:4] = struct.pack("!H", 20 + len(segment))
    pseudo = pseudo_header4(bytes(header[12:16]), bytes(header[16:20]), header[9], len(segment))
    blank = segment[:checksum_at] + bytes(2) + segment[checksum_at + 2 :]
    checksum = struct.pack("!H", internet_checksum(pseudo + blank))
    segment = blank[:checksum_at] + checksum + blank[checksum_at + 2 :]
    return replace(frame, data=frame.data[:_IP] + _summed(header) + segment, time_ns=frame.time_ns + more_ns)


def _summed(header: bytearray) -> bytes:
    """An IPv4 header with its checksum."""
    header[10:12] = bytes(2)
    header[10:12] = struct.pack("!H", internet_checksum(bytes(header)))
    return bytes(header)
