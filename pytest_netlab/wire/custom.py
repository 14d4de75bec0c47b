"""The layer of exercise 2.4, CustomProtocol: version, type, and the number of bytes behind this header.

Big-endian, four octets, above UDP destination port 12345. Nothing about it is checked here but that it is there.
"""

from __future__ import annotations

from pytest_netlab.wire.header import Header, Unsigned
from pytest_netlab.wire.missing import Missing
from pytest_netlab.wire.packet import Packet

HEADER_BYTES = 4


class CustomProtocol(Header):
    """The header; `payload` is what follows it."""

    __slots__ = ()
    layer = "custom"
    version = Unsigned(0, 1)
    type = Unsigned(1, 1)
    length = Unsigned(2, 2)


def custom_protocol(packet: Packet) -> CustomProtocol:
    """The custom header that a UDP datagram carries; all that IP carries behind it is its payload.

    Raises:
        Missing: the packet is no UDP datagram, or carries fewer than four bytes.
    """
    udp = packet.udp
    if udp is None or len(udp.data) < HEADER_BYTES:
        carried = f"{len(udp.data)} bytes behind the UDP header" if udp is not None else "no UDP datagram"
        raise Missing(f"a custom header of {HEADER_BYTES} bytes", carried, [packet])
    start = udp.offset + udp.header_length
    return CustomProtocol(packet.frame, start, HEADER_BYTES, udp.ip.end)
