"""Attacks that are no program: names, links, devices, tools that read configuration, and the life of the grader."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_netlab import UsageError
from pytest_netlab.grading import wireshark
from pytest_netlab.grading.isolation import tshark
from pytest_netlab.grading.submission import ProgramMissing, Submission
from pytest_netlab.lab import snapshot
from pytest_netlab.lab.snapshot import Entry, Snapshot
from tests.hostile.cases import ROOT, told
from tests.hostile.killing import Killed, kill_during_a_run
from tests.matrix.grade import REPOSITORY

GLOBAL_HEADER = bytes.fromhex("d4c3b2a1 02000400 00000000 00000000 00000400 01000000")


@told([32], "a submission directory that is a symbolic link", "refused")
def test_a_submission_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(ROOT)
    with pytest.raises(UsageError, match="not a readable directory"):
        Submission(tmp_path / "link")


@told([30], "netlab.toml that is a symbolic link", "refused, in words")
def test_a_configuration_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "netlab.toml").symlink_to("/etc/passwd")
    with pytest.raises(UsageError, match=r"netlab\.toml: a symbolic link, which is not followed"):
        Submission(tmp_path)


@told([30], "a program that is a symbolic link, a FIFO, a socket or a directory", "none found, in words")
@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_only_a_regular_file_is_a_program(tmp_path: Path, kind: str) -> None:
    program = tmp_path / "abcd_client.py"
    if kind == "link":
        program.symlink_to("/etc/passwd")
    elif kind == "fifo":
        os.mkfifo(program)
    else:
        program.mkdir()
    with pytest.raises(ProgramMissing) as missing:
        Submission(tmp_path).command("abcd_client")
    assert ("symbolic link, which is not followed" in str(missing.value)) == (kind == "link")


@told([31], "names in a handed-over tree that lead out of it", "refused; nothing is written")
@pytest.mark.parametrize("name", [b"../x", b"/tmp/netlab-escaped", b"a/../../x", b"link/x", b"..", b"", b"missing/x"])
def test_names_that_lead_out_are_refused(tmp_path: Path, name: bytes) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    tree = Snapshot((Entry(b"link", "link", data=b".."), Entry(name, "file", data=b"x")))
    with pytest.raises(UsageError, match="leads out of the submission"):
        snapshot.unpack(tree, str(inside))
    assert [path.name for path in tmp_path.rglob("*")] == ["inside", "link"]


@told([13], "a tree larger than may be handed in", "refused, unread")
def test_a_sparse_terabyte_is_refused_without_reading_it(tmp_path: Path) -> None:
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match="may hold 64 MiB"):
        snapshot.take(tmp_path)


@told([41], "init.lua and preferences in the places where tshark looks for them", "tshark sees an empty configuration")
def test_tshark_executes_no_lua_of_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if tshark() is None:
        pytest.skip("needs tshark")
    told_tale = tmp_path / "executed"
    for place in (tmp_path, tmp_path / ".config" / "wireshark", tmp_path / ".wireshark"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "init.lua").write_text(f'io.open("{told_tale}", "w"):close()\n')
    tmp_path.chmod(0o777)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("WIRESHARK_CONFIG_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert wireshark.select(_capture(bytes(60)), "frame.number == 1").frames == [1]
    assert not told_tale.exists()


@told([54], "frames that strain Wireshark's dissectors", "the second opinion runs in a limited process")
def test_frames_that_strain_dissectors_are_read_in_a_limited_process() -> None:
    if tshark() is None:
        pytest.skip("needs tshark")
    vlans = bytes(12) + b"\x81\x00\x00\x01" * 370
    nested = (
        bytes(12)
        + b"\x08\x00"
        + b"\x45\x00\x05\xdc\x00\x00\x00\x00\x40\x04\x00\x00\x0a\x4d\x00\x02\x0a\x4d\x00\x01" * 74
    )
    assert wireshark.select(_capture(vlans, nested, bytes(range(256)) * 5), "frame").frames == [1, 2, 3]


def _capture(*frames: bytes) -> bytes:
    lengths = (len(frame).to_bytes(4, "little") for frame in frames)
    return GLOBAL_HEADER + b"".join(
        bytes(8) + length + length + frame for length, frame in zip(lengths, frames, strict=True)
    )


@told([57], "two gradings at once", "no collision")
@pytest.mark.usefixtures("nothing_left")
def test_two_gradings_at_once_do_not_meet(tmp_path: Path) -> None:
    gradings = [_grading(tmp_path / f"{number}.json") for number in range(2)]
    for number, grading in enumerate(gradings):
        assert grading.wait(120) == 0
        clauses = json.loads((tmp_path / f"{number}.json").read_text("utf-8"))["exercises"][0]["clauses"]
        assert {clause["outcome"] for clause in clauses} == {"passed"}


def _grading(result: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "suites", "--netlab-exercise=0.1"]
    return subprocess.Popen([*command, f"--netlab-json={result}"], cwd=REPOSITORY, stdout=subprocess.DEVNULL)


@told([22], "the grader is killed in the middle of a run", "everything ends; no half-written result")
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("after_s", [0.3, 0.8, 1.3, 1.8, 2.3, 3.0])
def test_killing_the_grader_leaves_nothing(tmp_path: Path, after_s: float) -> None:
    assert kill_during_a_run(tmp_path, after_s) == Killed(processes=(), namespaces=(), files=(), half_written=False)


@told([20], "a signal as the end of the grader's own process", "exit status says so")
def test_an_interrupted_grading_is_no_success(tmp_path: Path) -> None:
    grading = _grading(tmp_path / "result.json")
    grading.send_signal(signal.SIGTERM)
    assert grading.wait(60) != 0
