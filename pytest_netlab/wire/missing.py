"""When the packet that a clause is about is not there: what was wanted, what was there, what came closest.

Owns `Missing` and the ranking behind it: the same protocol counts most, then the same port, then a
misprinted port (one digit, swapped octets, the wrong side), then the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_netlab.wire.packet import Packet

CLOSEST = 3


class Missing(AssertionError):
    """The packet that a clause is about is not there, or is not the only one.

    Attributes:
        expected: what was wanted, such as `"one UDP datagram to port 8000"`.
        actual: what was there instead, such as `"none; closest: frame 3, UDP to port 8008"`.
        closest: the packets that came closest, best first, at most `CLOSEST`.
    """

    def __init__(self, expected: str, actual: str, closest: Iterable[Packet] = ()) -> None:
        self.expected = expected
        self.actual = actual
        self.closest = list(closest)
        super().__init__(expected, actual, self.closest)

    def __str__(self) -> str:
        return f"expected {self.expected}; got {self.actual}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a selection asks for; None where it does not care. It ranks the packets that are near misses."""

    noun: str = "packet"
    protocol: str = ""
    source_port: int | None = None
    destination_port: int | None = None
    source: str | None = None
    destination: str | None = None
    extra: str = ""

    def __str__(self) -> str:
        parts = [self.noun]
        if self.source is not None or self.source_port is not None:
            parts.append("from " + _place(self.source, self.source_port))
        if self.destination is not None or self.destination_port is not None:
            parts.append("to " + _place(self.destination, self.destination_port))
        return " ".join(parts) + self.extra

    def accepts(self, packet: Packet) -> bool:
        """Tell whether a packet has these ports and addresses."""
        carrier, ip = packet.transport, packet.ip
        if carrier is None or ip is None:
            return False
        return (
            (self.source_port is None or carrier.src_port == self.source_port)
            and (self.destination_port is None or carrier.dst_port == self.destination_port)
            and (self.source is None or ip.source == self.source)
            and (self.destination is None or ip.destination == self.destination)
        )

    def closeness(self, packet: Packet) -> int:
        """Score a packet that was not selected: 0 has nothing in common with what was wanted."""
        score = 8 if self.protocol and protocol_of(packet) == self.protocol else 0
        carrier, ip = packet.transport, packet.ip
        if carrier is not None:
            score += _port_score(self.destination_port, carrier.dst_port, carrier.src_port)
            score += _port_score(self.source_port, carrier.src_port, carrier.dst_port)
        if ip is not None and score:
            score += (self.source is not None and ip.source == self.source) * 2
            score += (self.destination is not None and ip.destination == self.destination) * 2
        return score


def closest_to(wanted: Wanted, packets: Sequence[Packet]) -> list[Packet]:
    """Return packets that have something in common with what was wanted, best first; at most `CLOSEST`."""
    scored = [(wanted.closeness(packet), -index) for index, packet in enumerate(packets)]
    best = sorted((pair for pair in scored if pair[0] > 0), reverse=True)[:CLOSEST]
    return [packets[-index] for _, index in best]


def protocol_of(packet: Packet) -> str:
    """The innermost protocol that was read, as people write it; empty for none."""
    for name in ("udp", "tcp", "icmp", "icmpv6", "arp"):
        if getattr(packet, name) is not None:
            return {"icmpv6": "ICMPv6"}.get(name, name.upper())
    return "IP" if packet.ip is not None else ""


def _port_score(wanted: int | None, there: int, opposite: int) -> int:
    """6 for the port itself, 3 for a misprint of it or the same in the wrong place, 0 otherwise."""
    if wanted is None:
        return 0
    if there == wanted:
        return 6
    swapped_octets = (there & 0xFF) << 8 | there >> 8
    one_digit_off = len(str(there)) == len(str(wanted)) and sum(
        a != b for a, b in zip(str(there), str(wanted), strict=True)
    ) == 1  # fmt: skip
    return 3 if wanted in (swapped_octets, opposite) or one_digit_off else 0


def describe(packet: Packet, wanted: Wanted) -> str:
    carrier, ip = packet.transport, packet.ip
    name = protocol_of(packet)
    if carrier is None or ip is None:
        return packet.summary()
    parts = [name]
    if wanted.source is not None or wanted.source_port is not None:
        parts.append("from " + _place(str(ip.source) if wanted.source else None, carrier.src_port))
    if wanted.destination is not None or wanted.destination_port is not None:
        parts.append("to " + _place(str(ip.destination) if wanted.destination else None, carrier.dst_port))
    return " ".join(parts) if len(parts) > 1 else packet.summary()


def _place(address: str | None, port: int | None) -> str:
    where = [f"port {port}"] if port is not None else []
    return " of ".join([*where, address] if address is not None else where)
