"""One side of a TCP conversation as a line of octets: positions, reassembly, acknowledgment.

Rules:
* Positions count from the sender's first octet of data, which is 0; sequence numbers are unwrapped modulo
  2**32 to the place nearest to the one before.
* The first octets heard for a place stand; `conflict` notes that others were claimed for it later.
  Reassembly stops at a gap, and at `MAX_BYTES`.
* Segments with a bad checksum and the data of resets are not reassembled: no receiver takes them. Data
  that lies more than `WINDOW` ahead is not either.
* An acknowledgment of what was never sent acknowledges nothing (RFC 9293, 3.10.7.4).
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from pytest_netlab.wire.checksum import Checksum
from pytest_netlab.wire.packet import Packet
from pytest_netlab.wire.tcp import Tcp

MAX_BYTES = 1 << 28
WINDOW = 1 << 30
MODULO = 1 << 32


class Assembly(NamedTuple):
    """One direction's octets, put in order.

    Attributes:
        data: the octets without a gap, from the first one on.
        gap: octets missing behind `data` before the next ones that were recorded; 0 for none.
        conflict: two segments claimed different octets for the same place.
        starts: position in `data` at which each contributing packet's octets begin, ascending.
        packets: those packets.
    """

    data: bytes
    gap: int
    conflict: bool
    starts: tuple[int, ...]
    packets: tuple[Packet, ...]

    def packet_at(self, position: int) -> Packet:
        """Return the packet that brought the octet at `position`; raises `IndexError` when there is none."""
        if not 0 <= position < len(self.data):
            raise IndexError(f"position {position} of {len(self.data)} bytes")
        return self.packets[bisect_right(self.starts, position) - 1]


def unwrap(number: int, near: int) -> int:
    """Return the integer nearest to `near` that is `number` modulo 2**32."""
    return near + (number - near + MODULO // 2) % MODULO - MODULO // 2


def tcp_of(packet: Packet) -> Tcp:
    """The TCP header of a packet that must have one; raises `ValueError` otherwise."""
    if packet.tcp is None:
        raise ValueError(f"frame {packet.number} carries no TCP header")
    return packet.tcp


def has_fin(packets: Sequence[Packet]) -> bool:
    """Tell whether the sender said that it is done."""
    return any(tcp_of(packet).fin for packet in packets)


def origin(packets: Sequence[Packet], other: Sequence[Packet] = ()) -> int:
    """The sender's initial sequence number, or one before its first octet where the SYN was not recorded.

    Where nothing of the sender was recorded, what the other side first acknowledged stands in.
    """
    for packet in packets:
        if tcp_of(packet).syn:
            return int(tcp_of(packet).seq)
    if not packets:
        return next(((p.tcp.ack - 1) % MODULO for p in other if p.tcp and p.tcp.ack_flag), 0)
    first = int(tcp_of(packets[0]).seq)
    lowest = min(unwrap(tcp_of(packet).seq, first) for packet in packets)
    return (lowest - 1) % MODULO


def positions(packets: Sequence[Packet]) -> list[tuple[int, Packet]]:
    """Each segment with the position of its first octet of data; the stream's first octet is 0."""
    if not packets:
        return []
    first = origin(packets) + 1
    near = first
    found = []
    for packet in packets:
        tcp = tcp_of(packet)
        at = unwrap(tcp.seq + tcp.syn, near)
        if near < at < near + WINDOW:
            near = at
        found.append((at - first, packet))
    return found


def assemble(packets: Sequence[Packet]) -> Assembly:
    """Put one sender's octets in order; the module has the rules."""
    data = bytearray()
    starts: list[int] = []
    chosen: list[Packet] = []
    waiting: list[tuple[int, int, bytes, Packet]] = []
    conflict = False
    for order, (at, packet) in enumerate(positions(packets)):
        tcp = tcp_of(packet)
        octets = bytes(tcp.payload)
        if not octets or tcp.rst or at > len(data) + WINDOW or tcp.checksum_state is Checksum.BAD:
            continue
        heapq.heappush(waiting, (at, order, octets, packet))
        while waiting and waiting[0][0] <= len(data) < MAX_BYTES:
            start, _, piece, source = heapq.heappop(waiting)
            known = len(data) - start
            overlap = piece[max(0, -start) : known]
            conflict = conflict or overlap != data[max(0, start) : max(0, start) + len(overlap)]
            fresh = piece[known:]
            if fresh:
                starts.append(len(data))
                chosen.append(source)
                data += fresh
    gap = waiting[0][0] - len(data) if waiting else 0
    return Assembly(bytes(data), max(0, gap), conflict, tuple(starts), tuple(chosen))


def fin_position(packets: Sequence[Packet]) -> int | None:
    """Position of the first FIN: one behind the sender's last octet of data, which is their number.

    A FIN that lies before the first octet ends something else.
    """
    for at, packet in positions(packets):
        behind = at + tcp_of(packet).payload_length
        if tcp_of(packet).fin and behind >= 0:
            return behind
    return None


def highest_ack(senders: Sequence[Packet], receivers: Sequence[Packet], *, in_rst: bool = False) -> int:
    """Highest position that `receivers` acknowledged of what `senders` sent.

    With `in_rst` the acknowledgment number of a RST counts too: it closes nothing, but tells what had arrived.
    """
    if not senders:
        return 0
    first = origin(senders) + 1
    sent = max(at + tcp_of(packet).payload_length + tcp_of(packet).fin for at, packet in positions(senders))
    near = first
    for packet in receivers:
        tcp = tcp_of(packet)
        if tcp.ack_flag and (in_rst or not tcp.rst):
            at = unwrap(tcp.ack, near)
            # An acknowledgment of what was never sent acknowledges nothing (RFC 9293, 3.10.7.4).
            if near < at <= first + sent:
                near = at
    return near - first


def acknowledged(senders: Sequence[Packet], receivers: Sequence[Packet]) -> int:
    """Octets of the senders' data that the receivers acknowledged, FIN not counted."""
    highest = highest_ack(senders, receivers, in_rst=True)
    fin = fin_position(senders)
    return highest if fin is None else min(highest, fin)


def fin_acknowledged(senders: Sequence[Packet], receivers: Sequence[Packet]) -> bool:
    """Tell whether the senders' FIN was sent and acknowledged."""
    fin = fin_position(senders)
    return fin is not None and highest_ack(senders, receivers) > fin


def repeated(packets: Sequence[Packet]) -> list[Packet]:
    """Segments that occupy sequence space, none of it for the first time."""
    found = []
    seen: list[tuple[int, int]] = []
    for at, packet in positions(packets):
        tcp = tcp_of(packet)
        start, stop = at - tcp.syn, at + tcp.payload_length + tcp.fin
        if stop == start or tcp.rst:
            continue
        index = bisect_right(seen, (start, MODULO)) - 1
        if index >= 0 and seen[index][1] >= stop:
            found.append(packet)
        else:
            _cover(seen, start, stop)
    return found


def _cover(seen: list[tuple[int, int]], start: int, stop: int) -> None:
    """Add a range to disjoint, ascending ranges, merging those that it touches."""
    index = bisect_right(seen, (start, MODULO))
    if index and seen[index - 1][1] >= start:
        index -= 1
        start = seen[index][0]
    last = index
    while last < len(seen) and seen[last][0] <= stop:
        stop = max(stop, seen[last][1])
        last += 1
    seen[index:last] = [(start, stop)]
