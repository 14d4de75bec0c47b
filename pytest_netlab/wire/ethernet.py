"""Ethernet II (RFC 894) with 802.1Q and 802.1ad tags.

Owns the link header of LINKTYPE_ETHERNET. A type field below 0x0600 is an 802.3 length: the frame is
accepted, and what it carries is nobody's here. Refuses frames shorter than their header and more than
`MAX_TAGS` tags.
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_netlab.errors import WireError
from pytest_netlab.wire.field import Int
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Bits, Field, Header, MacAt, Unsigned, require

IPV4 = 0x0800
ARP = 0x0806
IPV6 = 0x86DD
TAGS = frozenset((0x8100, 0x88A8, 0x9100))
MAX_TAGS = 8


class VlanTag(Header):
    """One tag: priority, drop eligibility and VLAN identifier (IEEE 802.1Q, 9.6)."""

    __slots__ = ()
    layer = "vlan"
    tpid = Unsigned(0, 2)
    pcp = Bits(2, 1, 0, 3)
    dei = Bits(2, 1, 3, 1)
    vid = Bits(2, 2, 4, 12)


class Ethernet(Header):
    """An Ethernet header and its tags."""

    __slots__ = ()
    layer = "ethernet"
    destination = MacAt(0)
    source = MacAt(6)

    @property
    def tags(self) -> tuple[VlanTag, ...]:
        """802.1Q tags, outermost first."""
        starts = range(self.offset + 12, self.offset + self._length - 2, 4)
        return tuple(VlanTag(self.frame, start, 4, self.end) for start in starts)

    @property
    def ethertype(self) -> Int:
        """What follows: 0x0800 IPv4, 0x0806 ARP, 0x86dd IPv6; below 0x0600 a length."""
        return self.unsigned("ethertype", self._length - 2, 2)

    def fields(self) -> Iterator[Field]:
        yield from super().fields()
        for tag in self.tags:
            yield from tag.fields()
        ethertype = self.ethertype
        yield Field(ethertype.span.name, ethertype, ethertype.span)


def parse_ethernet(frame: Frame, offset: int = 0) -> Ethernet:
    """Read an Ethernet header.

    Raises:
        WireError: the frame ends inside the header, or carries more than `MAX_TAGS` tags.
    """
    end = frame.length
    require(frame, offset, 14, end, "ethernet")
    data = frame.data
    length = 14
    while int.from_bytes(data[offset + length - 2 : offset + length], "big") in TAGS:
        if length >= 14 + 4 * MAX_TAGS:
            raise WireError(f"more than {MAX_TAGS} VLAN tags", "ethernet.ethertype", offset + length - 2)
        length += 4
        require(frame, offset, length, end, "ethernet.vlan")
    return Ethernet(frame, offset, length, end)
