"""What a submission comes to: a line of the gradebook. Only what is known is a number; what is not is left empty.

A clause without a verdict says nothing for or against a submission. So an exercise with a `broken` clause has no
score, and neither has the total; a submission that was refused, took too long or crashed the grader has none at all.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from pytest_netlab.classroom.job import Status
from pytest_netlab.grading.result import natural_order

WAITING: Final = "waiting"


class Points(msgspec.Struct, frozen=True):
    """Points of an exercise; `score` is None where there is no verdict."""

    score: float | None
    most: float


class Row(msgspec.Struct, frozen=True):
    """One submission.

    Attributes:
        name: of the submission.
        status: as `job.Status`, or `"waiting"` where it has not been graded.
        reason: of any status but `graded`.
        exercises: points by the exercise's id.
        tier: that the evidence was produced in.
        certified: whether a hostile program could not have forged it; None where nothing was graded.
        report: address of its report, relative to the gradebook; empty where there is none.
    """

    name: str
    status: Status | str
    reason: str = ""
    exercises: dict[str, Points] = {}
    tier: str = ""
    certified: bool | None = None
    report: str = ""

    @property
    def score(self) -> float | None:
        """All points; None where one exercise has no score."""
        scores = [each.score for each in self.exercises.values()]
        known = [score for score in scores if score is not None]
        return sum(known) if known and len(known) == len(scores) else None

    @property
    def most(self) -> float | None:
        """The points that could be had."""
        return sum(each.most for each in self.exercises.values()) if self.exercises else None


def row(name: str, status: str, reason: str, result: dict[str, Any] | None, report: str) -> Row:
    """The row of a submission.

    Args:
        name: of the submission.
        status: what the grading came to.
        reason: why, where it is not `graded`.
        result: the result document, or None.
        report: relative address of the report.
    """
    if result is None:
        return Row(name, status, reason, report=report)
    exercises = {each["id"]: Points(_score(each), each["max_score"]) for each in result["exercises"]}
    return Row(name, status, reason, exercises, result["tier"], result["certified"], report)


def exercises_of(rows: list[Row]) -> list[str]:
    """The exercises of the whole class, in the order in which they are taught."""
    return sorted({name for each in rows for name in each.exercises}, key=natural_order)


def _score(exercise: dict[str, Any]) -> float | None:
    broken = any(clause["outcome"] == "broken" for clause in exercise["clauses"])
    return None if broken else float(exercise["score"])
