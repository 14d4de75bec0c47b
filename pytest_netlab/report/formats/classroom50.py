"""Classroom 50: the `result.json` that an autograder leaves in the student's checkout.

Source: the wiki of foundation50/classroom50, "Advanced Autograding", the `result.json` contract. Scores are whole
numbers there and must be the sums of the tests' scores. So a clause's points are rounded to the nearest whole number,
halves up, never below 1 where they count at all; what is earned is all of that or nothing.

The runner gives identity by environment variables, and takes an exit status other than 0 for a fault of its own.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import msgspec

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import words
from pytest_netlab.report.formats.graded import Graded, Judged
from pytest_netlab.report.printable import printable

SCHEMA = "classroom50/result/v1"


def document(graded: Graded) -> bytes:
    """The whole file.

    Args:
        graded: what was graded; its environment holds the variables of Classroom 50's runner.
    """
    given = graded.environment
    tests = [_test(graded, entry) for entry in graded.entries]
    if graded.interruption:
        tests.insert(0, _interrupted(graded))
    now = datetime.fromtimestamp(int(graded.ended_s), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = {
        "schema": SCHEMA,
        "classroom": given.get("CLASSROOM", ""),
        "assignment": given.get("ASSIGNMENT", ""),
        "assignment_type": given.get("ASSIGNMENT_TYPE") or "individual",
        "owner": given.get("OWNER") or given.get("USERNAME", ""),
        "submission": given.get("SUBMISSION_TAG", ""),
        "commit": given.get("COMMIT_URL", ""),
        "release": given.get("RELEASE_URL", ""),
        "review": given.get("REVIEW_URL") or given.get("COMMIT_URL", ""),
        "datetime": now,
        "graded_at": now,
        "score": sum(test["score"] for test in tests),
        "max-score": sum(test["max-score"] for test in tests),
        "tests": tests,
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def whole(points: float) -> int:
    """Points as a whole number: halves up, and never nothing where there was something."""
    return max(1, math.floor(points + 0.5)) if points > 0 else 0


def _test(graded: Graded, entry: Judged) -> dict[str, Any]:
    """One clause. A grading that was cut short is no mark: nothing is earned in it."""
    score, most = graded.points(entry)
    verdict = entry.verdict
    return {
        "test-name": verdict.clause.id,
        "passed": verdict.outcome is Outcome.PASSED,
        "score": 0 if graded.interruption else whole(score),
        "max-score": whole(most),
        "outcome": verdict.outcome.value,
        "requirement": verdict.clause.requirement,
        "exercise": verdict.clause.exercise,
        "sentence": printable(verdict.clause.sentence),
        "message": words.outcome(graded, entry),
        "hint": "" if verdict.outcome is Outcome.PASSED else printable(verdict.clause.hint),
    }


def _interrupted(graded: Graded) -> dict[str, Any]:
    return {
        "test-name": "grading-finished",
        "passed": False,
        "score": 0,
        "max-score": 0,
        "outcome": Outcome.BROKEN.value,
        "message": words.overall(graded),
    }
