"""A TCP server whose behaviour is a function over a connection.

    def shout(connection: Connection) -> None:
        connection.send(connection.receive().upper())

    with TcpServer(lab.internet, behaviour=shout) as server: ...

Rules:
- Every connection has a thread of its own, and every wait in it ends with the server: a client that sends
  half a line, reads nothing or never closes holds up nobody.
- A behaviour that returns closes its side; then what the client still sends is read for up to `LINGER_S`, so
  that unread bytes do not turn the close into a reset (RFC 9293 §3.6, RFC 2525 §2.17).
- What a client does to its connection (a reset, a stop) is recorded, never a fault. Any other exception in a
  behaviour is one.
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Final, Literal, TypeVar

from pytest_netlab.errors import HarnessFault
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.destinations import Address
from pytest_netlab.traffic.peer import SETTLE_S, Peer
from pytest_netlab.traffic.sockets import address_of, bound
from pytest_netlab.traffic.waiting import Bell, Descriptor, HasFileno, wait_readable, wait_writable

LINGER_S: Final = 5.0
"""How long a finished server side waits for the client's close, in seconds."""
MOST_CONNECTIONS: Final = 64
"""How many connections a server holds at once; further ones are closed at once and counted."""
MOST_BYTES: Final = 16 << 20
"""How much of what a client sends is kept."""
_PART: Final = 1 << 16
_T = TypeVar("_T")


class Stopped(Exception):
    """Ends a behaviour when its server is closed. Not to be caught."""


class Connection:
    """One accepted connection, as a behaviour sees it.

    Attributes:
        peer: the client's address and port.
        local: the server's.
        sent: bytes that were handed to the kernel for the client.
    """

    def __init__(self, sock: socket.socket, peer: Address, stop: HasFileno, bell: Bell) -> None:
        self.peer = peer
        self.local: Address = address_of(sock.getsockname())
        self.sent = 0
        self._socket = sock
        self._stop = stop
        self._bell = bell
        self._parts: list[bytes] = []
        self._room = MOST_BYTES
        self._end: Literal["", "close", "reset"] = ""
        self._over = False
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __repr__(self) -> str:
        return f"<Connection from {self.peer[0]} port {self.peer[1]}, {len(self.received)} bytes>"

    @property
    def received(self) -> bytes:
        """All that the client has sent, up to `MOST_BYTES`."""
        return b"".join(self._parts)

    @property
    def closed_by_client(self) -> bool:
        """The client's FIN has come."""
        return self._end == "close"

    @property
    def reset_by_client(self) -> bool:
        """The client's RST has come, or the client answers no more."""
        return self._end == "reset"

    @property
    def over(self) -> bool:
        """Both sides are done, and the socket is closed."""
        return self._over

    def receive(self, timeout_s: float = math.inf) -> bytes | None:
        """The next bytes; `b""` once the client has closed; None when nothing comes in `timeout_s` seconds.

        Raises:
            Stopped: the server is closed, or the connection is lost.
        """
        woken = wait_readable([self._socket], timeout_s=timeout_s, until_ended=self._stop)
        if woken.ended:
            raise Stopped
        if not woken.ready:
            return None
        data = self._attempt(lambda: self._socket.recv(_PART))
        self._parts.append(data[: self._room])
        self._room -= len(self._parts[-1])
        if not data:
            self._end = "close"
        self._bell.ring()
        return data

    def send(self, data: bytes, *, as_segment: bool = False) -> None:
        """Send all of `data`, waiting as long as the client's window makes it wait.

        Args:
            as_segment: let nothing that is sent later share a segment with these bytes (MSG_EOR).

        Raises:
            Stopped: the server is closed, or the connection is lost.
        """
        flags = socket.MSG_EOR if as_segment else 0
        rest = memoryview(data)
        while rest:
            if wait_writable(self._socket, timeout_s=math.inf, until_ended=self._stop).ended:
                raise Stopped
            taken = self._attempt(functools.partial(self._socket.send, rest, flags))
            self.sent += taken
            rest = rest[taken:]

    def send_and_finish(self, data: bytes) -> None:
        """Send `data` and close this side, with the FIN on the last segment of the data."""
        self.send(data[:-1])
        self._attempt(lambda: self._socket.send(data[-1:], socket.MSG_MORE))
        self.finish()

    def finish(self) -> None:
        """Close this side: the client reads the end of the stream and may still send."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def abort(self) -> None:
        """Reset the connection."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._close()

    def drain(self, timeout_s: float) -> None:
        """Read until the client closes, at most for `timeout_s` seconds."""
        deadline = time.monotonic() + timeout_s
        while self.receive(deadline - time.monotonic()):
            pass

    def _attempt(self, act: Callable[[], _T]) -> _T:
        """Do it; what the client or the network has done to the connection ends the behaviour."""
        try:
            return act()
        except OSError:
            self._end = "reset"
            raise Stopped from None

    def _close(self) -> None:
        self._socket.close()
        self._over = True
        self._bell.ring()


Behaviour = Callable[[Connection], None]
"""What a server does with a connection, in a thread of its own."""


def silent(connection: Connection) -> None:
    """Accept, read, and never say anything."""
    connection.drain(math.inf)


def close_at_once(connection: Connection) -> None:
    """Accept and close."""


def reset_at_once(connection: Connection) -> None:
    """Accept and reset."""
    connection.abort()


def echo(connection: Connection) -> None:
    """Send back whatever comes, until the client closes."""
    while data := connection.receive():
        connection.send(data)


def reply(data: bytes) -> Behaviour:
    """Answer the first bytes that come with `data`, and close."""

    def answer(connection: Connection) -> None:
        if connection.receive():
            connection.send(data)

    return answer


class TcpServer(Peer):
    """A TCP server; it listens when the constructor returns.

    Args:
        host: where it is.
        port: 0 lets the kernel choose.
        address: one of the host's; None is its first IPv4 address.
        behaviour: what it does with each connection: `echo`, `silent`, `close_at_once`, `reset_at_once`,
            `reply(data)`, or a function of one's own.

    Attributes:
        address: where it listens.
        turned_away: how many connections were reset because there were too many.

    Raises:
        UsageError: no such address, or the port is taken.
    """

    def __init__(self, host: Host, port: int = 0, address: str | None = None, behaviour: Behaviour = echo) -> None:
        sock = bound(host, socket.SOCK_STREAM, address, port)
        sock.listen(MOST_CONNECTIONS)
        super().__init__("tcp-server")
        self.address: Address = address_of(sock.getsockname())
        self.port = self.address[1]
        self.turned_away = 0
        self._behaviour = behaviour
        self._listening = sock
        self._stop_event = Descriptor(os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK))
        self._connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._watch(sock, self._accept)
        self._start()

    @property
    def connections(self) -> list[Connection]:
        """The connections that accept() returned, in order."""
        self.check()
        return list(self._connections)

    @property
    def accepted(self) -> list[Address]:
        """Who was accepted: address and port of each client, in order."""
        return [connection.peer for connection in self.connections]

    def wait_for_connection(self, timeout_s: float, until_ended: HasFileno | None = None) -> Connection | None:
        """The first connection that accept() returned; None without one in time, or by the program's end."""
        self._wait(lambda: bool(self._connections), timeout_s, until_ended)
        return self._connections[0] if self._connections else None

    def wait_finished(self, timeout_s: float) -> bool:
        """Wait until every connection so far is closed by both sides. Returns whether they are.

        When a program has ended, its kernel closes its connections; so nothing more can come after this.
        """
        self.settle()
        return self._wait(lambda: all(connection.over for connection in self._connections), timeout_s)

    def _accept(self) -> None:
        try:
            sock, peer = self._listening.accept()
        except (BlockingIOError, ConnectionError):
            return  # the client has gone again
        connection = Connection(sock, address_of(peer), self._stop_event, self._bell)
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) >= MOST_CONNECTIONS:
            self.turned_away += 1
            connection.abort()
            return
        self._connections.append(connection)
        thread = threading.Thread(target=self._attend, args=[connection], name="netlab-tcp", daemon=True)
        self._threads.append(thread)
        thread.start()
        self._bell.ring()

    def _attend(self, connection: Connection) -> None:
        try:
            self._behaviour(connection)
            if not connection.over:
                connection.finish()
                connection.drain(LINGER_S)
        except Stopped:
            pass
        except Exception as fault:  # whatever it is, the test's thread must hear of it
            self._fail(fault)
        finally:
            connection._close()

    def _stop(self) -> None:
        os.eventfd_write(self._stop_event.fd, 1)
        super()._stop()
        for thread in self._threads:
            thread.join(SETTLE_S)
            if thread.is_alive():
                self._fail(HarnessFault(f"{self._behaviour!r} does not end with its server"))
        os.close(self._stop_event.fd)
