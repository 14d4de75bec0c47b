"""pytest-netlab init: a starting point that is there at once, fails usefully, and never costs anybody their work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_netlab.cli import main
from pytest_netlab.grading.configuration import NAME
from pytest_netlab.grading.start import EXERCISES, README
from pytest_netlab.grading.submission import Submission

ROOT = Path(__file__).parent.parent.parent
SUITES = ROOT / "suites"


def test_everything_is_made_and_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "deep" / "homework"
    assert main(["init", str(home)]) == 0
    said = capsys.readouterr().out
    asked_for = {name for _, names in EXERCISES.values() for name in names}
    assert {file.name for file in home.iterdir()} == {*asked_for, NAME, README}
    assert all(f"made  {file}" in said for file in home.iterdir())
    assert f"--netlab-solutions {home}" in said
    assert f"--netlab-solutions {home}" in (home / README).read_text()
    Submission(home)  # the configuration is well formed


def test_exercises_are_those_of_the_suites() -> None:
    found = {}
    for suite in SUITES.glob("test_*.py"):
        text = suite.read_text()
        number, title = text.partition('exercise = Exercise("')[2].partition('")\n')[0].split('", "')
        found[number] = title
    assert {number: title for number, (title, _) in EXERCISES.items()} == found


def test_one_exercise(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path), "--exercise", "1.1", "--exercise", "2.1"]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {
        "udp_server.py",
        "udp_client.py",
        "scapy_ping.py",
        NAME,
        README,
    }


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "udp_client.py").write_text("print('mine')\n")
    (tmp_path / "scapy_ping.py").symlink_to("nowhere")
    assert main(["init", str(tmp_path)]) == 0
    assert "udp_client.py, which was there" in capsys.readouterr().out
    assert (tmp_path / "udp_client.py").read_text() == "print('mine')\n"
    assert not (tmp_path / "nowhere").exists()


def test_wrong_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "x"), "--exercise", "9.9"]) == 4
    assert "--exercise 9.9: no such exercise; there are 0.1, " in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    (tmp_path / "file").write_text("")
    assert main(["init", str(tmp_path / "file")]) == 4
    assert str(tmp_path / "file") in capsys.readouterr().err


ONLY_GROUNDS = """\
def pytest_collection_modifyitems(config, items):
    clauses = [(item, item.get_closest_marker("netlab_clause").args[0]) for item in items]
    named = {ground for _, clause in clauses for ground in clause.builds_on}
    items[:] = [item for item, clause in clauses if not clause.builds_on and clause.id in named]
"""


def test_every_stub_fails_on_its_ground_and_none_is_broken(tmp_path: Path) -> None:
    home = tmp_path / "homework"
    assert main(["init", str(home)]) == 0
    (tmp_path / "only_grounds.py").write_text(ONLY_GROUNDS)
    result = tmp_path / "result.json"
    command = [sys.executable, "-m", "pytest", "-p", "only_grounds", "-p", "no:cacheprovider", str(SUITES)]
    command += ["--netlab-solutions", str(home), "--netlab-json", str(result), "--netlab-capture-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, env=_path(tmp_path))
    assert done.returncode == 1, done.stdout + done.stderr
    exercises = {each["id"]: each["clauses"] for each in json.loads(result.read_text())["exercises"]}
    assert set(exercises) == set(EXERCISES)
    for number, clauses in exercises.items():
        outcomes = {clause["outcome"] for clause in clauses}
        assert "failed" in outcomes, (number, clauses)
        assert outcomes <= {"failed", "blocked"}, (number, clauses)
    assert done.stdout.count("is still to be written") >= 9
    assert "packet_observation.pcapng" in done.stdout


def _path(directory: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(directory)}
