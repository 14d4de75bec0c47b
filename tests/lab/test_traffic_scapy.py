"""Scapy from the test process, over sockets of the lab: sent, answered, heard."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoReply, ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw
from scapy.volatile import RandShort

from pytest_netlab.errors import UsageError
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.client import Agent, Lab
from pytest_netlab.traffic.scapy_bridge import ScapySender, ScapySniffer
from pytest_netlab.traffic.udp import UdpServer, UdpSocket


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.close()


@pytest.fixture
def lab(agent: Agent) -> Iterator[Lab]:
    with agent.lab() as made:
        yield made


def test_ping_is_answered_by_the_other_host(lab: Lab) -> None:
    with ScapySender(lab.student) as sender:
        reply = sender.sr1(IP(dst="8.8.8.8") / ICMP(id=77, seq=3) / b"payload", 5)
        assert reply
    assert (reply[IP].src, reply[IP].dst) == ("8.8.8.8", "10.77.0.2")
    assert (reply[ICMP].type, reply[ICMP].id, reply[ICMP].seq) == (0, 77, 3)
    assert reply[Raw].load == b"payload"


@pytest.mark.parametrize("destination", ["127.0.0.1", "10.77.0.2"])
def test_own_addresses_are_reached_through_loopback(lab: Lab, destination: str) -> None:
    with ScapySender(lab.student) as sender:
        reply = sender.sr1(IP(dst=destination) / ICMP(id=5), 5)
        assert reply
    assert (reply[IP].src, reply[ICMP].type, reply[ICMP].id) == (destination, 0, 5)


@pytest.mark.parametrize("destination", ["fd00:77::1", "::1"])
def test_ping_over_ipv6(lab: Lab, destination: str) -> None:
    with ScapySender(lab.student) as sender:
        reply = sender.sr1(IPv6(dst=destination) / ICMPv6EchoRequest(id=9, seq=1), 5)
        assert reply
    assert reply[IPv6].src == destination
    assert reply[ICMPv6EchoReply].id == 9


def test_datagram_reaches_a_socket_and_its_answer_comes_back(lab: Lab) -> None:
    with UdpServer(lab.internet, reply=b"ABCD") as server, ScapySender(lab.student) as sender:
        reply = sender.sr1(IP(dst=server.address[0]) / UDP(sport=4000, dport=server.port) / b"A", 5)
        assert reply
        assert server.received == [(b"A", (lab.student.address, 4000))]
    assert (reply[UDP].sport, reply[UDP].dport, reply[Raw].load) == (server.port, 4000, b"ABCD")


def test_datagram_to_localhost_is_delivered_there(lab: Lab) -> None:
    with UdpServer(lab.student, address="127.0.0.1") as server, ScapySender(lab.student) as sender:
        sender.send(IP(dst="127.0.0.1") / UDP(sport=53, dport=server.port) / b"x")
        assert server.wait_for(1, 5)
        assert server.received == [(b"x", ("127.0.0.1", 53))]


def test_no_answer_ends_in_time_and_own_packet_on_lo_is_none(lab: Lab) -> None:
    with UdpServer(lab.student, port=53, address="127.0.0.1"), ScapySender(lab.student) as sender:
        before = time.monotonic()
        assert sender.sr1(IP(dst="127.0.0.1") / UDP(sport=53, dport=53) / b"x", 0.2) is None
        assert 0.2 <= time.monotonic() - before < 2


def test_a_program_that_ends_also_ends_the_wait(lab: Lab) -> None:
    with (
        UdpServer(lab.internet) as silent,
        ScapySender(lab.student) as sender,
        lab.launch(["true"], snapshot.Snapshot()) as program,
    ):
        before = time.monotonic()
        packet = IP(dst=silent.address[0]) / UDP(dport=silent.port)
        assert sender.sr1(packet, 30, until_ended=program) is None
        assert time.monotonic() - before < 10


def test_several_packets_are_paired_with_their_answers(lab: Lab) -> None:
    with ScapySender(lab.student) as sender:
        packets = IP(dst="10.77.0.1") / TCP(sport=RandShort(), dport=[1, 2, 3], flags="S")
        answered, unanswered = sender.sr([packets, IP(dst="10.77.0.1") / UDP(sport=9, dport=9)], 5)
    assert not unanswered
    resets = {sent[TCP].dport: reply for sent, reply in answered if TCP in sent}
    assert [str(resets[port][TCP].flags) for port in (1, 2, 3)] == ["RA"] * 3
    assert all(sent[TCP].sport == reply[TCP].dport for sent, reply in answered if TCP in sent)
    assert [reply[ICMP].code for sent, reply in answered if TCP not in sent] == [3]


def test_bytes_leave_as_they_were_built(lab: Lab) -> None:
    with ScapySniffer(lab.internet) as sniffer, ScapySender(lab.student) as sender:
        sender.send(IP(dst="10.77.0.1", chksum=0x1234, id=0, proto=253, ttl=3) / b"odd")
        heard = sniffer.wait_for(lambda packet: IP in packet, 5)
        assert heard
    assert (heard.src, heard.dst) == (lab.student.mac, lab.internet.mac)
    assert (heard[IP].chksum, heard[IP].id, heard[IP].ttl, heard[IP].src) == (0x1234, 0, 3, "10.77.0.2")


def test_frames_get_the_addresses_they_leave_open(lab: Lab) -> None:
    with ScapySniffer(lab.internet) as sniffer, ScapySender(lab.student) as sender:
        sender.sendp([Ether() / ARP(pdst="10.77.0.1"), Ether() / IP(dst="10.77.0.1") / UDP(dport=9)])
        reply = sniffer.wait_for(lambda packet: ARP in packet and packet[ARP].op == 2, 5)
        assert reply
        frames = sniffer.stop()
    assert (frames[0].dst, frames[0].src) == ("ff:ff:ff:ff:ff:ff", lab.student.mac)
    assert (reply[ARP].hwsrc, reply[ARP].hwdst) == (lab.internet.mac, lab.student.mac)
    datagram = next(frame for frame in frames if UDP in frame)
    assert (datagram.dst, datagram[IP].src) == (lab.internet.mac, "10.77.0.2")


def test_sniffer_is_armed_when_it_is_made_and_misses_nothing(lab: Lab) -> None:
    with UdpServer(lab.internet) as server, UdpSocket(lab.student) as student:
        for _ in range(10):
            with ScapySniffer(lab.internet) as sniffer:
                for number in range(50):
                    student.send(bytes([number]), server.address)
                heard = [packet[UDP].payload.load for packet in sniffer.stop()]
            assert heard == [bytes([number]) for number in range(50)]


def test_eth0_is_heard_both_ways_and_lo_once(lab: Lab) -> None:
    with (
        ScapySniffer(lab.student) as cable,
        ScapySniffer(lab.student, "lo") as loopback,
        ScapySender(lab.student) as sender,
    ):
        assert sender.sr1(IP(dst="10.77.0.1") / ICMP(), 5)
        assert sender.sr1(IP(dst="127.0.0.1") / ICMP(), 5)
        assert [packet[ICMP].type for packet in cable.stop()] == [8, 0]
        assert [packet[ICMP].type for packet in loopback.stop()] == [8, 0]


def test_sniffer_tells_when_and_gives_up_in_time(lab: Lab) -> None:
    with ScapySniffer(lab.student) as sniffer, UdpSocket(lab.student) as student:
        before = time.time()
        student.send(b"x", (lab.internet.address, 9))
        packet = sniffer.wait_for(lambda packet: UDP in packet, 5)
        assert packet
        assert before - 0.01 <= float(packet.time) <= time.time()
        assert sniffer.wait_for(lambda packet: TCP in packet, 0.05) is None


def test_nothing_leaves_the_lab(lab: Lab) -> None:
    with ScapySender(lab.student) as sender, ScapySniffer(lab.internet) as sniffer:
        with pytest.raises(UsageError, match=r"1\.1\.1\.1 is outside the lab"):
            sender.send([IP(dst="10.77.0.1") / ICMP(), IP(dst="1.1.1.1") / ICMP()])
        with pytest.raises(UsageError, match=r"1\.1\.1\.1 is outside the lab"):
            sender.sendp(Ether() / IP(dst="1.1.1.1") / ICMP())
        with pytest.raises(UsageError, match="send and sr take IP"):
            sender.send(Ether() / IP(dst="10.77.0.1"))
        assert sniffer.stop() == []


def test_unknown_interface_is_named(lab: Lab) -> None:
    with pytest.raises(UsageError, match="student has no interface 'wlan0'"):
        ScapySniffer(lab.student, "wlan0")


def test_importing_the_bridge_does_not_import_scapy() -> None:
    code = (
        "import sys, pytest_netlab.traffic.scapy_bridge as bridge; assert 'scapy' not in sys.modules;"
        "bridge._scapy(); assert 'scapy.layers.inet' in sys.modules; assert 'scapy.all' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_missing_scapy_is_said_so() -> None:
    code = (
        "import sys; sys.modules['scapy'] = None\n"
        "from pytest_netlab.traffic import scapy_bridge\n"
        "try: scapy_bridge._scapy()\n"
        "except scapy_bridge.UsageError as error: print(error)"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "Scapy cannot be imported" in said.stdout
    assert "pip install 'scapy>=2.8'" in said.stdout
