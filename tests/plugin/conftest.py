"""A small project of its own: two exercises, and solutions good and bad, graded by pytest in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

SUITE = '''
"""Exercise {exercise}."""
from pytest_netlab import Evidence, Exercise, Stage

exercise = Exercise("{exercise}", "One word to port {port}")
program = exercise.program("{program}", ground="{program}-sends")


@program.scenario
def one_run(stage: Stage) -> None:
    stage.start()
    stage.await_end(20)


@program.must("{program}-sends", reference="RFC 768", hint="sendto()", points=2)
def test_sends(one_run: Evidence) -> None:
    """The program sends a datagram to port {port}."""
    assert one_run.udp.to({port}).first


@program.must("{program}-word", reference="7.1", hint="b'word'")
def test_word(one_run: Evidence) -> None:
    """The datagram holds the word."""
    assert one_run.udp.to({port}).first.payload == b"word"


@program.should("{program}-quiet", reference="7.1", hint="print() less")
def test_quiet(one_run: Evidence) -> None:
    """The program prints nothing."""
    assert one_run.output == b""


def test_no_clause() -> None:
    """Any other test runs beside the clauses."""
'''

GOOD = """
import socket
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"word", ("127.0.0.1", {port}))
"""


WITHOUT = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Plugins that a run does without: the second takes as long to import as all the rest."""


class Project:
    """A directory with suites and solutions, and runs of pytest in it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester
        self.path: Path = pytester.path
        self.result_file = self.path / "result.json"
        for exercise, program, port in (("7.1", "first", 7001), ("7.2", "second", 7002)):
            name = self.path / "suites" / f"test_{program}.py"
            name.parent.mkdir(exist_ok=True)
            name.write_text(SUITE.format(exercise=exercise, program=program, port=port))
        self.solution("good", first=GOOD.format(port=7001), second=GOOD.format(port=7002))

    def solution(self, name: str, **programs: str) -> Path:
        """A solution of Python programs by their names."""
        directory = self.path / name
        directory.mkdir(parents=True, exist_ok=True)
        for program, text in programs.items():
            (directory / f"{program}.py").write_text(text)
        return directory

    def grade(self, solution: str, *options: str, before: tuple[str, ...] = ()) -> pytest.RunResult:
        """Grade as a user does. `before` stands before the whole command."""
        arguments = [*WITHOUT, "suites", f"--netlab-solutions={solution}", *options]
        return self.pytester.run(*before, *self.pytester._getpytestargs(), *arguments, timeout=120)

    def result(self) -> dict[str, Any]:
        """The result file."""
        content: dict[str, Any] = json.loads(self.result_file.read_text(encoding="utf-8"))
        return content

    def outcomes(self) -> dict[str, str]:
        """Outcomes by clause, from the result file."""
        return {clause["id"]: clause["outcome"] for each in self.result()["exercises"] for clause in each["clauses"]}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    for name in ("PYTEST_ADDOPTS", "CI", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return Project(pytester)


def usage_error(result: pytest.RunResult) -> str:
    """The one line that says what is wrong with the call: exit status 4, and no traceback of ours."""
    printed = "\n".join([*result.outlines, *result.errlines])
    assert result.ret == pytest.ExitCode.USAGE_ERROR, printed
    assert "Traceback" not in printed
    assert "INTERNALERROR" not in printed
    (line,) = {
        line for line in printed.splitlines() if line.startswith(("ERROR: -", "ERROR: /")) or ": error: " in line
    }
    return line
