"""Artefacts: files that are read instead of run, in every tier, and again from what was saved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.observations.record import SOLUTIONS
from tests.plugin.conftest import Project

needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

REPOSITORY = Path(__file__).parents[2]
FILES = ("packet_observation.pcapng", "packet_observation.toml")


@pytest.fixture
def observed(project: Project) -> Project:
    """Exercise 1.3 beside exercises with programs, and a solution of them all."""
    shutil.copy(REPOSITORY / "suites" / "test_1_3_observation.py", project.path / "suites")
    for name in FILES:
        shutil.copy(SOLUTIONS / name, project.path / "good")
    return project


@needs_tshark
def test_offline_tier_reads(observed: Project) -> None:
    options = ("--netlab-tier=offline", f"--netlab-json={observed.result_file}")
    assert observed.grade("good", "--netlab-exercise=1.3", *options).ret == pytest.ExitCode.OK
    assert set(observed.outcomes().values()) == {"passed"}
    observed.grade("good", *options)
    assert observed.outcomes()["observation-tcp-close"] == "passed"
    assert observed.outcomes()["first-sends"] == "unsupported"


def test_without_tshark_filters_are_not_decided(observed: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(observed.path))
    result = observed.grade("good", "--netlab-exercise=1.3", f"--netlab-json={observed.result_file}")
    undecided = {name: outcome for name, outcome in observed.outcomes().items() if outcome != "passed"}
    assert undecided == {"observation-udp-filter": "unsupported", "observation-tcp-filter": "unsupported"}
    result.stdout.fnmatch_lines(["unsupported observation-udp-filter: *tshark is not installed here"])


def test_missing_files_are_one_fault(observed: Project) -> None:
    observed.solution("nothing")
    result = observed.grade("nothing", "--netlab-exercise=1.3", f"--netlab-json={observed.result_file}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = observed.outcomes()
    assert outcomes.pop("observation-capture") == "failed"
    assert set(outcomes.values()) == {"blocked"}
    text = " ".join(result.stdout.str().split())
    assert "looked for packet_observation.pcapng, packet_observation.pcap" in text
    assert "the program" not in text


@needs_tshark
def test_readings_are_saved_and_judged_again(observed: Project) -> None:
    kept = observed.path / "kept"
    options = ("--netlab-exercise=1.3", f"--netlab-json={observed.result_file}")
    first = observed.grade("good", *options, "--netlab-capture", f"--netlab-capture-dir={kept}")
    assert first.ret == pytest.ExitCode.OK
    outcomes = observed.outcomes()
    again = observed.grade("good", *options, f"--netlab-replay={kept}")
    assert again.ret == pytest.ExitCode.OK
    assert observed.outcomes() == outcomes


def test_malformed_notes_leave_the_capture_its_verdicts(observed: Project) -> None:
    (observed.path / "good" / FILES[1]).write_bytes(b"\xff = [")
    result = observed.grade("good", "--netlab-exercise=1.3", f"--netlab-json={observed.result_file}", "-n2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes = observed.outcomes()
    assert outcomes["observation-notes"] == "failed"
    assert outcomes["observation-tcp-close"] == "passed"
    assert outcomes["observation-teardown-frames"] == "blocked"
