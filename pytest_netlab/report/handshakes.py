"""How each TCP connection of a recording was begun, in the words of somebody who has seen many.

The two-port handshake is what this is for: a SYN from one port, the ACK for it from another, and a server that knows
of no connection. What a peer of the lab testifies, that its accept() returned or never did, stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_netlab.lab.addresses import host_names
from pytest_netlab.wire import Packet, Packets, TcpStream

_MODULO: Final = 1 << 32
_MOST: Final = 500
"""Conversations that are looked at, each of them whole: one question takes each of them with each other."""
Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Remark:
    """One remark.

    Attributes:
        frame: the frame that it is about, 0 for the recording as a whole.
        text: a sentence or two.
        wrong: whether something went wrong there, or it is merely worth knowing.
    """

    frame: int
    text: str
    wrong: bool = True


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the lab's own peers say, beside the recording.

    Attributes:
        listeners: TCP addresses and ports where a peer waits in accept().
        accepted: the clients whom accept() returned.
    """

    listeners: tuple[Address, ...] = ()
    accepted: tuple[Address, ...] = ()


def handshakes(packets: Packets, heard: Testimony) -> Iterator[Remark]:
    """Each connection whose beginning was recorded, where there is something to say of it."""
    streams = list(packets.tcp_streams)[:_MOST]
    for stream in streams:
        if not stream.client_known:
            continue
        syn = stream.packets[0]
        answer = next((each for each in stream.from_server if each.tcp is not None and each.tcp.syn), None)
        if answer is None:
            yield from _not_answered(stream, syn)
        elif stream.handshake is None:
            yield _not_acknowledged(stream, syn, answer, streams, heard)
        elif problems := stream.handshake.problems:
            text = f"The handshake's numbers disagree: {'; '.join(problems)}. {_fate(stream, heard)}"
            yield Remark(stream.handshake.ack.number, text)
        else:
            yield _stood(stream, stream.handshake.ack, heard)


def place(end: tuple[object, int]) -> str:
    """A server's port and name, such as `port 80 of httpbin.org`."""
    address, port = str(end[0]), end[1]
    return f"port {port} of {host_names().get(address, address)}"


def _not_answered(stream: TcpStream, syn: Packet) -> Iterator[Remark]:
    where = place(stream.server)
    if resets := stream.resets.where(lambda each: not stream.is_from_client(each)):
        text = f"{where.capitalize()} refused the connection with RST: nobody listens there."
        yield Remark(resets[0].number, text)
    elif not stream.from_server:
        count = len(stream.from_client)
        sent = f"sent {count} times from frame {syn.number} on, " if count > 1 else ""
        yield Remark(syn.number, f"The SYN to {where}, {sent}was never answered.".replace(", was", " was", count == 1))


def _stood(stream: TcpStream, ack: Packet, heard: Testimony) -> Remark:
    """A connection that came about, and how it ended."""
    server: Address = (str(stream.server.address), stream.server.port)
    client: Address = (str(stream.client.address), stream.client.port)
    text = f"The connection from port {stream.client.port} to {place(stream.server)} stood"
    if server in heard.listeners and client not in heard.accepted:
        return Remark(ack.number, f"{text} on the wire, but the server's accept() never returned.")
    proof = ": the server's accept() returned" if client in heard.accepted else ""
    end = "; both sides closed it" if stream.closed_orderly else "; it was not closed" if not stream.resets else ""
    return Remark(ack.number, f"{text}{proof}{end}.", False)


def _not_acknowledged(
    stream: TcpStream, syn: Packet, answer: Packet, streams: Sequence[TcpStream], heard: Testimony
) -> Remark:
    """The SYN-ACK was not acknowledged from the SYN's port: from another one, or not at all."""
    begun = f"The handshake was begun from port {stream.client.port} (frame {syn.number})"
    for other in streams:
        stray = _stray_ack(stream, answer, other)
        if stray is not None and stray.tcp is not None:
            reset = other.from_server.where(lambda each: each.tcp is not None and each.tcp.rst)
            told = f"The server answered RST (frame {reset[0].number})" if reset else ""
            text = f"{begun} and its ACK came from port {stray.tcp.src_port} (frame {stray.number})"
            return Remark(stray.number, f"{text}: two ports, two connections. {_fate(stream, heard, told)}")
    if stream.resets and stream.is_from_client(stream.resets[0]):
        number = stream.resets[0].number
        return Remark(number, f"{begun}, and the client then sent RST (frame {number}). {_fate(stream, heard)}")
    text = f"{begun}, the server answered SYN-ACK (frame {answer.number}), and no ACK followed"
    return Remark(answer.number, f"{text}. {_fate(stream, heard)}")


def _stray_ack(stream: TcpStream, answer: Packet, other: TcpStream) -> Packet | None:
    """The ACK for a SYN-ACK in another conversation with the same server, one that no SYN began."""
    if other.client_known or answer.tcp is None:
        return None
    due = (answer.tcp.seq + 1) % _MODULO
    for packet in other.packets:
        tcp, ip = packet.tcp, packet.ip
        if tcp is None or ip is None or packet.number < answer.number or not tcp.ack_flag or tcp.rst:
            continue
        if (ip.destination, tcp.dst_port) == (stream.server.address, stream.server.port) and tcp.ack == due:
            return packet
    return None


def _fate(stream: TcpStream, heard: Testimony, told: str = "") -> str:
    """What became of a connection on the server's side."""
    server: Address = (str(stream.server.address), stream.server.port)
    client: Address = (str(stream.client.address), stream.client.port)
    if server not in heard.listeners:
        return f"{told or 'There is no connection'}."
    if client in heard.accepted:
        return "The server's accept() returned it all the same."
    return f"{told}; its accept() never returned." if told else "The server's accept() never returned."
