"""The capture engine's self-test: silent on a sound engine, and it sees each way in which one can be unsound."""

from __future__ import annotations

import ctypes
import socket
import struct
import time

import pytest

from pytest_netlab import HarnessFault, Lab
from pytest_netlab.capture import block, self_test
from pytest_netlab.capture.ring import Ring, Statistics
from pytest_netlab.capture.tap import Watch
from pytest_netlab.lab.taps import taps

SO_ATTACH_FILTER = 26


def lose_frames_of(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    """Put a real socket filter before every ring, which silently loses the frames of that length.

    BPF: A = length; if A == length accept nothing, else everything.
    """
    steps = [(0x80, 0, 0, 0), (0x15, 0, 1, length), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFF)]
    memory = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    filter_of_four = struct.pack("HP", 4, ctypes.addressof(memory))
    opened = Watch.open

    def open_deaf(watch: Watch) -> None:
        assert memory, "the filter has to be there when the kernel reads it"
        watch._ring_socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, filter_of_four)
        opened(watch)

    monkeypatch.setattr(Watch, "open", open_deaf)
    monkeypatch.setattr(self_test, "_PATIENCE_S", 0.05)


def refusal(lab: Lab) -> str:
    with pytest.raises(HarnessFault) as caught:
        self_test.self_test(taps(lab))
    told = str(caught.value)
    assert told.startswith("the capture engine failed its self-test, so nothing can be graded here: ")
    assert told.endswith("report it with the output of `pytest-netlab doctor`")
    return told


def test_sound_engine(lab: Lab) -> None:
    """Ten times, within what ten may cost on a machine that does much else."""
    started = time.process_time()
    for _ in range(10):
        self_test.self_test(taps(lab))
    assert (time.process_time() - started) / 10 < 0.05


def test_frame_that_is_not_captured(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_frames_of(monkeypatch, 60)
    assert "a barrier frame was lost: lo@student: captured " in refusal(lab)


def test_burst_that_is_not_captured(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_frames_of(monkeypatch, len(self_test._FRAME) + 1)
    assert f"{self_test.BURST} frames that the interface counted were not captured" in refusal(lab)


def test_frames_out_of_order(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    parse = block.parse_block
    backwards = "pytest_netlab.capture.assembly.parse_block"
    monkeypatch.setattr(backwards, lambda data: reversed(list(parse(data))))
    assert "lo@student was sent frames 0 to 63, and shows 64 frames; number 0 is not in its place" in refusal(lab)


def test_bad_checksum_that_is_excused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every frame is said to come with a checksum that is yet to be computed."""
    monkeypatch.setattr(block.RawFrame, "checksum_unfinished", True)
    assert "lo@student was sent one datagram whose checksum is good, and shows unfinished" in refusal(lab)


def test_sender_that_is_not_known(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block.RawFrame, "outgoing", False)
    assert "and shows incoming and incoming instead of incoming and outgoing" in refusal(lab)


def test_drop_that_is_not_noticed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ring, "statistics", lambda ring: Statistics())
    assert "160 frames went into a ring of 8192 bytes that nobody read, and no loss was noticed" in refusal(lab)
