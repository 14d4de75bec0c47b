"""The cable with faults: each of them hits the frames that it names, and no other, whatever the load."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from pytest_netlab import Capture, Checksum, Lab, Link, Packet, UsageError
from pytest_netlab.lab.client import shared_agent
from pytest_netlab.plugin.makers import MakeTcpServer
from pytest_netlab.traffic.tcp import TcpServer

PORT = 5000


def with_data(packet: Packet) -> bool:
    """A TCP segment that carries octets."""
    return packet.tcp is not None and bool(packet.tcp.payload)


class Pair:
    """A sender at the student host, a receiver at the internet host."""

    def __init__(self, lab: Lab) -> None:
        self.receiver = lab.internet.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.receiver.bind((lab.internet.address, PORT))
        self.receiver.settimeout(5)
        self.sender = lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sender.connect((lab.internet.address, PORT))

    def send(self, *words: bytes) -> None:
        for word in words:
            self.sender.send(word)

    def receive(self, count: int) -> list[bytes]:
        return [self.receiver.recv(2000) for _ in range(count)]


@pytest.fixture
def pair(lab: Lab) -> Pair:
    return Pair(lab)


def test_without_a_rule_everything_passes_in_order(link: Link, pair: Pair, wire: Capture) -> None:
    words = [b"%d" % number for number in range(500)]
    received = []
    for at in range(0, 500, 100):  # as many as the receiver's buffer holds
        pair.send(*words[at : at + 100])
        received += pair.receive(100)
    assert received == words
    assert [bytes(each.payload) for each in wire.stop().udp] == words


@pytest.mark.parametrize(
    ("nth", "arrive"),
    [(1, b"bcd"), (2, b"acd"), (4, b"abc"), (range(2, 4), b"ad"), ({1, 4}, b"bc"), (9, b"abcd")],
    ids=str,
)
def test_drop(link: Link, pair: Pair, nth: int, arrive: bytes) -> None:
    rule = link.to_internet.drop(nth)
    pair.send(b"a", b"b", b"c", b"d", b"end")
    received = pair.receive(len(arrive) + 1)
    assert b"".join(received) == arrive + b"end"
    assert rule.hits == 4 - len(arrive)


def test_drop_everything_and_still_know_what_was_sent(link: Link, pair: Pair, wire: Capture) -> None:
    rule = link.to_internet.drop()
    pair.send(b"a", b"b")
    assert rule.wait(2)
    assert [each.udp.payload for each in rule.packets if each.udp] == [b"a", b"b"]
    assert list(wire.stop().packets) == []


def test_only_what_matches_is_counted(link: Link, pair: Pair) -> None:
    link.to_internet.drop(1, where=lambda packet: packet.udp and packet.udp.payload == b"c")
    pair.send(b"a", b"c", b"b", b"c")
    assert pair.receive(3) == [b"a", b"b", b"c"]


def test_the_other_way_is_left_alone(link: Link, pair: Pair) -> None:
    link.to_student.drop()
    pair.send(b"a")
    assert pair.receive(1) == [b"a"]


def test_duplicate(link: Link, pair: Pair) -> None:
    link.to_internet.duplicate(2, copies=3)
    pair.send(b"a", b"b", b"c")
    assert pair.receive(5) == [b"a", b"b", b"b", b"b", b"c"]


def test_reorder(link: Link, pair: Pair) -> None:
    link.to_internet.reorder(1)
    pair.send(b"a", b"b", b"c")
    assert pair.receive(3) == [b"b", b"a", b"c"]


def test_reorder_without_a_next_frame(link: Link, pair: Pair) -> None:
    link.to_internet.reorder(1, at_most_s=0.05)
    pair.send(b"a")
    assert pair.receive(1) == [b"a"]


def test_delay_is_seen_in_the_times(link: Link, pair: Pair, wire: Capture) -> None:
    link.to_internet.delay(1, by_s=0.2)
    pair.send(b"late", b"early")
    assert pair.receive(2) == [b"early", b"late"]
    early, late = wire.stop().udp
    assert (late.time_ns - early.time_ns) / 1e9 >= 0.15


def test_corrupt_is_thrown_away_by_the_checksum(link: Link, pair: Pair, wire: Capture) -> None:
    link.to_internet.corrupt(1)
    pair.send(b"damaged", b"whole")
    assert pair.receive(1) == [b"whole"]
    first, second = wire.stop().udp
    assert (first.payload, first.udp.checksum_state, second.udp.checksum_state) == (
        b"damagee",
        Checksum.BAD,
        Checksum.GOOD,
    )


def test_rate(link: Link, pair: Pair) -> None:
    link.to_internet.limit_rate(1_000_000)
    started_s = time.monotonic()
    pair.send(*[bytes(1208)] * 20)  # with their headers 1250 bytes each: 10 ms
    pair.receive(20)
    assert time.monotonic() - started_s >= 0.2


def test_a_lost_segment_is_sent_again(link: Link, lab: Lab, wire: Capture, tcp_server: TcpServer) -> None:
    """A real TCP stack: the octets of the first loss arrive in a second segment with the same sequence number."""
    lost = link.to_internet.drop(1, where=with_data)
    with lab.student.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(tcp_server.address)
        client.sendall(b"hello")
        assert client.recv(100) == b"hello"
    [first] = lost.packets
    [stream] = wire.stop().tcp_streams
    again = next(packet for packet in stream.packets if with_data(packet))
    assert first.tcp
    assert again.tcp
    assert (again.tcp.seq, again.tcp.payload) == (first.tcp.seq, b"hello")


def test_a_megabyte_with_losses_arrives_whole(link: Link, lab: Lab, make_tcp_server: MakeTcpServer) -> None:
    lost = link.to_internet.drop({3, 40, 41, 300}, where=with_data)
    server = make_tcp_server()
    data = struct.pack("<Q", 7) * 131_072
    received = bytearray()
    with lab.student.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(30)
        client.connect(server.address)
        for at in range(0, len(data), 65_536):
            client.sendall(data[at : at + 65_536])
            while len(received) < at + 65_536:
                received += client.recv(65_536)
    assert received == data
    assert lost.hits == 4


def test_ipv6_passes(link: Link, lab: Lab) -> None:
    server = lab.internet.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    server.bind((lab.internet.address6, PORT))
    server.settimeout(5)
    lab.student.socket(socket.AF_INET6, socket.SOCK_DGRAM).sendto(b"six", (lab.internet.address6, PORT))
    assert server.recv(100) == b"six"


@pytest.mark.parametrize(
    "rule",
    [
        lambda way: way.drop(0),
        lambda way: way.delay(by_s=-1),
        lambda way: way.duplicate(copies=0),
        lambda way: way.corrupt(bits=256),
        lambda way: way.limit_rate(0),
    ],
    ids=["nth", "delay", "copies", "bits", "rate"],
)
def test_a_rule_that_makes_no_sense_says_why(link: Link, rule: object) -> None:
    with pytest.raises(UsageError):
        rule(link.to_internet)  # type: ignore[operator]


def test_a_link_needs_a_cut_cable() -> None:
    with shared_agent().lab() as whole, pytest.raises(UsageError, match="relayed=True"):
        Link(whole)
