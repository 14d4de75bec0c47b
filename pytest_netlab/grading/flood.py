"""More on the wire than a capture may hold, `limit:capture`: whose doing it was, and what the run comes to.

The tap knows who sent a frame, whatever addresses it carries. Where the student's host had its part in the traffic,
the run is the program's fault: its ground fails and names the limit, and the clauses that build on it are blocked.
"Nothing was seen" is never said of it, for most of it was not looked at.

It is `broken` instead where the program cannot be blamed:
- what was recorded is nearly all the grader's own: a peer of ours ran wild, or the exercise needs a higher limit;
- `lo` is shared with the rest of the machine, as in the loopback tier.

Only the beginning of such a recording is kept as evidence: it shows what the flood was made of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pytest_netlab.capture.recording import LIMIT_CAPTURE, Recording
from pytest_netlab.grading.evidence import Evidence, Halt
from pytest_netlab.lab.taps import CABLE
from pytest_netlab.wire import Direction, Frame

MEBIBYTE: Final = 1 << 20
KEPT_FRAMES: Final = 5000
"""How many frames of a flood become evidence."""

_LEAST_PART: Final = 0.1
"""The acknowledgments of a mere receiver are a third of a transfer's frames; a host that is flooded says less."""


def convict(evidence: Evidence, ground: str, limit_bytes: int, *, shared: bool) -> None:
    """Turn a run whose capture reached its limit into what it comes to, and shorten its recording.

    Args:
        evidence: of the run; whatever halt it had is replaced, since a flood may well have been its cause.
        ground: id of the clause that fails.
        limit_bytes: of the capture.
        shared: whether others use the same interface.
    """
    recording = evidence.recording
    evidence.recording = replace(recording, frames=recording.frames[:KEPT_FRAMES])
    limit = f"{limit_bytes / MEBIBYTE:g} MiB"
    passed = f"{LIMIT_CAPTURE}: {_passed(recording):,} frames passed, and a capture keeps {limit} of them"
    remedy = "where an exercise needs more, raise the ini option netlab_capture_limit"
    if shared:
        evidence.fault = f"{passed}; this tier shares lo with the whole machine, so nobody can say whose they were"
    elif _part_of_student(recording) < _LEAST_PART:
        evidence.fault = f"{passed}; nearly all were sent by the grader's own peers; {remedy}"
    else:
        told = f"{passed}; the program flooded the wire and was ended"
        evidence.halt = Halt(ground, f"a run that fits into a capture of {limit}", told)


def _passed(recording: Recording) -> int:
    """Frames on all taps, those that no ring had room for included."""
    return sum((each.received or 0) + (each.dropped or 0) for each in recording.interfaces)


def _part_of_student(recording: Recording) -> float:
    """Which part of the recorded frames the student's host sent, from 0 to 1."""
    sent = sum(1 for frame in recording.frames if _left_student(frame))
    return sent / max(1, len(recording.frames))


def _left_student(frame: Frame) -> bool:
    return frame.interface != CABLE or frame.direction is Direction.INCOMING
