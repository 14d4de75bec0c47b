"""Asking Wireshark: how it is run, and what becomes of a tshark that is missing, dies, hangs or talks nonsense."""

from __future__ import annotations

import os
import re
import select
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_netlab.capture import Recording
from pytest_netlab.grading import opinion, second_opinion, wireshark_reader
from pytest_netlab.grading.isolation import tshark, tshark_version
from pytest_netlab.grading.opinion import Opinion
from pytest_netlab.grading.second_opinion import SecondOpinion
from pytest_netlab.grading.wireshark_reader import ReaderFault, WiresharkReader
from pytest_netlab.wire import Frame, Udp
from tests.unit.wire.cases import CASES

needs_tshark = pytest.mark.skipif(tshark() is None, reason="tshark is not installed")

FRAMES = tuple(Frame(case.data, number, link_type=case.link_type) for number, case in enumerate(CASES, start=1))
RECORDING = Recording(FRAMES)
PACKET = (
    '<packet><proto name="geninfo"><field name="num" show="1"/><field name="len" show="{len}"/>'
    '<field name="caplen" show="{caplen}"/><field name="timestamp" value="0"/></proto><proto name="frame"/></packet>'
)


@pytest.fixture
def second() -> Iterator[SecondOpinion]:
    second = SecondOpinion()
    yield second
    second.close()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Puts something else in the place of tshark, where also other accounts can reach it."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "tshark")
        path.parent.chmod(0o755)

        def install(script: str) -> str:
            path.write_text(f"#!/bin/sh\n{script}\n")
            path.chmod(0o755)
            monkeypatch.setattr(second_opinion, "tshark", lambda: str(path))
            return str(path)

        yield install


@needs_tshark
def test_comments_of_a_saved_recording_are_no_layer_of_it(second: SecondOpinion) -> None:
    """Wireshark shows the comment on a frame, such as the clause that failed there, as a protocol of its own."""
    frames = tuple(replace(frame, comment="failed: expected 41; got 61") for frame in FRAMES)
    assert second.on(Recording(frames)) == Opinion("agrees")


@needs_tshark
def test_recordings_one_after_the_other(second: SecondOpinion) -> None:
    """One tshark reads them all, whatever their length."""
    second.prepare()
    for frames in (FRAMES, FRAMES[:1], FRAMES * 20, FRAMES[3:5]):
        assert second.on(Recording(frames)) == Opinion("agrees")


@needs_tshark
def test_disagreement_names_both_readings_and_the_version(
    second: SecondOpinion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Udp, "length", property(lambda udp: 4711))
    found = second.on(Recording(FRAMES[:8]))
    assert found is not None
    assert found.status == "disagrees"
    assert found.words.startswith("frame 1, udp.length: we read 4711 (0x1267), Wireshark reads 9 (0x9); frame 2, ")
    assert found.words.endswith(f" more (tshark {tshark_version()})")


def test_nothing_to_read(second: SecondOpinion) -> None:
    assert second.on(Recording(())) is None


def test_without_tshark_it_is_not_had(second: SecondOpinion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "tshark", lambda: None)
    assert second.on(RECORDING) == Opinion("not had", "tshark is not installed")


def test_recording_that_is_too_long(second: SecondOpinion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "MOST_FRAMES", 10)
    found = second.on(RECORDING)
    assert found == Opinion("not had", f"{len(FRAMES)} frames are more than Wireshark is asked about")


def test_tshark_that_dies_is_asked_again_but_not_for_ever(
    second: SecondOpinion, stand_in: Callable[[str], str]
) -> None:
    path = Path(stand_in('echo >> "${0%/*}/starts"; kill -SEGV $$'))
    starts = path.with_name("starts")
    starts.touch()
    starts.chmod(0o666)
    for _ in range(second_opinion.MOST_FAULTS + 2):
        found = second.on(RECORDING)
        assert found is not None
        assert found.status == "not had"
        assert re.fullmatch(rf"tshark ended at frame 1 of {len(FRAMES)}|TShark .*crashed.*frame 1 .*", found.words)
        assert "command" not in found.words
    assert len(starts.read_text().splitlines()) == second_opinion.MOST_FAULTS


@needs_tshark
def test_after_a_fault_another_tshark_is_started(second: SecondOpinion, stand_in: Callable[[str], str]) -> None:
    stand_in("exit 3")
    found = second.on(RECORDING)
    assert found is not None
    assert found.status == "not had"
    stand_in(f'exec "{tshark()}" "$@"')
    assert second.on(RECORDING) == Opinion("agrees")


def test_tshark_that_hangs(
    second: SecondOpinion, stand_in: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in("exec sleep 60")
    monkeypatch.setattr(wireshark_reader, "LIMIT_S", 0.5)
    found = second.on(RECORDING)
    assert found == Opinion("not had", f"tshark gave no answer in time, at frame 1 of {len(FRAMES)}")


@pytest.mark.parametrize("nonsense", ["<packet></packet>", "<packet><proto/></packet>"])
def test_tshark_that_talks_nonsense(second: SecondOpinion, stand_in: Callable[[str], str], nonsense: str) -> None:
    stand_in(f"echo '{nonsense}'; exec sleep 60")
    found = second.on(RECORDING)
    assert found is not None
    assert found.status == "not had"
    assert "Error: " in found.words
    assert f"at frame 1 of {len(FRAMES)}" in found.words


def test_tshark_that_is_no_program(second: SecondOpinion, stand_in: Callable[[str], str]) -> None:
    Path(stand_in("")).write_bytes(b"\x7fELF")
    found = second.on(RECORDING)
    assert found is not None
    assert found.status == "not had"
    assert "tshark" in found.words


@needs_tshark
def test_now_and_then_another_tshark(second: SecondOpinion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "FRESH_AFTER_FRAMES", 10)
    for _ in range(2):
        assert second.on(RECORDING) == Opinion("agrees")
        assert second._reader is None


def reading_of(path: str) -> dict[str, int]:
    reader = WiresharkReader(path, opinion.PROTOCOLS, opinion.FIELDS)
    try:
        [reading] = reader.read(FRAMES[:1])
    finally:
        reader.close()
    return {"length": reading.length, "captured": reading.captured}


def test_tshark_is_not_root_and_has_limits(stand_in: Callable[[str], str]) -> None:
    told = PACKET.format(len="'$(id -u)'", caplen="'$(ulimit -t)'")
    found = reading_of(stand_in(f"echo '{told}'; exec sleep 60"))
    assert found["length"] == (65534 if os.geteuid() == 0 else os.geteuid())
    assert 0 < found["captured"] <= 300


def test_tshark_has_a_configuration_of_its_own(
    stand_in: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(tmp_path))
    monkeypatch.setenv("LUA_INIT", "os.exit(1)")
    (tmp_path / "init.lua").write_text("os.exit(1)")
    count = '$(find "$HOME" "$XDG_CONFIG_HOME" "$WIRESHARK_CONFIG_DIR" 2>/dev/null | wc -l)'
    told = PACKET.format(len=f"'{count}'", caplen="'$(env | grep -c -e LUA -e PYTEST)'")
    assert reading_of(stand_in(f"echo '{told}'; exec sleep 60")) == {"length": 0, "captured": 0}


def test_nothing_is_left_behind(stand_in: Callable[[str], str]) -> None:
    """Whoever started tshark ends it, and what it started."""
    told = PACKET.format(len="'$$'", caplen="'$!'")
    reader = WiresharkReader(stand_in(f"sleep 60 & echo '{told}'; wait"), opinion.PROTOCOLS, opinion.FIELDS)
    [reading] = reader.read(FRAMES[:1])
    reader.close()
    for pid in (reading.length, reading.captured):
        assert ends(pid)


def ends(pid: int, timeout_s: float = 10.0) -> bool:
    """Whether a process is over, at the latest after `timeout_s`: the kernel needs a moment to end what was killed."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], timeout_s)[0])
    finally:
        os.close(process)


def test_reader_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr(wireshark_reader, "limited", lambda command, cpu_s: command)
    with pytest.raises(ReaderFault, match="could not be started"):
        WiresharkReader("/usr/bin/tshark", opinion.PROTOCOLS, opinion.FIELDS)
