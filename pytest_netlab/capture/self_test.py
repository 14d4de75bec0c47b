"""The capture engine is tried before anything is graded by it.

On each tap, through the same `Capture` that grades:
- a burst of known frames comes back whole, in order, each one once;
- a datagram with a wrong checksum is read as bad, and the same one with the right checksum as good;
- one and the same frame, sent by both ends of the cable, is attributed to each of them;
- a ring that nobody reads overflows, and the loss is noticed.

Whatever does not hold is a `HarnessFault`: an engine that fails here has no verdicts to give. The frames are
addressed to nobody, so no host answers them.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pytest_netlab.capture import accounting
from pytest_netlab.capture.capture import Capture
from pytest_netlab.capture.counters import Offset
from pytest_netlab.capture.grace import close_behind, in_parallel
from pytest_netlab.capture.ring import RingShape
from pytest_netlab.capture.store import BlockStore
from pytest_netlab.capture.tap import Host, Tap, Watch
from pytest_netlab.errors import HarnessFault
from pytest_netlab.wire import Checksum, Direction, Frame, dissect
from pytest_netlab.wire.checksum import internet_checksum, pseudo_header4

BURST: Final = 64
_FLOOD: Final = 160
_TINY: Final = RingShape(4096, 2)
"""Holds some 60 of the frames."""
_PATIENCE_S: Final = 10.0
_ETHERTYPE: Final = struct.pack("!H", 0x88B6)  # IEEE 802, the second of the local experimental ones
_NOBODY: Final = bytes.fromhex("020000000000020000000000")
_BOTH: Final = _NOBODY + _ETHERTYPE + b"pytest-netlab self-test, said by both ends.".ljust(46)
_FRAME: Final = _NOBODY + _ETHERTYPE + b"pytest-netlab self-test, ignore.".ljust(46)


def self_test(taps: Sequence[Tap]) -> None:
    """Try the engine on the taps that will be graded by; about 20 ms.

    Raises:
        HarnessFault: it does not see what was sent, as it was sent; says what, and what to do.
        OSError: the kernel refused a socket.
    """
    try:
        _try_engine(taps)
    except HarnessFault as fault:
        raise HarnessFault(
            f"the capture engine failed its self-test, so nothing can be graded here: {fault}. "
            "Run again on an idle machine; if it fails there too, report it with the output of `pytest-netlab doctor`"
        ) from fault


def _try_engine(taps: Sequence[Tap]) -> None:
    capture = Capture(taps, patience_s=_PATIENCE_S)
    unread = [Watch(replace(tap, shape=_TINY), BlockStore(0, 0)) for tap in taps]
    ends = [_Ends(tap) for tap in taps]
    try:
        in_parallel([capture.start, *(watch.open for watch in unread)])
        for each in ends:
            each.speak()
        recording = capture.stop()
        for watch, each in zip(unread, ends, strict=True):
            _check_overflow(watch, each)
    finally:
        capture.close()
        close_behind([*unread, *ends])
    for tap in taps:
        frames = [frame for frame in recording.frames if frame.interface == tap.name]
        _check_burst(tap, frames)
        _check_checksums(tap, frames)
        if not tap.is_loopback:
            _check_sender(tap, frames)


class _Ends:
    """Who speaks on a tap: its far end, and the interface itself where that is another."""

    def __init__(self, tap: Tap) -> None:
        self.far = _voice(tap.far_host, tap.far_interface)
        self._near = None if tap.is_loopback else _voice(tap.host, tap.interface)

    def speak(self) -> None:
        """Say everything from the far end, and one frame of it from the near end too."""
        for number in range(BURST):
            self.far.send(_FRAME + bytes([number]))
        self.far.send(_datagram(wrong=0))
        self.far.send(_datagram(wrong=1))
        self.far.send(_BOTH)
        if self._near is not None:
            self._near.send(_BOTH)

    def close(self) -> None:
        """Close the sockets, 10 ms each."""
        self.far.close()
        if self._near is not None:
            self._near.close()


def _voice(host: Host, interface: str) -> socket.socket:
    made = host.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    made.bind((interface, 0))
    return made


def _datagram(wrong: int) -> bytes:
    """A UDP datagram in Ethernet and IPv4, its checksum off by `wrong`."""
    payload = b"pytest-netlab self-test %d" % wrong
    length = 8 + len(payload)
    ends = bytes([192, 0, 2, 1]) + bytes([192, 0, 2, 2])  # TEST-NET-1, RFC 5737: nobody's
    udp = struct.pack("!3H", 9, 9, length)
    checksum = internet_checksum(pseudo_header4(ends[:4], ends[4:], 17, length) + udp + payload) - wrong
    ip = struct.pack("!2B3H2B", 0x45, 0, 20 + length, 0, 0, 64, 17)
    ip += struct.pack("!H", internet_checksum(ip + ends)) + ends
    return _NOBODY + bytes.fromhex("0800") + ip + udp + struct.pack("!H", checksum) + payload


def _check_burst(tap: Tap, frames: Sequence[Frame]) -> None:
    seen = [frame.data[-1] for frame in frames if frame.data.startswith(_FRAME)]
    if seen != list(range(BURST)):
        raise HarnessFault(f"{tap.name} was sent frames 0 to {BURST - 1}, and shows {_runs(seen)}")


def _check_checksums(tap: Tap, frames: Sequence[Frame]) -> None:
    for wrong, expected in ((0, Checksum.GOOD), (1, Checksum.BAD)):
        packets = [dissect(frame) for frame in frames if frame.data == _datagram(wrong)]
        states = [packet.udp.checksum_state.value for packet in packets if packet.udp is not None]
        if states != [expected.value]:
            shown = ", ".join(states) or "none at all"
            raise HarnessFault(
                f"{tap.name} was sent one datagram whose checksum is {expected.value}, and shows {shown}"
            )


def _check_sender(tap: Tap, frames: Sequence[Frame]) -> None:
    seen = [frame.direction.value for frame in frames if frame.data == _BOTH]
    expected = [Direction.INCOMING.value, Direction.OUTGOING.value]
    if seen != expected:
        shown = " and ".join(seen) or "none at all"
        raise HarnessFault(
            f"{tap.name} was sent the same frame from the far end and from its own, and shows {shown} "
            f"instead of {' and '.join(expected)}"
        )


def _check_overflow(watch: Watch, ends: _Ends) -> None:
    """A ring too small, which nobody read, has to say so: through the same words that end a recording."""
    for _ in range(_FLOOD):
        ends.far.send(_FRAME)
    nothing = Offset(0, 0)
    _, certain = accounting.account(watch, nothing, nothing)
    if not certain or not watch.statistics().drops:
        size = f"a ring of {watch.tap.shape.size_bytes} bytes that nobody read"
        raise HarnessFault(f"{watch.tap.name}: {_FLOOD} frames went into {size}, and no loss was noticed")


def _runs(numbers: Sequence[int]) -> str:
    """Numbers as a reader wants them: how many, and the first that is not where it belongs."""
    wrong = next((at for at, number in enumerate(numbers) if number != at), len(numbers))
    return f"{len(numbers)} frames; number {wrong} is not in its place"
