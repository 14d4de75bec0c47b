"""Asking a recording for the packets that a clause is about.

`Packets` is a recording or a part of one; `Datagrams` is its UDP. Both are sequences, and both answer
questions by narrowing themselves: `packets.udp.to(8000).only`.

Rules:
* `only` and `first` give a packet or raise `Missing`, which says what was wanted, what was there, and
  which packets came closest, so that a student reads "none; closest: frame 3, to port 8008" and not "list
  index out of range".
* A selection remembers what it was narrowed from, and looks for the closest packets there.
* Order is capture order. Nothing is dropped silently: frames that loopback shows twice are both here,
  until `once` is asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Self, overload

from pytest_netlab.wire.field import Bytes
from pytest_netlab.wire.frame import Direction, Frame
from pytest_netlab.wire.missing import CLOSEST, Missing, Wanted, closest_to, describe, protocol_of
from pytest_netlab.wire.packet import Packet, dissect

if TYPE_CHECKING:
    from pytest_netlab.wire.stream import Streams

_ECHO_ANSWERS = {8: 0, 13: 14, 128: 129}


class Selection(Sequence[Packet]):
    """Packets in capture order, and what they were selected as."""

    __slots__ = ("_packets", "_wanted", "_within")

    def __init__(
        self, packets: Iterable[Packet] = (), wanted: Wanted | None = None, within: Sequence[Packet] = ()
    ) -> None:
        self._packets = tuple(packets)
        self._wanted = wanted or Wanted()
        self._within = within or self._packets

    @overload
    def __getitem__(self, index: int) -> Packet: ...
    @overload
    def __getitem__(self, index: slice) -> Self: ...
    def __getitem__(self, index: int | slice) -> Packet | Self:
        if isinstance(index, slice):
            return type(self)(self._packets[index], self._wanted, self._within)
        return self._packets[index]

    def __len__(self) -> int:
        return len(self._packets)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Selection):
            return self._packets == other._packets
        return list(self._packets) == other if isinstance(other, list) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._packets)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} of {self._wanted}>"

    @property
    def payloads(self) -> list[Bytes]:
        """Each packet's innermost payload, in order."""
        return [packet.payload for packet in self._packets]

    @property
    def first(self) -> Packet:
        """The first packet; raises `Missing` when there is none."""
        if not self._packets:
            raise self._missing("a")
        return self._packets[0]

    @property
    def last(self) -> Packet:
        """The last packet; raises `Missing` when there is none."""
        if not self._packets:
            raise self._missing("a")
        return self._packets[-1]

    @property
    def only(self) -> Packet:
        """The one packet; raises `Missing` when there is none, or more than one."""
        if len(self._packets) != 1:
            raise self._missing("one")
        return self._packets[0]

    @property
    def incoming(self) -> Self:
        """Those that the recording interface received."""
        return self._narrow(lambda packet: packet.direction is Direction.INCOMING, " (incoming)")

    @property
    def outgoing(self) -> Self:
        """Those that the recording interface sent."""
        return self._narrow(lambda packet: packet.direction is Direction.OUTGOING, " (outgoing)")

    @property
    def once(self) -> Self:
        """Without the second sight of a frame: loopback captures show one going out and in."""
        kept: list[Packet] = []
        sent: dict[bytes, int] = {}
        for packet in self._packets:
            octets = _network_octets(packet)
            if packet.direction is Direction.INCOMING and sent.get(octets, 0) > 0:
                sent[octets] -= 1
                continue
            if packet.direction is Direction.OUTGOING:
                sent[octets] = sent.get(octets, 0) + 1
            kept.append(packet)
        return type(self)(kept, self._wanted, self._within)

    def on(self, interface: str) -> Self:
        """Those recorded by the interface of that name."""
        return self._narrow(lambda packet: packet.interface == interface, f" on {interface}")

    def where(self, predicate: Callable[[Packet], object], described: str = "") -> Self:
        """Those for which the predicate holds; `described` completes the sentence of a `Missing`."""
        return self._narrow(predicate, f" {described}" if described else "")

    def before(self, others: Selection) -> Self:
        """Those that passed before the first of some others; all of them where there is none."""
        if not others:
            return self
        return self._narrow(lambda packet: packet.number < others[0].number, f" before frame {others[0].number}")

    @property
    def overview(self) -> str:
        """What is here, in a phrase: nothing; or 2 TCP, 1 ICMP; frame 1: 127.0.0.1:4242 > 127.0.0.1:8000 UDP …"""
        if not self._packets:
            return "nothing"
        counts = Counter(protocol_of(packet) or "other" for packet in self._packets)
        told = ", ".join(f"{count} {protocol}" for protocol, count in counts.most_common())
        return f"{told}; frame {self._packets[0].number}: {self._packets[0].summary()}"

    def replies_to(self, request: Packet) -> Self:
        """Later packets that answer it: ends swapped, or an ICMP reply of its identifier and sequence."""
        later = (packet for packet in self._packets if packet.number > request.number)
        kept = [packet for packet in later if answers(packet, request)]
        wanted = replace(self._wanted, noun=f"reply to frame {request.number}")
        return type(self)(kept, wanted, self._within)

    def _narrow(self, predicate: Callable[[Packet], object], extra: str = "") -> Self:
        wanted = replace(self._wanted, extra=self._wanted.extra + extra)
        return type(self)((packet for packet in self._packets if predicate(packet)), wanted, self._within)

    def _missing(self, article: str) -> Missing:
        expected = f"{article} {self._wanted}"
        if self._packets:
            numbers = ", ".join(str(packet.number) for packet in self._packets[:10])
            more = ", ..." if len(self._packets) > 10 else ""
            return Missing(expected, f"{len(self)}: frames {numbers}{more}", self._packets[:CLOSEST])
        closest = closest_to(self._wanted, self._within)
        if not closest:
            return Missing(expected, "none")
        told = f"none; closest: frame {closest[0].number}, {describe(closest[0], self._wanted)}"
        return Missing(expected, told, closest)


class Datagrams(Selection):
    """UDP datagrams."""

    __slots__ = ()

    def to(self, port: int, address: str | None = None) -> Datagrams:
        """Those to a port, and to an address where one is given."""
        return self._select(replace(self._wanted, destination_port=port, destination=address))

    def sent_from(self, port: int, address: str | None = None) -> Datagrams:
        """Those from a port, and from an address where one is given."""
        return self._select(replace(self._wanted, source_port=port, source=address))

    def between(self, one: int, other: int) -> Datagrams:
        """Those between two ports, in both directions."""
        ports = {one, other} if one != other else {one}
        return self.where(
            lambda packet: packet.udp is not None and {packet.udp.src_port, packet.udp.dst_port} == ports,
            f"between ports {one} and {other}",
        )

    @property
    def exchanges(self) -> list[Exchange]:
        """Requests and responses: a datagram with swapped ends answers the oldest open request."""
        found: list[Exchange] = []
        open_requests: dict[_Ends, list[int]] = {}
        for packet in self._packets:
            here = ends(packet)
            if here is None:
                continue
            waiting = open_requests.get((here[1], here[0]))
            if waiting:
                index = waiting.pop(0)
                found[index] = Exchange(found[index].request, packet)
            else:
                open_requests.setdefault(here, []).append(len(found))
                found.append(Exchange(packet, None))
        return found

    def _select(self, wanted: Wanted) -> Datagrams:
        return Datagrams(filter(wanted.accepts, self._packets), wanted, self._within)


class Packets(Selection):
    """A recording, or a part of one."""

    __slots__ = ()

    @classmethod
    def of(cls, frames: Iterable[Frame]) -> Packets:
        """Dissect frames, in the order given."""
        return cls(map(dissect, frames))

    def numbered(self, number: int) -> Packet:
        """Return the packet with that frame number; raises `Missing` when there is none."""
        for packet in self._packets:
            if packet.number == number:
                return packet
        raise Missing(f"frame {number}", f"{len(self)} frames, none of that number")

    @property
    def udp(self) -> Datagrams:
        """The UDP datagrams."""
        kept = (packet for packet in self._packets if packet.udp is not None)
        return Datagrams(kept, self._as("UDP datagram", "UDP"), self._within)

    @property
    def tcp(self) -> Packets:
        """The TCP segments."""
        return self._layer("TCP segment", "TCP", lambda packet: packet.tcp)

    @property
    def icmp(self) -> Packets:
        """The ICMP messages, of IPv4."""
        return self._layer("ICMP message", "ICMP", lambda packet: packet.icmp)

    @property
    def icmpv6(self) -> Packets:
        """The ICMPv6 messages."""
        return self._layer("ICMPv6 message", "ICMPv6", lambda packet: packet.icmpv6)

    @property
    def arp(self) -> Packets:
        """The ARP packets."""
        return self._layer("ARP packet", "ARP", lambda packet: packet.arp)

    @property
    def tcp_streams(self) -> Streams:
        """The TCP conversations, in the order in which they began."""
        from pytest_netlab.wire.stream import Streams  # stream is built on this module

        return Streams.of(self._packets)

    def _layer(self, noun: str, protocol: str, layer: Callable[[Packet], object | None]) -> Packets:
        kept = (packet for packet in self._packets if layer(packet) is not None)
        return Packets(kept, self._as(noun, protocol), self._within)

    def _as(self, noun: str, protocol: str) -> Wanted:
        return replace(self._wanted, noun=noun, protocol=protocol)


class Exchange(NamedTuple):
    """A request datagram and what answered it."""

    request: Packet
    response: Packet | None


_End = tuple[bytes, int]
_Ends = tuple[_End, _End]


def ends(packet: Packet) -> _Ends | None:
    """Return (address octets, port) of source and destination; None for packets without ports."""
    carrier, ip = packet.transport, packet.ip
    if carrier is None or ip is None:
        return None
    data = packet.frame.data
    at, width = (ip.offset + 12, 4) if packet.ipv4 is not None else (ip.offset + 8, 16)
    ports = carrier.offset
    source = data[at : at + width], int.from_bytes(data[ports : ports + 2], "big")
    return source, (data[at + width : at + 2 * width], int.from_bytes(data[ports + 2 : ports + 4], "big"))


def answers(packet: Packet, request: Packet) -> bool:
    """Tell whether a packet has the ends, and the ICMP identifier and sequence, of an answer to another."""
    echo, asked = packet.icmp or packet.icmpv6, request.icmp or request.icmpv6
    if echo is not None and asked is not None and packet.ip is not None and request.ip is not None:
        return (
            _ECHO_ANSWERS.get(asked.type) == echo.type
            and (echo.identifier, echo.sequence) == (asked.identifier, asked.sequence)
            and packet.ip.source == request.ip.destination
            and packet.ip.destination == request.ip.source
        )
    here, there = ends(packet), ends(request)
    same = (packet.udp is None) == (request.udp is None)
    return same and here is not None and there is not None and here == (there[1], there[0])


def _network_octets(packet: Packet) -> bytes:
    ip = packet.ip
    return packet.frame.data[ip.offset : ip.end] if ip is not None else packet.frame.data
