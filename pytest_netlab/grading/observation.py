"""Reading a capture that somebody else took: which conversation is meant, and whether notes about it are right.

A capture of an exercise may hold much else, may show a packet more than once, and may hold the exercise twice.
So packets are counted once (`wire.sightings`), either number of a packet seen twice is right, and of several
conversations the notes' own is preferred to the one that shows most.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pytest_netlab.grading.sent_request import sent_request
from pytest_netlab.wire import Missing, Packet, Packets, TcpStream
from pytest_netlab.wire.sequence import MODULO, fin_position, origin, positions, tcp_of
from pytest_netlab.wire.sightings import sightings

_TOLD = 3


class Observation:
    """A capture, read for what somebody noted about it.

    Attributes:
        packets: each of them once, as it was seen first.
    """

    def __init__(self, packets: Sequence[Packet]) -> None:
        groups = sightings(packets)
        self.packets = Packets(group[0] for group in groups)
        self._first = {packet.number: group[0] for group in groups for packet in group}

    def frames(self, numbers: Iterable[int]) -> list[Packet]:
        """The packets with these frame numbers, in the order given, each once.

        Raises:
            Missing: there is no such frame.
        """
        named: dict[int, Packet] = {}
        for number in numbers:
            if number not in self._first:
                there = f"frames 1 to {max(self._first)}" if self._first else "no frame at all"
                raise Missing(f"numbers as Wireshark shows them: the capture has {there}", f"frame {number} is named")
            named[self._first[number].number] = self._first[number]
        return list(named.values())

    def fetches(self, target: bytes, named: Iterable[int] = ()) -> list[TcpStream]:
        """The conversations with a web server at port 80.

        Args:
            target: what is asked for, such as `b"/get"`.
            named: frame numbers in somebody's notes.

        Returns:
            First the one that is meant: of those that ask for the target, the one with most of the named frames;
            then the one that shows most of a conversation, from its beginning on.
        """
        numbers = {self._first[number].number for number in named if number in self._first}

        def merit(stream: TcpStream) -> tuple[bool, int, bool, bool, bool]:
            hits = len(numbers & {packet.number for packet in stream.packets})
            handshake, answer = stream.handshake is not None, bool(stream.server_bytes)
            return asks_for(stream, target), hits, handshake, answer, stream.closed_orderly

        return sorted(self.packets.tcp_streams.to(80), key=merit, reverse=True)

    def fetch(self, target: bytes, named: Iterable[int] = ()) -> TcpStream:
        """The first of `fetches`.

        Raises:
            Missing: there is none.
        """
        found = self.fetches(target, named)
        return found[0] if found else self.packets.tcp_streams.to(80).first

    def handshake(self, numbers: Iterable[int], stream: TcpStream) -> list[Packet]:
        """The packets with these numbers; a SYN or SYN-ACK that was sent again stands for the first one."""
        return [_as_first_sent(packet, stream) for packet in self.frames(numbers)]

    def difference(self, numbers: Iterable[int], flow: Sequence[Packet]) -> str:
        """How a selection of frames differs from a flow, in words; empty where it is just that flow.

        An ICMP error about the flow belongs to it for those who see it so, and need not.
        """
        selected = self.frames(numbers)
        chosen, wanted = {packet.number for packet in selected}, {packet.number for packet in flow}
        extra = [packet for packet in selected if packet.number not in wanted and not _is_error_about(packet, flow)]
        lacking = [packet for packet in flow if packet.number not in chosen]
        if not selected and flow:
            return f"selects no frame, and not {_told(flow)}"
        parts = [f"of which {len(extra)} do not belong: {_told(extra)}"] if extra else []
        parts += [f"but not {_told(lacking)}"] if lacking else []
        return f"selects {len(selected)} packets, {', '.join(parts)}" if parts else ""

    def alongside(self, stream: TcpStream) -> list[Packet]:
        """Packets of others with the same server and port, from the conversation's first packet to its last."""
        first, last, own = stream.packets[0], stream.packets[-1], {packet.number for packet in stream.packets}
        others = (each for each in self.packets.tcp_streams if each.server == stream.server)
        foreign = (packet for each in others for packet in each.packets if packet.number not in own)
        return [packet for packet in foreign if first.number < packet.number < last.number]


def asks_for(stream: TcpStream, target: bytes) -> bool:
    """Whether the client says GET and this target, in origin or absolute form."""
    request = sent_request(stream)
    scheme, _, rest = request.target.partition(b"://")
    asked = b"/" + rest.partition(b"/")[2] if rest else scheme
    return request.method == b"GET" and asked == target and bool(request.ends)


def octets_missing(packets: Sequence[Packet]) -> int:
    """Octets that one side sent between its first and its last recorded one, and that no frame carried.

    Octets that a snap length cut away were carried. One number that a bare ACK skips is that of a FIN.
    """
    reach = missing = 0
    for at, packet in sorted(positions(packets), key=lambda placed: placed[0]):
        taken = tcp_of(packet).payload_length + tcp_of(packet).fin
        missing += max(0, at - reach - (0 if taken else 1))
        reach = max(reach, at + taken)
    return missing


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a conversation's end consists of.

    Attributes:
        name: such as `"the client's FIN"`.
        packets: any of which shows it.
    """

    name: str
    packets: tuple[Packet, ...]

    def __str__(self) -> str:
        return f"{self.name} (frame {self.packets[0].number})" if self.packets else self.name


@dataclass(frozen=True, slots=True)
class Teardown:
    """How a conversation ends.

    Attributes:
        steps: each side's FIN and the other side's ACK for it.
        span: every packet from the first FIN on.
    """

    steps: tuple[Step, ...]
    span: tuple[Packet, ...]

    def missing(self, named: Sequence[Packet]) -> list[str]:
        """The steps that none of these packets shows."""
        return [str(step) for step in self.steps if not any(packet in named for packet in step.packets)]

    def strangers(self, named: Sequence[Packet]) -> list[Packet]:
        """Those of these packets that belong to no conversation's end, or to none but this one's beginning."""
        return [packet for packet in named if packet not in self.span]


def teardown(stream: TcpStream) -> Teardown:
    """The end of a conversation, from the first FIN on."""
    steps: list[Step] = []
    for whose, other, mine, theirs in (
        ("client", "server", stream.from_client, stream.from_server),
        ("server", "client", stream.from_server, stream.from_client),
    ):
        fins = tuple(packet for packet in mine if tcp_of(packet).fin)
        acks = tuple(_acknowledging(mine, theirs))[:1]
        steps += [Step(f"the {whose}'s FIN", fins), Step(f"the {other}'s ACK for the {whose}'s FIN", acks)]
    packets = tuple(stream.packets)
    first = next((index for index, packet in enumerate(packets) if tcp_of(packet).fin), len(packets))
    return Teardown(tuple(steps), packets[first:])


def _acknowledging(senders: Sequence[Packet], receivers: Sequence[Packet]) -> Iterator[Packet]:
    """The receivers' packets that acknowledge the senders' FIN."""
    fin = fin_position(senders)
    if fin is None:
        return
    behind = (origin(senders) + 1 + fin + 1) % MODULO
    for packet in receivers:
        if tcp_of(packet).ack_flag and not tcp_of(packet).rst and tcp_of(packet).ack == behind:
            yield packet


def _as_first_sent(packet: Packet, stream: TcpStream) -> Packet:
    if stream.handshake is None or packet.tcp is None or not packet.tcp.syn or packet not in stream.packets:
        return packet
    return stream.handshake.syn if stream.is_from_client(packet) else stream.handshake.syn_ack


def _told(packets: Sequence[Packet]) -> str:
    told = ", ".join(f"frame {packet.number} ({packet.summary()})" for packet in packets[:_TOLD])
    return told + f", and {len(packets) - _TOLD} more" * (len(packets) > _TOLD)


def _is_error_about(packet: Packet, flow: Sequence[Packet]) -> bool:
    quoted = packet.icmp.quoted_ports if packet.icmp is not None else None
    carriers = [each.transport for each in flow if each.transport is not None]
    return quoted is not None and any((each.src_port, each.dst_port) == tuple(quoted) for each in carriers)
