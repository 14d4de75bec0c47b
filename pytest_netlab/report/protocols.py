"""The protocols by which packets of a capture are chosen."""

from __future__ import annotations

from typing import Final

PROTOCOLS: Final = ("udp", "tcp", "icmp", "icmpv6", "arp", "dns", "http")
"""`dns` and `http` are what a segment carries; the others are what it is."""
