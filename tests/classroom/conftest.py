"""A small class: a suite of one exercise that takes a moment, and submissions good, bad and worse."""

from __future__ import annotations

import csv
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab.processes import descendants_of_threads, still_there, watched

COMMAND = [sys.executable, "-m", "pytest_netlab", "grade"]
LIMIT_S = 150

SUITE = '''
"""Exercise 7.1. What a submission prints makes this suite, and so the grader, do what graders do on a bad day."""
import os
import threading
from pathlib import Path
from pytest_netlab import Evidence, Exercise, HarnessFault, Stage

exercise = Exercise("7.1", "One word to port 7001")
program = exercise.program("first", ground="sends")
TRIED = Path({tried!r})


@program.scenario
def one_run(stage: Stage) -> None:
    stage.start()
    stage.await_end(20)


@program.must("sends", reference="RFC 768", hint="sendto()", points=2)
def test_sends(one_run: Evidence) -> None:
    """The program sends a datagram to port 7001."""
    word = one_run.output.strip()
    if word == b"hang":
        threading.Event().wait()
    if word == b"crash":
        os.kill(os.getpid(), 9)
    if word == b"always broken":
        raise HarnessFault("a frame was lost")
    if word.startswith(b"once"):
        tried = TRIED / word.decode()
        if not tried.exists():
            tried.write_text(str(os.getppid()))
            raise HarnessFault("a frame was lost")
        assert tried.read_text() != str(os.getppid()), "tried again by the same worker"
    assert one_run.udp.to(7001).first


@program.must("word", reference="7.1", hint="b'word'")
def test_word(one_run: Evidence) -> None:
    """The datagram holds the word."""
    assert one_run.udp.to(7001).first.payload == b"word"


def test_says_that_it_was_graded(one_run: Evidence) -> None:
    """Any other test runs beside the clauses; this one leaves a line."""
    with (TRIED / "graded").open("a") as file:
        file.write(one_run.output.decode() or "quiet")
'''

PROGRAM = """
import socket
print({says!r})
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto({word!r}, ("127.0.0.1", 7001))
"""


class Class:
    """A directory of submissions, the suite, and calls of the command."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.submissions = path / "submissions"
        self.submissions.mkdir()
        self.tried = path / "tried"
        self.tried.mkdir()
        (path / "suite").mkdir()
        (path / "suite" / "test_first.py").write_text(SUITE.format(tried=str(self.tried)))
        self.environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")}

    def hand_in(self, name: str, *, word: bytes = b"word", says: str = "") -> Path:
        """A submission whose one program sends `word` and prints `says`."""
        directory = self.submissions / name
        directory.mkdir()
        (directory / "first.py").write_text(PROGRAM.format(word=word, says=says or name))
        return directory

    def hand_in_many(self, count: int) -> None:
        """Submissions of which every second sends the wrong word."""
        for number in range(count):
            self.hand_in(f"student-{number}", word=b"word" if number % 2 else b"sword")

    def command(self, *options: str, out: str = "out", source: str | None = None) -> list[str]:
        """The whole command line."""
        given = str(self.submissions) if source is None else source
        return [
            *COMMAND,
            *([given] if given else []),
            f"--out={self.path / out}",
            f"--suites={self.path / 'suite'}",
            *options,
        ]

    def grade(self, *options: str, out: str = "out", source: str | None = None) -> subprocess.CompletedProcess[str]:
        """Grade, and wait."""
        command = self.command(*options, out=out, source=source)
        return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, env=self.environment)

    def interrupt(self, after: int, *options: str, out: str = "out") -> tuple[int, str]:
        """Grade until `after` submissions are done, press Ctrl-C, and see all processes go; status and words."""
        command = self.command(*options, out=out)
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self.environment) as process:
            assert process.stderr is not None
            said = process.stderr.readline()
            while done_in(said) < after and (line := process.stderr.readline()):
                said += line
            with watched(descendants_of_threads(process.pid)) as held:
                process.send_signal(signal.SIGINT)
                said += process.stderr.read()
                process.wait(LIMIT_S)
                assert still_there(held) == []
        return process.returncode, said

    def rows(self, out: str = "out") -> dict[str, dict[str, str]]:
        """The gradebook, by name."""
        with (self.path / out / "gradebook.csv").open(newline="") as file:
            return {row["name"]: row for row in csv.DictReader(file)}

    def gradebook(self, out: str = "out") -> bytes:
        """The file as it is."""
        return (self.path / out / "gradebook.csv").read_bytes()


def done_in(said: str) -> int:
    """How many submissions the progress says are finished."""
    return max((int(number) for number in re.findall(r"^(\d+)/\d+ ", said, re.MULTILINE)), default=0)


def graded_now(said: str) -> int:
    """How many were graded, by the closing line."""
    (number,) = re.findall(r"graded now: (\d+)", said)
    return int(number)


@pytest.fixture
def school(tmp_path: Path) -> Class:
    return Class(tmp_path)
