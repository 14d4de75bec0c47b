"""Sockets of a host, bound where they were asked to be, with errors that say who holds the port."""

from __future__ import annotations

import errno
import socket

from pytest_netlab.errors import UsageError
from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.destinations import Address, family_of

LARGEST_PACKET = 65_535
"""Bytes of the largest IP packet, and so of any datagram."""


def bound(host: Host, kind: socket.SocketKind, address: str | None, port: int) -> socket.socket:
    """A socket of `host`, bound.

    Args:
        host: where it is made.
        kind: SOCK_DGRAM or SOCK_STREAM.
        address: one of the host's addresses, `"0.0.0.0"` or `"::"` for all; None is its first IPv4 address.
        port: 0 lets the kernel choose.

    Raises:
        UsageError: the host has no such address, or the port is taken.
    """
    where = host.address if address is None else address
    sock = host.socket(family_of(where), kind)
    try:
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((where, port))
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise UsageError(f"port {port} of {where} on {host.name} is taken already") from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise UsageError(f"{host.name} has no address {where}") from error
        raise
    return sock


def port_of(sock: socket.socket) -> int:
    """The port that `sock` is bound to."""
    port: int = sock.getsockname()[1]
    return port


def address_of(raw: tuple[object, ...]) -> Address:
    """Address and port, without the flow label and scope that IPv6 adds."""
    return str(raw[0]), int(str(raw[1]))
