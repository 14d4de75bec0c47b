"""A recording's packets by protocol, wherever something has `packets`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_netlab.wire.flows import Datagrams, Packets
    from pytest_netlab.wire.stream import Streams


class Views:
    """`udp` is `packets.udp`, and so on: for what holds packets and is none of their sequences."""

    __slots__ = ()

    @property
    def packets(self) -> Packets:
        """All packets, in the order of time."""
        raise NotImplementedError

    @property
    def udp(self) -> Datagrams:
        """`packets.udp`."""
        return self.packets.udp

    @property
    def tcp(self) -> Packets:
        """`packets.tcp`."""
        return self.packets.tcp

    @property
    def tcp_streams(self) -> Streams:
        """`packets.tcp_streams`."""
        return self.packets.tcp_streams

    @property
    def icmp(self) -> Packets:
        """`packets.icmp`."""
        return self.packets.icmp

    @property
    def icmpv6(self) -> Packets:
        """`packets.icmpv6`."""
        return self.packets.icmpv6

    @property
    def arp(self) -> Packets:
        """`packets.arp`."""
        return self.packets.arp
