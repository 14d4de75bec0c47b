"""Captures in a real lab: armed, drained, accounted for; and every way of losing a frame is noticed."""

from __future__ import annotations

import ctypes
import fcntl
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from pytest_netlab.capture import Capture, Recording, RingShape, Tap, barrier
from pytest_netlab.capture.tap import Watch
from pytest_netlab.errors import HarnessFault, UsageError
from pytest_netlab.lab.client import Agent, Host, Lab
from pytest_netlab.wire.frame import Direction, Frame
from tests.lab.processes import open_descriptors

FRAME = bytes.fromhex("02000a4d000102000a4d000288b6") + b"netlab".ljust(46, b".")
IPV6 = bytes.fromhex("86dd")
SO_ATTACH_FILTER = 26
SIOCSIFFLAGS = 0x8914


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


def cable(world: World, **options: RingShape) -> Tap:
    return Tap.cable((world.internet, "eth0"), (world.student, "eth0"), "eth0@internet", **options)


def packet_socket(host: Station, interface: str = "eth0") -> socket.socket:
    sock = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((interface, 0))
    return sock


def ours(recording: Recording) -> list[Frame]:
    """The frames that a test sent, without what a kernel says over IPv6 on its own."""
    return [frame for frame in recording.frames if frame.data[12:14] != IPV6]


def test_nothing_sent_nothing_recorded(world: World) -> None:
    """The barriers themselves leave no trace."""
    with Capture([cable(world), Tap.loopback(world.student)]) as capture:
        capture.sync()
        recording = capture.stop()
    assert ours(recording) == []
    assert recording.truncated_by is None
    assert [(i.name, i.dropped, i.freezes) for i in recording.interfaces] == [
        ("eth0@internet", 0, 0),
        ("lo", 0, 0),
    ]
    assert sum(i.received or 0 for i in recording.interfaces) == len(recording)


def test_conversation_in_order_over_two_taps(world: World) -> None:
    server = world.internet.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("8.8.8.8", 53))
    client = world.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with Capture([Tap.loopback(world.student), cable(world)]) as capture:
        client.sendto(b"question", ("8.8.8.8", 53))
        server.sendto(b"answer", server.recvfrom(100)[1])
        listener = world.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listener.bind(("127.0.0.1", 0))
        client.sendto(b"to myself", listener.getsockname())
        recording = capture.stop()
    assert [(f.interface, f.direction, f.checksum_unfinished) for f in ours(recording)] == [
        ("eth0@internet", Direction.INCOMING, False),
        ("eth0@internet", Direction.OUTGOING, False),
        ("lo", Direction.INCOMING, True),
    ]
    assert [bytes(payload) for payload in recording.udp.payloads] == [b"question", b"answer", b"to myself"]
    assert [frame.number for frame in recording.frames] == list(range(1, len(recording) + 1))


def test_a_tap_that_joins_a_busy_capture(world: World) -> None:
    """From the moment that it is there nothing is missing; and what it did not hear before is no loss."""
    receiver = world.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind(("127.0.0.1", 0))
    far = world.internet.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.bind(("8.8.8.8", 53))
    sender = world.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stop = threading.Event()

    def chatter() -> None:
        while not stop.wait(0.0005):
            sender.sendto(b"chatter", receiver.getsockname())

    talker = threading.Thread(target=chatter)
    with Capture([cable(world)]) as capture:
        talker.start()
        try:
            sender.sendto(b"before", ("8.8.8.8", 53))
            assert capture.udp.payloads == [b"before"]
            with pytest.raises(HarnessFault, match="has no interface eth7"):
                capture.add(Tap.cable((world.internet, "eth7"), (world.student, "eth0"), "eth7"))
            capture.add(Tap.loopback(world.student))
            capture.wait_for(lambda packet: packet.payload == b"chatter", 5)
            sender.sendto(b"behind", ("8.8.8.8", 53))
            assert [packet.payload for packet in capture.udp.on("eth0@internet")] == [b"before", b"behind"]
        finally:
            stop.set()
            talker.join()
        sender.sendto(b"last", receiver.getsockname())
        recording = capture.stop()
    assert recording.udp.last.payload == b"last"
    assert [frame.number for frame in recording.frames] == list(range(1, len(recording) + 1))
    with pytest.raises(UsageError, match="not running"):
        capture.add(Tap.loopback(world.student))


def test_sync_shows_all_that_was_sent_before(world: World) -> None:
    sender = packet_socket(world.student)
    with Capture([cable(world)]) as capture:
        for count in range(1, 20):
            sender.send(FRAME)
            capture.sync()
            assert [frame.data for frame in capture.frames_so_far()].count(FRAME) == count
        assert len(ours(capture.stop())) == 19


def test_burst_with_the_reader_at_work(world: World) -> None:
    sender = packet_socket(world.student)
    count = 50_000
    with Capture([cable(world)]) as capture:
        for number in range(count):
            sender.send(FRAME[:56] + number.to_bytes(4, "big"))
        frames = ours(capture.stop())
    assert [int.from_bytes(frame.data[56:], "big") for frame in frames] == list(range(count))


def test_spilled_blocks_come_back(world: World) -> None:
    sender = packet_socket(world.student)
    with Capture([cable(world)], memory_bytes=20_000) as capture:
        for number in range(2000):
            sender.send(FRAME[:56] + number.to_bytes(4, "big"))
        frames = ours(capture.stop())
    assert [int.from_bytes(frame.data[56:], "big") for frame in frames] == list(range(2000))


def test_frames_sent_while_arming_and_draining_do_not_confuse(world: World) -> None:
    """Somebody talks all the time: bounds are wider, but nothing is called missing."""
    sender = packet_socket(world.student)
    quiet = threading.Event()

    def talk() -> None:
        while not quiet.is_set():
            sender.send(FRAME)

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        with Capture([cable(world)]) as capture:
            capture.sync()
            assert len(capture.stop()) > 0
    finally:
        quiet.set()
        talker.join()


def test_wait_for_finds_past_and_coming_packets(world: World) -> None:
    client = world.student.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with Capture([cable(world)]) as capture:
        client.sendto(b"early", ("8.8.8.8", 53))
        capture.sync()
        assert capture.wait_for(lambda packet: packet.payload == b"early", 5).interface == "eth0@internet"
        later = threading.Thread(target=client.sendto, args=(b"late", ("8.8.8.8", 53)))
        later.start()
        assert capture.wait_for(lambda packet: packet.payload == b"late", 5).direction is Direction.INCOMING
        later.join()


def test_wait_for_says_what_it_saw_instead(world: World) -> None:
    with Capture([cable(world)]) as capture:
        packet_socket(world.student).send(FRAME)
        capture.sync()
        with pytest.raises(TimeoutError, match=r"no packet matched within 0\.01 s; [1-9]\d* were captured"):
            capture.wait_for(lambda packet: False, 0.01)


def test_forged_and_replayed_barriers_are_frames(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    nonces: list[bytes] = []
    original = barrier.build

    def build(nonce: bytes) -> bytes:
        nonces.append(nonce)
        return original(nonce)

    monkeypatch.setattr(barrier, "build", build)
    sender = packet_socket(world.student)
    with Capture([cable(world)]) as capture:
        forged, replayed = original(bytes(16)), original(nonces[0])
        sender.send(forged)
        sender.send(replayed)
        packet_socket(world.internet).send(replayed)
        frames = ours(capture.stop())
    assert [frame.data for frame in frames] == [forged, replayed, replayed]


def test_barriers_on_the_cable_are_hidden_from_the_student(world: World) -> None:
    sniffer = world.student.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sniffer.bind(("eth0", 3))
    with Capture([cable(world)]) as capture:
        capture.sync()
        packet_socket(world.internet).send(FRAME)
        heard = [sniffer.recv(2000)]
        while heard[-1] != FRAME:
            heard.append(sniffer.recv(2000))
        assert not any(barrier.nonce_of(data) for data in heard)
        capture.stop()


def test_drops_are_a_fault_with_numbers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring of 8 KiB whose reader is held up: nothing of the recording may be believed."""
    held_up = threading.Event()
    collect = Watch.collect
    sender = packet_socket(world.student)
    with Capture([cable(world, shape=RingShape(4096, 2))]) as capture:
        monkeypatch.setattr(Watch, "collect", lambda watch: held_up.wait(10) and collect(watch))
        for _ in range(1000):
            sender.send(FRAME)
        held_up.set()
        with pytest.raises(HarnessFault, match=r"the ring dropped \d+ frames .*in \d+ freezes"):
            capture.stop()


def test_barrier_that_never_comes_is_a_fault(world: World) -> None:
    with Capture([cable(world)], patience_s=0.05) as capture:
        refuse_frames(capture, 60)
        with pytest.raises(HarnessFault, match="a barrier frame was lost: eth0@internet: captured "):
            capture.stop()


def test_frame_that_only_the_counters_saw_is_a_fault(world: World) -> None:
    with Capture([cable(world)], patience_s=0.05) as capture:
        refuse_frames(capture, 61)
        sender = packet_socket(world.student)
        sender.send(FRAME)
        sender.send(FRAME + b"!")
        with pytest.raises(HarnessFault, match=r"1 frames that the interface counted were not captured"):
            capture.stop()


def refuse_frames(capture: Capture, length: int) -> None:
    """Put a real socket filter before the ring, which silently loses every frame of that length.

    BPF: A = length; if A == length accept nothing, else everything.
    """
    steps = [(0x80, 0, 0, 0), (0x15, 0, 1, length), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF)]
    program = b"".join(struct.pack("=HBBI", *step) for step in steps)
    memory = ctypes.create_string_buffer(program)
    filter_of_four = struct.pack("HP", 4, ctypes.addressof(memory))
    capture._watches[0]._ring_socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_of_four)


def test_limit_is_said(world: World) -> None:
    sender = packet_socket(world.student)
    with Capture([cable(world)], limit_bytes=100_000) as capture:
        for _ in range(5000):
            sender.send(FRAME)
        recording = capture.stop()
    assert recording.truncated_by == "limit:capture"
    assert 0 < len(recording) < 5000
    assert (recording.interfaces[0].received or 0) >= 5000


def test_interface_that_goes_down_is_a_fault(world: World) -> None:
    with Capture([cable(world)], patience_s=0.05) as capture:
        control = world.internet.socket(socket.AF_INET, socket.SOCK_DGRAM)
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH22x", b"eth0", 0))
        with pytest.raises(HarnessFault, match="eth0@internet cannot be watched any more: Network is down"):
            capture.wait_for(lambda packet: False, 5)


def test_nothing_stays_open(world: World) -> None:
    taps = [cable(world), Tap.loopback(world.student)]
    sender = packet_socket(world.student)
    open_files = []
    for _ in range(3):
        with Capture(taps, memory_bytes=0) as capture:
            sender.send(FRAME)
            capture.stop()
        open_files.append(open_descriptors())
    assert open_files[0] == open_files[1] == open_files[2]


def test_stop_twice_is_one_recording(world: World) -> None:
    with Capture([cable(world)]) as capture:
        assert capture.stop() is capture.stop()


def test_misuse(world: World) -> None:
    with pytest.raises(UsageError, match="at least one tap"):
        Capture([])
    with pytest.raises(UsageError, match="not running"):
        Capture([cable(world)]).stop()
    with Capture([cable(world)]) as capture, pytest.raises(UsageError, match="started before"):
        capture.start()
    nowhere = Tap.cable((world.internet, "eth9"), (world.student, "eth0"), "eth9@internet")
    with pytest.raises(HarnessFault, match="no interface eth9"):
        Capture([nowhere]).start()
