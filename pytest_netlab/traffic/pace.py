"""Sending no faster than the client reads, so that what is sent apart is also read apart.

Segments that arrive one by one may still be read in one piece by a program that looks late. So a peer that
dribbles waits for each piece to have arrived and been read. It asks the client's kernel, by sock_diag(7): how
many bytes the connection has received, and how many of them wait to be read. (/proc/net/tcp tells the latter,
too, but takes milliseconds.) A client that does not read holds the peer up for a bounded time.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from typing import Final, NamedTuple

from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.destinations import Address, family_of

_LOOK_AGAIN_S: Final = 0.0002
_NETLINK_SOCK_DIAG: Final = 4
_SOCK_DIAG_BY_FAMILY: Final = 20
_NLM_F_REQUEST: Final = 1
_INET_DIAG_INFO: Final = 2
_NO_COOKIE: Final = b"\xff" * 8
_HEADER_BYTES: Final = 16  # struct nlmsghdr
_QUEUE_AT: Final = _HEADER_BYTES + 56  # struct inet_diag_msg: idiag_rqueue
_ATTRIBUTES_AT: Final = _HEADER_BYTES + 72  # behind struct inet_diag_msg
_BYTES_RECEIVED_AT: Final = 128  # struct tcp_info: tcpi_bytes_received


class Progress(NamedTuple):
    """How far a connection's receiver is, in bytes."""

    arrived: int
    unread: int


class Pace:
    """Watches connections from the side of their client. Make it in the test's thread, use it in any.

    Args:
        host: the client's.
    """

    def __init__(self, host: Host) -> None:
        self._socket = host.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
        self._lock = threading.Lock()

    def wait_until_read(self, client: Address, server: Address, sent: int, timeout_s: float) -> bool:
        """Wait until the client has read the first `sent` bytes of the server.

        Args:
            client: the client's end of the connection.
            server: the other end.
            sent: how many bytes the server has sent on it in all.
            timeout_s: the longest wait, in seconds.

        Returns:
            Whether they are read, or the connection is gone.
        """
        deadline = time.monotonic() + timeout_s
        while (progress := self.progress(client, server)) and (progress.arrived < sent or progress.unread):
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_AGAIN_S)  # the kernel tells nobody what another has read
        return True

    def progress(self, client: Address, server: Address) -> Progress | None:
        """How far the client is; None where the connection is gone."""
        with self._lock:
            self._socket.send(_question(client, server))
            answer = self._socket.recv(8192)
        if struct.unpack_from("=IH", answer)[1] != _SOCK_DIAG_BY_FAMILY:
            return None
        return Progress(_bytes_received(answer), struct.unpack_from("=I", answer, _QUEUE_AT)[0])

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()


def _question(local: Address, remote: Address) -> bytes:
    """A netlink message with a struct inet_diag_req_v2 that names one connection."""
    family = family_of(local[0])
    addresses = b"".join(socket.inet_pton(family, end[0]).ljust(16, b"\0") for end in (local, remote))
    ends = struct.pack("!HH", local[1], remote[1]) + addresses + struct.pack("=I", 0) + _NO_COOKIE
    request = struct.pack("=BBBxI", family, socket.IPPROTO_TCP, 1 << (_INET_DIAG_INFO - 1), 0xFFFFFFFF) + ends
    header = struct.pack("=IHHII", _HEADER_BYTES + len(request), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 0, 0)
    return header + request


def _bytes_received(answer: bytes) -> int:
    at = _ATTRIBUTES_AT
    while at + 4 <= len(answer):
        length, kind = struct.unpack_from("=HH", answer, at)
        if kind == _INET_DIAG_INFO:
            return int(struct.unpack_from("=Q", answer, at + 4 + _BYTES_RECEIVED_AT)[0])
        at += max(4, (length + 3) & ~3)
    return 0
