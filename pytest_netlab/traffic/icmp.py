"""The far end of a ping (exercise 2.1): it answers, stays silent, or says that the host is unreachable.

`answer` is the kernel's own work. For the other two the kernel is told to ignore echo requests; they still
reach a raw socket, which is how all three modes remember them. `unreachable` quotes the request's IP header
and 8 bytes more, as RFC 792 wants, and comes from the address that was asked.
"""

from __future__ import annotations

import contextlib
import socket
from typing import Final, Literal, NamedTuple

from pytest_netlab.lab.client import Lab
from pytest_netlab.traffic.craft import ICMP_ECHO_REQUEST, UNREACHABLE_HOST, unreachable
from pytest_netlab.traffic.peer import Peer
from pytest_netlab.traffic.sockets import LARGEST_PACKET
from pytest_netlab.traffic.waiting import HasFileno

PUBLIC_ADDRESS: Final = "8.8.8.8"
MOST_REQUESTS: Final = 100_000
"""How many requests an echo peer keeps."""


class EchoRequest(NamedTuple):
    """An echo request that arrived."""

    source: str
    identifier: int
    sequence: int
    data: bytes


class EchoPeer(Peer):
    """What an echo request to an address of the internet host comes to.

    Args:
        lab: whose internet host it is.
        mode: `"answer"`, `"silent"` or `"unreachable"` (destination unreachable, code 1).
        address: the address that is asked; a host's other addresses stay as silent as this one.

    Raises:
        OSError: the kernel's own answer cannot be switched off here.
    """

    def __init__(
        self,
        lab: Lab,
        mode: Literal["answer", "silent", "unreachable"] = "answer",
        address: str = PUBLIC_ADDRESS,
    ) -> None:
        super().__init__("echo-peer")
        self.mode = mode
        self._lab = lab
        self._socket = lab.internet.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
        self._socket.bind((address, 0))
        self._requests: list[EchoRequest] = []
        self._watch(self._socket, self._hear)
        if mode != "answer":
            lab.answer_echo(lab.internet, False)
        self._start()

    @property
    def requests(self) -> list[EchoRequest]:
        """The echo requests that have arrived, in order."""
        self.check()
        return list(self._requests)

    def wait_for(self, count: int, timeout_s: float, until_ended: HasFileno | None = None) -> bool:
        """Wait until `count` echo requests have arrived in all. Returns whether they have."""
        return self._wait(lambda: len(self._requests) >= count, timeout_s, until_ended)

    def _stop(self) -> None:
        super()._stop()
        if self.mode != "answer":
            self._lab.answer_echo(self._lab.internet, True)

    def _hear(self) -> None:
        packet = self._socket.recv(LARGEST_PACKET)
        message = packet[(packet[0] & 0x0F) * 4 :]
        if len(message) < 8 or message[0] != ICMP_ECHO_REQUEST or len(self._requests) >= MOST_REQUESTS:
            return
        source = socket.inet_ntoa(packet[12:16])
        identifier, sequence = int.from_bytes(message[4:6], "big"), int.from_bytes(message[6:8], "big")
        if self.mode == "unreachable":
            self._refuse(packet, source)
        self._requests.append(EchoRequest(source, identifier, sequence, message[8:]))
        self._bell.ring()

    def _refuse(self, packet: bytes, source: str) -> None:
        with contextlib.suppress(OSError):  # a source that the program made up, without a way back
            self._socket.sendto(unreachable(UNREACHABLE_HOST, packet), (source, 0))
