"""What is graded settles nothing: no root directory, no ini file, no cache in a submission."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.conftest import Project, usage_error


def files(directory: Path) -> list[Path]:
    return sorted(directory.rglob("*"))


def grade(project: Project, *options: str) -> pytest.RunResult:
    """In an empty directory, with suites that are a package: pytest finds no settings of the grader's."""
    desk = project.path / "desk"
    desk.mkdir(exist_ok=True)
    project.pytester.makeconftest("")
    (project.path / "suites" / "__init__.py").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(desk)
        patch.setenv("PYTHONPATH", str(project.path))
        arguments = ("--pyargs", "suites.test_first", *options)
        return project.pytester.run(*project.pytester._getpytestargs(), *arguments, timeout=120)


@pytest.mark.parametrize("spread", [(), ("-n", "1")], ids=["one process", "xdist"])
def test_a_submission_is_not_the_root_directory(project: Project, spread: tuple[str, ...]) -> None:
    (project.path / "good" / "setup.py").touch()  # without settings, pytest takes the directory that has one
    before = files(project.path / "good")
    result = grade(project, "--netlab-solutions", str(project.path / "good"), "--netlab-capture", *spread)
    assert result.ret == 0, result.stdout.str() + result.stderr.str()
    result.stdout.fnmatch_lines([f"rootdir: {project.path / 'desk'}"])
    assert files(project.path / "good") == before
    assert list((project.path / "desk" / "captures" / "runs").rglob("capture.pcapng"))


def test_settings_of_a_submission_are_refused(project: Project) -> None:
    (project.path / "good" / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    said = usage_error(grade(project, "--netlab-solutions", str(project.path / "good")))
    assert f"{project.path / 'good' / 'pytest.ini'} would be pytest's settings" in said
    assert said.endswith(f"write --netlab-solutions={project.path / 'good'}, with the sign =")


def test_the_remedy_is_one(project: Project) -> None:
    (project.path / "good" / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    result = grade(project, f"--netlab-solutions={project.path / 'good'}")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["total 3 of 3 points *"])


def test_settings_that_were_chosen_are_kept(project: Project) -> None:
    (project.path / "good" / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    options = ("--netlab-solutions", str(project.path / "good"), "-c", str(project.path / "good" / "pytest.ini"))
    assert grade(project, *options).ret == 0
