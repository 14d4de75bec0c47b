"""Each format against the golden files, against its specification, and with text that wants to be more than text.

When a change of a format is meant, write the files anew and read the difference before it is committed:

    NETLAB_WRITE_GOLDEN=1 pytest tests/unit/report/formats; git diff tests/unit/report/formats/golden
"""

from __future__ import annotations

import json
import os
import unicodedata
from pathlib import Path
from typing import Any, Literal

import jsonschema
import msgspec
import pytest

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import FORMATS
from pytest_netlab.report.formats.classroom50 import whole
from tests.unit.report.formats.gradings import GRADINGS, clause, graded, hostile, judged

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
ALL = {**GRADINGS, "hostile": hostile}
CTRF = json.loads((HERE / "schemas" / "ctrf-schema-0.0.json").read_text(encoding="utf-8"))
JSON_FORMATS = sorted(set(FORMATS) - {"github"})


@pytest.mark.parametrize("name", GRADINGS)
@pytest.mark.parametrize("format", FORMATS)
def test_a_format_says_what_it_did(format: str, name: str) -> None:
    made = FORMATS[format](GRADINGS[name]())
    path = GOLDEN / f"{name}.{format}.{'md' if format == 'github' else 'json'}"
    if os.environ.get("NETLAB_WRITE_GOLDEN"):
        path.write_bytes(made)
    assert made.decode() == path.read_text(encoding="utf-8")


def test_every_golden_file_is_compared() -> None:
    assert len(list(GOLDEN.iterdir())) == len(GRADINGS) * len(FORMATS)


def document(format: str, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(FORMATS[format](ALL[name]()))
    return content


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    """A specification: no key that it does not have."""


class GradescopeTest(Strict):
    """Gradescope's autograder specification, "Output format", one test."""

    name: str
    score: float
    max_score: float
    status: Literal["passed", "failed"]
    number: str
    output: str
    tags: list[str]
    extra_data: dict[str, Any]


class Gradescope(Strict):
    """The same, top level. A score or tests must be there; a score overrides the tests'."""

    execution_time: int
    output: str
    output_format: Literal["text"]
    test_output_format: Literal["text"]
    test_name_format: Literal["text"]
    extra_data: dict[str, Any]
    tests: list[GradescopeTest]
    score: float | None = None


class Classroom50Test(msgspec.Struct, rename="kebab"):
    """The `result.json` contract; further keys of a test are kept."""

    test_name: str
    passed: bool
    score: int
    max_score: int


class Classroom50(Strict, rename={"max_score": "max-score", "schema_": "schema"}):
    """The same, top level."""

    schema_: Literal["classroom50/result/v1"]
    classroom: str
    assignment: str
    assignment_type: Literal["individual", "group", "team"]
    owner: str
    submission: str
    commit: str
    release: str
    review: str
    datetime: str
    graded_at: str
    score: int
    max_score: int
    tests: list[Classroom50Test]


class Check50Error(Strict):
    """check50, `__main__.py`: an error of the whole, or of one check."""

    type: str
    value: str
    traceback: list[str]
    data: dict[str, Any]


class Check50Cause(Strict):
    """check50, `_api.py`: the payload of a failure."""

    rationale: str
    help: str | None
    expected: str | None = None
    actual: str | None = None
    error: Check50Error | None = None


class Check50Result(Strict):
    """check50, `runner.py`, `CheckResult`: its seven fields and no other."""

    name: str
    description: str
    passed: bool | None
    log: list[str]
    cause: Check50Cause | None
    data: dict[str, Any]
    dependency: str | None


class Check50(Strict):
    """check50's JSON: results, or an error."""

    slug: str
    version: str
    results: list[Check50Result] | None = None
    error: Check50Error | None = None


@pytest.mark.parametrize("name", ALL)
def test_ctrf_is_valid_by_the_published_schema(name: str) -> None:
    jsonschema.Draft7Validator.check_schema(CTRF)
    content = document("ctrf", name)
    jsonschema.validate(content, CTRF, jsonschema.Draft7Validator, format_checker=jsonschema.FormatChecker())
    summary = content["results"]["summary"]
    words = ("passed", "failed", "skipped", "pending", "other")
    assert summary["tests"] == sum(summary[word] for word in words) == len(content["results"]["tests"])


@pytest.mark.parametrize("name", ALL)
def test_gradescope_is_what_it_specifies(name: str) -> None:
    made = msgspec.json.decode(FORMATS["gradescope"](ALL[name]()), type=Gradescope)
    assert made.tests or made.score is not None


@pytest.mark.parametrize("name", ALL)
def test_classroom50_is_what_its_contract_says(name: str) -> None:
    made = msgspec.json.decode(FORMATS["classroom50"](ALL[name]()), type=Classroom50)
    assert made.score == sum(test.score for test in made.tests)
    assert made.max_score == sum(test.max_score for test in made.tests)
    assert made.score <= made.max_score


@pytest.mark.parametrize("name", ALL)
def test_check50_is_what_check50_reads(name: str) -> None:
    made = msgspec.json.decode(FORMATS["check50"](ALL[name]()), type=Check50)
    assert (made.results is None) != (made.error is None)
    for check in made.results or ():
        assert (check.cause is None) == (check.passed is True)


def test_without_a_verdict_nothing_is_called_failed() -> None:
    check50 = {each["name"]: each["passed"] for each in document("check50", "every-outcome")["results"]}
    assert check50 == {
        "syn": True, "one-port": False, "ack": None, "tidy": None, "listens": None, "half": True, "lost": None
    }  # fmt: skip
    ctrf = {each["name"]: each["status"] for each in document("ctrf", "every-outcome")["results"]["tests"]}
    assert ctrf == {
        "syn": "passed", "one-port": "failed", "ack": "skipped", "tidy": "other", "listens": "skipped",
        "half": "passed", "lost": "other",
    }  # fmt: skip


def test_gradescope_scores_are_those_of_the_result() -> None:
    grading = GRADINGS["every-outcome"]()
    tests = document("gradescope", "every-outcome")["tests"]
    assert sum(test["score"] for test in tests) == grading.result["score"] == 2.5
    assert sum(test["max_score"] for test in tests) == grading.result["max_score"] == 6.5
    assert [test["number"] for test in tests] == ["1.2.1", "1.2.2", "1.10.1", "2.2.1", "2.2.2", "2.2.3", "2.2.4"]


@pytest.mark.parametrize("name", ["cut-short", "begun"])
def test_a_grading_cut_short_is_no_mark(name: str) -> None:
    gradescope = document("gradescope", name)
    assert gradescope["score"] == 0
    assert "Grading did not finish" in gradescope["output"]
    assert document("classroom50", name)["score"] == 0
    assert "did not finish" in FORMATS["github"](GRADINGS[name]()).decode()
    ctrf = document("ctrf", name)["results"]
    assert ctrf["summary"]["pending"] == (2 if name == "cut-short" else 0)


def test_what_was_not_reached_counts_in_what_could_be_earned() -> None:
    assert GRADINGS["cut-short"]().result["max_score"] == 7
    assert document("classroom50", "cut-short")["max-score"] == 7


@pytest.mark.parametrize(("points", "rounded"), [(0, 0), (0.1, 1), (0.5, 1), (1, 1), (1.4, 1), (1.5, 2), (2.5, 3)])
def test_points_as_whole_numbers(points: float, rounded: int) -> None:
    assert whole(points) == rounded


@pytest.mark.parametrize("format", JSON_FORMATS)
def test_no_text_of_a_submission_acts_on_a_reader(format: str) -> None:
    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for pair in value.items() for each in pair for text in texts(each)]
        if isinstance(value, list):
            return [text for each in value for text in texts(each)]
        return [value] if isinstance(value, str) else []

    found = "".join(texts(document(format, "hostile")))
    assert "owned" in found
    assert {each for each in found if unicodedata.category(each) in ("Cc", "Cf", "Cs")} <= {"\n"}
    assert "::error::owned" not in found
    assert "##[error]" not in found


def test_seven_passed_and_none_is_left_out() -> None:
    grading = graded(*(judged(f"c{n}") for n in range(7)), unjudged=(clause("last"),))
    assert [each.verdict.outcome for each in grading.entries][-1] is Outcome.BROKEN
    assert grading.result["max_score"] == 8
