"""The far end of a ping over IPv6: as `icmp`, with the messages of RFC 4443.

A raw ICMPv6 socket is given no IP header, and an error has to quote the one of the request. So the requests are
heard as frames, on their way into the internet host; those with a bad checksum, which its kernel drops, count for
nothing here either. `unreachable` (code 3, address unreachable) comes from the address that was asked.

A lab's kernels know each other's hardware addresses and join no multicast group for theirs; so a program that
resolves the address by itself, as Scapy does, is answered here (RFC 4861 §7.2.4).
"""

from __future__ import annotations

import contextlib
import socket
from typing import Final, Literal

from pytest_netlab.lab.addresses import INTERFACE
from pytest_netlab.lab.client import Lab
from pytest_netlab.traffic.craft import (
    ETHERTYPE_IPV6,
    ICMPV6_ECHO_REQUEST,
    NEIGHBOUR_SOLICITATION,
    UNREACHABLE_ADDRESS,
    ethernet,
    neighbour_advertisement,
    unreachable6,
)
from pytest_netlab.traffic.icmp import MOST_REQUESTS, EchoRequest
from pytest_netlab.traffic.peer import Peer
from pytest_netlab.traffic.raw import FrameSocket, frame_socket
from pytest_netlab.traffic.sockets import LARGEST_PACKET
from pytest_netlab.traffic.waiting import HasFileno
from pytest_netlab.wire import Checksum, Frame, Packet, dissect

_ETHERNET_BYTES: Final = 14


class EchoPeer6(Peer):
    """What an ICMPv6 echo request to an address of the internet host comes to.

    Args:
        lab: whose internet host it is.
        mode: `"answer"`, `"silent"` or `"unreachable"` (destination unreachable, code 3).
        address: the address that is asked; None is the host's own IPv6 address.

    Raises:
        OSError: the kernel's own answer cannot be switched off here.
    """

    def __init__(
        self,
        lab: Lab,
        mode: Literal["answer", "silent", "unreachable"] = "answer",
        address: str | None = None,
    ) -> None:
        super().__init__("echo-peer-6")
        self.mode = mode
        self.address = address or lab.internet.address6
        self._lab = lab
        self._errors = lab.internet.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
        self._errors.bind((self.address, 0))
        self._errors.setblocking(False)
        self._adverts = FrameSocket(lab.internet)
        self._socket = frame_socket(lab.internet, INTERFACE, incoming_only=True)
        self._requests: list[EchoRequest] = []
        self._watch(self._socket, self._hear)
        if mode != "answer":
            lab.answer_echo(lab.internet, False)
        self._start()

    @property
    def requests(self) -> list[EchoRequest]:
        """The echo requests that have arrived, in order."""
        self.check()
        return list(self._requests)

    def wait_for(self, count: int, timeout_s: float, until_ended: HasFileno | None = None) -> bool:
        """Wait until `count` echo requests have arrived in all. Returns whether they have."""
        return self._wait(lambda: len(self._requests) >= count, timeout_s, until_ended)

    def _stop(self) -> None:
        super()._stop()
        self._errors.close()
        self._adverts.close()
        if self.mode != "answer":
            self._lab.answer_echo(self._lab.internet, True)

    def _hear(self) -> None:
        packet = dissect(Frame(self._socket.recv(LARGEST_PACKET + _ETHERNET_BYTES)))
        asked, ip = packet.icmpv6, packet.ipv6
        if self._is_solicitation(packet):
            self._advertise(packet)
        if asked is None or ip is None or not self._is_request(packet) or len(self._requests) >= MOST_REQUESTS:
            return
        source = str(ip.source)
        if self.mode == "unreachable":
            self._refuse(packet.frame.data[ip.offset : ip.end], source)
        self._requests.append(
            EchoRequest(source, int(asked.identifier or 0), int(asked.sequence or 0), bytes(asked.payload))
        )
        self._bell.ring()

    def _is_request(self, packet: Packet) -> bool:
        asked, ip = packet.icmpv6, packet.ipv6
        return (
            asked is not None
            and ip is not None
            and asked.type == ICMPV6_ECHO_REQUEST
            and ip.destination == self.address
            and asked.checksum_state is Checksum.GOOD
        )

    def _is_solicitation(self, packet: Packet) -> bool:
        target = socket.inet_pton(socket.AF_INET6, self.address)
        return (
            packet.icmpv6 is not None
            and packet.icmpv6.type == NEIGHBOUR_SOLICITATION
            and packet.icmpv6.checksum_state is Checksum.GOOD
            and bytes(packet.icmpv6.payload[:16]) == target
        )

    def _advertise(self, packet: Packet) -> None:
        assert packet.ethernet is not None  # a frame of the cable
        assert packet.ipv6 is not None
        asker = str(packet.ipv6.source)
        own = self._lab.internet.mac
        advert = neighbour_advertisement(self.address, asker, own)
        self._adverts.send(ethernet(own, str(packet.ethernet.source), advert, ETHERTYPE_IPV6))

    def _refuse(self, packet: bytes, source: str) -> None:
        with contextlib.suppress(OSError):  # a source that the program made up, without a way back
            self._errors.sendto(unreachable6(self.address, source, UNREACHABLE_ADDRESS, packet), (source, 0))
