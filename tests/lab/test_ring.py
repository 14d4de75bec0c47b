"""The ring on real interfaces of a real lab: nothing missing, nothing invented, everything labelled."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from pytest_netlab.capture.block import RawFrame, parse_block
from pytest_netlab.capture.ring import Ring, RingShape
from pytest_netlab.errors import UsageError
from pytest_netlab.lab.client import Agent, Host, Lab

FRAME = bytes.fromhex("02000a4d000102000a4d000288b6") + b"netlab".ljust(46, b".")
IPV6 = bytes.fromhex("86dd")
PATIENCE_MS = 5000


class Station:
    """A host of the lab whose sockets are closed with the test."""

    def __init__(self, host: Host, stack: ExitStack) -> None:
        self.read_net = host.read_net
        self._host = host
        self._stack = stack

    def socket(self, family: int, type: int, protocol: int = 0) -> socket.socket:
        return self._stack.enter_context(self._host.socket(family, type, protocol))


class World:
    def __init__(self, lab: Lab, stack: ExitStack) -> None:
        self.student = Station(lab.student, stack)
        self.internet = Station(lab.internet, stack)


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    agent = Agent()
    yield agent
    agent.close()


@pytest.fixture
def world(agent: Agent) -> Iterator[World]:
    with agent.lab() as lab, ExitStack() as stack:
        yield World(lab, stack)


@pytest.fixture
def ring_on() -> Iterator[Callable[..., Ring]]:
    rings: list[Ring] = []

    def open_ring(host: Station, interface: str, *args: object, **options: object) -> Ring:
        sock = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        rings.append(Ring(sock, interface, *args, **options))  # type: ignore[arg-type]
        return rings[-1]

    yield open_ring
    for ring in rings:
        ring.close()


def packet_socket(host: Station, interface: str) -> socket.socket:
    sock = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((interface, 0))
    return sock


def take(ring: Ring, count: int) -> list[RawFrame]:
    """The next `count` frames or more, without what kernels say over IPv6 on their own."""
    frames: list[RawFrame] = []
    poll = select.poll()
    poll.register(ring, select.POLLIN)
    while len(frames) < count:
        assert poll.poll(PATIENCE_MS), f"{len(frames)} of {count} frames came"
        for block in ring.read_blocks():
            frames += [frame for frame in parse_block(block) if frame.data[12:14] != IPV6]
    return frames


def test_armed_on_return(world: World, ring_on: Callable[..., Ring]) -> None:
    ring = ring_on(world.internet, "eth0")
    packet_socket(world.student, "eth0").send(FRAME)
    [frame] = take(ring, 1)
    assert frame.data == FRAME
    assert frame.original_length == len(FRAME)


def test_other_interfaces_stay_out(world: World, ring_on: Callable[..., Ring]) -> None:
    ring = ring_on(world.student, "eth0")
    world.student.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"on lo", ("127.0.0.1", 9))
    packet_socket(world.internet, "eth0").send(FRAME)
    assert [frame.data for frame in take(ring, 1)] == [FRAME]


def test_direction_comes_from_the_kernel(world: World, ring_on: Callable[..., Ring]) -> None:
    """A frame that claims the peer's address but comes from the student is incoming all the same."""
    ring = ring_on(world.internet, "eth0")
    forged = FRAME[6:12] + FRAME[:6] + FRAME[12:]
    packet_socket(world.student, "eth0").send(forged)
    packet_socket(world.internet, "eth0").send(forged)
    assert [frame.outgoing for frame in take(ring, 2)] == [False, True]


@pytest.mark.parametrize(("ignore_outgoing", "times"), [(True, 1), (False, 2)])
def test_loopback_frames_show_once(
    world: World, ring_on: Callable[..., Ring], ignore_outgoing: bool, times: int
) -> None:
    ring = ring_on(world.student, "lo", ignore_outgoing=ignore_outgoing)
    sender = packet_socket(world.student, "lo")
    sender.send(FRAME)
    sender.send(FRAME[:-1] + b"!")
    frames = take(ring, 2 * times)
    assert [frame.data for frame in frames].count(FRAME) == times
    assert len(frames) == 2 * times


def test_unfinished_checksums_are_flagged_on_lo(world: World, ring_on: Callable[..., Ring]) -> None:
    ring = ring_on(world.student, "lo", ignore_outgoing=True)
    listener = world.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    world.student.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", listener.getsockname())
    packet_socket(world.student, "lo").send(FRAME)
    datagram, raw = take(ring, 2)
    assert datagram.checksum_unfinished
    assert not raw.checksum_unfinished


def test_cable_checksums_are_finished(world: World, ring_on: Callable[..., Ring]) -> None:
    ring = ring_on(world.internet, "eth0")
    world.student.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"?", ("8.8.8.8", 53))
    assert not take(ring, 1)[0].checksum_unfinished


def test_vlan_tag_is_put_back(world: World, ring_on: Callable[..., Ring]) -> None:
    """The receiving kernel takes the tag out of the bytes; the recording shows what was sent."""
    ring = ring_on(world.internet, "eth0")
    tagged = FRAME[:12] + struct.pack("!2H", 0x8100, 0x2007) + FRAME[12:]
    packet_socket(world.student, "eth0").send(tagged)
    [frame] = take(ring, 1)
    assert frame.data == tagged
    assert frame.original_length == len(tagged)


def test_long_frame_keeps_its_length(world: World, ring_on: Callable[..., Ring]) -> None:
    """A frame larger than a block is cut, and says how long it was."""
    ring = ring_on(world.student, "lo", RingShape(4096, 64), ignore_outgoing=True)
    packet_socket(world.student, "lo").send(FRAME.ljust(9000, b"x"))
    [frame] = take(ring, 1)
    assert frame.original_length == 9000
    assert len(frame.data) < 4096


def test_burst_is_complete_and_in_order(world: World, ring_on: Callable[..., Ring]) -> None:
    """50,000 frames that fit the ring, before anybody reads."""
    ring = ring_on(world.internet, "eth0", RingShape(32 << 10, 256, retire_ms=500))
    sender = packet_socket(world.student, "eth0")
    count = 50_000
    for number in range(count):
        sender.send(FRAME[:56] + number.to_bytes(4, "big"))
    frames = take(ring, count)
    assert [int.from_bytes(frame.data[56:], "big") for frame in frames] == list(range(count))
    assert [frame.time_ns for frame in frames] == sorted(frame.time_ns for frame in frames)
    statistics = ring.statistics()
    assert statistics.frames >= count
    assert statistics[1:] == (0, 0)
    assert ring.statistics() == statistics, "reading them clears the kernel's, not ours"


def test_drops_are_counted(world: World, ring_on: Callable[..., Ring]) -> None:
    ring = ring_on(world.internet, "eth0", RingShape(4096, 2))
    sender = packet_socket(world.student, "eth0")
    for _ in range(1000):
        sender.send(FRAME)
    kept = len(take(ring, 1))
    statistics = ring.statistics()
    assert statistics.frames >= 1000
    assert statistics.drops >= 1000 - kept
    assert statistics.freezes >= 1


def test_no_such_interface(world: World) -> None:
    sock = world.student.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with pytest.raises(OSError, match="No such device"):
        Ring(sock, "eth7")
    assert sock.fileno() == -1


def test_impossible_shape(world: World) -> None:
    with pytest.raises(UsageError, match="refuses"):
        Ring(world.student.socket(socket.AF_PACKET, socket.SOCK_RAW, 0), "lo", RingShape(1000, 3))


def test_close_twice(world: World, ring_on: Callable[..., Ring]) -> None:
    ring = ring_on(world.student, "lo")
    ring.close()
    ring.close()
