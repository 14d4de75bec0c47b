"""A second opinion: frames that Scapy builds, read by us."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_netlab.wire import Checksum, Frame, Packet, dissect

inet = pytest.importorskip("scapy.layers.inet")
inet6 = pytest.importorskip("scapy.layers.inet6")
l2 = pytest.importorskip("scapy.layers.l2")
dns = pytest.importorskip("scapy.layers.dns")

ENDS = {"src": "10.77.0.2", "dst": "8.8.8.8"}
MACS = {"src": "02:00:00:00:00:01", "dst": "02:00:00:00:00:02"}


def built(upper: Any) -> Packet:
    return dissect(Frame(bytes(l2.Ether(**MACS) / upper), checksum_unfinished=False))


def test_udp() -> None:
    packet = built(inet.IP(ttl=7, id=99, tos=3, **ENDS) / inet.UDP(sport=1234, dport=8000) / b"hello")
    assert packet.ipv4 is not None
    assert packet.udp is not None
    assert (packet.ipv4.ttl, packet.ipv4.identification, packet.ipv4.tos) == (7, 99, 3)
    assert (packet.udp.src_port, packet.udp.dst_port, packet.payload) == (1234, 8000, b"hello")
    assert (packet.ipv4.checksum_state, packet.udp.checksum_state) == (Checksum.GOOD, Checksum.GOOD)


def test_tcp_with_options() -> None:
    options = [("MSS", 1460), ("SAckOK", b""), ("Timestamp", (11, 22)), ("NOP", None), ("WScale", 7)]
    segment = inet.TCP(sport=1, dport=80, seq=2**32 - 1, ack=5, flags="FPA", window=99, options=options)
    packet = built(inet.IP(**ENDS) / segment / b"x")
    assert packet.tcp is not None
    assert (packet.tcp.seq, packet.tcp.ack, packet.tcp.flags, packet.tcp.window) == (2**32 - 1, 5, "FPA", 99)
    assert [option.name for option in packet.tcp.options][:3] == ["mss", "sack_permitted", "timestamps"]
    assert packet.tcp.options[2].words == (11, 22)
    assert packet.tcp.checksum_state is Checksum.GOOD


def test_icmp() -> None:
    packet = built(inet.IP(**ENDS) / inet.ICMP(id=7, seq=3) / b"odd")
    assert packet.icmp is not None
    assert (packet.icmp.type, packet.icmp.identifier, packet.icmp.sequence) == (8, 7, 3)
    assert packet.icmp.checksum_state is Checksum.GOOD


def test_arp_in_a_vlan() -> None:
    packet = built(l2.Dot1Q(vlan=10) / l2.ARP(op=1, psrc="10.77.0.2", pdst="10.77.0.1"))
    assert packet.arp is not None
    assert packet.summary() == "ARP who has 10.77.0.1, tell 10.77.0.2"


@pytest.mark.parametrize("fragmented", [False, True])
def test_udp_over_ipv6(fragmented: bool) -> None:
    upper = inet.UDP(sport=5, dport=6) / b"six"
    chain = inet6.IPv6ExtHdrFragment(id=1) / upper if fragmented else inet6.IPv6ExtHdrDestOpt() / upper
    packet = built(inet6.IPv6(src="fd00:77::2", dst="fd00:77::1") / chain)
    assert packet.udp is not None
    assert (packet.udp.dst_port, packet.payload) == (6, b"six")
    assert packet.udp.checksum_state is Checksum.GOOD


def test_icmpv6() -> None:
    packet = built(inet6.IPv6(src="fd00:77::2", dst="fd00:77::1") / inet6.ICMPv6EchoRequest(id=7, seq=9))
    assert packet.icmpv6 is not None
    assert (packet.icmpv6.identifier, packet.icmpv6.sequence) == (7, 9)
    assert packet.icmpv6.checksum_state is Checksum.GOOD


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_dns(over: str) -> None:
    answer = dns.DNSRR(rrname="httpbin.org", rdata="10.77.0.80", ttl=60)
    message = dns.DNS(id=7, qr=1, qd=dns.DNSQR(qname="httpbin.org"), an=answer)
    carrier = inet.UDP(sport=53, dport=4) if over == "udp" else inet.TCP(sport=53, dport=4, flags="PA")
    found = built(inet.IP(**ENDS) / carrier / message).dns
    assert found is not None
    assert (found.id, found.qr, found.questions[0].name) == (7, 1, "httpbin.org")
    assert (found.answers[0].name, found.answers[0].value) == ("httpbin.org", "10.77.0.80")
