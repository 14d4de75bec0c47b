"""The hooks that others implement: what they are told, and that a faulty one changes no mark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plugin.conftest import Project

LISTENER = """
import json
import os

_told = []


def pytest_netlab_verdict(config, verdict):
    _told.append([verdict.clause.id, verdict.outcome.value, verdict.score])


def pytest_netlab_result(config, result):
    told = {"verdicts": _told, "score": result["score"], "worker": hasattr(config, "workerinput")}
    (config.rootpath / "told.json").write_text(json.dumps(told))
"""


def heard(project: Project) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((project.path / "told.json").read_text(encoding="utf-8"))
    return told


def clean(document: dict[str, Any]) -> list[tuple[str, str, float]]:
    return sorted(
        (clause["id"], clause["outcome"], clause["score"])
        for exercise in document["exercises"]
        for clause in exercise["clauses"]
    )


def plugin(project: Project, text: str, name: str = "conftest") -> Path:
    path = project.path / f"{name}.py"
    path.write_text(text)
    return path


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["one process", "xdist"])
def test_hooks_are_told_in_the_process_that_the_user_started(project: Project, spread: tuple[str, ...]) -> None:
    plugin(project, LISTENER)
    project.solution("half", first="import nothing_of_the_kind\n", second=(project.path / "good/second.py").read_text())
    assert project.grade("half", *spread, f"--netlab-json={project.result_file}").ret == 1
    told = heard(project)
    assert sorted(map(tuple, told["verdicts"])) == [
        ("first-quiet", "blocked", 0.0),
        ("first-sends", "failed", 0.0),
        ("first-word", "blocked", 0.0),
        ("second-quiet", "passed", 1.0),
        ("second-sends", "passed", 2.0),
        ("second-word", "passed", 1.0),
    ]
    assert (told["score"], told["worker"]) == (3.0, False)
    assert "extra" not in project.result()


def test_a_hook_adds_to_the_result_and_changes_nothing_in_it(project: Project) -> None:
    plugin(
        project,
        "def pytest_netlab_result(result):\n"
        "    result['score'] = 100.0\n"
        "    result['exercises'].clear()\n"
        "    return {'course': {'id': 'CS-77', 'late': False}}\n",
    )
    assert project.grade("good", f"--netlab-json={project.result_file}").ret == 0
    document = project.result()
    assert document["extra"] == {"course": {"id": "CS-77", "late": False}}
    assert (document["score"], len(document["exercises"])) == (6.0, 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def pytest_netlab_verdict(verdict):\n    1 / 0\n", "raised ZeroDivisionError in line 2: division by zero"),
        (
            "import pytest\ndef pytest_netlab_verdict(verdict):\n    pytest.skip('not today')\n",
            "raised Skipped in line 3: not today",
        ),
        ("def pytest_netlab_verdict(verdict):\n    verdict.actual = ''\n", "raised AttributeError in line 2: "),
        ("def pytest_netlab_result(result):\n    return [1]\n", "returned list, not a dict"),
        ("def pytest_netlab_result(result):\n    return {'a': object()}\n", "returned what is no JSON: "),
    ],
)
def test_a_faulty_hook_is_named_and_changes_no_mark(project: Project, text: str, words: str) -> None:
    conftest = plugin(project, text)
    plugin(project, LISTENER, "listener")
    result = project.grade("good", "-p", "listener", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    hook = text.partition("def ")[2].partition("(")[0]
    lines = [line for line in result.outlines if line.startswith("ERROR: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"ERROR: the hook {hook} of {conftest} {words}")
    assert lines[0].endswith("; verdicts and points are as without it")
    assert clean(project.result()) == [
        ("first-quiet", "passed", 0.0),
        ("first-sends", "passed", 2.0),
        ("first-word", "passed", 1.0),
    ]
    assert len(heard(project)["verdicts"]) == 3
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()


def test_two_hooks_do_not_write_over_each_other(project: Project) -> None:
    plugin(project, "def pytest_netlab_result():\n    return {'grader': 'conftest'}\n")
    plugin(project, "def pytest_netlab_result():\n    return {'grader': 'other', 'more': 1}\n", "other")
    result = project.grade("good", "-p", "other", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert project.result()["extra"] == {"grader": "conftest"}
    result.stdout.fnmatch_lines(["ERROR: the hook pytest_netlab_result of other returned the key 'grader', which *"])


def test_a_misspelt_hook_is_refused(project: Project) -> None:
    plugin(project, "def pytest_netlab_verdicts(verdict):\n    pass\n")
    result = project.grade("good", "--netlab-exercise=7.1")
    assert result.ret != 0
    assert "unknown hook 'pytest_netlab_verdicts'" in result.stdout.str() + result.stderr.str()
