"""Wireshark's reading as a user meets it: header, broken clauses, the result file, and a run where it cannot be had."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_netlab.grading.isolation import tshark, tshark_version
from tests.plugin.conftest import GOOD, Project

needs_tshark = pytest.mark.skipif(tshark() is None, reason="tshark is not installed")

MISREADING = """
from pytest_netlab.wire import Ipv4
Ipv4.ttl = property(lambda ip: 77)
"""
"""A fault of ours, planted into a project's conftest.py: every time to live is read wrongly."""

READINGS = "frame 1, ip.ttl: we read 77 (0x4d), Wireshark reads 64 (0x40)"


def opinions(project: Project) -> set[str | None]:
    return {clause["second_opinion"] for each in project.result()["exercises"] for clause in each["clauses"]}


def broken_words(project: Project) -> set[str]:
    """What is said of the broken clauses, from the result file."""
    clauses = [clause for each in project.result()["exercises"] for clause in each["clauses"]]
    return {clause["actual"] for clause in clauses if clause["outcome"] == "broken"}


@needs_tshark
def test_agreement_is_said_once_and_kept(project: Project) -> None:
    result = project.grade("good", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines([f"netlab: second opinion: tshark {tshark_version()}"])
    assert str(result.stdout).count("second opinion") == 1
    assert opinions(project) == {"agrees"}


@needs_tshark
@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_disagreement_is_no_verdict(project: Project, spread: tuple[str, ...]) -> None:
    project.pytester.makeconftest(MISREADING)
    result = project.grade("good", f"--netlab-json={project.result_file}", *spread)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(project.outcomes().values()) == {"broken"}
    said = f"Wireshark reads this recording differently: {READINGS}; "
    assert {words[: len(said)] for words in broken_words(project)} == {said}
    assert all(words.endswith(f" (tshark {tshark_version()})") for words in broken_words(project))
    result.stdout.fnmatch_lines([f"broken first-word: no verdict, the grader is at fault: {said}*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert len(list(project.path.rglob("capture.pcapng"))) == 6


@needs_tshark
def test_saved_recordings_are_read_too(project: Project) -> None:
    """What was graded without anybody's opinion is looked at again when it is replayed, and only then."""
    project.grade("good", "--netlab-capture", "--netlab-second-opinion=off", f"--netlab-json={project.result_file}")
    assert opinions(project) == {None}
    conftest = project.pytester.makeconftest(MISREADING)
    replay = (
        "-p",
        "no:cacheprovider",
        "suites",
        "--netlab-replay=captures/runs",
        f"--netlab-json={project.result_file}",
    )
    assert project.pytester.runpytest_subprocess(*replay).ret == pytest.ExitCode.TESTS_FAILED
    assert set(project.outcomes().values()) == {"broken"}
    conftest.unlink()
    assert project.pytester.runpytest_subprocess(*replay).ret == pytest.ExitCode.OK
    assert opinions(project) == {"agrees"}


@needs_tshark
def test_option_and_ini_option_turn_it_off(project: Project) -> None:
    project.pytester.makeconftest(MISREADING)
    project.pytester.makeini("[pytest]\nnetlab_second_opinion = off\n")
    result = project.grade("good")
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["netlab: second opinion: off"])
    result = project.grade("good", "--netlab-second-opinion=auto", "--netlab-exercise=7.1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_without_tshark_grading_goes_on(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = project.grade("good", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["netlab: second opinion: none, because tshark is not installed"])
    assert opinions(project) == {None}


@pytest.fixture
def failing_tshark(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A tshark that tells its version and nothing else, where also other accounts can reach it."""
    with tempfile.TemporaryDirectory() as directory:
        stand_in = Path(directory, "tshark")
        stand_in.write_text('#!/bin/sh\n[ "$1" = -v ] && echo "TShark (Wireshark) 9.9.9" && exit\nexit 3\n')
        stand_in.chmod(0o755)
        stand_in.parent.chmod(0o755)
        monkeypatch.setenv("PATH", f"{directory}:{os.environ['PATH']}")
        yield


@pytest.mark.usefixtures("failing_tshark")
def test_tshark_that_fails_takes_no_verdict_away(project: Project) -> None:
    project.solution("wrong", first=GOOD.replace("word", "wood").format(port=7001), second=GOOD.format(port=7002))
    result = project.grade("wrong", f"--netlab-json={project.result_file}")
    outcomes = project.outcomes()
    assert (outcomes.pop("first-word"), set(outcomes.values())) == ("failed", {"passed"})
    result.stdout.fnmatch_lines(
        ["netlab: second opinion: tshark 9.9.9", "second opinion not had: * at frame 1 of * clauses; their verdicts*"]
    )


def test_unknown_mode(project: Project) -> None:
    project.pytester.makeini("[pytest]\nnetlab_second_opinion = maybe\n")
    result = project.grade("good")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *tox.ini: netlab_second_opinion = 'maybe': choose one of auto, off"])
