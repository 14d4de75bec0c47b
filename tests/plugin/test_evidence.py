"""Kept captures explain themselves to the real tools, are judged again without a program, and are never mixed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_netlab.grading import archive
from tests.plugin.conftest import GOOD, Project

WORD = "suites-test-first-py-test-word"
NASTY = "wood\\x1b[31m\\nFAKE"
FLAKY = '''
tries = []


@program.must("first-flaky", reference="7.1", hint="again")
def test_flaky(one_run: Evidence) -> None:
    """The second look passes."""
    tries.append(1)
    assert len(tries) > 1


@program.must("first-broken", reference="7.1", hint="again")
def test_broken(one_run: Evidence) -> None:
    """The test itself is broken the first time."""
    tries.append(1)
    if len(tries) == 3:
        raise RuntimeError("ours")
'''
TEARDOWN = '''
import pytest


@pytest.fixture
def untidy():
    yield
    raise RuntimeError("cannot clean up")


@program.must("first-untidy", reference="7.1", hint="tidy up")
def test_untidy(one_run: Evidence, untidy: None) -> None:
    """The clause holds."""
'''
TWO_RUNS = '''
@program.scenario
def another_run(stage: Stage) -> None:
    stage.start()
    stage.await_end(20)


@program.must("first-twice", reference="7.1", hint="the same twice")
def test_twice(one_run: Evidence, another_run: Evidence) -> None:
    """Both runs send the same, and then something else."""
    assert [each.payload for each in one_run.udp] + [b"more"] == [each.payload for each in another_run.udp]
'''


@pytest.fixture
def wrong(project: Project) -> Project:
    """A solution of which one MUST fails; what it sends is unfit for a terminal."""
    project.solution("wrong", first=GOOD.replace("word", NASTY).format(port=7001))
    return project


def extend(project: Project, text: str) -> None:
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text() + text)


def runs(project: Project) -> set[str]:
    """Folders with evidence, as the project sees them."""
    top = project.path / "captures" / "runs"
    return {str(path.parent.relative_to(top)) for path in top.rglob("evidence.json")}


def run(tool: str, *arguments: str | Path) -> str:
    found = shutil.which(tool)
    if not found:
        pytest.skip(f"{tool} is not installed")
    environment = os.environ | {"WIRESHARK_CONFIG_DIR": "/nonexistent"}
    done = subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_capture_explains_itself_to_the_real_tools(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1")
    capture = wrong.path / "captures" / "runs" / WORD / "capture.pcapng"

    told = run("capinfos", capture)
    for line in (
        "exercise 7.1, program first, run one_run",
        "recorded in the rootless tier",
        "the program ended by itself, exit status 0",
        "failed first-word: expected ",
        "passed 2: first-sends, first-quiet",
        "Name = lo@student",
        "Name = eth0@internet",
        "Time precision = nanoseconds (9)",
        "Number of stat entries = 1",
        "Capture length = 262144",
        f"Operating system = {os.uname().sysname} {os.uname().release}",
    ):
        assert line in told, told
    assert "\x1b" not in told

    fields = ("frame.number", "frame.interface_name", "frame.packet_flags_direction", "ip.src_host", "frame.comment")
    columns = [part for name in fields for part in ("-e", name)]
    [line] = run("tshark", "-r", capture, "-c", "1", "-N", "n", "-T", "fields", *columns).splitlines()
    number, interface, direction, _, comment = line.split("\t", 4)
    assert (number, interface, direction) == ("1", "lo@student", "0x00000001")
    assert comment.startswith("failed first-word: expected ")
    assert "\\x1b[31m" in comment

    assert run("tcpdump", "-nn", "-r", capture).count("> 127.0.0.1.7001: ") == 1
    script = "import sys; from scapy.utils import rdpcap; p, _ = rdpcap(sys.argv[1]); print(bytes(p)[-4:], p.comments)"
    assert run(sys.executable, "-c", script, capture).startswith("b'FAKE' [b'failed first-word: ")


def test_changed_rubric_regrades_without_a_program(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture", f"--netlab-json={wrong.result_file}")
    assert wrong.result()["score"] == 2
    shutil.rmtree(wrong.path / "wrong")
    before = {path: path.read_bytes() for path in (wrong.path / "captures").rglob("*") if path.is_file()}
    suite = wrong.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text().replace("points=2", "points=5").replace('b"word"', 'b"wood\\x1b[31m\\nFAKE"'))
    replay = ["--netlab-exercise=7.1", "--netlab-replay=captures/runs", f"--netlab-json={wrong.result_file}"]
    result = wrong.grade("", *replay)
    assert result.ret == pytest.ExitCode.OK, result.stdout.str()
    assert wrong.result()["score"] == 6
    assert set(wrong.outcomes().values()) == {"passed"}
    after = {path: path.read_bytes() for path in (wrong.path / "captures").rglob("*") if path.is_file()}
    assert after == before, "evidence that is judged again is never written over"


def test_tampered_evidence_is_broken_and_says_what_to_do(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture-dir=kept")
    capture = wrong.path / "kept" / WORD / "capture.pcapng"
    capture.write_bytes(capture.read_bytes().replace(b"wood", b"word"))
    replay = ["--netlab-exercise=7.1", "--netlab-replay=kept", f"--netlab-json={wrong.result_file}"]
    result = wrong.grade("", *replay)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(wrong.outcomes().values()) == {"broken"}
    words = " ".join(result.stdout.str().split())
    assert f"saved evidence is damaged: {capture} was changed since it was written" in words
    assert "restore both files from where they were first kept, or run the program again" in words


def test_every_run_that_a_clause_compares_is_kept(wrong: Project) -> None:
    extend(wrong, TWO_RUNS)
    wrong.grade("wrong", "--netlab-exercise=7.1", "-k", "twice", f"--netlab-json={wrong.result_file}")
    live = wrong.result()
    folder = "suites-test-first-py-test-twice"
    assert runs(wrong) == {folder, f"{folder}/another-run"}
    replay = ["--netlab-exercise=7.1", "--netlab-replay=captures/runs", f"--netlab-json={wrong.result_file}"]
    wrong.grade("", *replay, "-k", "twice")
    again = wrong.result()
    assert wrong.outcomes() == {"first-twice": "failed"}
    assert again["exercises"] == live["exercises"]


@pytest.mark.parametrize("workers", ["0", "2"])
def test_reruns_never_mix(wrong: Project, workers: str) -> None:
    """The real pytest-rerunfailures: what passes in the end is not kept, what fails is kept once."""
    extend(wrong, FLAKY)
    options = ["--netlab-exercise=7.1", "--reruns=2", "-n", workers, f"--netlab-json={wrong.result_file}"]
    result = wrong.grade("wrong", *options)
    assert wrong.outcomes() == {
        "first-sends": "passed", "first-word": "failed", "first-quiet": "passed",
        "first-flaky": "passed", "first-broken": "passed",
    }  # fmt: skip
    assert runs(wrong) == {WORD}
    assert archive.load(wrong.path / "captures" / "runs" / WORD).fault == ""
    result.assert_outcomes(passed=6, failed=1, errors=0)
    result.stdout.fnmatch_lines(["*1 failed, 6 passed, *rerun in *"])


def test_a_session_leaves_nothing_of_the_one_before(wrong: Project) -> None:
    folder = wrong.path / "captures" / "runs" / WORD
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture")
    assert len(runs(wrong)) == 3
    (folder / "notes.txt").write_text("a teacher's own")
    wrong.grade("good", "--netlab-exercise=7.1")
    assert runs(wrong) == set()
    assert [path.name for path in folder.parent.rglob("*")] == [WORD, "notes.txt"]


def test_kept_after_a_teardown_that_failed(project: Project) -> None:
    extend(project, TEARDOWN)
    result = project.grade("good", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert project.outcomes()["first-untidy"] == "passed"
    assert runs(project) == {"suites-test-first-py-test-untidy"}
    result.stdout.fnmatch_lines(["*capture captures/runs/suites-test-first-py-test-untidy/capture.pcapng"])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_directory_that_cannot_be_written(wrong: Project, workers: str) -> None:
    options = ["--netlab-exercise=7.1", "--netlab-capture-dir=/proc/nowhere", "-n", workers]
    result = wrong.grade("wrong", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(
        ["ERROR: captures cannot be kept in /proc/nowhere: *; name another directory with --netlab-capture-dir, or *"]
    )
    result.stdout.no_fnmatch_line("*INTERNALERROR*")
