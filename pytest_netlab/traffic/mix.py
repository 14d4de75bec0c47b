"""The known mix of exercise 2.3: a script of frames from the internet host, of every class that is counted.

What is counted in the end is what the recording holds, answers of the student's kernel included (echo
replies, resets). The script is the same for the same seed; ports, identifiers and order differ between seeds.

In it: the start of HTTP requests and responses on 80 and 8080; TCP on 80 without a request; plain TCP; DNS
questions and answers over UDP and TCP; UDP on odd ports; echo requests; ICMP errors that quote UDP; IP
protocol 253; ARP, which is not IP and not counted. Segments with data have a timestamp option, those of DNS excepted.

Kept out, because honest programs differ on it: HTTP on other ports and by other methods than GET, junk and empty
segments on port 53, UDP 5353, ICMP errors about port 53, payload on port 80 that is no HTTP, IPv6, fragments,
tunnels. So every port that the script uses is held at the student: UDP and protocol 253 by sockets that nobody reads,
DNS over TCP by silent ones. TCP ports for HTTP and plain TCP are not held: the kernel's resets from there are part of
the mix.
"""

from __future__ import annotations

import random
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from pytest_netlab.lab.client import Lab
from pytest_netlab.traffic import craft
from pytest_netlab.traffic.closing import Closing
from pytest_netlab.traffic.handshake import silent_port
from pytest_netlab.traffic.raw import FrameSocket
from pytest_netlab.traffic.sockets import bound

Class = Literal["http", "dns", "icmp", "tcp", "udp", "other", "arp"]

OTHER_PROTOCOL: Final = 253
"""For experimentation and testing (RFC 3692)."""
BATCH: Final = 8
"""Frames that are sent between two calls of `progress`."""
_HTTP: Final = ((80, 4, 3), (8080, 2, 1))
"""Port, requests, responses. No part of them has as many as all, or as all requests: each part missing is seen."""
_REQUEST: Final = b"GET /get HTTP/1.1\r\nHost: httpbin.org\r\nConnection: close\r\n\r\n"
_RESPONSE: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
_NAME: Final = "httpbin.org"
_NAME_ADDRESS: Final = "10.77.0.80"


class Sent(NamedTuple):
    """A frame of the script and the class that it counts in."""

    kind: Class
    frame: bytes


class TrafficMix(Closing):
    """The script, and the ports that it needs held. A context manager.

    Args:
        lab: where; frames go from its internet host to its student.
        seed: another one makes another script.

    Attributes:
        script: the frames of one `send`, in order.

    Raises:
        UsageError: a port that the script needs is taken at the student.
    """

    def __init__(self, lab: Lab, seed: int = 0) -> None:
        self._source, self._destination = lab.internet.address, lab.student.address
        self._macs = lab.internet.mac, lab.student.mac
        self._random = random.Random(seed)
        # Below the ephemeral range, so that no socket of the kernel's choosing is ever met.
        self._ports = iter(self._random.sample(range(10_000, 30_000), 200))
        self._udp_ports, self._dns_tcp_ports = [53], [53]
        self.script: list[Sent] = [Sent(kind, self._frame(kind, packet)) for kind, packet in self._packets()]
        self._random.shuffle(self.script)
        self._held: list[socket.socket] = []
        self._hold(lab)
        self._sender = FrameSocket(lab.internet)

    @property
    def counts(self) -> Counter[Class]:
        """How many frames of each class one `send` sends; answers are not among them."""
        return Counter(sent.kind for sent in self.script)

    def send(self, progress: Callable[[int, int], object] | None = None) -> int:
        """Send the script; may be called again.

        Args:
            progress: called after every `BATCH` frames with the number sent and the number in all; it may
                take its time, for example until a live display has changed.

        Returns:
            How many frames were sent.
        """
        for number, sent in enumerate(self.script, 1):
            self._sender.send(sent.frame)
            if progress and (number % BATCH == 0 or number == len(self.script)):
                progress(number, len(self.script))
        return len(self.script)

    def close(self) -> None:
        """Let go of the ports."""
        self._sender.close()
        for sock in self._held:
            sock.close()

    def _packets(self) -> Iterator[tuple[Class, bytes]]:
        """What is sent, class by class, from the IP (or ARP) header on."""
        for port, requests, responses in _HTTP:
            for _ in range(requests):
                yield "http", self._tcp(next(self._ports), port, "PA", _REQUEST)
            for _ in range(responses):
                yield "http", self._tcp(port, next(self._ports), "PA", _RESPONSE)
        for flags in ("S", "A", "FA"):
            yield "tcp", self._tcp(next(self._ports), 80, flags)
        for flags, data in (("S", b""), ("A", b""), ("PA", b"not for the web"), ("FA", b"")):
            yield "tcp", self._tcp(next(self._ports), next(self._ports), flags, data)
        yield from (("dns", packet) for packet in self._dns())
        for number in range(5):
            yield "udp", self._udp(next(self._ports), self._udp_port(), b"datagram %d" % number)
        for sequence in range(4):
            yield "icmp", self._ip(socket.IPPROTO_ICMP, craft.echo_request(0x4E4C, sequence, b"ping"))
        for _ in range(3):
            yield (
                "icmp",
                self._ip(socket.IPPROTO_ICMP, craft.unreachable(craft.UNREACHABLE_PORT, self._quoted())),
            )
        for number in range(3):
            yield "other", self._ip(OTHER_PROTOCOL, b"other %d" % number)
        for _ in range(2):
            yield "arp", craft.arp_request(self._macs[0], self._source, self._destination)

    def _dns(self) -> Iterator[bytes]:
        for _ in range(3):
            identifier = self._random.randrange(1, 1 << 16)
            question = craft.dns_query(identifier, _NAME)
            answer = craft.dns_answer(identifier, _NAME, _NAME_ADDRESS)
            yield self._udp(next(self._ports), 53, question)
            yield self._udp(53, self._udp_port(), answer)
            # Over TCP each message stands behind its length (RFC 1035 §4.2.2).
            yield self._tcp(next(self._ports), 53, "PA", len(question).to_bytes(2, "big") + question)
            self._dns_tcp_ports.append(next(self._ports))
            yield self._tcp(53, self._dns_tcp_ports[-1], "PA", len(answer).to_bytes(2, "big") + answer)

    def _udp_port(self) -> int:
        """A fresh port of the student that will be held."""
        self._udp_ports.append(next(self._ports))
        return self._udp_ports[-1]

    def _quoted(self) -> bytes:
        """A datagram that the student could have sent."""
        datagram = craft.udp(self._destination, self._source, next(self._ports), next(self._ports), b"lost")
        return craft.ipv4(self._destination, self._source, socket.IPPROTO_UDP, datagram)

    def _udp(self, source_port: int, destination_port: int, data: bytes) -> bytes:
        datagram = craft.udp(self._source, self._destination, source_port, destination_port, data)
        return self._ip(socket.IPPROTO_UDP, datagram)

    def _tcp(self, source_port: int, destination_port: int, flags: str, data: bytes = b"") -> bytes:
        sequence, acknowledgment = self._random.randrange(1 << 32), self._random.randrange(1 << 32)
        segment = craft.tcp(
            self._source,
            self._destination,
            source_port,
            destination_port,
            flags=flags,
            sequence=sequence,
            acknowledgment=acknowledgment if "A" in flags else 0,
            data=data,
            options=craft.timestamps(self._random.randrange(1 << 32), 1)
            if data and 53 not in (source_port, destination_port)
            else b"",
        )
        return self._ip(socket.IPPROTO_TCP, segment)

    def _ip(self, protocol: int, payload: bytes) -> bytes:
        identification = self._random.randrange(1, 1 << 16)
        return craft.ipv4(self._source, self._destination, protocol, payload, identification=identification)

    def _frame(self, kind: Class, packet: bytes) -> bytes:
        if kind == "arp":
            return craft.ethernet(self._macs[0], craft.BROADCAST_MAC, packet, craft.ETHERTYPE_ARP)
        return craft.ethernet(*self._macs, packet)

    def _hold(self, lab: Lab) -> None:
        """Hold the ports whose answers would be no part of the mix."""
        try:
            for port in self._udp_ports:
                self._held.append(bound(lab.student, socket.SOCK_DGRAM, None, port))
            for port in self._dns_tcp_ports:
                self._held.append(silent_port(lab.student, port))
            self._held.append(lab.student.socket(socket.AF_INET, socket.SOCK_RAW, OTHER_PROTOCOL))
        except BaseException:
            for sock in self._held:
                sock.close()
            raise
