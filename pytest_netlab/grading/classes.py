"""The classes of exercise 2.3: what an honest counter counts a frame as. The first that fits wins.

    HTTP      a TCP packet of port 80 or 8080 in which an HTTP request begins, or a response where those count, too
    DNS       a packet of UDP or TCP port 53 that parses as DNS
    ICMP, TCP, UDP, and any Other IP

Frames that are not IPv4 have no class. Truth about a frame comes from its own headers: what an ICMP error quotes is
payload.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from pytest_netlab.grading.counts import CLASSES
from pytest_netlab.wire import Packet
from pytest_netlab.wire.http import HttpRequest

HTTP, DNS, ICMP, TCP, UDP, OTHER = CLASSES
HTTP_PORTS: Final = frozenset({80, 8080})


def class_of(packet: Packet, *, responses: bool = True) -> str | None:
    """The class of a frame, None for one that is not IPv4.

    Args:
        packet: the frame.
        responses: whether the start of an HTTP response counts as HTTP, as the start of a request does.
    """
    if packet.ipv4 is None:
        return None
    if packet.tcp is not None and not HTTP_PORTS.isdisjoint((packet.tcp.src_port, packet.tcp.dst_port)):
        message = packet.http
        if message is not None and (responses or isinstance(message, HttpRequest)):
            return HTTP
    if packet.dns is not None:
        return DNS
    layers = ((packet.icmp, ICMP), (packet.tcp, TCP), (packet.udp, UDP))
    return next((name for layer, name in layers if layer is not None), OTHER)


def count_classes(packets: Iterable[Packet], *, responses: bool = True) -> Counter[str]:
    """How many frames of each class there are."""
    counted: Counter[str] = Counter(dict.fromkeys(CLASSES, 0))
    for packet in packets:
        if name := class_of(packet, responses=responses):
            counted[name] += 1
    return counted
