"""One packet that a capture recorded more than once, and the frames in which it did.

Loopback shows a packet going out and coming in; a capture of all interfaces shows it on a bridge and on the
card behind it. Whoever counts packets, or names one of them by a frame's number, means the packet.

Rules:
* Sightings of a packet carry the same octets from the IP header on, time to live and checksums apart, which a
  hop or a card changes; and they lie at most `WINDOW_NS` apart.
* TCP numbers its octets, so the same segment within that time is the same packet. Other packets must have been
  seen in different places: another interface, another direction. Where a capture does not tell directions, a
  second sight in one place is one of the same packet, and a third begins the next packet.
* What cannot be told apart is not told apart: who sends the same datagram twice within that time, in a capture
  without directions, seems to have sent it once.
* Captures run forward in time: what comes too late for a group, or finds it full, does not look at it again. So
  the work grows with the packets, however many of them are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Final

from pytest_netlab.wire.cooked import Cooked2
from pytest_netlab.wire.frame import Direction
from pytest_netlab.wire.packet import Packet

WINDOW_NS: Final = 10_000_000
_IPV4_TTL, _IPV4_CHECKSUM, _IPV6_HOP_LIMIT = 8, 10, 7
_UDP_CHECKSUM, _TCP_CHECKSUM = 6, 16


def sightings(packets: Iterable[Packet]) -> list[list[Packet]]:
    """Group packets by what they are sightings of; groups and sightings in capture order."""
    groups: list[list[Packet]] = []
    alike: dict[bytes, _Alike] = {}
    for packet in packets:
        group = None if packet.ip is None else alike.setdefault(_essence(packet), _Alike()).group_of(packet)
        if group is None or not group:
            group = [] if group is None else group
            groups.append(group)
        group.append(packet)
    return groups


class _Alike:
    """Groups of packets with the same octets; of each place, where the first group is that may lack a sight there."""

    def __init__(self) -> None:
        self._groups: list[tuple[list[Packet], Counter[Hashable]]] = []
        self._recent = 0
        self._open: dict[Hashable, int] = {}

    def group_of(self, packet: Packet) -> list[Packet]:
        """The group that the packet belongs to; an empty one is new."""
        while self._recent < len(self._groups) and packet.time_ns - self._first_ns(self._recent) > WINDOW_NS:
            self._recent += 1
        here = _place(packet)
        index = max(self._recent, self._open.get(here, 0))
        while index < len(self._groups) and not self._has_room(index, packet, here):
            index += 1
        if index == len(self._groups):
            self._groups.append(([], Counter()))
        self._open[here] = index
        group, seen = self._groups[index]
        seen[here] += 1
        return group

    def _first_ns(self, index: int) -> int:
        return self._groups[index][0][0].time_ns

    def _has_room(self, index: int, packet: Packet, here: Hashable) -> bool:
        if abs(packet.time_ns - self._first_ns(index)) > WINDOW_NS:
            return False
        earlier = self._groups[index][1][here]
        return packet.tcp is not None or earlier == 0 or (earlier == 1 and packet.direction is Direction.UNKNOWN)


def _place(packet: Packet) -> Hashable:
    index = int(packet.link.interface_index) if isinstance(packet.link, Cooked2) else None
    return packet.interface, packet.direction, index


def _essence(packet: Packet) -> bytes:
    """The octets that all sightings of a packet share."""
    ip = packet.ip
    if ip is None:
        return packet.frame.data
    octets = bytearray(packet.frame.data[ip.offset : ip.end])
    if packet.ipv4 is not None:
        octets[_IPV4_TTL] = 0
        octets[_IPV4_CHECKSUM : _IPV4_CHECKSUM + 2] = bytes(2)
    else:
        octets[_IPV6_HOP_LIMIT] = 0
    carrier = packet.transport
    if carrier is not None:
        at = carrier.offset - ip.offset + (_UDP_CHECKSUM if packet.tcp is None else _TCP_CHECKSUM)
        octets[at : at + 2] = bytes(2)
    return bytes(octets)
