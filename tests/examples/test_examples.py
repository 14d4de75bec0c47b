"""The four exercises of docs/examples keep their promises: `pytest-netlab check-suite` says so of each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_netlab.trial.cases import read_cases

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
COMPLETE = ("arp", "dns", "scan", "traceroute")
SUM = re.compile(r"(\d+) clauses, (\d+) submissions graded, 0 not as promised, 0 clauses untried, (\d+) submissions")


@pytest.mark.parametrize("name", COMPLETE)
def test_an_example_holds(name: str) -> None:
    suite = EXAMPLES / name / f"test_{name}.py"
    command = [sys.executable, "-m", "pytest_netlab", "check-suite", str(suite), "--jobs", "2"]
    # Wireshark and hypothesis start anew for each submission; that would double what it takes.
    environment = {**os.environ, "PYTEST_ADDOPTS": "--netlab-second-opinion=off -p no:hypothesispytest"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=EXAMPLES)
    assert done.returncode == 0, done.stdout + done.stderr
    summary = SUM.match(done.stdout.splitlines()[-1])
    assert summary, done.stdout
    if "CI" in os.environ:
        assert summary[3] == "0", done.stdout


@pytest.mark.parametrize("name", COMPLETE)
def test_an_example_is_complete(name: str) -> None:
    """Six broken solutions, each with one mistake, and three variants."""
    submissions = EXAMPLES / name / "submissions"
    broken, variants = read_cases(submissions, "broken"), read_cases(submissions, "variants")
    assert len(broken) >= 6
    assert len(variants) >= 3
    assert [case.id for case in broken if len(case.fails) != 1] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/test_*.py")), ids=lambda path: path.stem)
def test_an_example_uses_only_the_public_interface(path: Path) -> None:
    taken = re.findall(r"^\s*(?:from|import) (pytest_netlab[\w.]*)", path.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(taken) == {"pytest_netlab"}
