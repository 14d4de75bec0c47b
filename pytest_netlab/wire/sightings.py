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
"""

from __future__ import annotations

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
    recent: dict[bytes, list[list[Packet]]] = {}
    for packet in packets:
        same = recent.setdefault(_essence(packet), [])
        group = next((each for each in same if _is_another_sight(packet, each)), None)
        if group is None:
            group = []
            groups.append(group)
            same.append(group)
        group.append(packet)
    return groups


def _is_another_sight(packet: Packet, group: list[Packet]) -> bool:
    if packet.ip is None or abs(packet.time_ns - group[0].time_ns) > WINDOW_NS:
        return False
    if packet.tcp is not None:
        return True
    here = _place(packet)
    earlier = sum(_place(each) == here for each in group)
    return earlier == 0 or (earlier == 1 and packet.direction is Direction.UNKNOWN)


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
