"""Other people's traffic, on a loopback interface that is shared with the whole machine.

In a lab of its own a program is alone. In the loopback tier the machine's other services talk on the same interface;
what goes to or from a port that somebody held before the run began is theirs, and no clause may blame the program
for it.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from pytest_netlab.capture import Recording
from pytest_netlab.lab import ports
from pytest_netlab.lab.ports import Tables
from pytest_netlab.wire import Packet


def held_ports(host: Tables) -> set[int]:
    """Ports of UDP and TCP that are held on `host` now."""
    return ports.bound(host, "udp") | ports.bound(host, "tcp")


def without(recording: Recording, foreign: Set[int]) -> Recording:
    """The recording less the packets from or to one of the `foreign` ports, numbered anew."""
    if not foreign:
        return recording
    kept = (packet.frame for packet in recording.packets if not _touches(packet, foreign))
    return replace(recording, frames=[replace(frame, number=number) for number, frame in enumerate(kept, start=1)])


def _touches(packet: Packet, foreign: Set[int]) -> bool:
    carrier = packet.transport
    return carrier is not None and not foreign.isdisjoint((int(carrier.src_port), int(carrier.dst_port)))
