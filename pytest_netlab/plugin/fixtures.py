"""The fixtures, for any test: a lab of its own, programs in it, and the wire between its hosts.

Nothing is built before a test asks for it. Where this machine gives no lab, a test that needs one is skipped
with the reason and the remedy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_netlab.capture import Capture
    from pytest_netlab.lab.client import Lab
    from pytest_netlab.plugin.makers import MakeTcpServer, MakeUdpServer, RunProgram
    from pytest_netlab.traffic.link import Link
    from pytest_netlab.traffic.raw import RawSocket
    from pytest_netlab.traffic.scapy_bridge import ScapySender, ScapySniffer
    from pytest_netlab.traffic.tcp import TcpServer
    from pytest_netlab.traffic.udp import UdpServer

__all__ = [
    "_network",
    "lab",
    "link",
    "make_tcp_server",
    "make_udp_server",
    "raw_socket",
    "run_program",
    "scapy_sender",
    "scapy_sniffer",
    "tcp_server",
    "udp_server",
    "wire",
]


@pytest.fixture
def _network(request: pytest.FixtureRequest) -> Iterator[tuple[Lab, Link | None]]:
    """The lab, and its link where the test asks for one: its cable is cut before anybody is at its ends."""
    from pytest_netlab.errors import LabUnavailable
    from pytest_netlab.lab.client import shared_agent

    relayed = "link" in request.fixturenames
    try:
        made = shared_agent().lab(relayed=relayed)
    except LabUnavailable as error:
        pytest.skip(f"no lab on this machine: {error}")
    with made:
        if not relayed:
            yield made, None
            return
        from pytest_netlab.traffic.link import Link

        with Link(made) as carrier:
            yield made, carrier


@pytest.fixture
def lab(_network: tuple[Lab, Link | None]) -> Lab:
    """Two hosts, `lab.student` and `lab.internet`, and a cable between them, for this test alone."""
    return _network[0]


@pytest.fixture
def link(_network: tuple[Lab, Link | None]) -> Link:
    """The lab's cable, with faults to order: `link.to_internet.drop(2)`, `.delay`, `.duplicate`, `.reorder`, …"""
    carrier = _network[1]
    assert carrier is not None, "a test that gets this fixture by another way has to name it"
    return carrier


@pytest.fixture
def wire(request: pytest.FixtureRequest, lab: Lab) -> Iterator[Capture]:
    """The running capture of the lab: `lo` of the student and the cables. Armed before the test begins, and on a cable
    that the test adds before `lab.connect` returns. It is kept as `--netlab-capture` says; a test that fails shows
    the octets that it compared, and their conversation."""
    from pytest_netlab.capture import Capture
    from pytest_netlab.lab.taps import follow, taps
    from pytest_netlab.plugin import wired

    with Capture(taps(lab)) as capture:
        follow(lab, capture)
        wired.watch(request.node, capture)
        yield capture
        wired.keep(request.node)


@pytest.fixture
def run_program(lab: Lab) -> Iterator[RunProgram]:
    """Start programs in the student host: `run_program("python3", "server.py", directory=…)`."""
    from pytest_netlab.plugin.makers import RunProgram

    with ExitStack() as stack:
        yield RunProgram(lab, stack)


@pytest.fixture
def make_udp_server(lab: Lab) -> Iterator[MakeUdpServer]:
    """Start UDP servers: `make_udp_server(port=53, reply=b"…", host=lab.internet)`."""
    from pytest_netlab.plugin.makers import MakeUdpServer

    with ExitStack() as stack:
        yield MakeUdpServer(lab, stack)


@pytest.fixture
def udp_server(make_udp_server: MakeUdpServer) -> UdpServer:
    """A UDP server at the internet host, on a port of the kernel's choice, that sends each datagram back."""
    return make_udp_server(reply=lambda data, source: data)


@pytest.fixture
def make_tcp_server(lab: Lab) -> Iterator[MakeTcpServer]:
    """Start TCP servers: `make_tcp_server(port=80, behaviour=…, host=lab.internet)`."""
    from pytest_netlab.plugin.makers import MakeTcpServer

    with ExitStack() as stack:
        yield MakeTcpServer(lab, stack)


@pytest.fixture
def tcp_server(make_tcp_server: MakeTcpServer) -> TcpServer:
    """A TCP server at the internet host, on a port of the kernel's choice, that sends back what it gets."""
    return make_tcp_server()


@pytest.fixture
def raw_socket(lab: Lab) -> Iterator[RawSocket]:
    """A raw socket of the student host that sends whole IP packets, into the lab and nowhere else."""
    from pytest_netlab.traffic.raw import RawSocket

    made = RawSocket(lab.student)
    yield made
    made.close()


@pytest.fixture
def scapy_sender(lab: Lab) -> Iterator[ScapySender]:
    """Sends Scapy packets from the student host: `send`, `sendp`, `sr`, `sr1`."""
    from pytest_netlab.traffic.scapy_bridge import ScapySender

    with ScapySender(lab.student) as sender:
        yield sender


@pytest.fixture
def scapy_sniffer(lab: Lab) -> Iterator[ScapySniffer]:
    """Hears the cable at the internet host as Scapy packets, from before the test begins."""
    from pytest_netlab.traffic.scapy_bridge import ScapySniffer

    with ScapySniffer(lab.internet) as sniffer:
        yield sniffer
