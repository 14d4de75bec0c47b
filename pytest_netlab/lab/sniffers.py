"""Who listens below UDP and TCP: packet and raw sockets of a host, read from the kernel's own tables.

`/proc/net/packet` (packet(7)) has a line for each packet socket, whoever holds it: `sk RefCnt Type Proto Iface R
Rmem User Inode`. Rmem counts what waits to be read; a memory-mapped ring, as libpcap has, shows 0 there.
`/proc/net/raw` has the columns of `/proc/net/udp`.
"""

from __future__ import annotations

from typing import NamedTuple

from pytest_netlab.lab.ports import Tables


class Sniffer(NamedTuple):
    """A packet socket.

    Attributes:
        inode: its number; no other socket has it meanwhile.
        interface: index of the interface that it is bound to; 0 is all of them.
        running: whether it is bound and hears.
        unread: bytes of memory that its unread packets take; 0 where it reads from a ring.
    """

    inode: int
    interface: int
    running: bool
    unread: int


def packet_sockets(host: Tables) -> dict[int, Sniffer]:
    """All packet sockets of a host, by inode."""
    found = {}
    for line in host.read_net("packet").splitlines()[1:]:
        columns = line.split()
        if len(columns) >= 9:
            inode = int(columns[8])
            found[inode] = Sniffer(inode, int(columns[4]), columns[5] == b"1", int(columns[6]))
    return found


def raw_sockets(host: Tables) -> set[int]:
    """Inodes of a host's raw IPv4 sockets."""
    lines = [line.split() for line in host.read_net("raw").splitlines()[1:]]
    return {int(columns[9]) for columns in lines if len(columns) > 9}
