"""Linux cooked captures, as tcpdump writes them for the `any` interface: LINKTYPE_LINUX_SLL (113) and SLL2
(276).

Source: https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html and LINKTYPE_LINUX_SLL2.html. The
kernel's packet type also tells the direction, which a plain Ethernet capture does not. Refuses frames
shorter than the header.
"""

from __future__ import annotations

from pytest_netlab.wire.frame import Direction, Frame
from pytest_netlab.wire.header import Header, Octets, Unsigned, require


class Cooked(Header):
    """The 16-octet header of version 1."""

    __slots__ = ()
    layer = "cooked"
    packet_type = Unsigned(0, 2)
    hardware_type = Unsigned(2, 2)
    address_length = Unsigned(4, 2)
    address = Octets(6, 8)
    ethertype = Unsigned(14, 2)

    @property
    def direction(self) -> Direction:
        """From the kernel's packet type: 4 is outgoing, 0 to 3 were received."""
        return _direction(self.packet_type)


class Cooked2(Header):
    """The 20-octet header of version 2, which also names the interface."""

    __slots__ = ()
    layer = "cooked2"
    ethertype = Unsigned(0, 2)
    reserved = Unsigned(2, 2)
    interface_index = Unsigned(4, 4)
    hardware_type = Unsigned(8, 2)
    packet_type = Unsigned(10, 1)
    address_length = Unsigned(11, 1)
    address = Octets(12, 8)

    @property
    def direction(self) -> Direction:
        """From the kernel's packet type: 4 is outgoing, 0 to 3 were received."""
        return _direction(self.packet_type)


def _direction(packet_type: int) -> Direction:
    if packet_type == 4:
        return Direction.OUTGOING
    return Direction.INCOMING if packet_type < 4 else Direction.UNKNOWN


def parse_cooked(frame: Frame, offset: int = 0) -> Cooked:
    """Read a version 1 header; raises `WireError` when the frame ends inside it."""
    require(frame, offset, 16, frame.length, "cooked")
    return Cooked(frame, offset, 16, frame.length)


def parse_cooked2(frame: Frame, offset: int = 0) -> Cooked2:
    """Read a version 2 header; raises `WireError` when the frame ends inside it."""
    require(frame, offset, 20, frame.length, "cooked2")
    return Cooked2(frame, offset, 20, frame.length)
