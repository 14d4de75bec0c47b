"""docs/write-an-exercise.md is true: its blocks are files of docs/examples/beacon, its calls do what it says."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "write-an-exercise.md").read_text(encoding="utf-8")
BEACON = DOCS / "examples" / "beacon"
FILES = (
    "test_beacon.py",
    "solutions/beacon.py",
    "submissions/broken/beacon/no-line-end/expect.toml",
    "submissions/variants/beacon/perl/expect.toml",
)
BLOCKS = re.findall(r"```\w+\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one's own, far from this project: the exercise, and a class of two."""
    shutil.copytree(BEACON, tmp_path / "beacon")
    shutil.copytree(BEACON / "solutions", tmp_path / "class" / "pat")
    shutil.copytree(BEACON / "submissions/broken/beacon/no-line-end", tmp_path / "class" / "quinn")
    return tmp_path


def run(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTEST_ADDOPTS": "-p no:hypothesispytest"}  # half of what a short pytest takes
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False, env=environment)


@pytest.mark.parametrize(
    ("block", "file"),
    list(zip(BLOCKS, FILES, strict=True)),
)
def test_a_block_is_a_file(block: str, file: str) -> None:
    assert block == (BEACON / file).read_text(encoding="utf-8")


def test_the_suite_has_fifty_lines() -> None:
    assert len((BEACON / "test_beacon.py").read_text(encoding="utf-8").splitlines()) <= 50


def test_the_reference_passes(course: Path) -> None:
    done = run(course / "beacon", "pytest", "test_beacon.py", "--netlab-solutions", "solutions")
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout


def test_check_suite_prints_what_the_page_says(course: Path) -> None:
    done = run(course / "beacon", "pytest_netlab", "check-suite", "test_beacon.py")
    shown = PAGE.split("check-suite test_beacon.py\n")[1].split("\n\n")[0]
    assert sorted(done.stdout.splitlines()) == sorted(line.strip() for line in shown.splitlines()), done.stderr


def test_a_class_is_graded(course: Path) -> None:
    done = run(course, "pytest_netlab", "grade", "class", "--suites", "beacon", "--out", "graded", "-j", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    with open(course / "graded" / "gradebook.csv", encoding="utf-8", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    assert {name: row["total"] for name, row in rows.items()} == {"pat": "3", "quinn": "1"}
    assert (course / "graded" / "submissions" / "quinn" / "report.html").is_file()


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", PAGE))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (DOCS / link).exists()
