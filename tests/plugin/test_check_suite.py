"""`pytest-netlab check-suite` over a suite of one exercise that a teacher might write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SUITE = '''
from pytest_netlab import Evidence, Exercise, Stage

exercise = Exercise("E", "A beacon")
beacon = exercise.program("beacon", ground="beacon-sends")

@beacon.scenario
def one_run(stage: Stage) -> None:
    """It runs once, and the grader listens at port 9000."""
    receiver = stage.udp_socket(port=9000)
    stage.start()
    stage.await_datagram(receiver)

@beacon.must("beacon-sends", reference="RFC 768", hint="sendto() takes bytes and an address.")
def test_sends(one_run: Evidence) -> None:
    """It sends a datagram to port 9000."""
    assert one_run.udp.to(9000)

@beacon.must("beacon-says", builds_on="beacon-sends", reference="RFC 768", hint="Which bytes?")
def test_says(one_run: Evidence) -> None:
    """The datagram says here."""
    assert one_run.udp.to(9000).first.payload == b"here"
'''
SENDS = "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto({!r}, ('127.0.0.1', {}))\n"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose suite keeps its promises."""
    write(tmp_path / "pytest.ini", "[pytest]\n")
    write(tmp_path / "test_beacon.py", SUITE)
    write(tmp_path / "solutions/beacon.py", SENDS.format(b"here", 9000))
    variant = tmp_path / "submissions/variants/E/shell"
    write(variant / "beacon.py", "import os\n" + SENDS.format(b"here", 9000))
    write(variant / "expect.toml", 'title = "imports more"\nprograms = ["beacon"]\n')
    for name, data, port, fails in (("silent", b"here", 9001, "beacon-sends"), ("loud", b"HERE", 9000, "beacon-says")):
        broken = tmp_path / "submissions/broken/E" / name
        write(broken / "beacon.py", SENDS.format(data, port))
        write(
            broken / "expect.toml", f'title = "{name}"\nprograms = ["beacon"]\nfails = ["{fails}"]\nwords = ["900"]\n'
        )
    return tmp_path


def check(course: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest_netlab", "check-suite", str(course / "test_beacon.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=course)


def test_a_suite_that_holds(course: Path) -> None:
    done = check(course)
    assert done.stdout.splitlines()[-1] == (
        "2 clauses, 4 submissions graded, 0 not as promised, 0 clauses untried, 0 submissions left out"
    ), done.stdout + done.stderr
    assert done.returncode == 0


def test_everything_that_can_be_wrong(course: Path) -> None:
    write(course / "submissions/variants/E/shell/beacon.py", SENDS.format(b"there", 9000))
    write(course / "submissions/broken/E/loud/beacon.py", SENDS.format(b"here", 9000))
    silent = course / "submissions/broken/E/silent/expect.toml"
    write(silent, 'programs = ["beacon"]\nfails = ["beacon-sends"]\nwords = ["no such word"]\n')
    write(
        course / "submissions/variants/E/rust/expect.toml", 'programs = ["beacon"]\nneeds = ["no-such-command-here"]\n'
    )
    done = check(course)
    assert done.returncode == 1, done.stderr
    for line in (
        "WRONG     variants/E/shell",
        "WRONG     broken/E/loud",
        "          beacon-says should fail, and is passed",
        "          the message does not say 'no such word'",
        "left out  variants/E/rust: needs no-such-command-here",
    ):
        assert line in done.stdout


def test_a_clause_that_nothing_fails(course: Path) -> None:
    (course / "submissions/broken/E/loud/expect.toml").unlink()
    done = check(course)
    assert done.returncode == 1
    assert "untried   beacon-says: no broken solution fails this clause" in done.stdout


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("programs = [", "expect.toml: "),
        ('fails = ["beacon-says"]', "programs is missing"),
        ('programs = ["beacon"]', "fails is missing"),
        ('programs = ["beacon"]\nfails = "beacon-says"', "fails is a list of strings"),
        ('programs = ["beacon"]\nfail = []', "no key 'fail'"),
    ],
)
def test_an_expectation_that_cannot_be_read(course: Path, text: str, says: str) -> None:
    write(course / "submissions/broken/E/loud/expect.toml", text)
    done = check(course)
    assert done.returncode == 4
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_suite_that_is_none(course: Path) -> None:
    write(course / "test_beacon.py", "def test_nothing():\n    pass\n")
    done = check(course)
    assert done.returncode == 4
    assert "holds no clause" in done.stderr
