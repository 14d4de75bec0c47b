"""UDP at either end: a socket to ask with, and a server that answers, or stays silent, and remembers.

A datagram whose answer the kernel refuses (source port 0, an address without a route) is no fault of the
peer: the program under test may have crafted it. It is kept in `unsent`.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Final, NamedTuple

from pytest_netlab.errors import HarnessFault
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.closing import Closing
from pytest_netlab.traffic.destinations import Address, inside
from pytest_netlab.traffic.peer import Peer
from pytest_netlab.traffic.sockets import LARGEST_PACKET, address_of, bound, port_of
from pytest_netlab.traffic.waiting import HasFileno, wait_readable

MOST_DATAGRAMS: Final = 100_000
"""How many datagrams a server keeps."""


class Datagram(NamedTuple):
    """What arrived, and from whom (numeric address, port)."""

    data: bytes
    source: Address


Reply = bytes | Callable[[bytes, Address], bytes | None] | None
"""The same bytes to everybody; or what a function makes of data and source; None is silence."""


class UdpSocket(Closing):
    """A bound UDP socket of a host.

    Args:
        host: where it is made.
        port: its own; 0 lets the kernel choose.
        address: one of the host's; None is its first IPv4 address.

    Raises:
        UsageError: no such address, or the port is taken.
    """

    def __init__(self, host: Host, port: int = 0, address: str | None = None) -> None:
        self._socket = bound(host, socket.SOCK_DGRAM, address, port)
        self._socket.setblocking(False)

    @property
    def port(self) -> int:
        """The port that it is bound to."""
        return port_of(self._socket)

    def fileno(self) -> int:
        """Its descriptor, readable while a datagram waits."""
        return self._socket.fileno()

    def send(self, data: bytes, to: Address) -> None:
        """Send one datagram.

        Raises:
            UsageError: `to` is outside the lab.
        """
        self._socket.sendto(data, (inside(to[0]), to[1]))

    def receive(self, timeout_s: float, until_ended: HasFileno | None = None) -> Datagram | None:
        """The next datagram; None when there is none in time, or at the end of `until_ended`."""
        deadline = time.monotonic() + timeout_s
        while True:
            left_s = deadline - time.monotonic()
            woken = wait_readable([self._socket], timeout_s=left_s, until_ended=until_ended)
            if not woken.ready:
                return None
            try:
                data, source = self._socket.recvfrom(LARGEST_PACKET)
            except BlockingIOError:
                continue  # a bad checksum: announced, then thrown away by the kernel
            return Datagram(data, address_of(source))

    def ask(self, data: bytes, to: Address, timeout_s: float, until_ended: HasFileno | None = None) -> Datagram | None:
        """Send `data` and return the next datagram that arrives, as `receive` does."""
        self.send(data, to)
        return self.receive(timeout_s, until_ended)

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


class UdpServer(Peer):
    """A UDP server in a thread; it serves when the constructor returns.

    Args:
        host: where it is.
        port: 0 lets the kernel choose.
        address: one of the host's; None is its first IPv4 address.
        reply: what it answers; a function is called in the server's thread.

    Raises:
        UsageError: no such address, or the port is taken.
    """

    def __init__(self, host: Host, port: int = 0, address: str | None = None, reply: Reply = None) -> None:
        sock = bound(host, socket.SOCK_DGRAM, address, port)
        super().__init__("udp-server")
        self.address: Address = address_of(sock.getsockname())
        self.port = self.address[1]
        self._reply = reply
        self._socket = sock
        self._lock = threading.Lock()
        self._received: list[Datagram] = []
        self._unsent: list[Datagram] = []
        self._watch(sock, self._serve)
        self._start()

    @property
    def received(self) -> list[Datagram]:
        """What has arrived, in order."""
        self.check()
        with self._lock:
            return list(self._received)

    @property
    def unsent(self) -> list[Datagram]:
        """Datagrams whose answer the kernel refused to send."""
        with self._lock:
            return list(self._unsent)

    def wait_for(self, count: int, timeout_s: float, until_ended: HasFileno | None = None) -> bool:
        """Wait until `count` datagrams have arrived in all. Returns whether they have.

        Raises:
            HarnessFault: the server died, for example of an exception in `reply`.
        """
        return self._wait(lambda: len(self._received) >= count, timeout_s, until_ended)

    def _serve(self) -> None:
        try:
            data, raw = self._socket.recvfrom(LARGEST_PACKET)
        except BlockingIOError:
            return  # a bad checksum: announced, then thrown away by the kernel
        datagram = Datagram(data, address_of(raw))
        with self._lock:
            self._received.append(datagram)
            if len(self._received) > MOST_DATAGRAMS:
                raise HarnessFault(f"more than {MOST_DATAGRAMS} datagrams")
        self._answer(datagram, raw)
        self._bell.ring()

    def _answer(self, datagram: Datagram, raw: tuple[object, ...]) -> None:
        reply = self._reply(*datagram) if callable(self._reply) else self._reply
        if reply is None:
            return
        try:
            self._socket.sendto(reply, raw)
        except OSError:
            with self._lock:
                self._unsent.append(datagram)
