"""The mix of 2.3 against an honest counter, and raw sockets: what leaves, what is refused."""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from scapy.layers.dns import DNS
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import ARP
from scapy.packet import Raw

from pytest_netlab.errors import UsageError
from pytest_netlab.lab.client import Agent, Lab
from pytest_netlab.traffic import craft
from pytest_netlab.traffic.mix import TrafficMix
from pytest_netlab.traffic.raw import FrameSocket, RawSocket
from pytest_netlab.traffic.scapy_bridge import ScapySniffer
from pytest_netlab.traffic.udp import UdpServer


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.close()


@pytest.fixture
def lab(agent: Agent) -> Iterator[Lab]:
    with agent.lab() as made:
        yield made


def class_of(frame: Any) -> str:
    """The class of a frame, first match wins, by the words of exercise 2.3."""
    if IP not in frame:
        return "arp" if ARP in frame else "unknown"
    if TCP in frame and {frame[TCP].sport, frame[TCP].dport} & {80, 8080} and Raw in frame:
        return "http" if frame[Raw].load.startswith((b"GET ", b"HTTP/1.1 ")) else "tcp"
    if DNS in frame:
        return "dns"
    protocols = {socket.IPPROTO_ICMP: "icmp", socket.IPPROTO_TCP: "tcp", socket.IPPROTO_UDP: "udp"}
    return protocols.get(frame[IP].proto, "other")


def test_mix_is_what_an_honest_counter_counts(lab: Lab) -> None:
    with ScapySniffer(lab.student) as sniffer, TrafficMix(lab) as mix:
        assert mix.send() == len(mix.script)
        frames = sniffer.stop()
    sent = Counter(class_of(frame) for frame in frames if frame.src == lab.internet.mac)
    assert sent == mix.counts
    assert set(sent) == {"http", "dns", "icmp", "tcp", "udp", "other", "arp"}


def test_the_students_kernel_answers_with_resets_replies_and_arp_alone(lab: Lab) -> None:
    with ScapySniffer(lab.student) as sniffer, TrafficMix(lab) as mix:
        mix.send()
        answers = [frame for frame in sniffer.stop() if frame.src == lab.student.mac]
    resets = [frame for frame in answers if TCP in frame]
    assert {"R" in frame[TCP].flags for frame in resets} == {True}
    assert not any(53 in (frame[TCP].sport, frame[TCP].dport) for frame in resets)
    assert [frame[ICMP].type for frame in answers if ICMP in frame] == [0] * 4
    assert Counter(class_of(frame) for frame in answers) == {
        "tcp": mix.counts["http"] + mix.counts["tcp"],
        "icmp": 4,
        "arp": 2,
    }


def test_every_checksum_of_the_mix_is_right(lab: Lab) -> None:
    with ScapySniffer(lab.student) as sniffer, TrafficMix(lab) as mix:
        mix.send()
        frames = [frame for frame in sniffer.stop() if IP in frame and frame.src == lab.internet.mac]
    for frame in frames:
        rebuilt = frame[IP].copy()
        for layer in (IP, UDP, TCP, ICMP):
            if layer in rebuilt:
                del rebuilt[layer].chksum
        assert bytes(rebuilt) == bytes(frame[IP])


def test_mix_is_the_same_for_a_seed_and_another_for_another(lab: Lab) -> None:
    with TrafficMix(lab, seed=1) as first:
        script = first.script
    with TrafficMix(lab, seed=1) as again:
        assert again.script == script
    with TrafficMix(lab, seed=2) as other:
        assert other.script != script
        assert other.counts == again.counts


def test_mix_can_be_sent_again_and_tells_its_progress(lab: Lab) -> None:
    told: list[tuple[int, int]] = []
    with ScapySniffer(lab.internet) as sniffer, TrafficMix(lab) as mix:
        mix.send(lambda sent, total: told.append((sent, total)))
        mix.send()
        own = [frame for frame in sniffer.stop() if frame.src == lab.internet.mac]
    total = len(mix.script)
    assert told[0] == (8, total)
    assert told[-1] == (total, total)
    assert [bytes(frame) for frame in own] == [sent.frame for sent in mix.script] * 2


def test_datagram_with_a_header_by_hand_is_delivered(lab: Lab) -> None:
    datagram = craft.udp("10.77.0.2", "10.77.0.1", 12345, 8000, b"Manually Crafted Packet")
    with UdpServer(lab.internet, 8000) as server:
        with RawSocket(lab.student, socket.IPPROTO_UDP) as raw:
            raw.send(datagram, "10.77.0.1")
        with RawSocket(lab.student) as whole:
            whole.send(craft.ipv4("10.77.0.2", "10.77.0.1", socket.IPPROTO_UDP, datagram))
        with FrameSocket(lab.student) as frames:
            packet = craft.ipv4("10.77.0.2", "10.77.0.1", socket.IPPROTO_UDP, datagram)
            frames.send(craft.ethernet(lab.student.mac, lab.internet.mac, packet))
        assert server.wait_for(3, 5)
        assert server.received == [(b"Manually Crafted Packet", ("10.77.0.2", 12345))] * 3


def test_raw_and_frame_sockets_receive(lab: Lab) -> None:
    with RawSocket(lab.student, socket.IPPROTO_ICMP) as raw, FrameSocket(lab.student) as frames:
        raw.send(craft.echo_request(1, 2, b"x"), "8.8.8.8")
        reply, frame = raw.receive(5), frames.receive(5)
        assert reply is not None
        assert frame is not None
        assert frame[14:] == reply
        assert reply[20:] == craft.icmp(0, 0, b"\0\1\0\2", b"x")
        assert frames.receive(0.02) is None


def test_raw_sockets_refuse_what_is_addressed_outside(lab: Lab) -> None:
    outside = craft.ipv4("10.77.0.2", "1.1.1.1", 17, bytes(8))
    with RawSocket(lab.student) as raw, FrameSocket(lab.student) as frames:
        with pytest.raises(UsageError, match=r"1\.1\.1\.1 is outside the lab"):
            raw.send(outside)
        with pytest.raises(UsageError, match=r"1\.1\.1\.1 is outside the lab"):
            raw.send(outside, "10.77.0.1")
        tagged = craft.ethernet("02:00:00:00:00:01", lab.internet.mac, b"\0\1\x08\0" + outside, 0x8100)
        for frame in (craft.ethernet(lab.student.mac, lab.internet.mac, outside), tagged):
            with pytest.raises(UsageError, match=r"1\.1\.1\.1 is outside the lab"):
                frames.send(frame)
        with pytest.raises(UsageError, match="whole Ethernet header"):
            frames.send(b"short")
        with pytest.raises(UsageError, match="whole IPv4 or IPv6 header"):
            raw.send(b"\x45" + bytes(10))
    with RawSocket(lab.student, socket.IPPROTO_ICMP) as icmp, pytest.raises(UsageError, match="destination"):
        icmp.send(bytes(8))
