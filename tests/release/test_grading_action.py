"""The grading action, run as a runner runs it: its own shell, a workspace, and the files that a runner gives."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.release.conftest import ACTION, REPOSITORY, CleanEnvironment

pytestmark = pytest.mark.xdist_group("release")

TRAP = """
import pathlib
pathlib.Path({trap!r}).write_text("the submission's settings were read")
"""


@dataclass
class Runner:
    """A workspace with a submission in it.

    Attributes:
        workspace: the checkout.
        temp: where the environment is, and where reports go.
    """

    workspace: Path
    temp: Path

    def grade(self, **inputs: str) -> tuple[int, str, dict[str, str], str]:
        """Run the step; returns its status, log, outputs and summary."""
        files = {name: self.workspace.parent / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        shutil.rmtree(self.temp / "netlab" / "out", ignore_errors=True)
        given = {"solutions": ".", "exercise": "", "suite": "pytest_netlab.suites", "reports": "", "strict": "false"}
        variables = {f"NETLAB_{name.upper()}": value for name, value in {**given, "workers": "0", **inputs}.items()}
        runner = {"GITHUB_WORKSPACE": self.workspace, "RUNNER_TEMP": self.temp, **files}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.workspace.parent), "LANG": "C.UTF-8", **variables}
        environment |= {name: str(path) for name, path in runner.items()}
        done = subprocess.run(
            ["bash", ACTION / "grade.sh"], cwd=self.workspace, env=environment, capture_output=True, text=True
        )
        outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        return done.returncode, done.stdout + done.stderr, outputs, files["GITHUB_STEP_SUMMARY"].read_text()


@pytest.fixture
def runner(clean: CleanEnvironment, tmp_path: Path) -> Runner:
    workspace = tmp_path / "workspace"
    shutil.copytree(
        REPOSITORY / "suites" / "solutions", workspace / "work", ignore=shutil.ignore_patterns("__pycache__")
    )
    return Runner(workspace, clean.runner_temp)


def test_a_good_submission(runner: Runner) -> None:
    status, log, outputs, summary = runner.grade(
        solutions="work", exercise="1.3\n0.1", reports="ctrf=out/ctrf.json", strict="true"
    )
    assert status == 0, log
    result = runner.temp / "netlab" / "out" / "result.json"
    assert outputs["score"] == outputs["max-score"] != "0"
    assert outputs["result"] == str(result)
    assert outputs["max-score"] in summary
    assert "Packet observation | 18 of 18" in summary
    assert (runner.workspace / "out" / "ctrf.json").is_file()
    assert (result.parent / "report.html").is_file()


def test_a_broken_submission_and_its_settings_are_not_read(runner: Runner) -> None:
    trap = runner.workspace / "trap"
    for name in ("conftest.py", "sitecustomize.py", "pytest.py", "pytest_netlab.py"):
        (runner.workspace / name).write_text(TRAP.format(trap=str(trap)))
    (runner.workspace / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    broken = REPOSITORY / "tests" / "submissions" / "broken" / "2.4" / "payload-cut" / "custom_protocol_demo.py"
    shutil.copy(broken, runner.workspace)
    status, log, outputs, summary = runner.grade(exercise="2.4")
    assert status == 1, log
    assert not trap.exists()
    assert 0 < float(outputs["score"]) < float(outputs["max-score"])
    assert "::error" in log
    assert "payload" in summary
    assert list((runner.temp / "netlab" / "out" / "captures").rglob("capture.pcapng"))


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"solutions": "nowhere"}, "::error title=solutions::there is no directory nowhere"),
        ({"strict": "yes"}, "::error title=strict::write true or false, not yes"),
        ({"reports": "ctrf"}, "::error title=reports::write FORMAT=FILE, not ctrf"),
        ({"reports": "word=x"}, "no such format"),
        ({"exercise": "9.9"}, "--netlab-exercise 9.9: no such exercise"),
        ({"exercise": "$(touch trap)"}, "--netlab-exercise $(touch: no such exercise"),
    ],
)
def test_a_wrong_input_is_named(runner: Runner, inputs: dict[str, str], words: str) -> None:
    status, log, _outputs, _summary = runner.grade(**inputs)
    assert status == 4, log
    assert words in log
    assert not list(runner.workspace.rglob("trap"))
