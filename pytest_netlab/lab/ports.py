"""Which ports a host's sockets hold, read from the kernel's own tables (/proc/net, proc(5))."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Protocol

_LISTEN: Final = 0x0A  # TCP_LISTEN, linux/include/net/tcp_states.h


class Tables(Protocol):
    """Anything whose /proc/net can be read: a lab's host."""

    def read_net(self, name: str) -> bytes:
        """The table `name` as it is now."""
        ...


def bound(host: Tables, protocol: str) -> set[int]:
    """Local ports of all sockets of `protocol` (`"udp"` or `"tcp"`), IPv4 and IPv6."""
    return {port for port, _ in _sockets(host, protocol)}


def listening(host: Tables) -> set[int]:
    """Local ports of TCP sockets that listen, IPv4 and IPv6."""
    return {port for port, state in _sockets(host, "tcp") if state == _LISTEN}


def _sockets(host: Tables, protocol: str) -> Iterator[tuple[int, int]]:
    """Local port and state of each socket."""
    for table in (protocol, f"{protocol}6"):
        for line in host.read_net(table).splitlines()[1:]:
            columns = line.split()
            if len(columns) > 3:
                yield int(columns[1].rpartition(b":")[2], 16), int(columns[3], 16)
