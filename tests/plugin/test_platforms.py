"""`--netlab-report` from the outside: what a platform finds, whatever ended the run."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from pytest_netlab.report.formats import FORMATS
from tests.plugin.conftest import GOOD, Project, usage_error

WRONG = GOOD.replace("word", "::error::owned")


def reports(project: Project, *names: str) -> list[str]:
    return [f"--netlab-report={name}={project.path / 'out' / name}" for name in names or FORMATS]


def read(project: Project, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((project.path / "out" / name).read_text(encoding="utf-8"))
    return content


def stop_after_the_first_clause(project: Project, how: str) -> None:
    """A test between clauses of the first suite that ends the run in some manner."""
    suite = project.path / "suites" / "test_first.py"
    stopper = f"def test_stop() -> None:\n    import os, signal\n    {how}\n\n\n"
    head, _, tail = suite.read_text().partition('@program.must("{program}-word"'.format(program="first"))
    suite.write_text(f'{head}{stopper}@program.must("first-word"{tail}')


@pytest.mark.parametrize("spread", [(), ("-n", "2")], ids=["alone", "spread"])
def test_five_formats_of_one_run(project: Project, spread: tuple[str, ...]) -> None:
    project.solution("mixed", first=WRONG.format(port=7001), second=GOOD.format(port=7002))
    result = project.grade("mixed", *reports(project), *spread, f"--netlab-json={project.result_file}")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    tests = read(project, "gradescope")["tests"]
    assert [test["number"] for test in tests] == ["7.1.1", "7.1.2", "7.1.3", "7.2.1", "7.2.2", "7.2.3"]
    assert [test["name"].split(":")[0] for test in tests][:2] == ["first-sends", "first-word"]
    assert sum(test["score"] for test in tests) == project.result()["score"] == 5
    assert "score" not in read(project, "gradescope")
    assert "conversation" in tests[1]["output"]
    assert read(project, "classroom50")["score"] == 5
    assert [each["passed"] for each in read(project, "check50")["results"]] == [True, False, True, True, True, True]
    (failed,) = [each for each in read(project, "ctrf")["results"]["tests"] if each["status"] == "failed"]
    capture = project.path / failed["attachments"][0]["path"]
    assert capture.is_file()
    assert failed["duration"] >= 0
    assert "<b>failed</b> first-word" in (project.path / "out" / "github").read_text()
    commands = [line for line in result.outlines if line.lstrip().startswith("::")]
    assert [line.split("::")[1] for line in commands] == ["error file=mixed/first.py,line=1,title=first-word (MUST)"]
    assert not [line for line in result.outlines if "::error::owned" in line and not line.startswith("::error file")]


def test_annotations_point_into_the_checkout(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.solution("checkout/bad", first=WRONG.format(port=7001))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.path / "checkout"))
    result = project.grade("checkout/bad", "--netlab-exercise=7.1", *reports(project, "github"))
    assert [line for line in result.outlines if line.startswith("::error file=bad/first.py,line=1,")]


def test_environment_of_classroom50(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSROOM", "networks")
    monkeypatch.setenv("COMMIT_URL", "https://example.org/1")
    project.grade("good", "--netlab-exercise=7.1", *reports(project, "classroom50"))
    made = read(project, "classroom50")
    assert (made["classroom"], made["review"]) == ("networks", "https://example.org/1")


def test_killed_half_way_the_first_version_stays(project: Project) -> None:
    stop_after_the_first_clause(project, "os.kill(os.getpid(), signal.SIGKILL)")
    result = project.grade("good", *reports(project))
    assert result.ret == -9
    made = read(project, "gradescope")
    assert (made["score"], made["tests"]) == (0, [])
    assert "Grading did not finish" in made["output"]
    assert "error" in read(project, "check50")
    assert read(project, "classroom50")["score"] == 0
    assert read(project, "ctrf")["results"]["tests"] == []
    assert "did not finish" in (project.path / "out" / "github").read_text()
    assert sorted(os.listdir(project.path / "out")) == sorted(FORMATS)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGINT)", "interrupted from the keyboard"),
        ("raise RuntimeError", "stopping after 1 failures"),
    ],
    ids=["ctrl-c", "x"],
)
def test_cut_short_what_was_judged_is_told_and_the_rest_counts(project: Project, how: str, said: str) -> None:
    stop_after_the_first_clause(project, how)
    result = project.grade("good", "-x", *reports(project))
    assert result.ret in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.TESTS_FAILED)
    made = read(project, "gradescope")
    assert made["score"] == 0
    assert said in made["output"]
    assert [test["score"] for test in made["tests"]] == [2, 0, 0, 0, 0, 0]
    assert sum(test["max_score"] for test in made["tests"]) == 6
    assert [each["passed"] for each in read(project, "check50")["results"]] == [True, *[None] * 5]
    assert read(project, "ctrf")["results"]["summary"]["pending"] == 5


def test_under_xdist_x_says_so_too(project: Project) -> None:
    stop_after_the_first_clause(project, "raise RuntimeError")
    project.grade("good", "-x", "-n", "1", *reports(project, "gradescope"))
    made = read(project, "gradescope")
    assert made["score"] == 0
    assert "stopping after 1 failures" in made["output"]
    assert sum(test["max_score"] for test in made["tests"]) == 6


def test_what_a_dead_worker_did_not_judge_has_no_verdict(project: Project) -> None:
    """xdist starts another worker, so the run ends; the clause that the worker died in is nobody's fault."""
    suite = project.path / "suites" / "test_first.py"
    suite.write_text(
        suite.read_text().replace("assert one_run.output", "import os; os._exit(1); assert one_run.output")
    )
    result = project.grade("good", "-n", "1", *reports(project))
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    made = read(project, "gradescope")
    assert "score" not in made
    assert [test["extra_data"]["outcome"] for test in made["tests"]] == [
        "passed", "passed", "broken", "passed", "passed", "passed"
    ]  # fmt: skip
    assert "died" in made["tests"][2]["output"]


def test_a_breakdown_of_the_grader_is_told(project: Project) -> None:
    (project.path / "conftest.py").write_text("def pytest_runtest_logfinish(nodeid):\n    raise OSError('disk')\n")
    result = project.grade("good", *reports(project, "gradescope", "github"))
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "the grader broke down: OSError" in read(project, "gradescope")["output"]


def test_a_malformed_configuration_is_told_where_the_student_looks(project: Project) -> None:
    (project.path / "good" / "netlab.toml").write_text("[programs]\nfirst = 3\n")
    result = project.grade("good", *reports(project, "gradescope"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    made = read(project, "gradescope")
    assert made["score"] == 0
    assert "netlab.toml" in made["output"]


def test_without_clauses_there_is_a_file_all_the_same(project: Project) -> None:
    project.grade("good", "-k", "no_such_test", *reports(project, "gradescope"))
    assert (read(project, "gradescope")["score"], read(project, "gradescope")["tests"]) == (0, [])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("gradscope=x", "no such format; write one of gradescope=FILE"),
        ("gradescope", "no file; write gradescope=FILE"),
        ("ctrf=", "no file; write ctrf=FILE"),
        ("ctrf=good", "cannot be written: Is a directory"),
        ("ctrf=good/first.py/x", "cannot be written: "),
    ],
)
def test_a_wrong_report_option_names_the_remedy(project: Project, given: str, said: str) -> None:
    assert said in usage_error(project.grade("good", f"--netlab-report={given}"))


def test_two_formats_do_not_share_a_file(project: Project) -> None:
    result = project.grade("good", "--netlab-report=ctrf=x", "--netlab-report=github=x")
    assert "another report goes to that file" in usage_error(result)


def test_without_a_directory_there_is_nothing_to_grade(project: Project) -> None:
    arguments = ["-p", "no:cacheprovider", "suites", "--netlab-report=ctrf=x"]
    result = project.pytester.run(*project.pytester._getpytestargs(), *arguments, timeout=60)
    assert "nothing to grade" in usage_error(result)


def test_the_help_names_every_format(pytester: pytest.Pytester) -> None:
    shown = " ".join(pytester.run(*pytester._getpytestargs(), "--help", timeout=60).stdout.str().split())
    assert [name for name in FORMATS if name not in shown.partition("--netlab-report")[2][:400]] == []
