"""check50: the JSON that `check50 --output json` writes, and that grade50 and other tools read.

Source: cs50/check50, `CheckResult` in `runner.py`, `Mismatch` in `_api.py`. `passed` is true, false, or null for a
check that was not decided: what it depends on failed, this tier cannot decide it, or the grader was at fault. Advice
that was not followed is null too, because it costs nothing. A grading of which nothing is known is an `error`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pytest_netlab.grading.outcome import Outcome
from pytest_netlab.report.formats import words
from pytest_netlab.report.formats.graded import Graded, Judged
from pytest_netlab.report.printable import printable

SLUG = "pytest-netlab"


def document(graded: Graded) -> bytes:
    """The whole file.

    Args:
        graded: what was graded.
    """
    content: dict[str, Any] = {"slug": SLUG, "version": graded.version}
    if graded.interruption and not graded.judged:
        content["error"] = _error("Interrupted", words.overall(graded))
    else:
        content["results"] = [_result(graded, entry) for entry in graded.entries]
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def _error(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "value": text, "traceback": [], "data": {}}


def _result(graded: Graded, entry: Judged) -> dict[str, Any]:
    clause = entry.verdict.clause
    score, most = graded.points(entry)
    return {
        "name": clause.id,
        "description": printable(clause.sentence),
        "passed": _passed(graded, entry),
        "log": words.explained(graded, entry).split("\n") if entry.verdict.outcome is Outcome.FAILED else [],
        "cause": _cause(graded, entry),
        "data": {
            "points": score,
            "max_points": most,
            "outcome": entry.verdict.outcome.value,
            "requirement": clause.requirement,
            "exercise": clause.exercise,
            "reference": clause.reference,
        },
        "dependency": clause.builds_on[0] if clause.builds_on else None,
    }


def _passed(graded: Graded, entry: Judged) -> bool | None:
    if entry.verdict.outcome is Outcome.PASSED:
        return True
    return False if entry.verdict.outcome is Outcome.FAILED and graded.counts(entry) else None


def _cause(graded: Graded, entry: Judged) -> dict[str, Any] | None:
    """Why it did not pass. What is expected and actual goes in only where something was compared."""
    verdict = entry.verdict
    if verdict.outcome is Outcome.PASSED:
        return None
    cause: dict[str, Any] = {"rationale": words.outcome(graded, entry), "help": printable(verdict.clause.hint) or None}
    if verdict.outcome is Outcome.FAILED:
        cause |= {"expected": words.plain(verdict.expected), "actual": words.plain(verdict.actual)}
    if verdict.outcome is Outcome.BROKEN:
        cause |= {"help": None, "error": _error("Broken", words.plain(verdict.actual))}
    return cause
