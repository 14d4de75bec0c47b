"""IPv6 throughout: servers, raw packets, Scapy, checksums, and a capture that is saved, read back and shown."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_netlab import Capture, Checksum, Host, Lab, Recording, UsageError, read_capture
from pytest_netlab.capture import Remarks, write_pcapng
from pytest_netlab.cli import main
from pytest_netlab.lab.addresses import host_names
from pytest_netlab.plugin.makers import MakeTcpServer, MakeUdpServer
from pytest_netlab.traffic.craft import icmpv6, ipv6, udp
from pytest_netlab.traffic.icmp import EchoRequest
from pytest_netlab.traffic.icmpv6 import EchoPeer6
from pytest_netlab.traffic.raw import FrameSocket, RawSocket
from pytest_netlab.traffic.scapy_bridge import ScapySender, ScapySniffer
from pytest_netlab.traffic.tcp import reply
from pytest_netlab.traffic.tcp_client import TcpClient
from pytest_netlab.traffic.udp import UdpSocket

STUDENT, INTERNET, LOOPBACK = "fd00:77::2", "fd00:77::1", "::1"
ECHO_REST = b"\x12\x34\x00\x07"
"""Identifier 0x1234, sequence number 7."""


def udp_client(host: Host, address: str) -> UdpSocket:
    """A client that can ask at `address`."""
    return UdpSocket(host, address=LOOPBACK if address == LOOPBACK else host.address6)


@pytest.mark.parametrize(("address", "at"), [(LOOPBACK, "student"), (INTERNET, "internet")])
def test_udp_and_its_checksum(lab: Lab, make_udp_server: MakeUdpServer, wire: Capture, address: str, at: str) -> None:
    server = make_udp_server(5353, reply=b"yes", host=getattr(lab, at), address=address)
    with udp_client(lab.student, address) as client:
        answer = client.ask(b"?", server.address, 5)
    assert answer is not None
    assert answer.source == (address, 5353)
    request, response = wire.udp
    assert (request.ipv6.next_header, request.ipv6.payload_length, request.udp.length) == (17, 9, 9)
    assert (request.ip.destination, response.ip.source) == (address, address)
    # The kernel leaves the sum to a hardware that `lo` does not have; on the cable it is finished.
    expected = Checksum.UNFINISHED if address == LOOPBACK else Checksum.GOOD
    assert {request.udp.checksum_state, response.udp.checksum_state} == {expected}
    assert wire.udp.to(5353, address).only == request
    assert wire.udp.exchanges[0].response == response


@pytest.mark.parametrize(("address", "at"), [(LOOPBACK, "student"), (INTERNET, "internet")])
def test_tcp_and_its_streams(lab: Lab, make_tcp_server: MakeTcpServer, wire: Capture, address: str, at: str) -> None:
    server = make_tcp_server(80, reply(b"bye"), host=getattr(lab, at), address=address)
    with TcpClient(lab.student, server.address) as client:
        client.send(b"hello")
        assert client.receive_all(5) == b"bye"
    assert server.wait_finished(5)
    stream = wire.tcp_streams.only
    assert stream.flags[:3] == ["S", "SA", "A"]
    assert (stream.client_bytes, stream.server_bytes) == (b"hello", b"bye")
    assert str(stream.packets[0].ip.destination) == address


def test_a_server_of_ipv6_leaves_the_port_of_ipv4_free(lab: Lab, make_udp_server: MakeUdpServer) -> None:
    six = make_udp_server(4000, reply=b"six", address="::")
    four = make_udp_server(4000, reply=b"four", address="0.0.0.0")
    with udp_client(lab.student, INTERNET) as over_six, UdpSocket(lab.student) as over_four:
        answers = [over_six.ask(b"?", (INTERNET, 4000), 5), over_four.ask(b"?", (lab.internet.address, 4000), 5)]
    assert [answer and answer.data for answer in answers] == [b"six", b"four"]
    assert (six.port, four.port) == (4000, 4000)


def test_a_closed_port_is_refused_by_icmpv6(lab: Lab, wire: Capture) -> None:
    client = lab.student.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    client.settimeout(5)
    client.connect((INTERNET, 9))
    client.send(b"nobody?")
    with pytest.raises(ConnectionRefusedError):
        client.recv(10)
    refusal = wire.icmpv6.only
    assert (refusal.icmpv6.type, refusal.icmpv6.code) == (1, 4)
    assert refusal.icmpv6.checksum_state is Checksum.GOOD
    assert refusal.icmpv6.quoted.destination == INTERNET
    assert refusal.icmpv6.quoted_ports == (client.getsockname()[1], 9)


@pytest.mark.parametrize("address", [LOOPBACK, INTERNET])
def test_raw_packets_of_both_versions_from_one_socket(raw_socket: RawSocket, wire: Capture, address: str) -> None:
    source = LOOPBACK if address == LOOPBACK else STUDENT
    raw_socket.send(ipv6(source, address, 17, udp(source, address, 4000, 5000, b"by hand"), hop_limit=9))
    packet = wire.udp.to(5000, address).only
    assert packet.ipv6.hop_limit == 9
    assert packet.udp.checksum_state is Checksum.GOOD
    assert packet.payload == b"by hand"


def test_raw_packets_go_nowhere_outside(raw_socket: RawSocket) -> None:
    outside = "2001:4860:4860::8888"
    with pytest.raises(UsageError, match="outside the lab"):
        raw_socket.send(ipv6(STUDENT, outside, 17, udp(STUDENT, outside, 4000, 53, b"?")))


def test_udp_without_a_checksum_is_wrong_and_not_delivered(
    lab: Lab, raw_socket: RawSocket, make_udp_server: MakeUdpServer, wire: Capture
) -> None:
    """RFC 8200 §8.1: unlike IPv4, no datagram without a sum; the receiver discards it."""
    server = make_udp_server(5000, address=INTERNET)
    datagram = udp(STUDENT, INTERNET, 4000, 5000, b"no sum")
    raw_socket.send(ipv6(STUDENT, INTERNET, 17, datagram[:6] + b"\0\0" + datagram[8:]))
    raw_socket.send(ipv6(STUDENT, INTERNET, 17, udp(STUDENT, INTERNET, 4000, 5000, b"a sum")))
    assert server.wait_for(1, 5)
    assert [datagram.data for datagram in server.received] == [b"a sum"]
    states = [packet.udp.checksum_state for packet in wire.udp.to(5000)]
    assert states == [Checksum.BAD, Checksum.GOOD]


def test_kernel_writes_the_checksum_of_a_raw_icmpv6_socket(lab: Lab, wire: Capture) -> None:
    """RFC 3542 §3.1: the program leaves it 0, and need not know its own address."""
    with RawSocket(lab.student, socket.IPPROTO_ICMPV6, socket.AF_INET6) as sender:
        sender.send(b"\x80\x00\x00\x00" + ECHO_REST + b"abc", INTERNET)
        heard = sender.receive(5)
    assert heard is not None
    assert (heard[0], heard[4:]) == (129, ECHO_REST + b"abc")
    request, answer = wire.icmpv6
    assert request.icmpv6.checksum_state is Checksum.GOOD
    assert wire.packets.replies_to(request).only == answer


def test_a_sum_without_the_pseudo_header_is_bad(lab: Lab, raw_socket: RawSocket, wire: Capture) -> None:
    """RFC 4443 §2.3: the sum of ICMP, which knows no addresses, does not do; the kernel answers nothing."""
    with EchoPeer6(lab) as peer:
        right = icmpv6(STUDENT, INTERNET, 128, 0, ECHO_REST)
        wrong = icmpv6("::", "::", 128, 0, ECHO_REST)
        raw_socket.send(ipv6(STUDENT, INTERNET, 58, wrong))
        raw_socket.send(ipv6(STUDENT, INTERNET, 58, right))
        assert peer.wait_for(1, 5)
        assert peer.requests == [EchoRequest(STUDENT, 0x1234, 7, b"")]
    answer = wire.wait_for(lambda packet: bool(packet.icmpv6 and packet.icmpv6.type == 129), 5)
    assert [packet.icmpv6.checksum_state for packet in wire.icmpv6][:2] == [Checksum.BAD, Checksum.GOOD]
    assert wire.icmpv6[2:].only == answer


def test_echo_is_silent_and_answered_again_afterwards(lab: Lab, scapy_sender: ScapySender) -> None:
    inet6 = pytest.importorskip("scapy.layers.inet6")
    packet = inet6.IPv6(dst=INTERNET) / inet6.ICMPv6EchoRequest(id=7, seq=1)
    with EchoPeer6(lab, "silent") as peer:
        scapy_sender.send(packet)
        assert peer.wait_for(1, 5)
        assert scapy_sender.sr1(packet, 0.1) is None
    assert scapy_sender.sr1(packet, 5) is not None


def test_unreachable_quotes_the_request(lab: Lab, scapy_sender: ScapySender, wire: Capture) -> None:
    inet6 = pytest.importorskip("scapy.layers.inet6")
    packet = inet6.IPv6(dst=INTERNET, fl=0x12345) / inet6.ICMPv6EchoRequest(id=7, seq=9, data=b"some data")
    with EchoPeer6(lab, "unreachable") as peer:
        answer = scapy_sender.sr1(packet, 5)
        assert peer.wait_for(1, 5)
    assert answer is not None
    request, refusal = wire.icmpv6
    assert (refusal.ip.source, refusal.icmpv6.type, refusal.icmpv6.code) == (INTERNET, 1, 3)
    assert refusal.icmpv6.checksum_state is Checksum.GOOD
    assert refusal.icmpv6.quoted.flow_label == 0x12345
    assert refusal.payload == request.frame.data[request.ipv6.offset :]


def test_a_program_that_resolves_the_address_by_itself_gets_it(lab: Lab, scapy_sender: ScapySender) -> None:
    """The lab's kernels know their neighbours and would not answer."""
    inet6 = pytest.importorskip("scapy.layers.inet6")
    ask = inet6.IPv6(dst="ff02::1:ff00:1") / inet6.ICMPv6ND_NS(tgt=INTERNET)
    frame = pytest.importorskip("scapy.layers.l2").Ether(dst="33:33:ff:00:00:01") / ask
    with EchoPeer6(lab), ScapySniffer(lab.student) as sniffer:
        scapy_sender.sendp(frame)
        told = sniffer.wait_for(lambda packet: inet6.ICMPv6ND_NA in packet, 5)
    assert told is not None
    assert (told.dst, told[inet6.IPv6].src, told[inet6.IPv6].dst) == (lab.student.mac, INTERNET, STUDENT)
    assert (told[inet6.ICMPv6ND_NA].tgt, told[inet6.ICMPv6ND_NA].S) == (INTERNET, 1)
    assert told[inet6.ICMPv6NDOptDstLLAddr].lladdr == lab.internet.mac
    rebuilt = told.copy()
    del rebuilt[inet6.ICMPv6ND_NA].cksum
    assert type(told)(bytes(rebuilt))[inet6.ICMPv6ND_NA].cksum == told[inet6.ICMPv6ND_NA].cksum


def test_scapy_hears_ipv6_on_the_cable_and_on_lo(lab: Lab, scapy_sender: ScapySender) -> None:
    inet6 = pytest.importorskip("scapy.layers.inet6")
    with ScapySniffer(lab.internet) as cable, ScapySniffer(lab.student, "lo") as lo:
        for destination in (INTERNET, LOOPBACK):
            assert scapy_sender.sr1(inet6.IPv6(dst=destination) / inet6.ICMPv6EchoRequest(id=5), 5) is not None
        for sniffer in (cable, lo):
            assert sniffer.wait_for(lambda packet: inet6.ICMPv6EchoReply in packet, 5) is not None
            assert [packet[inet6.IPv6].payload.type for packet in sniffer.packets] == [128, 129]


def test_frames_for_places_outside_are_refused(lab: Lab) -> None:
    frame = bytes(12) + b"\x86\xdd" + ipv6(STUDENT, "2001:db8::1", 59, b"")
    with FrameSocket(lab.student) as sender, pytest.raises(UsageError, match="2001:db8::1 is outside the lab"):
        sender.send(frame)


@pytest.fixture
def mixed(lab: Lab, make_udp_server: MakeUdpServer, make_tcp_server: MakeTcpServer) -> Callable[[], None]:
    """Makes some traffic of every kind: UDP on `lo`, TCP and a ping over the cable, a refusal."""

    def act() -> None:
        here = make_udp_server(20000, reply=b"ABCD", host=lab.student, address=LOOPBACK)
        there = make_tcp_server(80, reply(b"bye"), address=INTERNET)
        with udp_client(lab.student, LOOPBACK) as asker:
            assert asker.ask(b"A", here.address, 5)
            asker.send(b"A", (LOOPBACK, 20001))
        with TcpClient(lab.student, there.address) as client:
            client.send(b"hello")
            assert client.receive_all(5) == b"bye"
        with RawSocket(lab.student, socket.IPPROTO_ICMPV6, socket.AF_INET6) as pinger:
            pinger.send(b"\x80\x00\x00\x00" + ECHO_REST, INTERNET)
            assert pinger.receive(5)
        assert there.wait_finished(5)

    return act


def test_saved_read_back_and_shown(
    mixed: Callable[[], None], wire: Capture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mixed()
    recording = wire.stop()
    file = tmp_path / "six.pcapng"
    write_pcapng(file, recording.frames, recording.interfaces, Remarks(names=host_names()))
    again = Recording(tuple(read_capture(file)))
    assert [packet.frame.data for packet in again.packets] == [packet.frame.data for packet in recording.packets]
    assert [packet.summary() for packet in again.packets] == [packet.summary() for packet in recording.packets]
    assert again.tcp_streams.only.server_bytes == b"bye"
    sums = [packet.udp.checksum_state for packet in again.packets.udp]
    assert set(sums) == {Checksum.UNFINISHED}, "the file says that the kernel had not finished them, too"

    assert main(["show", str(file)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for said in (
        "The connection from port",
        "port 80 of internet stood; both sides closed it.",
        "The echo request was answered by fd00:77::1.",
        "Nobody listens on UDP port 20001 of ::1: its host said so by ICMPv6.",
    ):
        assert said in shown
    assert "bad" not in shown
