"""Which captures are kept, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_netlab import dissect, read_capture
from tests.plugin.conftest import GOOD, Project

WRONG = "suites-test-first-py-test-word"
ALL = {f"suites-test-first-py-test-{name}" for name in ("sends", "word", "quiet")}


@pytest.fixture
def wrong(project: Project) -> Project:
    """A solution of which one MUST fails."""
    project.solution("wrong", first=GOOD.replace("word", "wood").format(port=7001))
    return project


def kept(directory: Path) -> set[str]:
    """Folders with a capture in them."""
    return {path.parent.name for path in directory.rglob("capture.pcapng")}


def test_by_default_what_failed_is_kept(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", f"--netlab-json={wrong.result_file}")
    assert kept(wrong.path / "captures" / "runs") == {WRONG}
    shown = {clause["id"]: clause["capture"] for clause in wrong.result()["exercises"][0]["clauses"]}
    assert shown == {
        "first-sends": None,
        "first-word": f"captures/runs/{WRONG}/capture.pcapng",
        "first-quiet": None,
    }
    first = next(iter(read_capture(wrong.path / shown["first-word"])))
    assert dissect(first).udp.payload == b"wood"


def test_of_a_good_solution_nothing_is_kept(project: Project) -> None:
    project.grade("good")
    assert kept(project.path) == set()


def test_flag_keeps_all(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture")
    assert kept(wrong.path / "captures" / "runs") == ALL


@pytest.mark.parametrize(("mode", "expected"), [("on", ALL), ("off", set()), ("retain-on-failure", {WRONG})])
def test_ini_option_decides(wrong: Project, mode: str, expected: set[str]) -> None:
    wrong.pytester.makeini(f"[pytest]\nnetlab_capture = {mode}\n")
    result = wrong.grade("wrong", "--netlab-exercise=7.1")
    assert kept(wrong.path) == expected
    result.stdout.fnmatch_lines([f"netlab: tier rootless (certified), captures {mode}, *"])


def test_flag_overrides_the_ini_option(wrong: Project) -> None:
    wrong.pytester.makeini("[pytest]\nnetlab_capture = off\n")
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture")
    assert kept(wrong.path) == ALL


def test_directory_can_be_chosen(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture-dir=elsewhere/deep")
    assert kept(wrong.path / "elsewhere" / "deep") == {WRONG}
    assert kept(wrong.path / "captures") == set()


def test_workers_keep_them_too(wrong: Project) -> None:
    wrong.grade("wrong", "--netlab-exercise=7.1", "--netlab-capture", "-n", "2")
    assert kept(wrong.path / "captures" / "runs") == ALL


AGAIN = '''
@program.scenario
def another_run(stage: Stage) -> None:
    stage.start("wood")
    stage.await_end(20)


@program.must("first-again", reference="7.1", hint="b'word'")
def test_again(one_run: Evidence, another_run: Evidence) -> None:
    """The word is the same in every run."""
    for run in (one_run, another_run):
        assert run.udp.to(7001).first.payload == b"word"
'''

FICKLE = """
import socket, sys
word = "".join(sys.argv[1:]) or "word"
print("said", word)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(word.encode(), ("127.0.0.1", 7001))
"""


def test_of_several_runs_the_one_at_fault_is_shown_and_kept_first(project: Project) -> None:
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text() + AGAIN)
    project.solution("fickle", first=FICKLE)
    result = project.grade("fickle", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    (again,) = (clause for clause in project.result()["exercises"][0]["clauses"] if clause["id"] == "first-again")
    capture = project.path / again["capture"]
    words = [
        dissect(next(iter(read_capture(file)))).udp.payload for file in (capture, *capture.parent.glob("*/*.pcapng"))
    ]
    assert words == [b"wood", b"word"]
    assert capture.parent.joinpath("one-run").is_dir()
    result.stdout.fnmatch_lines(['*UDP 4 bytes "wood"*', "*│ said wood"])


def test_failure_names_the_capture(wrong: Project) -> None:
    result = wrong.grade("wrong", "--netlab-exercise=7.1")
    result.stdout.fnmatch_lines(["*capture*captures/runs/*"])
