"""The tutorials, followed literally: their files written, their commands run, with nothing but the wheel installed."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.release.conftest import REPOSITORY, CleanEnvironment

pytestmark = pytest.mark.xdist_group("release")

BLOCK: Final = re.compile(r"^```(?P<kind>python|console)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
INSTALLED: Final = ("python3 -m venv .venv", ".venv/bin/pip install pytest-netlab")
"""What has been done already: the wheel is installed as the page says, from a file instead of the index."""


def follow(page: str, clean: CleanEnvironment, directory: Path) -> Iterator[subprocess.CompletedProcess[str]]:
    """Do what a page says, from top to bottom; the commands that were run."""
    text = (REPOSITORY / "docs" / page).read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        if block["kind"] == "python":
            name, _, code = block["text"].partition("\n")
            path = directory / name.removeprefix("# ")
            assert path.suffix == ".py", f"{page}: a block of Python says in its first line which file it is"
            path.parent.mkdir(exist_ok=True)
            path.write_text(code, encoding="utf-8")
            continue
        for line in block["text"].splitlines():
            command = line.removeprefix("$ ")
            if command not in INSTALLED:
                yield run(command, clean, directory)


def run(command: str, clean: CleanEnvironment, directory: Path) -> subprocess.CompletedProcess[str]:
    program, *arguments = shlex.split(command)
    assert program.startswith(".venv/bin/"), command
    line = [str(clean.bin / program.removeprefix(".venv/bin/")), *arguments]
    environment = {"PATH": f"{clean.bin}:/usr/bin:/bin", "HOME": str(directory), "LANG": "C.UTF-8"}
    return subprocess.run(line, cwd=directory, env=environment, capture_output=True, text=True, timeout=240)


def test_the_tutorial_catches_its_bug(clean: CleanEnvironment, tmp_path: Path) -> None:
    caught, mended = follow("tutorial.md", clean, tmp_path)
    assert caught.returncode == 1, caught.stdout
    assert "1 failed, 1 passed" in caught.stdout
    assert 'udp.payload: 05 00 00 "\\x05\\x00\\x00"' in caught.stdout
    assert list(tmp_path.rglob("capture.pcapng"))
    assert mended.returncode == 0, mended.stdout
    assert "2 passed" in mended.stdout


def test_the_first_green_clause(clean: CleanEnvironment, tmp_path: Path) -> None:
    made, graded = follow("students.md", clean, tmp_path)
    assert made.returncode == 0, made.stderr
    assert graded.returncode == 0, graded.stdout
    assert "1.1   UDP server and client" in graded.stdout
    client = tmp_path / "homework" / "udp_client.py"
    client.write_text(client.read_text(encoding="utf-8").replace("Hello, World!", "Hello World!"), encoding="utf-8")
    grade = "--pyargs pytest_netlab.suites --netlab-solutions homework --netlab-exercise 1.1 -k client"
    failed = run(f".venv/bin/pytest {grade}", clean, tmp_path)
    assert failed.returncode == 1
    text = (REPOSITORY / "docs" / "students.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(✗ .*?)^```$", text, re.MULTILINE | re.DOTALL)
    printed = set(failed.stdout.splitlines())
    told = [line for line in shown.splitlines() if line.strip() != "…" and not line.startswith("  capture ")]
    assert [line for line in told if line not in printed] == []
