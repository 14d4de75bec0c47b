"""Gradescope: the `results.json` that an autograder leaves in `/autograder/results/`.

Source: Gradescope's autograder specification, "Output format". A test has no word for "no verdict": only `passed`
and `failed` exist, so everything but passed is `failed` there, and its text says what it really is. Where grading
did not finish, the total is set to 0 and the text says that this is no mark.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import words
from pytest_netlab.report.formats.graded import Graded, Judged
from pytest_netlab.report.printable import printable


def document(graded: Graded) -> bytes:
    """The whole file.

    Args:
        graded: what was graded.
    """
    content: dict[str, Any] = {
        "execution_time": max(0, round(graded.ended_s - graded.began_s)),
        "output": words.overall(graded),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "extra_data": {"tier": graded.tier, "certified": graded.certified, "finished": not graded.interruption},
        "tests": _tests(graded),
    }
    if graded.interruption or not graded.entries:
        content["score"] = 0.0  # without tests a score is required, and it overrides their sum
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _tests(graded: Graded) -> list[dict[str, Any]]:
    tests, last, number = [], "", 0
    for entry in graded.entries:
        exercise = entry.verdict.clause.exercise
        number = number + 1 if exercise == last else 1
        last = exercise
        tests.append(_test(graded, entry, f"{exercise}.{number}"))
    return tests


def _test(graded: Graded, entry: Judged, number: str) -> dict[str, Any]:
    score, most = graded.points(entry)
    clause = entry.verdict.clause
    return {
        "score": score,
        "max_score": most,
        "status": "passed" if entry.verdict.outcome is Outcome.PASSED else "failed",
        "name": words.name(entry),
        "number": number,
        "output": words.explained(graded, entry),
        "tags": [clause.requirement, clause.exercise, clause.program],
        "extra_data": {
            "outcome": entry.verdict.outcome.value,
            "reference": clause.reference,
            "capture": printable(entry.verdict.capture),
            "frame": entry.verdict.frame,
        },
    }
