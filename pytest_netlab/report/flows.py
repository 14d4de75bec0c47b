"""A recording as a list of flows: who talked to whom, in how many packets, and what it came to.

A flow is what shares its two ends (address and port) and its protocol, in both directions; a TCP conversation on
ports that were used before is a flow of its own only where the table of conversations says so. Flows are numbered
from 1 in the order in which they began, and the numbers are what `--flow` takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pytest_netlab.report.style import Style
from pytest_netlab.wire import Packet
from pytest_netlab.wire.flows import ends
from pytest_netlab.wire.missing import protocol_of

_FLAGS_SHOWN: Final = 8
_HEADS: Final = ("flow", "protocol", "from", "to", "packets", "bytes", "")


@dataclass(slots=True)
class Flow:
    """One flow.

    Attributes:
        number: from 1, in order of appearance.
        protocol: the innermost one that was read.
        source, destination: the ends, the first packet's sender first.
        packets: how many, both directions.
        octets: of frames, both directions.
        flags: of TCP's first segments.
    """

    number: int
    protocol: str
    source: str
    destination: str
    packets: int = 0
    octets: int = 0
    flags: list[str] = field(default_factory=list)

    def add(self, packet: Packet) -> None:
        """Count a packet."""
        self.packets += 1
        self.octets += packet.frame.length
        if packet.tcp is not None and len(self.flags) <= _FLAGS_SHOWN:
            self.flags.append(str(packet.tcp.flags) or "none")


class FlowTable:
    """Sorts packets into flows, one at a time; memory grows with the flows and not with the packets."""

    def __init__(self) -> None:
        self._flows: dict[object, Flow] = {}

    def add(self, packet: Packet) -> Flow:
        """Count a packet, and return its flow."""
        key, source, destination = _identity(packet)
        flow = self._flows.get(key)
        if flow is None:
            flow = self._flows[key] = Flow(len(self._flows) + 1, protocol_of(packet) or "other", source, destination)
        flow.add(packet)
        return flow

    @property
    def flows(self) -> list[Flow]:
        """All of them, in order of appearance."""
        return list(self._flows.values())

    @classmethod
    def of(cls, packets: Iterable[Packet]) -> FlowTable:
        """The table of a whole recording."""
        table = cls()
        for packet in packets:
            table.add(packet)
        return table


def table(flows: Sequence[Flow], style: Style, *, most: int = 20) -> list[str]:
    """Draw flows as a table, at most so many of them."""
    rows = [_HEADS, *(_row(flow, style) for flow in flows[:most])]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS) - 1)]
    lines = []
    for row in rows:
        right = (0, 4, 5)
        cells = [
            text.rjust(width) if column in right else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=False))
        ]
        lines.append(style.cells("  ".join([*cells, row[-1]]).rstrip(), style.width))
    lines[0] = style.paint(lines[0], "faint")
    if len(flows) > most:
        lines.append(style.paint(f"{style.glyph('more')} {len(flows) - most} flows more", "faint"))
    return lines


def _row(flow: Flow, style: Style) -> tuple[str, ...]:
    shown = flow.flags[:_FLAGS_SHOWN]
    flags = " ".join(shown) + (f" {style.glyph('more')}" if len(flow.flags) > len(shown) else "")
    ends_told = (flow.source, flow.destination)
    return str(flow.number), flow.protocol, *ends_told, str(flow.packets), str(flow.octets), flags


def _identity(packet: Packet) -> tuple[object, str, str]:
    """What tells a flow from another, and its two ends as people write them."""
    here, ip, protocol = ends(packet), packet.ip, protocol_of(packet)
    if here is not None and packet.transport is not None and ip is not None:
        source = _end(str(ip.source), int(packet.transport.src_port))
        destination = _end(str(ip.destination), int(packet.transport.dst_port))
        return (protocol, frozenset(here)), source, destination
    if ip is not None:
        source, destination = str(ip.source), str(ip.destination)
        return (protocol, frozenset((source, destination))), source, destination
    if packet.arp is not None:
        source, destination = str(packet.arp.sender_protocol), str(packet.arp.target_protocol)
        return ("ARP", frozenset((source, destination))), source, destination
    return ("other", packet.frame.link_type), "", ""


def _end(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
