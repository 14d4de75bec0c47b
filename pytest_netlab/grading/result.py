"""The result of a run as one JSON document, `pytest-netlab/result/1`. Later versions only add keys.

A pure function of the verdicts, and an atomic write: a reader sees the old file or the whole new one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_netlab.grading.outcome import Verdict

SCHEMA: Final = "pytest-netlab/result/1"


def document(verdicts: Iterable[Verdict], *, tier: str, certified: bool, strict: bool) -> dict[str, Any]:
    """The result of a run.

    Args:
        verdicts: in the order in which the exercises are taught.
        tier: the tier that the evidence was produced in.
        certified: whether a hostile program could not have forged it.
        strict: whether SHOULD clauses count.
    """
    exercises: dict[str, dict[str, Any]] = {}
    for verdict in sorted(verdicts, key=lambda each: natural_order(each.clause.exercise)):
        clause = verdict.clause
        exercise = exercises.setdefault(
            clause.exercise,
            {"id": clause.exercise, "title": clause.title, "score": 0.0, "max_score": 0.0, "clauses": []},
        )
        if verdict.counts(strict=strict):
            exercise["score"] += verdict.score
            exercise["max_score"] += clause.points
        exercise["clauses"].append(_clause(verdict, strict))
    return {
        "schema": SCHEMA,
        "tier": tier,
        "certified": certified,
        "score": sum(each["score"] for each in exercises.values()),
        "max_score": sum(each["max_score"] for each in exercises.values()),
        "exercises": list(exercises.values()),
    }


def _clause(verdict: Verdict, strict: bool) -> dict[str, Any]:
    clause = verdict.clause
    return {
        "id": clause.id,
        "requirement": clause.requirement,
        "outcome": verdict.outcome.value,
        "points": clause.points,
        "score": verdict.score if verdict.counts(strict=strict) else 0.0,
        "sentence": clause.sentence,
        "reference": clause.reference,
        "expected": verdict.expected,
        "actual": verdict.actual,
        "hint": clause.hint,
        "remark": verdict.remark,
        "capture": verdict.capture or None,
        "frame": verdict.frame or None,
        "nodeid": verdict.nodeid,
        "program": clause.program,
        "limit": verdict.limit or None,
        "second_opinion": verdict.second_opinion or None,
    }


def natural_order(exercise: str) -> tuple[tuple[int, str], ...]:
    """Order 1.2 before 1.10, and words behind numbers."""
    return tuple((int(part), "") if part.isdigit() else (1 << 30, part) for part in exercise.split("."))


def write(path: Path, content: dict[str, Any]) -> None:
    """Write `content` as JSON, atomically.

    Raises:
        OSError: the directory cannot be written to.
    """
    data = msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
    write_atomically(path, data)


def write_atomically(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step; its directory is made where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(fd, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
