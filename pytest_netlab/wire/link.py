"""From a LINKTYPE_ value to the first header behind the link layer.

Owns the table of link types and the two smallest link headers: BSD null (host byte order, so both are
read) and loop (network byte order). Raw types have no link header; the IP version stands in the first
four bits. Refuses link types that are not in the table, by name of the number.

Source: https://www.tcpdump.org/linktypes.html
"""

from __future__ import annotations

from pytest_netlab.errors import WireError
from pytest_netlab.wire.cooked import Cooked, Cooked2, parse_cooked, parse_cooked2
from pytest_netlab.wire.ethernet import IPV4, IPV6, Ethernet, parse_ethernet
from pytest_netlab.wire.field import Int, Span
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Header, Unsigned, require

NULL = 0
ETHERNET = 1
RAW = 101
LOOP = 108
LINUX_SLL = 113
RAW_IPV4 = 228
RAW_IPV6 = 229
LINUX_SLL2 = 276

# AF_INET is 2 everywhere. AF_INET6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS, 10 on Linux.
_FAMILIES = {2: IPV4, 24: IPV6, 28: IPV6, 30: IPV6, 10: IPV6}


class Loopback(Header):
    """The four octets of LINKTYPE_NULL and LINKTYPE_LOOP: an address family."""

    __slots__ = ()
    layer = "loopback"
    raw_family = Unsigned(0, 4)

    @property
    def family(self) -> Int:
        """Address family, whichever byte order the capturing host had."""
        value = int(self.raw_family)
        if value > 0xFFFF:
            value = int.from_bytes(value.to_bytes(4, "big"), "little")
        return Int(value, self.frame, Span("loopback.family", self.offset, 4))

    @property
    def ethertype(self) -> Int:
        """The family as an Ethernet type: IPv4, IPv6, or 0 for neither."""
        return Int(_FAMILIES.get(self.family, 0), self.frame, Span("loopback.family", self.offset, 4))


Link = Ethernet | Cooked | Cooked2 | Loopback


def parse_loopback(frame: Frame, offset: int = 0) -> Loopback:
    """Read a null or loop header; raises `WireError` when the frame ends inside it."""
    require(frame, offset, 4, frame.length, "loopback")
    return Loopback(frame, offset, 4, frame.length)


def parse_link(frame: Frame) -> tuple[Link | None, int, int]:
    """Read the link layer.

    Returns:
        The header (None for raw IP), the Ethernet type of what follows, and the offset at which it starts.

    Raises:
        WireError: an unknown link type, or a frame that ends inside the header.
    """
    kind = frame.link_type
    if kind in (RAW, RAW_IPV4, RAW_IPV6):
        return None, _raw_type(frame), 0
    header: Link
    if kind == ETHERNET:
        header = parse_ethernet(frame)
    elif kind == LINUX_SLL:
        header = parse_cooked(frame)
    elif kind == LINUX_SLL2:
        header = parse_cooked2(frame)
    elif kind in (NULL, LOOP):
        header = parse_loopback(frame)
    else:
        raise WireError(f"link type {kind} is not one that this parser reads", "frame.link_type", 0)
    return header, int(header.ethertype), header.payload_offset


def _raw_type(frame: Frame) -> int:
    require(frame, 0, 1, frame.length, "ip.version")
    if frame.link_type == RAW_IPV4:
        return IPV4
    if frame.link_type == RAW_IPV6:
        return IPV6
    return {4: IPV4, 6: IPV6}.get(frame.data[0] >> 4, 0)
