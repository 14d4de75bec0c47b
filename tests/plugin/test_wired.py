"""Tests that watch the wire and know nothing of grading: what they show when they fail, and what is kept of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_netlab import read_capture

TESTS = """
import socket

def sent(lab, wire):
    lab.student.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"four", (lab.internet.address, 4444))
    return wire.wait_for(lambda packet: packet.udp, timeout_s=5)

def test_field(lab, wire):
    assert sent(lab, wire).udp.length == 11

def test_payload(lab, wire):
    assert sent(lab, wire).payload == b"five"

def test_sequence(lab, wire):
    sent(lab, wire)
    assert wire.udp.payloads == [b"four", b"more"]

def test_in_words(lab, wire):
    sent(lab, wire)
    raise RuntimeError("no\\x1b[2J luck\\nand more")

def test_right(lab, wire):
    assert sent(lab, wire).udp.length == 12
"""
MARKS = {
    "field": "*^^ ^^ udp.length: 12 (0x000c)",
    "payload": '*^^ ^^ ^^ udp.payload: 6f 75 72 "our"',
}


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(test_own=TESTS)
    return pytester


def kept(project: pytest.Pytester) -> list[str]:
    """The folders in which a capture was kept."""
    return sorted(path.parent.name for path in Path(project.path, "captures").rglob("capture.pcapng"))


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_a_failure_shows_octets_and_conversation_and_keeps_the_capture(
    project: pytest.Pytester, spread: tuple[str, ...]
) -> None:
    result = project.runpytest_subprocess("--color=no", *spread)
    result.assert_outcomes(failed=4, passed=1)
    assert kept(project) == [f"test-own-py-test-{name}" for name in ("field", "in-words", "payload", "sequence")]
    for mark in MARKS.values():
        result.stdout.fnmatch_lines([mark])
    assert result.stdout.str().count("UDP 4 bytes") >= 4  # each has its ladder
    assert "\x1b" not in result.stdout.str().replace("no\x1b[2J luck", "")  # pytest prints the exception as it is
    folder = Path(project.path, "captures", "runs", "test-own-py-test-field")
    result.stdout.fnmatch_lines([f"  open it     wireshark -g 1 {folder / 'capture.pcapng'}"])
    frame = next(iter(read_capture(folder / "capture.pcapng")))
    assert "assert 12 == 11" in frame.comment


def test_an_exception_is_told_on_no_frame_and_harmlessly(project: pytest.Pytester) -> None:
    project.runpytest_subprocess("-k", "words")
    path = Path(project.path, "captures", "runs", "test-own-py-test-in-words", "capture.pcapng")
    assert b"\x1b[2J" not in path.read_bytes()
    assert b"RuntimeError: no\\x1b[2J luck" in path.read_bytes()
    assert {frame.comment for frame in read_capture(path)} == {""}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--netlab-capture",), ["field", "right"]),
        (("-o", "netlab_capture=off"), []),
    ],
)
def test_the_options_decide_what_is_kept(project: pytest.Pytester, options: tuple[str, ...], names: list[str]) -> None:
    result = project.runpytest_subprocess("-k", "field or right", *options)
    result.assert_outcomes(failed=1, passed=1)
    assert kept(project) == [f"test-own-py-test-{name}" for name in names]
    result.stdout.fnmatch_lines([MARKS["field"]])


def test_a_directory_that_cannot_be_written_is_said(project: pytest.Pytester) -> None:
    project.makefile("", captures="no directory")
    result = project.runpytest_subprocess("-k", "field")
    result.assert_outcomes(failed=1, errors=1)
    result.stdout.fnmatch_lines(["*captures cannot be kept in *; name another directory with --netlab-capture-dir, *"])
