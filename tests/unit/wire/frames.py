"""Frames for these tests, built by hand: the builders know nothing of the code that they test.

Sums are the textbook loop of RFC 1071, not the arithmetic of `pytest_netlab.wire.checksum`.
"""

from __future__ import annotations

import struct
from ipaddress import ip_address

from pytest_netlab.wire import Direction, Frame, Packet, dissect

CLIENT, SERVER = "10.77.0.2", "10.77.0.80"

# The article's request (exercise 0.2): 'A' from 127.0.0.1:62514 to 127.0.0.1:20000, checksum left unfinished.
ARTICLE = bytes.fromhex(
    "0000000000000000000000000800"
    "4500001d0000400040113cce7f0000017f000001"
    "f4324e200009fe1c"
    "41"
)  # fmt: skip


def naive_sum(data: bytes) -> int:
    """RFC 1071, 4.1, word by word."""
    total = 0
    for at in range(0, len(data), 2):
        total += data[at] << 8 | (data[at + 1] if at + 1 < len(data) else 0)
        total = (total & 0xFFFF) + (total >> 16)
    return total


def ethernet(payload: bytes, ethertype: int = 0x0800, tags: bytes = b"") -> bytes:
    return bytes.fromhex("0200000000010200000000ff") + tags + ethertype.to_bytes(2, "big") + payload


def ipv4(
    payload: bytes, protocol: int, source: str = CLIENT, destination: str = SERVER, *, options: bytes = b"",
    total_length: int | None = None, fragment: int = 0x4000, ttl: int = 64,
) -> bytes:  # fmt: skip
    words = 5 + len(options) // 4
    total = words * 4 + len(payload) if total_length is None else total_length
    head = struct.pack("!BBHHHBBH", 0x40 | words, 0, total, 0x1234, fragment, ttl, protocol, 0)
    head += ip_address(source).packed + ip_address(destination).packed + options
    return head[:10] + (0xFFFF - naive_sum(head)).to_bytes(2, "big") + head[12:] + payload


def ipv6(payload: bytes, next_header: int, source: str = "fd00:77::2", destination: str = "fd00:77::1") -> bytes:
    head = struct.pack("!IHBB", 6 << 28 | 0x0ABCDE, len(payload), next_header, 64)
    return head + ip_address(source).packed + ip_address(destination).packed + payload


def pseudo(source: str, destination: str, protocol: int, length: int) -> bytes:
    ends = ip_address(source).packed + ip_address(destination).packed
    return ends + (struct.pack("!BBH", 0, protocol, length) if len(ends) == 8 else struct.pack("!II", length, protocol))


def with_sum(segment: bytes, at: int, before: bytes = b"") -> bytes:
    value = 0xFFFF - naive_sum(before + segment)
    return segment[:at] + value.to_bytes(2, "big") + segment[at + 2 :]


def udp(
    payload: bytes, source_port: int = 40000, port: int = 8000, *,
    source: str = CLIENT, destination: str = SERVER, length: int | None = None,
) -> bytes:  # fmt: skip
    told = 8 + len(payload) if length is None else length
    segment = struct.pack("!HHHH", source_port, port, told, 0) + payload
    return with_sum(segment, 6, pseudo(source, destination, 17, told))


def tcp(
    flags: str, seq: int, ack: int = 0, payload: bytes = b"", *, source_port: int = 40000, port: int = 80,
    source: str = CLIENT, destination: str = SERVER, options: bytes = b"",
) -> bytes:  # fmt: skip
    bits = sum(1 << "FSRPAUEC".index(letter) for letter in flags)
    words = 5 + len(options) // 4
    head = struct.pack("!HHIIBBHHH", source_port, port, seq % 2**32, ack % 2**32, words << 4, bits, 64240, 0, 0)
    segment = head + options + payload
    return with_sum(segment, 16, pseudo(source, destination, 6, len(segment)))


def icmp(kind: int, rest: bytes, code: int = 0) -> bytes:
    return with_sum(bytes((kind, code, 0, 0)) + rest, 2)


def udp_packet(payload: bytes = b"x", number: int = 1, *, reverse: bool = False, source_port: int = 40000,
               port: int = 8000) -> Packet:  # fmt: skip
    ends = (SERVER, CLIENT) if reverse else (CLIENT, SERVER)
    ports = (port, source_port) if reverse else (source_port, port)
    segment = udp(payload, *ports, source=ends[0], destination=ends[1])
    return dissect(Frame(ethernet(ipv4(segment, 17, *ends)), number=number, direction=Direction.INCOMING))


class Talk:
    """Writes a TCP conversation, one packet after the other."""

    def __init__(self, *, source_port: int = 40000, port: int = 80) -> None:
        self.packets: list[Packet] = []
        self.ports = (source_port, port)

    def client(self, flags: str, seq: int, ack: int = 0, payload: bytes = b"") -> Talk:
        return self._say(flags, seq, ack, payload, (CLIENT, SERVER), self.ports)

    def server(self, flags: str, seq: int, ack: int = 0, payload: bytes = b"") -> Talk:
        return self._say(flags, seq, ack, payload, (SERVER, CLIENT), (self.ports[1], self.ports[0]))

    def _say(
        self, flags: str, seq: int, ack: int, payload: bytes, ends: tuple[str, str], ports: tuple[int, int]
    ) -> Talk:
        segment = tcp(
            flags, seq, ack, payload, source_port=ports[0], port=ports[1], source=ends[0], destination=ends[1]
        )
        frame = Frame(ethernet(ipv4(segment, 6, *ends)), number=len(self.packets) + 1)
        self.packets.append(dissect(frame))
        return self
