"""Other people's traffic on a shared loopback interface is nobody's mistake."""

from __future__ import annotations

from pytest_netlab.capture import Recording
from pytest_netlab.grading.foreign import without
from tests.golden.remake import article


def test_packets_of_foreign_ports_go_and_the_rest_is_numbered_anew() -> None:
    frames = article().recording.frames
    recording = Recording((*frames, *frames))
    assert without(recording, {20000}).frames == []
    assert [frame.number for frame in without(recording, {53}).frames] == [1, 2, 3, 4]


def test_nothing_foreign_changes_nothing() -> None:
    recording = article().recording
    assert without(recording, set()) is recording
