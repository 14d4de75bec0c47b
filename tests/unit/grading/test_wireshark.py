"""Display filters, run by Wireshark's engine on a stranger's capture."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_netlab.errors import HarnessFault
from pytest_netlab.grading import wireshark
from pytest_netlab.grading.isolation import tshark
from pytest_netlab.grading.judge import NotJudged
from pytest_netlab.grading.outcome import Outcome
from tests.observations.record import CAPTURE

needs_tshark = pytest.mark.skipif(tshark() is None, reason="tshark is not installed")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Installs something else as tshark, where also other accounts can reach it."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "tshark")
        path.parent.chmod(0o755)

        def install(script: str) -> None:
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
            monkeypatch.setattr(wireshark, "tshark", lambda: str(path))

        yield install


@needs_tshark
@pytest.mark.parametrize(
    ("display_filter", "frames"),
    [
        ("udp.port == 8000", [1]),
        ("tcp.stream eq 0 and tcp.flags.syn == 1", [2, 3]),
        ("http.request or http.response", [5, 7]),
        ("http.response_in", [5]),  # which takes a second pass
        ("frame.number > 10", [11]),
        ("udp.port == 1", []),
        ("", list(range(1, 12))),
    ],
)
def test_selected(display_filter: str, frames: list[int]) -> None:
    assert wireshark.select(CAPTURE.read_bytes(), display_filter) == (frames, "")


@needs_tshark
@pytest.mark.parametrize(
    ("display_filter", "words"),
    [
        ("udp port 8000", ["port", "maybe you mixed them up"]),
        ("tcp.prt == 80", ["tcp.prt"]),
        ("udp.port ==", ["nexpected end"]),
        ("-r /etc/passwd", []),
        ("udp\0", ["NUL"]),
        ('frame matches "["', ["Regex"]),
    ],
)
def test_complaint_is_tsharks_own(display_filter: str, words: list[str]) -> None:
    selected = wireshark.select(CAPTURE.read_bytes(), display_filter)
    assert selected.frames == []
    assert selected.complaint
    assert "\n" not in selected.complaint
    assert [word for word in words if word not in selected.complaint] == [], selected.complaint


@needs_tshark
def test_capture_that_tshark_cannot_read_is_no_verdict() -> None:
    with pytest.raises(HarnessFault, match="tshark ended with status"):
        wireshark.select(b"no capture", "udp")


@needs_tshark
def test_configuration_of_the_grader_does_not_decide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "dfilter_macros").write_text('"mine","udp.port == 8000"\n')
    (tmp_path / "disabled_protos").write_text("udp\ntcp\n")
    tmp_path.chmod(0o755)
    assert wireshark.select(CAPTURE.read_bytes(), "udp.port == 8000").frames == [1]
    assert wireshark.select(CAPTURE.read_bytes(), "${mine}").complaint


def test_without_tshark_nothing_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wireshark, "tshark", lambda: None)
    with pytest.raises(NotJudged) as undecided:
        wireshark.select(b"", "udp")
    assert undecided.value.outcome is Outcome.UNSUPPORTED
    assert "tshark is not installed" in undecided.value.reason


def test_tshark_that_hangs_is_no_verdict(stand_in: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in("exec sleep 60")
    monkeypatch.setattr(wireshark, "LIMIT_S", 0.2)
    with pytest.raises(HarnessFault, match="still running"):
        wireshark.select(b"", "udp")


def test_tshark_that_dies_is_no_verdict(stand_in: Callable[[str], None]) -> None:
    stand_in("kill -SEGV $$")
    with pytest.raises(HarnessFault, match="status -11"):
        wireshark.select(b"", "udp")


def test_tshark_has_limits_and_is_not_root(stand_in: Callable[[str], None]) -> None:
    stand_in('test "$(id -u)" -ne 0 && test "$(ulimit -t)" -le 30 && echo 7')
    assert wireshark.select(b"", "udp").frames == [7]
