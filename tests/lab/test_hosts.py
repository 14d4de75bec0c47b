"""More hosts and cables: a router that forwards, counts hops and refuses; captures that watch new cables; programs."""

from __future__ import annotations

import errno
import json
import socket
import sys
import time
from pathlib import Path

import pytest

from pytest_netlab import Capture, Checksum, Host, Lab, UsageError
from pytest_netlab.lab.client import shared_agent
from pytest_netlab.plugin.makers import MakeTcpServer, MakeUdpServer, RunProgram
from pytest_netlab.traffic.scapy_bridge import ScapySender, ScapySniffer
from pytest_netlab.traffic.tcp import reply
from pytest_netlab.traffic.tcp_client import TcpClient
from pytest_netlab.traffic.udp import UdpSocket

NEAR, FAR = "eth0@router", "eth0@server"
FAMILIES = (socket.AF_INET, socket.AF_INET6)


@pytest.fixture
def router(lab: Lab, wire: Capture) -> Host:
    """student – router – server, with addresses and routes in IPv4 and IPv6; the wire was armed before."""
    router, server = lab.host("router", forwards=True), lab.host("server")
    lab.connect(lab.student, router)
    lab.connect(router, server)
    lab.student.add_route("10.78.2.0/24", via=router)
    lab.student.add_route("fd00:78:2::/64", via=router)
    server.add_route("0.0.0.0/0", via=router)
    server.add_route("::/0", via=router)
    return router


@pytest.fixture
def server(router: Host) -> Host:
    """The host behind the router."""
    return router.cables[1].ends[1].host


def address(host: Host, family: int) -> str:
    return host.address6 if family == socket.AF_INET6 else host.address


def test_addresses_are_where_they_were_asked_for(lab: Lab, router: Host, server: Host) -> None:
    assert [port.interface for port in lab.student.ports] == ["eth0", "eth1"]
    assert (lab.student.ports[1].address, lab.student.ports[1].address6) == ("10.78.1.1", "fd00:78:1::1")
    assert [(port.interface, port.address) for port in router.ports] == [("eth0", "10.78.1.2"), ("eth1", "10.78.2.1")]
    assert (server.address, server.address6) == ("10.78.2.2", "fd00:78:2::2")
    assert router.address_towards(server) == "10.78.2.1"
    assert repr(server) == "<Host server 10.78.2.2>"
    assert (lab.student.address, lab.student.address6) == ("10.77.0.2", "fd00:77::2"), "the first cable comes first"


@pytest.mark.parametrize("family", FAMILIES)
def test_a_datagram_is_routed_and_has_one_hop_less(
    lab: Lab, server: Host, make_udp_server: MakeUdpServer, wire: Capture, family: int
) -> None:
    far = address(server, family)
    service = make_udp_server(53, reply=b"yes", host=server, address=far)
    own = lab.student.ports[1]
    with UdpSocket(lab.student, address=own.address6 if family == socket.AF_INET6 else own.address) as client:
        answer = client.ask(b"?", service.address, 5)
    assert answer is not None
    assert (answer.data, answer.source) == (b"yes", (far, 53))
    before, after = wire.udp.to(53, far).on(NEAR).only, wire.udp.to(53, far).on(FAR).only
    hops = [packet.ipv4.ttl if packet.ipv4 else packet.ipv6.hop_limit for packet in (before, after)]
    assert hops == [64, 63]
    assert (before.udp.checksum_state, after.udp.checksum_state) == (Checksum.GOOD, Checksum.GOOD)
    assert before.ethernet.destination == server.cables[0].ends[0].host.mac
    assert after.ethernet.destination == server.mac
    assert [packet.interface for packet in wire.udp] == [NEAR, FAR, FAR, NEAR], "there and back"


@pytest.mark.parametrize("family", FAMILIES)
def test_at_the_last_hop_the_router_says_that_time_is_exceeded(
    lab: Lab, router: Host, server: Host, wire: Capture, family: int
) -> None:
    client = lab.student.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 1)
    else:
        client.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
    client.sendto(b"too far", (address(server, family), 33434))
    packet = wire.wait_for(lambda packet: packet.icmp is not None or packet.icmpv6 is not None, 5)
    message = packet.icmp or packet.icmpv6
    assert (message.type, message.code) == ((3, 0) if family == socket.AF_INET6 else (11, 0))
    assert packet.ip.source == address(router, family)
    assert message.quoted_ports == (client.getsockname()[1], 33434)
    assert message.checksum_state is Checksum.GOOD
    assert len(wire.packets.on(FAR)) == 0


@pytest.mark.parametrize("family", FAMILIES)
def test_tcp_over_the_router(
    lab: Lab, server: Host, make_tcp_server: MakeTcpServer, wire: Capture, family: int
) -> None:
    service = make_tcp_server(80, reply(b"b" * 100_000), host=server, address=address(server, family))
    client = lab.student.socket(family, socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect(service.address)
    client.sendall(b"give")
    received = 0
    while part := client.recv(1 << 16):
        received += len(part)
    client.close()
    assert received == 100_000
    assert service.wait_finished(5)
    stream = wire.packets.on(FAR).tcp_streams.only
    assert len(stream.server_bytes) == 100_000
    assert max(len(packet.frame.data) for packet in wire.packets) <= 1514, "offload is off on the new cables"
    assert {packet.tcp.checksum_state for packet in wire.tcp} == {Checksum.GOOD}


def test_new_cables_are_silent(lab: Lab, router: Host, server: Host, wire: Capture) -> None:
    """Half a second of a kernel that would have announced groups, neighbours and routers, of whom it has none."""
    deadline = time.monotonic() + 0.5
    with pytest.raises(TimeoutError, match="0 were captured"):
        wire.wait_for(lambda packet: True, deadline - time.monotonic())


def test_who_does_not_forward_does_not(lab: Lab, wire: Capture, make_udp_server: MakeUdpServer) -> None:
    middle, end = lab.host("middle"), lab.host("end")
    lab.connect(lab.student, middle, "10.78.7.0/24")
    lab.connect(middle, end, "10.78.8.0/24")
    lab.student.add_route("10.78.8.0/24", via=middle)
    end.add_route("10.78.7.0/24", via=middle)
    service = make_udp_server(53, host=end)
    with UdpSocket(lab.student, address="10.78.7.1") as client:
        client.send(b"?", service.address)
    assert wire.udp.only.interface == "eth0@middle"
    assert service.received == []


def test_scapy_takes_the_way_over_the_router(lab: Lab, router: Host, server: Host) -> None:
    inet, inet6 = pytest.importorskip("scapy.layers.inet"), pytest.importorskip("scapy.layers.inet6")
    with ScapySender(lab.student) as sender, ScapySender(server) as back, ScapySniffer(server) as sniffer:
        answer = sender.sr1(inet.IP(dst=server.address) / inet.ICMP(id=5), 5)
        assert answer is not None
        assert (answer.src, answer.dst, answer.ttl) == ("10.78.2.2", "10.78.1.1", 63)
        assert sniffer.packets[0][inet.IP].ttl == 63
        hop = sender.sr1(inet.IP(dst=server.address, ttl=1) / inet.UDP(sport=4000, dport=33434), 5)
        assert hop is not None
        assert (hop.src, hop[inet.ICMP].type) == (router.address, 11)
        answer = back.sr1(inet6.IPv6(dst="fd00:78:1::1") / inet6.ICMPv6EchoRequest(id=5), 5)
        assert answer is not None
        assert (answer.src, answer.hlim) == ("fd00:78:1::1", 63)


def test_a_program_runs_in_any_host(lab: Lab, router: Host, server: Host, run_program: RunProgram) -> None:
    snippet = (
        "import socket, json; print(json.dumps([sorted(n for _, n in socket.if_nameindex()), socket.gethostname()]))"
    )
    for host in (router, server):
        program = run_program(sys.executable, "-c", snippet, host=host)
        assert program.wait(20)
        assert json.loads(program.output) == [[*(port.interface for port in host.ports), "lo"], host.name]


def test_a_server_under_test_behind_a_router(
    lab: Lab, server: Host, run_program: RunProgram, wire: Capture, tmp_path: Path
) -> None:
    """That it is ready is looked up in the kernel's table of that very host."""
    (tmp_path / "shout.py").write_text(
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.bind(('', 7777))\n"
        "data, who = s.recvfrom(100)\ns.sendto(data.upper(), who)\n",
        encoding="ascii",
    )
    program = run_program(sys.executable, "shout.py", directory=tmp_path, host=server)
    while b":1E61 " not in server.read_net("udp"):
        assert not program.wait(0.002), program.output
    with UdpSocket(lab.student, address="10.78.1.1") as client:
        answer = client.ask(b"hello", (server.address, 7777), 5)
    assert answer is not None
    assert answer.data == b"HELLO"
    assert program.wait(10)


def test_two_labs_have_nothing_in_common(lab: Lab, router: Host, server: Host) -> None:
    with shared_agent().lab() as other:
        assert [cable.ends[1].host.name for cable in other.cables] == ["internet"]
        with pytest.raises(UsageError, match="is no host of this lab"):
            other.connect(other.student, router)
        twin = other.host("router")
        other.connect(other.student, twin)
        with pytest.raises(ConnectionRefusedError):
            TcpClient(other.student, (twin.address, 80))


def test_a_capture_that_begins_later_sees_every_cable(lab: Lab) -> None:
    from pytest_netlab.lab.taps import taps

    other = lab.host("other")
    lab.connect(other, lab.student)
    with Capture(taps(lab)) as capture, UdpSocket(lab.student, address="10.78.1.2") as client:
        client.send(b"here", (other.address, 9))
        assert capture.udp.only.interface == "eth0@other", "not at the student's end"
        assert capture.icmp.only.icmp.code == 3


def test_a_lab_that_was_captured_already_takes_cables(lab: Lab, wire: Capture) -> None:
    wire.stop()
    lab.connect(lab.internet, lab.host("late"))
    with UdpSocket(lab.internet, address="10.78.1.1") as client:
        client.send(b"here", ("10.78.1.2", 9))
    assert len(wire.udp) == 0


@pytest.mark.parametrize("name", ["", "Router", "a b", "-", "cable", "localhost", "x" * 33])
def test_what_is_no_name(lab: Lab, name: str) -> None:
    with pytest.raises(UsageError, match="is no name for a host"):
        lab.host(name)


@pytest.mark.parametrize("name", ["student", "internet"])
def test_a_name_that_is_taken(lab: Lab, name: str) -> None:
    with pytest.raises(UsageError, match=f"has a host {name} already"):
        lab.host(name)


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ("10.78.1", "is no network"),
        ("10.78.1.1/24", "has host bits set"),
        ("192.168.1.0/24", "outside the lab: networks of cables lie in 10.78.0.0/16 and fd00:78::/32"),
        ("10.77.0.0/24", "outside the lab"),
        ("2001:db8::/64", "outside the lab"),
        ("10.78.0.0/31", "too small"),
        ("10.78.3.128/25", "overlaps 10.78.3.0/24"),
        ("fd00:78:3:0::/80", "overlaps fd00:78:3::/64"),
    ],
)
def test_what_is_no_network_for_a_cable(lab: Lab, network: str, says: str) -> None:
    other = lab.host("other")
    lab.connect(lab.student, other, "10.78.3.0/24", "fd00:78:3::/64")
    with pytest.raises(UsageError, match=says):
        lab.connect(lab.student, other, network)


def test_cables_that_cannot_be(lab: Lab) -> None:
    lonely = lab.host("lonely")
    with pytest.raises(UsageError, match="a cable joins two hosts; both its ends would be at lonely"):
        lab.connect(lonely, lonely)
    with pytest.raises(UsageError, match=r"lonely has no IPv4 address: lab\.connect\(lonely, …\) gives it one"):
        _ = lonely.address
    with pytest.raises(UsageError, match="no cable joins student and lonely"):
        lab.student.add_route("10.78.9.0/24", via=lonely)
    lab.connect(lab.student, lonely, "10.78.9.0/24")
    with pytest.raises(UsageError, match="has no IPv6 address"):
        _ = lonely.address6
    with pytest.raises(UsageError, match="the cable from student to lonely has no IPv6 addresses"):
        lab.student.add_route("fd00:78:9::/64", via=lonely)
    with pytest.raises(UsageError, match="is no network"):
        lab.student.add_route("everywhere", via=lonely)
    lab.student.add_route("10.78.10.0/24", via=lonely)
    with pytest.raises(OSError, match=r"route to 10\.78\.10\.0/24") as refused:
        lab.student.add_route("10.78.10.0/24", via=lonely)
    assert refused.value.errno == errno.EEXIST
