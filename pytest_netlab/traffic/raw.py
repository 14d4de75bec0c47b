"""Sockets below UDP and TCP: IP packets and Ethernet frames, exactly as the test wrote them.

Refuses, before anything is sent, whatever is addressed to a place outside the lab.

What the kernel still does to a packet of a `RawSocket` (raw(7)): with `IPPROTO_RAW` over IPv4 it writes the
total length and the header checksum, and the identification where it is zero, over IPv6 nothing at all; with
another protocol it writes the whole IP header, and with `IPPROTO_ICMPV6` the checksum, too (RFC 3542 §3.1). A
`FrameSocket` sends every byte as it is.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Final

from pytest_netlab.errors import UsageError
from pytest_netlab.lab.addresses import INTERFACE
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.closing import Closing
from pytest_netlab.traffic.destinations import inside, on_link
from pytest_netlab.traffic.sockets import LARGEST_PACKET
from pytest_netlab.traffic.waiting import HasFileno, wait_readable

_ETH_P_ALL: Final = 3
_SOL_PACKET: Final = 263
_PACKET_STATISTICS: Final = 6
_PACKET_IGNORE_OUTGOING: Final = 23
_SO_RCVBUFFORCE: Final = 33
_QUEUE_BYTES: Final = 16 << 20
_VLAN_TAGS: Final = (0x8100, 0x88A8)
# Where a header holds its destination: EtherType → offset behind it, length.
_DESTINATION: Final = {0x0800: (16, 4), 0x86DD: (24, 16), 0x0806: (24, 4)}


class _Socket(Closing):
    """What both kinds share: waiting, and an end."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._socket.setblocking(False)

    def fileno(self) -> int:
        """Its descriptor, readable while something waits."""
        return self._socket.fileno()

    def receive(self, timeout_s: float, until_ended: HasFileno | None = None) -> bytes | None:
        """The next packet or frame; None when there is none in time, or at the end of `until_ended`.

        An IPv4 packet comes with its IP header, an IPv6 one without (RFC 3542 §3).
        """
        deadline = time.monotonic() + timeout_s
        while wait_readable([self._socket], timeout_s=deadline - time.monotonic(), until_ended=until_ended).ready:
            try:
                return self._socket.recv(LARGEST_PACKET + 14)
            except BlockingIOError:
                continue
        return None

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


class RawSocket(_Socket):
    """A raw IP socket of a host.

    Args:
        host: where it is made.
        protocol: `socket.IPPROTO_RAW` to send whole IP packets (such a socket receives nothing), or the
            number of the protocol to send and receive, such as `socket.IPPROTO_ICMP`.
        family: AF_INET or AF_INET6. With `IPPROTO_RAW` it does not matter: each packet goes by its own version.
    """

    def __init__(self, host: Host, protocol: int = socket.IPPROTO_RAW, family: int = socket.AF_INET) -> None:
        super().__init__(host.socket(family, socket.SOCK_RAW, protocol))
        self._host = host
        self._whole = protocol == socket.IPPROTO_RAW
        self._for_family = {int(family): self._socket}

    def send(self, data: bytes, to: str | None = None) -> None:
        """Send one packet.

        Args:
            data: with IPPROTO_RAW a packet from its IP header on, else what follows the IP header.
            to: the destination; with IPPROTO_RAW the header's own when left out.

        Raises:
            UsageError: the destination is missing, or outside the lab.
        """
        if self._whole:
            written = destination_of_packet(data)
            self._of_version(data[0] >> 4).sendto(data, (inside(to or written), 0))
        elif to is None:
            raise UsageError("send() needs a destination: only an IPPROTO_RAW packet names its own")
        else:
            self._socket.sendto(data, (inside(to), 0))

    def close(self) -> None:
        """Give the sockets back."""
        for sock in self._for_family.values():
            sock.close()

    def _of_version(self, version: int) -> socket.socket:
        """The socket for whole packets of IPv4 or IPv6; made when it is first needed."""
        family = int(socket.AF_INET6 if version == 6 else socket.AF_INET)
        if family not in self._for_family:
            self._for_family[family] = self._host.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
            self._for_family[family].setblocking(False)
        return self._for_family[family]


class FrameSocket(_Socket):
    """An Ethernet socket on one interface of a host; it hears from the moment it is made.

    Args:
        host: where it is made.
        interface: `"eth0"` or `"lo"`.
        incoming_only: leave out what the interface sends; `lo` shows every frame twice otherwise.
    """

    def __init__(self, host: Host, interface: str = INTERFACE, *, incoming_only: bool = True) -> None:
        super().__init__(frame_socket(host, interface, incoming_only=incoming_only))

    def send(self, frame: bytes) -> None:
        """Send one frame, from its destination hardware address on.

        Raises:
            UsageError: it is no whole Ethernet header, or what it carries is addressed outside the lab.
        """
        destination_of_frame(frame)
        self._socket.send(frame)


def frame_socket(host: Host, interface: str, *, incoming_only: bool) -> socket.socket:
    """A packet socket of `host` that is armed for all protocols, with as long a queue as the kernel allows.

    Raises:
        UsageError: no such interface.
    """
    sock = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    try:
        if incoming_only:
            sock.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        try:
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _QUEUE_BYTES)
        except PermissionError:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _QUEUE_BYTES)
        sock.bind((interface, _ETH_P_ALL))
    except OSError as error:
        sock.close()
        raise UsageError(f"{host.name} has no interface {interface!r} ({error.strerror})") from error
    return sock


def frames_lost(sock: socket.socket) -> int:
    """How many frames a packet socket had no room for since this was last asked."""
    _, drops = struct.unpack("=II", sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    return int(drops)


def destination_of_packet(packet: bytes) -> str:
    """The destination in the header of an IP packet.

    Raises:
        UsageError: it is outside the lab, or this is no IP header.
    """
    ethertype = {4: 0x0800, 6: 0x86DD}.get(packet[0] >> 4 if packet else 0)
    destination = _destination(packet, ethertype) if ethertype else None
    if destination is None:
        raise UsageError("a packet must begin with a whole IPv4 or IPv6 header")
    return inside(destination)


def destination_of_frame(frame: bytes) -> str | None:
    """The IP address that an Ethernet frame is for; None where it carries neither IP nor ARP.

    Raises:
        UsageError: the address is outside the lab, or the frame is shorter than an Ethernet header.
    """
    offset = 12
    while int.from_bytes(frame[offset : offset + 2], "big") in _VLAN_TAGS:
        offset += 4
    if len(frame) < offset + 2:
        raise UsageError(f"a frame must begin with a whole Ethernet header; this one has {len(frame)} bytes")
    written = _destination(frame[offset + 2 :], int.from_bytes(frame[offset : offset + 2], "big"))
    return None if written is None else on_link(written)


def _destination(packet: bytes, ethertype: int) -> str | None:
    offset, length = _DESTINATION.get(ethertype, (0, 0))
    address = packet[offset : offset + length]
    if not length or len(address) < length:
        return None
    return socket.inet_ntop(socket.AF_INET6 if length == 16 else socket.AF_INET, address)
