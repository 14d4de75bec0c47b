"""CTRF, the Common Test Report Format, version 0.0.0 of its schema.

Source: the JSON schema that ctrf-io publishes (`ctrf-schema-0.0.json`); times are whole milliseconds, and what it has
no key for stands in `extra`. `rawStatus` is the outcome of the clause, which its five words do not match one by one.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import msgspec

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import words
from pytest_netlab.report.formats.graded import Graded, Judged
from pytest_netlab.report.printable import printable

SPECIFICATION = "0.0.0"
CAPTURE_TYPE = "application/x-pcapng"

_STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.BLOCKED: "skipped",
    Outcome.UNSUPPORTED: "skipped",
    Outcome.BROKEN: "other",
}


def document(graded: Graded) -> bytes:
    """The whole file.

    Args:
        graded: what was graded.
    """
    began, ended = _milliseconds(graded.began_s), _milliseconds(max(graded.began_s, graded.ended_s))
    tests = [_test(graded, entry) for entry in graded.entries]
    found = Counter(test["status"] for test in tests)
    content = {
        "reportFormat": "CTRF",
        "specVersion": SPECIFICATION,
        "timestamp": datetime.fromtimestamp(ended // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "generatedBy": "pytest-netlab",
        "results": {
            "tool": {"name": "pytest-netlab", "version": graded.version},
            "summary": {
                "tests": len(tests),
                **{status: found[status] for status in ("passed", "failed", "skipped", "pending", "other")},
                "start": began,
                "stop": ended,
                "duration": ended - began,
                "extra": _extra(graded),
            },
            "tests": tests,
        },
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _extra(graded: Graded) -> dict[str, Any]:
    return {
        "score": graded.result["score"],
        "maxScore": graded.result["max_score"],
        "tier": graded.tier,
        "certified": graded.certified,
        "interruption": words.plain(graded.interruption),
    }


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _status(graded: Graded, entry: Judged) -> str:
    if not entry.reached:
        return "pending"
    if entry.verdict.outcome is Outcome.FAILED and not graded.counts(entry):
        return "other"
    return _STATUS[entry.verdict.outcome]


def _test(graded: Graded, entry: Judged) -> dict[str, Any]:
    verdict, clause = entry.verdict, entry.verdict.clause
    score, most = graded.points(entry)
    test: dict[str, Any] = {
        "name": printable(clause.id),
        "status": _status(graded, entry),
        "duration": _milliseconds(entry.duration_s),
        "suite": [printable(f"{clause.exercise} {clause.title}"), printable(clause.program)],
        "rawStatus": verdict.outcome.value,
        "tags": [clause.requirement],
        "extra": {
            "sentence": printable(clause.sentence),
            "points": score,
            "maxPoints": most,
            "reference": printable(clause.reference),
            "frame": verdict.frame,
        },
    }
    if verdict.nodeid:
        test["filePath"] = printable(verdict.nodeid.split("::")[0])
    if verdict.outcome is not Outcome.PASSED:
        test["message"] = words.outcome(graded, entry)
        test["extra"]["hint"] = printable(clause.hint)
    if entry.explanation is not None:
        test["trace"] = words.explained(graded, entry)
    if verdict.capture:
        test["attachments"] = [{"name": "capture", "contentType": CAPTURE_TYPE, "path": printable(verdict.capture)}]
    return test
