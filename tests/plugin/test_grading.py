"""Grading from the outside: what pytest prints, its exit status, and the result file."""

from __future__ import annotations

import sys

import pytest

from tests.machines import on_a_machine
from tests.plugin.conftest import GOOD, Project

LOUD = GOOD + "print('sent')\n"
WRONG = GOOD.replace("word", "wood")
CRASHING = "import socket\n\ndef work():\n    return 1 / 0\n\nwork()\n"
ENDLESS = GOOD + "import time\nwhile True:\n    time.sleep(60)\n"


def test_good_solution(project: Project) -> None:
    result = project.grade("good", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.OK
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(
        [
            "netlab: tier rootless (certified), captures retain-on-failure, solutions *good",
            "7.1 *3 of 3 points",
            "7.2 *3 of 3 points",
            "total 6 of 6 points (tier rootless)",
        ]
    )
    document = project.result()
    assert (document["schema"], document["tier"], document["certified"]) == ("pytest-netlab/result/1", "rootless", True)
    assert (document["score"], document["max_score"]) == (6, 6)
    assert set(project.outcomes().values()) == {"passed"}
    first = document["exercises"][0]["clauses"][0]
    assert first["nodeid"] == "suites/test_first.py::test_sends"
    assert (first["sentence"], first["points"]) == ("The program sends a datagram to port 7001.", 2)


def test_wrong_solution(project: Project) -> None:
    project.solution("bad", first=WRONG.format(port=7001), second=GOOD.format(port=7002))
    result = project.grade("bad", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["*first-word  MUST", "*expected*word*", "*actual*wood*", "total 5 of 6 points*"])
    result.stdout.no_fnmatch_line("*Traceback*")
    (clause,) = [each for each in project.result()["exercises"][0]["clauses"] if each["outcome"] == "failed"]
    assert clause["id"] == "first-word"
    assert clause["frame"] == 1
    assert "wood" in clause["actual"]


def test_missing_program(project: Project) -> None:
    project.solution("part", second=GOOD.format(port=7002))
    result = project.grade("part", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert project.outcomes() == {
        "first-sends": "failed", "first-word": "blocked", "first-quiet": "blocked",
        "second-sends": "passed", "second-word": "passed", "second-quiet": "passed",
    }  # fmt: skip
    words = " ".join(result.stdout.str().split())
    assert "none found; looked for netlab.toml [programs] first, first.py, an executable file first" in words
    result.stdout.fnmatch_lines(["suites/test_first.py Fbb.*", "*1 failed, 5 passed, 2 blocked in*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_crashing_program_shows_its_own_traceback(project: Project) -> None:
    project.solution("crash", first=CRASHING, second=GOOD.format(port=7002))
    result = project.grade("crash", "--netlab-exercise=7.1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "*the program's output",
            "*Traceback (most recent call last):",
            '*File "/submission/first.py", line 4, in work',
            "*ZeroDivisionError: division by zero",
            "*the program ended by itself, exit status 1",
        ]
    )
    assert result.stdout.str().count("Traceback") == 1


def test_program_that_never_ends_is_ended(project: Project) -> None:
    project.solution("endless", first=ENDLESS.format(port=7001))
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text().replace("stage.await_end(20)", "assert not stage.await_end(1)"))
    result = project.grade("endless", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert project.outcomes()["first-word"] == "passed"
    assert result.duration < 60


def test_program_that_cannot_be_executed(project: Project) -> None:
    configured = project.solution("strange")
    (configured / "netlab.toml").write_text('[programs]\nfirst = ["/no/such/interpreter", "x"]\n')
    result = project.grade("strange", "--netlab-exercise=7.1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    words = " ".join(result.stdout.str().split())
    assert "could not be started: /no/such/interpreter: No such file or directory" in words


def test_failing_build(project: Project) -> None:
    built = project.solution("built", first=GOOD.format(port=7001))
    (built / "netlab.toml").write_text('[build]\ncommand = ["sh", "-c", "echo no rule; exit 2"]\n')
    result = project.grade("built", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert project.outcomes() == {"first-sends": "failed", "first-word": "blocked", "first-quiet": "blocked"}
    words = " ".join(result.stdout.str().split())
    assert "it ended with status 2" in words
    assert "no rule" in words


def test_advice_is_no_fault(project: Project) -> None:
    project.solution("loud", first=LOUD.format(port=7001))
    result = project.grade("loud", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.OK
    assert project.outcomes()["first-quiet"] == "failed"
    assert (project.result()["score"], project.result()["max_score"]) == (3, 3)
    result.stdout.fnmatch_lines(
        ["suites/test_first.py ..a.*", "advice first-quiet: The program prints nothing.*", "*print() less"]
    )


def test_advice_counts_where_the_run_is_strict(project: Project) -> None:
    project.solution("loud", first=LOUD.format(port=7001))
    options = ("--netlab-exercise=7.1", "--netlab-strict", f"--netlab-json={project.result_file}")
    result = project.grade("loud", *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert (project.result()["score"], project.result()["max_score"]) == (3, 4)
    result.stdout.fnmatch_lines(["*first-quiet  SHOULD*"])


def test_one_exercise_of_two(project: Project) -> None:
    result = project.grade("good", "--netlab-exercise=7.2", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.OK
    assert set(project.outcomes()) == {"second-sends", "second-word", "second-quiet"}
    assert project.grade("good", "--netlab-exercise=7.2", "--netlab-exercise=7.1").parseoutcomes()["passed"] == 8


def test_a_fault_of_the_grader_is_no_mark(project: Project) -> None:
    """A script that breaks is ours: broken, exit status not 0, no points, no word against the solution."""
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(suite.read_text().replace("stage.await_end(20)", "{}['oops']"))
    result = project.grade("good", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(project.outcomes().values()) == {"broken"}
    result.stdout.fnmatch_lines(
        ["suites/test_first.py EEE.*", "broken first-sends: no verdict, the grader is at fault: KeyError: 'oops'*"]
    )


def test_what_this_tier_cannot_decide_is_not_passed(project: Project) -> None:
    options = ("--netlab-tier=offline", "--netlab-exercise=7.1", f"--netlab-json={project.result_file}")
    result = project.grade("good", *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert set(project.outcomes().values()) == {"unsupported"}
    assert (project.result()["tier"], project.result()["certified"], project.result()["score"]) == ("offline", False, 0)
    result.stdout.fnmatch_lines(["netlab: tier offline (uncertified*", "suites/test_first.py uuu.*"])


def test_auto_takes_what_is_left_and_says_so(project: Project) -> None:
    result = project.grade("good", before=tuple(on_a_machine("user/max_user_namespaces")))
    result.stdout.fnmatch_lines(["netlab: tier offline (uncertified*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_spread_over_processes_the_result_is_the_same(project: Project) -> None:
    project.solution("mixed", first=WRONG.format(port=7001), second=LOUD.format(port=7002))
    found = []
    for spread in ((), ("-n", "2")):
        result = project.grade("mixed", *spread, f"--netlab-json={project.result_file}")
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        document = project.result()
        for exercise in document["exercises"]:
            exercise["clauses"].sort(key=lambda clause: clause["id"])
        found.append(document)
    assert found[0] == found[1]


def test_submission_does_not_configure_the_run(project: Project) -> None:
    """conftest.py, pytest.ini and sitecustomize.py of a submission are data."""
    hostile = project.solution("hostile", first=WRONG.format(port=7001))
    marker = project.path / "owned"
    for name in ("conftest.py", "sitecustomize.py", "test_x.py"):
        (hostile / name).write_text(f"open({str(marker)!r}, 'w')\n")
    (hostile / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    result = project.grade("hostile", "--netlab-exercise=7.1")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert not marker.exists()


def test_without_anything_to_grade_clauses_ask_for_it(project: Project) -> None:
    arguments = ["-p", "no:cacheprovider", "suites"]
    result = project.pytester.run(*project.pytester._getpytestargs(), *arguments, timeout=60)
    assert result.ret != pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["*--netlab-solutions*"])


def test_the_command_runs_where_pytest_is_called_by_python(project: Project) -> None:
    result = project.pytester.run(
        sys.executable, "-m", "pytest", "suites", "--netlab-solutions=good", "--netlab-exercise=7.1", timeout=60
    )
    assert result.ret == pytest.ExitCode.OK
