"""What a class got right and wrong, gathered a submission at a time: what is kept does not grow with their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_netlab.classroom.row import Row
from pytest_netlab.grading.result import natural_order

BINS: Final = 10
_MOST_LINKS: Final = 12
_MOST_TEXTS: Final = 50
_LONGEST_TEXT: Final = 240


@dataclass(slots=True)
class ExerciseFigures:
    """One exercise in the whole class.

    Attributes:
        id: such as `"1.1"`.
        title: what it is called.
        bins: how many submissions earned up to 10 %, 20 %, …, 100 % of the points; each bin holds its upper end, and
            the first one holds none at all.
        complete: how many earned all points.
        graded: how many have a score.
        share: sum of the shares earned, 0 to 1 each.
    """

    id: str
    title: str
    bins: list[int] = field(default_factory=lambda: [0] * BINS)
    complete: int = 0
    graded: int = 0
    share: float = 0.0

    def add(self, score: float, most: float) -> None:
        """A submission's score."""
        share = score / most if most else 1.0
        self.graded += 1
        self.share += share
        self.complete += score >= most
        self.bins[min(BINS - 1, max(0, -(-int(share * 1000) // (1000 // BINS)) - 1))] += 1

    @property
    def mean(self) -> float:
        """Mean share of the points, 0 to 1."""
        return self.share / self.graded if self.graded else 0.0


@dataclass(slots=True)
class ClauseFigures:
    """One clause in the whole class. `failed` counts mistakes; `blocked` is no second fault."""

    id: str
    exercise: str
    sentence: str
    requirement: str
    passed: int = 0
    failed: int = 0
    blocked: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    who: list[Row] = field(default_factory=list)

    @property
    def judged(self) -> int:
        """Submissions in which it was decided."""
        return self.passed + self.failed + self.blocked

    @property
    def share_passed(self) -> float:
        """0 to 1."""
        return self.passed / self.judged if self.judged else 1.0

    @property
    def most_frequent(self) -> str:
        """What was seen most often where it failed."""
        return self.texts.most_common(1)[0][0] if self.texts else ""


class Statistics:
    """Of a class; `add` each submission once, in the order of their names."""

    def __init__(self) -> None:
        self._exercises: dict[str, ExerciseFigures] = {}
        self._clauses: dict[str, ClauseFigures] = {}
        self.rows: list[Row] = []

    def add(self, row: Row, result: dict[str, Any] | None) -> None:
        """A submission.

        Args:
            row: its line of the gradebook.
            result: its result document; None where there is none.
        """
        self.rows.append(row)
        for exercise in (result or {"exercises": []})["exercises"]:
            figures = self._exercises.setdefault(exercise["id"], ExerciseFigures(exercise["id"], exercise["title"]))
            points = row.exercises[exercise["id"]]
            if points.score is not None:
                figures.add(points.score, points.most)
            for clause in exercise["clauses"]:
                self._count(clause, exercise["id"], row)

    @property
    def exercises(self) -> list[ExerciseFigures]:
        """As they are taught."""
        return sorted(self._exercises.values(), key=lambda each: natural_order(each.id))

    def hardest(self, most: int) -> list[ClauseFigures]:
        """The MUST clauses that the smallest share of the class passed; those that all passed are not hard."""
        missed = [each for each in self._clauses.values() if each.requirement == "MUST" and each.passed < each.judged]
        return sorted(missed, key=lambda each: (each.share_passed, natural_order(each.exercise), each.id))[:most]

    def mistakes(self, most: int) -> list[ClauseFigures]:
        """The clauses that failed most often."""
        failed = [each for each in self._clauses.values() if each.failed]
        return sorted(failed, key=lambda each: (-each.failed, natural_order(each.exercise), each.id))[:most]

    def statuses(self) -> list[tuple[str, int]]:
        """How many submissions came to what."""
        return sorted(Counter(each.status for each in self.rows).items())

    def _count(self, clause: dict[str, Any], exercise: str, row: Row) -> None:
        figures = self._clauses.setdefault(
            clause["id"], ClauseFigures(clause["id"], exercise, clause["sentence"], clause["requirement"])
        )
        outcome = clause["outcome"]
        figures.passed += outcome == "passed"
        figures.blocked += outcome == "blocked"
        if outcome == "failed":
            figures.failed += 1
            text = clause["actual"][:_LONGEST_TEXT]
            if text in figures.texts or len(figures.texts) < _MOST_TEXTS:
                figures.texts[text] += 1
            if len(figures.who) < _MOST_LINKS:
                figures.who.append(row)


def gather(rows: Iterable[tuple[Row, dict[str, Any] | None]]) -> Statistics:
    """The statistics of a class."""
    statistics = Statistics()
    for row, result in rows:
        statistics.add(row, result)
    return statistics
