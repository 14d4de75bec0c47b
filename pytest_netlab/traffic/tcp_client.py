"""A TCP connection from a host of the lab, opened by the grader or by a test."""

from __future__ import annotations

import socket
import time

from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.closing import Closing
from pytest_netlab.traffic.destinations import Address, inside
from pytest_netlab.traffic.sockets import bound, port_of
from pytest_netlab.traffic.waiting import HasFileno, wait_readable

_PART = 1 << 16


class TcpClient(Closing):
    """A connection from a host of the lab.

    Args:
        host: from where.
        to: address (or name in the lab) and port.
        timeout_s: how long the handshake may take.
        port: its own; 0 lets the kernel choose.

    Raises:
        UsageError: `to` is outside the lab.
        ConnectionRefusedError: the port is closed.
        TimeoutError: nobody answered.
    """

    def __init__(self, host: Host, to: Address, timeout_s: float = 5.0, port: int = 0) -> None:
        destination = inside(to[0])
        self._socket = bound(host, socket.SOCK_STREAM, host.source_for(destination), port)
        try:
            self._socket.settimeout(timeout_s)
            self._socket.connect((destination, to[1]))
        except OSError:
            self._socket.close()
            raise
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def port(self) -> int:
        """Its own port."""
        return port_of(self._socket)

    def fileno(self) -> int:
        """Its descriptor, readable while bytes wait."""
        return self._socket.fileno()

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises TimeoutError where the server's window stays shut."""
        self._socket.sendall(data)

    def receive(self, timeout_s: float, until_ended: HasFileno | None = None) -> bytes | None:
        """The next bytes; `b""` at the end of the stream; None when nothing comes in time."""
        woken = wait_readable([self._socket], timeout_s=timeout_s, until_ended=until_ended)
        return self._socket.recv(_PART) if woken.ready else None

    def receive_all(self, timeout_s: float) -> bytes:
        """All bytes until the server closes.

        Raises:
            TimeoutError: it does not within `timeout_s` seconds.
        """
        deadline = time.monotonic() + timeout_s
        parts: list[bytes] = []
        while part := self.receive(deadline - time.monotonic()):
            parts.append(part)
        if part is None:
            raise TimeoutError(f"the server has not closed within {timeout_s} s")
        return b"".join(parts)

    def finish(self) -> None:
        """Close this side: the server reads the end of the stream."""
        self._socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()
