"""A peer that hears whole frames and answers with whole frames: routers, hosts and neighbours that are not there.

    def one_router(heard: Packet) -> list[bytes]:
        return [time_exceeded(heard, "192.0.2.1")] if heard.ipv4 and heard.ipv4.ttl == 1 else []

    stage.use(FramePeer(stage.internet, one_router))

A program may name a sender that nothing can be sent to: what a script answers to that is kept in `unsent`, and is no
fault of the peer. An exception in the script is one.

Owns the peer, and the answers that such scripts are made of. An answer is a frame back to where the heard one came
from, with every length and checksum right.

The host's own kernel goes on answering for the host's own addresses. Let the program ask for another one: any IPv4
address leaves the student's host by its default route, and nothing else in the lab answers for it.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from typing import Final

from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab.addresses import INTERFACE
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic import craft
from pytest_netlab.traffic.peer import Peer
from pytest_netlab.traffic.raw import destination_of_frame, frame_socket, frames_lost
from pytest_netlab.traffic.sockets import LARGEST_PACKET
from pytest_netlab.wire import Frame, Packet, dissect
from pytest_netlab.wire.ipv4 import Ipv4

Answer = Callable[[Packet], Iterable[bytes]]
"""What a script makes of a packet: the frames to send, in order; none for silence."""

_ETHERNET_BYTES: Final = 14
_ICMP_BYTES: Final = 8


class FramePeer(Peer):
    """Hears every ARP and IP packet that arrives at a host, and sends what a function makes of it.

    Args:
        host: where it listens.
        answer: called with each packet, in the peer's thread; returns frames from their Ethernet header on.
        interface: `"eth0"` or `"lo"`.

    Raises:
        UsageError: the host has no such interface.
    """

    def __init__(self, host: Host, answer: Answer, interface: str = INTERFACE) -> None:
        super().__init__("frame-peer")
        self._answer = answer
        self._unsent: list[bytes] = []
        self._socket = frame_socket(host, interface, incoming_only=True)
        self._watch(self._socket, self._hear)
        self._start()

    @property
    def unsent(self) -> list[bytes]:
        """Answers that were for an address outside the lab, and were not sent."""
        self.check()
        return list(self._unsent)

    def _hear(self) -> None:
        packet = dissect(Frame(self._socket.recv(LARGEST_PACKET + _ETHERNET_BYTES)))
        if lost := frames_lost(self._socket):
            raise HarnessFault(f"{lost} frames came faster than they could be heard")
        if packet.arp is None and packet.ip is None:
            return  # such as the capture's own marks
        for frame in self._answer(packet):
            try:
                destination_of_frame(frame)
            except UsageError:
                self._unsent.append(frame)
            else:
                self._socket.send(frame)


def time_exceeded(heard: Packet, router: str, *, quoted: bytes | None = None) -> bytes:
    """What a router says when a packet's time to live is over: ICMP type 11, code 0 (RFC 792).

    Args:
        heard: the packet.
        router: the IPv4 address that says so.
        quoted: an IPv4 packet to quote in place of `heard`, as a message about somebody else's packet does.

    Raises:
        UsageError: `heard` is no IPv4 packet.
    """
    return _error(heard, craft.ICMP_TIME_EXCEEDED, 0, router, quoted)


def unreachable(heard: Packet, code: int = craft.UNREACHABLE_PORT, *, sender: str | None = None) -> bytes:
    """Destination unreachable: ICMP type 3 (RFC 792).

    Args:
        heard: the packet that does not get there.
        code: 0 network, 1 host, 3 port.
        sender: the IPv4 address that says so; by default the one that was asked.

    Raises:
        UsageError: `heard` is no IPv4 packet.
    """
    return _error(heard, craft.ICMP_UNREACHABLE, code, sender or str(_ip_of(heard).destination), None)


def echo_reply(heard: Packet) -> bytes:
    """The answer to an ICMP echo request: its identifier, sequence number and data (RFC 792).

    Raises:
        UsageError: `heard` is no echo request.
    """
    ip = _ip_of(heard)
    if heard.icmp is None or heard.icmp.type != craft.ICMP_ECHO_REQUEST:
        raise UsageError(f"only an echo request has an echo reply; this is {heard.summary()}")
    message = craft.icmp(0, 0, bytes(heard.icmp.rest), bytes(heard.icmp.payload))
    return _back(heard, craft.ipv4(str(ip.destination), str(ip.source), socket.IPPROTO_ICMP, message))


def arp_reply(heard: Packet, mac: str, *, address: str | None = None) -> bytes:
    """The answer to an ARP request (RFC 826).

    Args:
        heard: the request.
        mac: the hardware address to tell.
        address: whose it is; by default the IPv4 address that was asked for.

    Raises:
        UsageError: `heard` is no ARP packet.
    """
    if heard.arp is None:
        raise UsageError(f"only ARP has an ARP reply; this is {heard.summary()}")
    asker = str(heard.arp.sender_hardware)
    told = craft.arp_reply(mac, address or str(heard.arp.target_protocol), asker, str(heard.arp.sender_protocol))
    return craft.ethernet(mac, asker, told, craft.ETHERTYPE_ARP)


def _ip_of(heard: Packet) -> Ipv4:
    if heard.ipv4 is None:
        raise UsageError(f"an ICMP message answers an IPv4 packet; this is {heard.summary()}")
    return heard.ipv4


def _error(heard: Packet, kind: int, code: int, sender: str, quoted: bytes | None) -> bytes:
    ip = _ip_of(heard)
    packet = heard.frame.data[ip.offset : ip.end] if quoted is None else quoted
    about = packet[: (packet[0] & 0x0F) * 4 + _ICMP_BYTES]
    message = craft.icmp(kind, code, bytes(4), about)
    return _back(heard, craft.ipv4(sender, str(ip.source), socket.IPPROTO_ICMP, message))


def _back(heard: Packet, packet: bytes) -> bytes:
    """The frame that brings a packet back to where `heard` came from."""
    if heard.ethernet is None:
        raise UsageError(f"only a frame with an Ethernet header can be answered; this is {heard.summary()}")
    return craft.ethernet(str(heard.ethernet.destination), str(heard.ethernet.source), packet)
