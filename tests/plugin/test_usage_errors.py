"""A call that its author can mend: exit status 4, one line that says what to mend, nothing of ours thrown at him."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.machines import on_a_machine
from tests.plugin.conftest import Project, usage_error

WITHOUT_NAMESPACES = "user/max_user_namespaces"


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_solutions_that_do_not_exist(project: Project, spread: tuple[str, ...]) -> None:
    said = usage_error(project.grade("nowhere", *spread))
    assert said == f"ERROR: {project.path / 'nowhere'}: not a readable directory (No such file or directory)"


def test_solutions_that_are_a_link(project: Project) -> None:
    (project.path / "link").symlink_to("good")
    assert "link: not a readable directory" in usage_error(project.grade("link"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[programs]\nfirst = 3\n", "line 2: programs.first: a command is a list of words"),
        ("[programs\n", "line 1: not TOML: "),
        ("[program]\n", "line 1: program: no such table"),
    ],
)
def test_malformed_configuration(project: Project, text: str, words: str) -> None:
    (project.path / "good" / "netlab.toml").write_text(text)
    said = usage_error(project.grade("good"))
    assert f"{project.path / 'good' / 'netlab.toml'}, {words}" in said


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_unknown_exercise(project: Project, spread: tuple[str, ...]) -> None:
    said = usage_error(project.grade("good", "--netlab-exercise=9.9", *spread))
    assert said == "ERROR: --netlab-exercise 9.9: no such exercise; there are 7.1, 7.2"


def test_unknown_mode_of_capture(project: Project) -> None:
    project.pytester.makeini("[pytest]\nnetlab_capture = sometimes\n")
    said = usage_error(project.grade("good"))
    assert "tox.ini: netlab_capture = 'sometimes': choose one of off, retain-on-failure, on" in said


def test_unknown_tier(project: Project) -> None:
    assert "argument --netlab-tier: invalid choice: 'best'" in usage_error(project.grade("good", "--netlab-tier=best"))


def test_tier_that_this_machine_lacks(project: Project) -> None:
    result = project.grade("good", "--netlab-tier=rootless", before=tuple(on_a_machine(WITHOUT_NAMESPACES)))
    said = usage_error(result)
    assert said.startswith("ERROR: --netlab-tier rootless: not available on this machine: ")
    assert said.endswith("; remedy: sysctl user.max_user_namespaces=10000")


def test_certified_evidence_that_this_machine_cannot_give(project: Project) -> None:
    result = project.grade("good", "--netlab-require-certified", before=tuple(on_a_machine(WITHOUT_NAMESPACES)))
    said = usage_error(result)
    assert said.startswith("ERROR: --netlab-require-certified: ")
    assert "`pytest-netlab doctor` says what is missing" in said


def test_certified_evidence_that_was_not_asked_for(project: Project) -> None:
    assert "offline tier" in usage_error(project.grade("good", "--netlab-require-certified", "--netlab-tier=offline"))


@pytest.mark.parametrize(
    ("name", "problem"), [("/proc/self/x/result.json", "No such file"), ("suites", "is a directory")]
)
def test_result_that_cannot_be_written_is_said_before_the_work(project: Project, name: str, problem: str) -> None:
    result = project.grade("good", f"--netlab-json={name}")
    said = usage_error(result)
    assert said.startswith(f"ERROR: --netlab-json {project.path / name}: cannot be written: {problem}")
    result.stdout.no_fnmatch_line("*collected*")


def test_result_that_can_no_longer_be_written_is_said_after_it(project: Project) -> None:
    """The disk may be full by then; here somebody has put a directory in its place."""
    Path(project.path / "conftest.py").write_text(
        f"import os\ndef pytest_collection_finish():\n    os.mkdir({str(project.result_file)!r})\n"
    )
    said = usage_error(project.grade("good", f"--netlab-json={project.result_file}"))
    assert said == f"ERROR: --netlab-json {project.result_file}: cannot be written: {os.strerror(21)}"
