"""UDP (RFC 768).

Rules:
* `length` counts the 8 octets of the header and the data. Octets that IP carries behind it are not
  payload.
* A checksum of 0 means "none" over IPv4, and is wrong over IPv6 (RFC 8200, 8.1). A computed 0 is sent as
  0xffff.
* A first fragment carries less than `length` says; that is no fault, and its checksum is unknown.

Refuses a length under 8 and one larger than what IP carries; `as_it_stands` gives the header nevertheless, for
those who must show what is wrong with it.
"""

from __future__ import annotations

from pytest_netlab.errors import WireError
from pytest_netlab.wire.checksum import Checksum, internet_checksum, judge
from pytest_netlab.wire.field import Bytes
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Header, Unsigned, require
from pytest_netlab.wire.ipv4 import Ipv4
from pytest_netlab.wire.ipv6 import Ipv6

PROTOCOL = 17


class Udp(Header):
    """A UDP header; `ip` is the header that carries it, which its checksum includes."""

    __slots__ = ("ip",)
    layer = "udp"
    src_port = Unsigned(0, 2)
    dst_port = Unsigned(2, 2)
    length = Unsigned(4, 2)
    checksum = Unsigned(6, 2)

    def __init__(self, frame: Frame, offset: int, end: int, ip: Ipv4 | Ipv6) -> None:
        super().__init__(frame, offset, 8, end)
        self.ip = ip

    @property
    def data(self) -> Bytes:
        """All octets that IP carries behind this header, whatever `length` says of them."""
        return self.octets("data", 8, self.ip.end - self.offset - 8)

    @property
    def expected_checksum(self) -> int:
        """The finished checksum that these octets should have, never 0."""
        segment = self.frame.data[self.offset : self.end]
        pseudo = self.ip.pseudo_header(PROTOCOL, self.length)
        return internet_checksum(pseudo + segment[:6] + segment[8:]) or 0xFFFF

    @property
    def checksum_state(self) -> Checksum:
        """Whether the checksum is right, unfinished, absent, or cannot be known."""
        return judge(
            self.checksum,
            self.frame.data[self.offset : self.end],
            self.ip.pseudo_header(PROTOCOL, self.length),
            unfinished=self.frame.checksum_unfinished,
            zero=Checksum.ABSENT if isinstance(self.ip, Ipv4) else Checksum.BAD,
            complete=self.ip.complete,
        )


def parse_udp(frame: Frame, offset: int, ip: Ipv4 | Ipv6) -> Udp:
    """Read the UDP header at `offset`, carried by `ip`.

    Raises:
        WireError: the packet ends inside the header, or its length is under 8 or more than IP carries.
    """
    require(frame, offset, 8, ip.end, "udp")
    told = int.from_bytes(frame.data[offset + 4 : offset + 6], "big")
    carried = ip.end - offset
    if told < 8:
        raise WireError(f"length {told} is less than the header's 8", "udp.length", offset + 4)
    if told > carried and not ip.fragment:
        raise WireError(f"length {told} exceeds the {carried} bytes that IP carries", "udp.length", offset + 4)
    return Udp(frame, offset, min(offset + told, ip.end), ip)


def as_it_stands(frame: Frame, offset: int, ip: Ipv4 | Ipv6) -> Udp:
    """Read the UDP header at `offset`, its length believed by nobody: it carries all that `ip` does.

    Raises:
        WireError: the packet ends inside the header.
    """
    require(frame, offset, 8, ip.end, "udp")
    return Udp(frame, offset, ip.end, ip)
