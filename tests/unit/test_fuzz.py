"""The fuzzing targets, without atheris: every file of the corpus, the corpus bent by hypothesis, and how work grows."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.__main__ import CORPUS, NAMES
from fuzz.targets import TARGETS, stream
from pytest_netlab.wire import Frame, Streams, dissect, parse_dns, parse_http
from pytest_netlab.wire.sightings import sightings
from tests.unit.wire.cases import CASES

FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
REPOSITORY = CORPUS.parent.parent


def test_every_target_has_a_corpus() -> None:
    assert set(NAMES) == set(TARGETS) == {path.parent.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_corpus(path: Path) -> None:
    """What fuzzing began with, and what it found."""
    TARGETS[path.parent.name](path.read_bytes())


def bent(target: str) -> st.SearchStrategy[bytes]:
    """Files of a corpus, cut somewhere, with some octets replaced."""

    def bend(data: bytes, edits: list[tuple[int, bytes]], cut: int) -> bytes:
        for at, new in edits:
            at %= len(data) + 1
            data = data[:at] + new + data[at + len(new) :]
        return data[: len(data) - cut]

    contents = [path.read_bytes() for path in FILES if path.parent.name == target]
    edits = st.lists(st.tuples(st.integers(0, 4096), st.binary(min_size=1, max_size=4)), max_size=6)
    return st.builds(bend, st.sampled_from(contents), edits, st.integers(0, 20))


@pytest.mark.parametrize("target", NAMES)
def test_bent_corpus(target: str) -> None:
    @settings(max_examples=120, deadline=None)
    @given(bent(target) | st.binary(max_size=100))
    def hold(data: bytes) -> None:
        TARGETS[target](data)

    hold()


def calls(work: Callable[[], object]) -> int:
    """How many Python functions are called: a measure of work that no other process disturbs."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def alike(many: int) -> object:
    frame = CASES[1].data
    return sightings([dissect(Frame(frame, number)) for number in range(1, many + 1)])


def alike_in_two_places(many: int) -> object:
    frame = CASES[1].data
    packets = [dissect(Frame(frame, number, interface=str(number % 2))) for number in range(1, many + 1)]
    return sightings(packets)


def segments(step: int) -> Callable[[int], None]:
    """Segments whose sequence numbers go `step` at a time, seven octets in each."""

    def say(many: int) -> None:
        octets = (b"\0\x10" + (number * step % 65536).to_bytes(2, "big") + b"\0\0\7" for number in range(many))
        stream(b"".join(octets))

    return say


def syns(many: int) -> object:
    """SYNs on one pair of ports, each with a sequence number of its own: so many conversations."""
    syn = bytearray(next(case.data for case in CASES if case.name == "tcp options"))
    packets = []
    for number in range(1, many + 1):
        syn[38:42] = number.to_bytes(4, "big")
        packets.append(dissect(Frame(bytes(syn), number)))
    streams = Streams.of(packets)
    assert len(streams) == many
    return streams


def questions(many: int) -> object:
    name = b"\x3f" + b"a" * 63 + b"\0"
    head = b"\0\1\0\0" + many.to_bytes(2, "big") + bytes(6)
    return parse_dns(Frame(head + name + b"\0\1\0\1" + b"\xc0\x0c\0\1\0\1" * (many - 1)), 0)


def lines(many: int) -> object:
    return parse_http(b"GET / HTTP/1.1\n" + b"a: b\r\r\n" * many)


@pytest.mark.parametrize(
    "work",
    [
        alike,
        alike_in_two_places,
        segments(7),
        segments(65529),
        segments(14),
        segments(0),
        segments(1),
        syns,
        questions,
        lines,
    ],
    ids=["alike", "two places", "in order", "backwards", "holes", "repeated", "overlapping", "syns", "dns", "http"],
)
def test_work_grows_with_the_input_and_no_faster(work: Callable[[int], object]) -> None:
    few, many = (calls(partial(work, size)) for size in (150, 300))
    assert 150 < few < many < 2.2 * few


def test_target_that_does_not_exist() -> None:
    done = run("nothing")
    assert done.returncode == 2
    assert "invalid choice: 'nothing'" in done.stderr


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
def test_atheris_runs() -> None:
    done = run("dns", "--runs", "50")
    assert done.returncode == 0, done.stderr
    assert "number_of_executed_units:" in done.stderr


@pytest.mark.skipif(importlib.util.find_spec("atheris") is not None, reason="atheris is installed")
def test_without_atheris_the_remedy_is_named() -> None:
    done = run("dns", "--runs", "50")
    assert done.returncode == 1
    assert done.stderr == "fuzzing needs atheris: pip install -e '.[fuzz]'\n"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzz", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=REPOSITORY)
