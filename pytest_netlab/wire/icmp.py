"""ICMP (RFC 792).

Rules:
* Every message has 8 octets before its data. `identifier` and `sequence` are those of echo, timestamp and
  information messages, and None in all others, where the same octets mean something else.
* An error (types 3, 4, 5, 11, 12) quotes the datagram that caused it: `quoted` is its IP header and
  `quoted_ports` the first four octets behind it. Quoted traffic is not traffic.

Refuses messages under 8 octets.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire.checksum import Checksum, internet_checksum, judge
from pytest_netlab.wire.field import Bytes, Int, Span
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Field, Header, Octets, Unsigned, require
from pytest_netlab.wire.ipv4 import Ipv4, parse_ipv4

PROTOCOL = 1
ECHO_REPLY = 0
DESTINATION_UNREACHABLE = 3
ECHO_REQUEST = 8
_WITH_IDENTIFIER = frozenset((0, 8, 13, 14, 15, 16, 17, 18))
_ERRORS = frozenset((3, 4, 5, 11, 12))


class Icmp(Header):
    """An ICMP message; `payload` starts behind its first 8 octets."""

    __slots__ = ("ip",)
    layer = "icmp"
    type = Unsigned(0, 1)
    code = Unsigned(1, 1)
    checksum = Unsigned(2, 2)
    rest = Octets(4, 4, listed=False)

    def __init__(self, frame: Frame, offset: int, ip: Ipv4) -> None:
        super().__init__(frame, offset, 8, ip.end)
        self.ip = ip

    @property
    def identifier(self) -> Int | None:
        """Identifier of an echo or timestamp message."""
        return self.unsigned("identifier", 4, 2) if self.type in _WITH_IDENTIFIER else None

    @property
    def sequence(self) -> Int | None:
        """Sequence number of an echo or timestamp message."""
        return self.unsigned("sequence", 6, 2) if self.type in _WITH_IDENTIFIER else None

    @property
    def quoted(self) -> Ipv4 | None:
        """The IP header that an error quotes; None in other messages, and where it does not parse."""
        if self.type not in _ERRORS:
            return None
        try:
            return parse_ipv4(self.frame, self.payload_offset, self.end, quoted=True)
        except WireError:
            return None

    @property
    def quoted_ports(self) -> tuple[Int, Int] | None:
        """Source and destination port of the quoted UDP or TCP datagram."""
        quoted = self.quoted
        if quoted is None or quoted.protocol not in (6, 17) or len(quoted.payload) < 4 or quoted.fragment_offset:
            return None
        at = quoted.payload_offset
        data = self.frame.data
        source = Int(int.from_bytes(data[at : at + 2], "big"), self.frame, Span("icmp.quoted.src_port", at, 2))
        there = Int(int.from_bytes(data[at + 2 : at + 4], "big"), self.frame, Span("icmp.quoted.dst_port", at + 2, 2))
        return source, there

    @property
    def expected_checksum(self) -> int:
        """The checksum that these octets should have."""
        message = self._message()
        return internet_checksum(message[:2] + message[4:])

    @property
    def checksum_state(self) -> Checksum:
        """Whether the checksum is right; no kernel leaves this one unfinished."""
        return judge(self.checksum, self._message(), complete=self.ip.complete)

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        rest = (self.identifier, self.sequence)
        for value in rest if rest[0] is not None else (self.rest,):
            if value is not None:
                yield Field(value.span.name, value, value.span)

    def _message(self) -> Bytes:
        return self.octets("message", 0, self.end - self.offset)


def parse_icmp(frame: Frame, offset: int, ip: Ipv4) -> Icmp:
    """Read the ICMP message at `offset`, carried by `ip`; raises `WireError` when it ends within 8 octets."""
    require(frame, offset, 8, ip.end, "icmp")
    return Icmp(frame, offset, ip)
