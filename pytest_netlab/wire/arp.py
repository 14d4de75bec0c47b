"""ARP for IPv4 over Ethernet (RFC 826).

Refuses other hardware and protocol types, because their addresses would have other lengths.
"""

from __future__ import annotations

from pytest_netlab.errors import WireError
from pytest_netlab.wire.frame import Frame
from pytest_netlab.wire.header import Address4At, Header, MacAt, Unsigned, require

REQUEST = 1
REPLY = 2


class Arp(Header):
    """An ARP packet: who has `target_protocol`, tell `sender_protocol`."""

    __slots__ = ()
    layer = "arp"
    hardware_type = Unsigned(0, 2)
    protocol_type = Unsigned(2, 2)
    hardware_length = Unsigned(4, 1)
    protocol_length = Unsigned(5, 1)
    operation = Unsigned(6, 2)
    sender_hardware = MacAt(8)
    sender_protocol = Address4At(14)
    target_hardware = MacAt(18)
    target_protocol = Address4At(24)


def parse_arp(frame: Frame, offset: int) -> Arp:
    """Read an ARP packet.

    Raises:
        WireError: it ends early, or is not about IPv4 over Ethernet.
    """
    require(frame, offset, 28, frame.length, "arp")
    packet = Arp(frame, offset, 28, offset + 28)
    if packet.hardware_type != 1 or packet.hardware_length != 6:
        raise WireError("hardware is not Ethernet with 6-byte addresses", "arp.hardware_type", offset)
    if packet.protocol_type != 0x0800 or packet.protocol_length != 4:
        raise WireError("protocol is not IPv4 with 4-byte addresses", "arp.protocol_type", offset + 2)
    return packet
