"""From a failure to the frame and the octets at fault, where the failure itself does not hold them.

* A checksum's verdict is looked up: the first header, of the packets that the test is about, that earned it.
* A packet that is missing has near misses: the port or address in which the closest one differs is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pytest_netlab.grading.compare import Comparison
from pytest_netlab.grading.shown import show_int
from pytest_netlab.wire import Checksum, Header, Int, Packet, Span, located

_PORT = re.compile(r"\bport (\d{1,5})\b(?! \(0x)")
_WANTED = re.compile(r"\b(from|to) port (\d{1,5})(?: of ([0-9a-fA-F.:]+))?")
_PREFERRED = ("udp", "tcp", "icmpv6", "icmp", "ipv4")


def find_checksum(comparison: Comparison, packets: Iterable[Packet], assertion: str) -> Comparison:
    """Give a verdict on a checksum its place, its number, and the number that it should be."""
    if comparison.checksum is None:
        return comparison
    found = _header(comparison.checksum, packets, assertion)
    if found is None:
        return comparison
    value = getattr(found, "checksum", None)
    where = located(value)
    if where is None or not isinstance(value, Int):
        return comparison
    actual = f"0x{value:04x}, {comparison.actual}"
    if comparison.checksum is Checksum.UNFINISHED:
        actual += ": the sum of the pseudo header alone, left for hardware to finish"
    expected = f"0x{getattr(found, 'expected_checksum', 0):04x}, {comparison.expected}"
    return replace(comparison, expected=expected, actual=actual, frame=where[0], span=where[1])


def _header(state: Checksum, packets: Iterable[Packet], assertion: str) -> Header | None:
    named = [name for name in _PREFERRED if name in assertion] or list(_PREFERRED)
    for packet in packets:
        layers = {header.layer: header for header in packet.layers}
        for name in named:
            header = layers.get(name)
            if header is not None and getattr(header, "checksum_state", None) is state:
                return header
    return None


def misplaced(expected: str, closest: Sequence[Packet]) -> Span | None:
    """The port or address of the closest packet that is not the one wanted, None where none can be named."""
    packet = closest[0] if closest else None
    if packet is None or packet.transport is None or packet.ip is None:
        return None
    for way, port, address in _WANTED.findall(expected):
        there = packet.transport.dst_port if way == "to" else packet.transport.src_port
        if there != int(port):
            return there.span
        host = packet.ip.destination if way == "to" else packet.ip.source
        if address and host != address:
            return host.span
    return None


def with_hexadecimal(text: str) -> str:
    """Give each port number its hexadecimal form, as the octets show it; what stands `quoted` stays as it is."""

    def shown(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"port {show_int(number, 16)}" if number < 1 << 16 else match[0]

    parts = text.split("`")
    return "`".join(part if index % 2 else _PORT.sub(shown, part) for index, part in enumerate(parts))


def swapped(expected: str, span: Span | None, closest: Sequence[Packet]) -> str:
    """A remark where a wrong port is the wanted one with its octets the other way round."""
    if span is None or span.width != 2 or not closest:
        return ""
    there = closest[0].frame.data[span.offset : span.offset + 2]
    wanted = {int(port) for _, port, _ in _WANTED.findall(expected)}
    return ", the same bytes in the wrong order" if int.from_bytes(there, "little") in wanted else ""
