"""Sending no faster than the client reads, so that what is sent apart is also read apart.

Segments that arrive one by one may still be read in one piece by a program that looks late. So a peer that
dribbles waits for each piece to be read: it watches the client's receive queue in the kernel's own table of
the client's host (/proc/net/tcp, column rx_queue). A client that does not read holds it up for a bounded time.
"""

from __future__ import annotations

import time
from typing import Final

from pytest_netlab.lab.client import Host
from pytest_netlab.traffic.destinations import Address

_LOOK_AGAIN_S: Final = 0.0002
# An IPv6 socket that talks IPv4 stands in the other table.
_TABLES: Final = ("tcp", "tcp6")


class Pace:
    """Watches receive queues on the host of a client. Make it in the test's thread.

    Args:
        host: the client's.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        for table in _TABLES:
            host.read_net(table)  # opens it; from now on any thread may read it

    def wait_until_read(self, client: Address, server: Address, timeout_s: float) -> bool:
        """Wait until the client has read all that has reached it.

        Args:
            client: the client's end of the connection.
            server: the other end.
            timeout_s: the longest wait, in seconds.

        Returns:
            Whether its queue is empty, or gone.
        """
        deadline = time.monotonic() + timeout_s
        while self.unread(client, server):
            if time.monotonic() >= deadline:
                return False
            time.sleep(_LOOK_AGAIN_S)
        return True

    def unread(self, client: Address, server: Address) -> int:
        """Bytes in the client's receive queue; 0 where there is no such connection."""
        ends = (f":{client[1]:04X}", f":{server[1]:04X}")
        for table in _TABLES:
            for line in self._host.read_net(table).decode("ascii").splitlines()[1:]:
                columns = line.split()
                if columns[1].endswith(ends[0]) and columns[2].endswith(ends[1]):
                    return int(columns[4].partition(":")[2], 16)
        return 0
