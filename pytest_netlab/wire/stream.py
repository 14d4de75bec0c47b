"""TCP conversations: who said what, in which order, and how it began and ended.

Rules:
* A conversation is a pair of (address, port). A SYN without ACK begins a new one on the same pair when
  its initial sequence number is new for its sender, or when the old one was reset.
* The client is who sent the first SYN without ACK; then `client_known`. Where the capture began later, it
  is the receiver of a SYN-ACK, then the side with the higher port, then the first to speak: a guess, and
  `client_known` is False.
* How octets are put in order is told in `sequence`.

Refuses nothing: a recording may be any part of the truth, and the facts say which.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple, overload

from pytest_netlab.wire.field import Address4, Address6
from pytest_netlab.wire.flows import Packets, ends
from pytest_netlab.wire.missing import CLOSEST, Missing
from pytest_netlab.wire.packet import Packet
from pytest_netlab.wire.sequence import (
    MODULO,
    Assembly,
    acknowledged,
    assemble,
    fin_acknowledged,
    has_fin,
    origin,
    repeated,
    tcp_of,
)
from pytest_netlab.wire.tcp import Tcp


class Endpoint(NamedTuple):
    """One end of a conversation."""

    address: Address4 | Address6
    port: int


class Handshake(NamedTuple):
    """The first SYN, the SYN-ACK behind it, and the client's first ACK behind that."""

    syn: Packet
    syn_ack: Packet
    ack: Packet

    @property
    def problems(self) -> list[str]:
        """Each number that contradicts another (RFC 9293, 3.5), as a sentence; empty when consistent."""
        syn, syn_ack, ack = tcp_of(self.syn), tcp_of(self.syn_ack), tcp_of(self.ack)
        next_client, next_server = (syn.seq + 1) % MODULO, (syn_ack.seq + 1) % MODULO
        found = []
        if syn_ack.ack != next_client:
            found.append(f"the SYN-ACK acknowledges {syn_ack.ack}, not the SYN's {syn.seq} + 1")
        if ack.seq != next_client:
            found.append(f"the ACK's sequence number is {ack.seq}, not the SYN's {syn.seq} + 1")
        if ack.ack != next_server:
            found.append(f"the ACK acknowledges {ack.ack}, not the SYN-ACK's {syn_ack.seq} + 1")
        return found

    @property
    def consistent(self) -> bool:
        """Every sequence and acknowledgment number follows from the one before it."""
        return not self.problems


class TcpStream:
    """One TCP conversation.

    Attributes:
        packets: its packets in capture order.
        client_known: a SYN without ACK was recorded, so `client` is no guess.
    """

    def __init__(self, packets: Iterable[Packet]) -> None:
        self.packets = Packets(packets)
        if not self.packets:
            raise ValueError("a conversation needs at least one packet")
        sample, client_sent_it, self.client_known = _roles(self.packets)
        source, destination = _endpoints(sample)
        self.client, self.server = (source, destination) if client_sent_it else (destination, source)
        pair = ends(sample)
        self._client_end = pair if client_sent_it or pair is None else (pair[1], pair[0])
        self._from_client = [ends(packet) == self._client_end for packet in self.packets]

    def __repr__(self) -> str:
        ends = " > ".join(f"{end.address}:{end.port}" for end in (self.client, self.server))
        return f"<TcpStream {ends} {' '.join(self.flags)}>"

    @property
    def flags(self) -> list[str]:
        """Each segment's flags, in capture order: `["S", "SA", "A", ...]`."""
        return [tcp_of(packet).flags for packet in self.packets]

    def is_from_client(self, packet: Packet) -> bool:
        """Tell whether the client sent a packet of this stream."""
        return ends(packet) == self._client_end

    @cached_property
    def from_client(self) -> Packets:
        """What the client sent."""
        return Packets(p for p, mine in zip(self.packets, self._from_client, strict=True) if mine)

    @cached_property
    def from_server(self) -> Packets:
        """What the server sent."""
        return Packets(p for p, mine in zip(self.packets, self._from_client, strict=True) if not mine)

    @cached_property
    def client_assembly(self) -> Assembly:
        """The client's octets in order."""
        return assemble(self.from_client)

    @cached_property
    def server_assembly(self) -> Assembly:
        """The server's octets in order."""
        return assemble(self.from_server)

    @property
    def client_bytes(self) -> bytes:
        """What the client said, up to the first gap."""
        return self.client_assembly.data

    @property
    def server_bytes(self) -> bytes:
        """What the server said, up to the first gap."""
        return self.server_assembly.data

    @property
    def client_gap(self) -> int:
        """Octets of the client that are missing behind `client_bytes`; 0 for none."""
        return self.client_assembly.gap

    @property
    def server_gap(self) -> int:
        """Octets of the server that are missing behind `server_bytes`; 0 for none."""
        return self.server_assembly.gap

    @property
    def complete(self) -> bool:
        """Begun with a handshake, ended by both FINs or a reset, and without a gap."""
        ended = bool(self.resets) or (has_fin(self.from_client) and has_fin(self.from_server))
        return self.handshake is not None and ended and not self.client_gap and not self.server_gap

    @cached_property
    def handshake(self) -> Handshake | None:
        """SYN, SYN-ACK and ACK in this order, chosen by flags alone; ask it whether its numbers agree."""
        steps: list[Packet] = []
        wanted = ((True, "S", "A"), (False, "SA", ""), (True, "A", "S"))
        for packet, mine in zip(self.packets, self._from_client, strict=True):
            client_sends, has, lacks = wanted[len(steps)]
            flags = tcp_of(packet).flags
            if mine == client_sends and set(has) <= set(flags) and not set(lacks + "R") & set(flags):
                steps.append(packet)
                if len(steps) == 3:
                    return Handshake(*steps)
        return None

    @property
    def resets(self) -> Packets:
        """Segments with RST, from either side."""
        return self.packets.where(lambda packet: tcp_of(packet).rst, "with RST")

    @property
    def fins(self) -> Packets:
        """Segments with FIN, from either side."""
        return self.packets.where(lambda packet: tcp_of(packet).fin, "with FIN")

    @property
    def closed_orderly(self) -> bool:
        """Both sides sent FIN, and each FIN was acknowledged (RFC 9293, 3.6)."""
        return fin_acknowledged(self.from_client, self.from_server) and fin_acknowledged(
            self.from_server, self.from_client
        )

    @property
    def acknowledged_by_client(self) -> int:
        """Octets of the server's data that the client acknowledged."""
        return acknowledged(self.from_server, self.from_client)

    @property
    def acknowledged_by_server(self) -> int:
        """Octets of the client's data that the server acknowledged."""
        return acknowledged(self.from_client, self.from_server)

    @cached_property
    def retransmissions(self) -> Packets:
        """Segments with data, SYN or FIN of which nothing is new; keep-alives are among them."""
        again = {id(p) for side in (self.from_client, self.from_server) for p in repeated(side)}
        return self.packets.where(lambda packet: id(packet) in again, "sent again")

    def relative_seq(self, packet: Packet) -> int:
        """Return the sequence number counted from its sender's first: 0 for the SYN."""
        origin = self._client_origin if self.is_from_client(packet) else self._server_origin
        return (tcp_of(packet).seq - origin) % MODULO

    def relative_ack(self, packet: Packet) -> int:
        """Return the acknowledgment number counted from the other side's first one; 0 without ACK."""
        if not tcp_of(packet).ack_flag:
            return 0
        origin = self._server_origin if self.is_from_client(packet) else self._client_origin
        return (tcp_of(packet).ack - origin) % MODULO

    @cached_property
    def _client_origin(self) -> int:
        return origin(self.from_client, self.from_server)

    @cached_property
    def _server_origin(self) -> int:
        return origin(self.from_server, self.from_client)


class Streams(Sequence[TcpStream]):
    """TCP conversations in the order in which they began."""

    def __init__(self, streams: Iterable[TcpStream] = (), wanted: str = "TCP conversation") -> None:
        self._streams = tuple(streams)
        self._wanted = wanted
        self._within: tuple[TcpStream, ...] = self._streams

    @classmethod
    def of(cls, packets: Iterable[Packet]) -> Streams:
        """Sort TCP packets into conversations; other packets are left out."""
        begun: list[_Growing] = []
        current: dict[frozenset[object], _Growing] = {}
        for packet in packets:
            pair = ends(packet)
            if packet.tcp is None or pair is None:
                continue
            key = frozenset(pair)
            growing = current.get(key)
            if growing is None or growing.is_over_for(packet.tcp, pair[0]):
                growing = current[key] = _Growing()
                begun.append(growing)
            growing.add(packet, packet.tcp, pair[0])
        return cls(TcpStream(growing.packets) for growing in begun)

    @overload
    def __getitem__(self, index: int) -> TcpStream: ...
    @overload
    def __getitem__(self, index: slice) -> Streams: ...
    def __getitem__(self, index: int | slice) -> TcpStream | Streams:
        return Streams(self._streams[index], self._wanted) if isinstance(index, slice) else self._streams[index]

    def __len__(self) -> int:
        return len(self._streams)

    def __repr__(self) -> str:
        return f"<Streams: {list(self._streams)!r}>"

    def to(self, port: int, address: str | None = None) -> Streams:
        """Those whose server has that port, and that address where one is given."""
        kept = (
            stream
            for stream in self._streams
            if stream.server.port == port and (address is None or stream.server.address == address)
        )
        where = f" of {address}" if address else ""
        chosen = Streams(kept, f"{self._wanted} to port {port}{where}")
        chosen._within = self._within
        return chosen

    @property
    def first(self) -> TcpStream:
        """The first conversation; raises `Missing` when there is none."""
        if not self._streams:
            raise self._missing("a")
        return self._streams[0]

    @property
    def only(self) -> TcpStream:
        """The one conversation; raises `Missing` when there is none, or more than one."""
        if len(self._streams) != 1:
            raise self._missing("one")
        return self._streams[0]

    def _missing(self, article: str) -> Missing:
        near = [stream.packets[0] for stream in self._streams or self._within][:CLOSEST]
        told = "; ".join(f"frame {packet.number}, {packet.summary()}" for packet in near)
        if self._streams:
            return Missing(f"{article} {self._wanted}", f"{len(self)}: {told}", near)
        return Missing(f"{article} {self._wanted}", f"none; closest: {told}" if near else "none", near)


class _Growing:
    """A conversation while its packets arrive."""

    def __init__(self) -> None:
        self.packets: list[Packet] = []
        self._initial: dict[object, int] = {}
        self._spoke: set[object] = set()
        self._reset = False

    def is_over_for(self, tcp: Tcp, sender: object) -> bool:
        """Tell whether this segment begins another conversation on the same ports."""
        if not tcp.syn or tcp.ack_flag or tcp.rst:
            return False
        if self._reset:
            return True
        known = self._initial.get(sender)
        return known != tcp.seq if known is not None else sender in self._spoke

    def add(self, packet: Packet, tcp: Tcp, sender: object) -> None:
        self.packets.append(packet)
        self._spoke.add(sender)
        self._reset = self._reset or tcp.rst
        if tcp.syn:
            self._initial.setdefault(sender, int(tcp.seq))


def _endpoints(packet: Packet) -> tuple[Endpoint, Endpoint]:
    ip, tcp = packet.ip, tcp_of(packet)
    assert ip is not None  # a TCP header was read behind one
    return Endpoint(ip.source, tcp.src_port), Endpoint(ip.destination, tcp.dst_port)


def _roles(packets: Packets) -> tuple[Packet, bool, bool]:
    """Return a packet that shows who is who, whether the client sent it, and whether that is certain."""
    for packet in packets:
        if tcp_of(packet).syn and not tcp_of(packet).ack_flag:
            return packet, True, True
    for packet in packets:
        if tcp_of(packet).syn:
            return packet, False, False
    first = packets[0]
    return first, tcp_of(first).src_port >= tcp_of(first).dst_port, False
