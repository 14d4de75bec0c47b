"""Evidence: what was on the wire, all of it, and files that hold it.

From the wire up:

    ring, block       memory shared with the kernel: whole blocks out, frames parsed later
    tap               which interface to watch, and who may testify about it
    barrier, counters the two witnesses: a frame that must come through, and the interface's own counting
    reader, store     the thread that empties the rings; where blocks wait
    assembly          blocks to frames in one order
    capture           `Capture`: arm, watch, drain; with `accounting`, where a loss is put into words
    self_test         the engine tried before it is trusted
    recording         `Recording`: the result
    pcapng            writing recordings
    verify            every checksum of a file, fast
    reading           `read_capture`: pcap and pcapng, with `pcap`, `pcapng_reading` and `stream` behind it

Only `ring`, `tap`, `reader`, `capture` and `self_test` need Linux; the rest reads saved evidence anywhere.
"""

from __future__ import annotations

from pytest_netlab.capture.capture import Capture
from pytest_netlab.capture.pcapng import Remarks, write_pcapng
from pytest_netlab.capture.reading import read_capture
from pytest_netlab.capture.recording import InterfaceRecord, Recording
from pytest_netlab.capture.ring import RingShape
from pytest_netlab.capture.tap import Tap
from pytest_netlab.capture.verify import Verified, verify_checksums

__all__ = [
    "Capture",
    "InterfaceRecord",
    "Recording",
    "Remarks",
    "RingShape",
    "Tap",
    "Verified",
    "read_capture",
    "verify_checksums",
    "write_pcapng",
]
