"""ICMPv6 (RFC 4443).

As `icmp`, except that the checksum includes a pseudo header, and that errors are the types below 128.
Refuses messages under 8 octets.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire.checksum import Checksum, internet_checksum, judge
from pytest_netlab.wire.field import Int, Span
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Field, Header, Octets, Unsigned, require
from pytest_netlab.wire.ipv6 import Ipv6, parse_ipv6

PROTOCOL = 58
DESTINATION_UNREACHABLE = 1
ECHO_REQUEST = 128
ECHO_REPLY = 129


class Icmpv6(Header):
    """An ICMPv6 message; `payload` starts behind its first 8 octets."""

    __slots__ = ("ip",)
    layer = "icmpv6"
    type = Unsigned(0, 1)
    code = Unsigned(1, 1)
    checksum = Unsigned(2, 2)
    rest = Octets(4, 4, listed=False)

    def __init__(self, frame: Frame, offset: int, ip: Ipv6) -> None:
        super().__init__(frame, offset, 8, ip.end)
        self.ip = ip

    @property
    def identifier(self) -> Int | None:
        """Identifier of an echo message."""
        return self.unsigned("identifier", 4, 2) if self.type in (ECHO_REQUEST, ECHO_REPLY) else None

    @property
    def sequence(self) -> Int | None:
        """Sequence number of an echo message."""
        return self.unsigned("sequence", 6, 2) if self.type in (ECHO_REQUEST, ECHO_REPLY) else None

    @property
    def quoted(self) -> Ipv6 | None:
        """The IP header that an error quotes; None in other messages, and where it does not parse."""
        if self.type >= 128:
            return None
        try:
            return parse_ipv6(self.frame, self.payload_offset, self.end, quoted=True)
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
        source = Int(int.from_bytes(data[at : at + 2], "big"), self.frame, Span("icmpv6.quoted.src_port", at, 2))
        there = Int(int.from_bytes(data[at + 2 : at + 4], "big"), self.frame, Span("icmpv6.quoted.dst_port", at + 2, 2))
        return source, there

    @property
    def expected_checksum(self) -> int:
        """The checksum that these octets should have."""
        message = self.frame.data[self.offset : self.end]
        pseudo = self.ip.pseudo_header(PROTOCOL, self.end - self.offset)
        return internet_checksum(pseudo + message[:2] + message[4:])

    @property
    def checksum_state(self) -> Checksum:
        """Whether the checksum is right."""
        return judge(
            self.checksum,
            self.frame.data[self.offset : self.end],
            self.ip.pseudo_header(PROTOCOL, self.end - self.offset),
            complete=self.ip.complete,
        )

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        rest = (self.identifier, self.sequence)
        for value in rest if rest[0] is not None else (self.rest,):
            if value is not None:
                yield Field(value.span.name, value, value.span)


def parse_icmpv6(frame: Frame, offset: int, ip: Ipv6) -> Icmpv6:
    """Read the ICMPv6 message at `offset`, carried by `ip`; raises `WireError` when under 8 octets."""
    require(frame, offset, 8, ip.end, "icmpv6")
    return Icmpv6(frame, offset, ip)
