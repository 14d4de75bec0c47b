"""A TCP port that is open, closed or silent: what a hand-made handshake (exercise 2.2) meets.

- `open`: the kernel shakes hands. accept() returning is the proof that the program's three segments made a
  connection; `accepted` says whose.
- `closed`: nobody listens, the kernel answers a SYN with RST,ACK (RFC 9293 §3.10.7.1).
- `silent`: a listening socket with a filter that drops every segment. The kernel looks for the listener
  first and so sends no reset either. A capture on the interface still shows the SYN: it comes before.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from typing import Literal

from pytest_netlab.lab.addresses import NAMES
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.destinations import Address
from pytest_netlab.traffic.sockets import bound
from pytest_netlab.traffic.tcp import TcpServer, silent
from pytest_netlab.traffic.waiting import HasFileno

_SO_ATTACH_FILTER = 26
_BPF_RET = 0x06


class HandshakePeer:
    """One TCP port of a host.

    Args:
        host: where it is.
        mode: `"open"`, `"closed"` or `"silent"`.
        address: one of the host's; by default that of scanme.nmap.org.
        port: its number.

    Raises:
        UsageError: no such address, or the port is taken.
    """

    def __init__(
        self,
        host: Host,
        mode: Literal["open", "closed", "silent"] = "open",
        address: str = NAMES["scanme.nmap.org"],
        port: int = 80,
    ) -> None:
        self.mode = mode
        self.address: Address = (address, port)
        self._server: TcpServer | None = None
        self._held: socket.socket | None = None
        if mode == "open":
            self._server = TcpServer(host, port, address, silent)
        elif mode == "silent":
            self._held = silent_port(host, port, address)
        else:
            bound(host, socket.SOCK_STREAM, address, port).close()  # nobody else holds it

    def __enter__(self) -> HandshakePeer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def accepted(self) -> list[Address]:
        """Address and port of every client that accept() returned, in order."""
        return self._server.accepted if self._server else []

    @property
    def received(self) -> list[bytes]:
        """What each of them has sent since."""
        return [connection.received for connection in self._server.connections] if self._server else []

    def wait_for_connection(self, timeout_s: float, until_ended: HasFileno | None = None) -> Address | None:
        """Whom accept() returned first; None without one in time, or by the program's end."""
        connection = self._server.wait_for_connection(timeout_s, until_ended) if self._server else None
        return connection.peer if connection else None

    def settle(self) -> None:
        """Return once every connection that is complete by now has been accepted."""
        if self._server:
            self._server.settle()

    def close(self) -> None:
        """Give the port back. Connections that are still open are closed: end the capture before."""
        if self._server:
            self._server.close()
        if self._held:
            self._held.close()


def silent_port(host: Host, port: int, address: str | None = None) -> socket.socket:
    """Hold a TCP port of `host` that swallows every segment; closing the socket ends that.

    Raises:
        UsageError: no such address, or the port is taken.
    """
    sock = bound(host, socket.SOCK_STREAM, address, port)
    drop_all = ctypes.create_string_buffer(struct.pack("=HBBI", _BPF_RET, 0, 0, 0))
    program = struct.pack("@HP", 1, ctypes.addressof(drop_all))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
    sock.listen(1)
    return sock
