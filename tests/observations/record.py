"""Record the reference of exercise 1.3: the reference programs of 1.1 and 1.2, run in the lab and captured.

    python -m tests.observations.record     then     python -m tests.observations.make

Writes `suites/solutions/packet_observation.pcapng` and the notes beside it. Ports, times and sequence numbers differ
from one recording to the next; the frames' order does not: it is recorded again until it is as the curriculum has it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from pytest_netlab.capture import Capture, write_pcapng
from pytest_netlab.lab import ports, snapshot
from pytest_netlab.lab.client import Agent, Lab
from pytest_netlab.lab.snapshot import Snapshot
from pytest_netlab.lab.taps import LOOPBACK, taps
from pytest_netlab.traffic.http import HttpServer
from pytest_netlab.wire import Direction, Frame, dissect

SOLUTIONS: Final = Path(__file__).parent.parent.parent / "suites" / "solutions"
CAPTURE: Final = SOLUTIONS / "packet_observation.pcapng"
NOTES: Final = SOLUTIONS / "packet_observation.toml"
FLAGS: Final = ["", "S", "SA", "A", "PA", "A", "PA", "A", "FA", "FA", "A"]
"""Of each frame: the datagram, the handshake, GET and ACK, response and ACK, the end from the server's side."""
ATTEMPTS: Final = 50

REFERENCE_NOTES: Final = """\
[udp]
display_filter = "udp.port == 8000"
frames = [1]

[tcp]
display_filter = "tcp.port == 80 and ip.addr == 10.77.0.80"
handshake = [2, 3, 4]
request = 5
teardown = [9, 10, 11]
"""


def main() -> None:
    agent = Agent()
    try:
        frames = next((found for found in (_attempt(agent) for _ in range(ATTEMPTS)) if flags(found) == FLAGS), None)
    finally:
        agent.close()
    if frames is None:
        sys.exit(f"in {ATTEMPTS} attempts the frames were never {FLAGS}")
    write_pcapng(CAPTURE, frames)
    NOTES.write_text(REFERENCE_NOTES, encoding="utf-8")


def flags(frames: Sequence[Frame]) -> list[str]:
    """The TCP flags of each frame; empty for other packets."""
    return [str(packet.tcp.flags) if packet.tcp else "" for packet in map(dissect, frames)]


def _attempt(agent: Agent) -> list[Frame]:
    files = snapshot.take(SOLUTIONS)
    with agent.lab() as lab, Capture(taps(lab)) as capture, HttpServer(lab.internet) as web:
        with lab.launch([sys.executable, "udp_server.py"], files) as server:
            while 8000 not in ports.bound(lab.student, "udp"):
                if server.wait(0.01):
                    sys.exit(f"the UDP server ended: {server.output!r}")
            _run(lab, files, "udp_client.py")
        _run(lab, files, "tcp_http_client.py")
        web.wait_finished(5)
        return [_as_students_see_it(frame) for frame in capture.stop().frames]


def _run(lab: Lab, files: Snapshot, name: str) -> None:
    with lab.launch([sys.executable, name], files) as program:
        if not program.wait(15) or program.status != 0:
            sys.exit(f"{name}: {program.output!r}")


def _as_students_see_it(frame: Frame) -> Frame:
    """The student's names of the interfaces, and nothing that only the kernel could tell."""
    name = "lo" if frame.interface == LOOPBACK else "eth0"
    return replace(frame, interface=name, direction=Direction.UNKNOWN, checksum_unfinished=None)


if __name__ == "__main__":
    main()
