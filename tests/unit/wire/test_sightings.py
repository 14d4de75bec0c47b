"""A packet that a capture recorded more than once is one packet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_netlab.wire import Direction, Frame, Packet, dissect
from pytest_netlab.wire.sightings import WINDOW_NS, sightings
from tests.unit.wire.frames import ethernet, ipv4, tcp, udp

OUT, IN, UNTOLD = Direction.OUTGOING, Direction.INCOMING, Direction.UNKNOWN
DATAGRAM = ethernet(ipv4(udp(b"Hello, World!"), 17))
SEGMENT = ethernet(ipv4(tcp("A", 1, 1), 6))


def sights(*frames: Frame) -> list[list[int]]:
    """The groups, as frame numbers."""
    packets = (dissect(replace(frame, number=number)) for number, frame in enumerate(frames, 1))
    return [[packet.number for packet in group] for group in sightings(packets)]


@pytest.mark.parametrize(
    ("directions", "groups"),
    [
        ((OUT, IN), [[1, 2]]),
        ((OUT, IN, OUT, IN), [[1, 2], [3, 4]]),
        ((OUT, OUT, IN, IN), [[1, 3], [2, 4]]),
        ((OUT, OUT), [[1], [2]]),
        ((IN, IN), [[1], [2]]),
        ((UNTOLD, UNTOLD), [[1, 2]]),
        ((UNTOLD, UNTOLD, UNTOLD), [[1, 2], [3]]),
        ((UNTOLD,) * 4, [[1, 2], [3, 4]]),
    ],
)
def test_datagrams_of_loopback(directions: tuple[Direction, ...], groups: list[list[int]]) -> None:
    frames = [Frame(DATAGRAM, direction=each, interface="lo", time_ns=at) for at, each in enumerate(directions)]
    assert sights(*frames) == groups


def test_later_is_another_packet() -> None:
    first = Frame(DATAGRAM, interface="lo")
    assert sights(first, replace(first, time_ns=WINDOW_NS)) == [[1, 2]]
    assert sights(first, replace(first, time_ns=WINDOW_NS + 1)) == [[1], [2]]


def test_other_interface_is_another_sight() -> None:
    frames = [Frame(DATAGRAM, interface=name, direction=IN) for name in ("eth0", "br0", "docker0", "br0")]
    assert sights(*frames) == [[1, 2, 3], [4]]


def test_same_segment_at_once_is_the_same_packet() -> None:
    assert sights(*[Frame(SEGMENT, direction=IN)] * 3) == [[1, 2, 3]]


def test_hop_and_checksum_make_no_difference() -> None:
    passed = bytearray(DATAGRAM)
    passed[22] -= 1
    passed[24:26] = b"\xaa\xbb"
    passed[40:42] = b"\xcc\xdd"
    assert sights(Frame(DATAGRAM, interface="eth0"), Frame(bytes(passed), interface="br0")) == [[1, 2]]


@pytest.mark.parametrize("at", [18, 27, 33, 35, 37, 42, 54])
def test_any_other_octet_does(at: int) -> None:
    other = bytearray(DATAGRAM)
    other[at] ^= 1
    assert sights(Frame(DATAGRAM, direction=OUT), Frame(bytes(other), direction=IN)) == [[1], [2]]


def test_what_is_no_ip_is_seen_as_often_as_it_is_there() -> None:
    arp = Frame(ethernet(b"\0\1\x08\0\6\4\0\1" + bytes(20), 0x0806))
    broken = Frame(b"\0" * 5)
    assert sights(arp, arp, broken, broken) == [[1], [2], [3], [4]]


def test_groups_hold_the_packets_themselves() -> None:
    packet = dissect(Frame(DATAGRAM))
    (group,) = sightings([packet])
    assert isinstance(group[0], Packet)
    assert group[0] is packet
