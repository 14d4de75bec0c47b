"""A capture at its limit: it stops, says so, calls once; and what the ring dropped counts towards it."""

from __future__ import annotations

import socket
import threading

import pytest

from pytest_netlab import Capture, Lab
from pytest_netlab.capture import RingShape, Tap
from pytest_netlab.capture.tap import Watch

FRAME = bytes.fromhex("02000a4d000102000a4d000288b6") + b"netlab".ljust(46, b".")


@pytest.fixture
def sender(lab: Lab) -> socket.socket:
    made = lab.student.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.bind(("eth0", 0))
    return made


def cable(lab: Lab, shape: RingShape) -> Tap:
    return Tap.cable((lab.internet, "eth0"), (lab.student, "eth0"), "eth0@internet", shape)


def test_called_once_while_the_flood_goes_on(lab: Lab, sender: socket.socket) -> None:
    reached = threading.Semaphore(0)
    with Capture([cable(lab, RingShape(8 << 10, 1024))], limit_bytes=100_000, on_limit=reached.release) as capture:
        while not reached.acquire(blocking=False):
            sender.send(FRAME)
        assert capture.limited
        for _ in range(5000):
            sender.send(FRAME)
        assert capture.stop().truncated_by == "limit:capture"
    assert not reached.acquire(blocking=False)


@pytest.mark.parametrize(("frames", "limited"), [(2000, True), (1000, False)])
def test_dropped_frames_count(
    lab: Lab, sender: socket.socket, monkeypatch: pytest.MonkeyPatch, frames: int, limited: bool
) -> None:
    """A ring of 8 KiB and a reader that is held up: nearly all is dropped, and all of it counts."""
    held_up = threading.Event()
    collect = Watch.collect
    with Capture([cable(lab, RingShape(4096, 2))], limit_bytes=96 * 1500) as capture:
        monkeypatch.setattr(Watch, "collect", lambda watch: held_up.wait(10) and collect(watch))
        for _ in range(frames):
            sender.send(FRAME)
        assert capture.limited is limited
        held_up.set()
        if limited:
            recording = capture.stop()
            assert recording.truncated_by == "limit:capture"
            assert (recording.interfaces[0].received or 0) + (recording.interfaces[0].dropped or 0) >= frames
