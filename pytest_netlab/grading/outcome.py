"""What a clause can come to, and what is said of it.

passed       the wire shows what the clause asks
failed       it does not; earns nothing, and is explained
blocked      what it builds on failed: earns nothing, is no second fault
unsupported  this tier cannot decide it: never counted as passed
broken       the grader or the capture was at fault: no mark for or against anybody
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Requirement = Literal["MUST", "SHOULD"]


class Outcome(StrEnum):
    """The five outcomes; the values are what result files say."""

    PASSED = "passed"
    FAILED = "failed"
    BLOCKED = "blocked"
    UNSUPPORTED = "unsupported"
    BROKEN = "broken"


class Clause(msgspec.Struct, frozen=True):
    """One sentence of an exercise that the wire can answer.

    Attributes:
        id: words, stable for ever, unique in the suite.
        requirement: MUST earns points; SHOULD is advice, and counts only where the run is strict.
        sentence: what the student reads.
        points: what it is worth.
        reference: where the rule stands, such as `"RFC 768"`.
        hint: the next thing to look at.
        builds_on: ids of the clauses without which this one means nothing.
        exercise: id of its exercise, such as `"0.1"`.
        title: of its exercise.
        program: the program it judges.
    """

    id: str
    requirement: Requirement
    sentence: str
    points: float
    reference: str
    hint: str
    builds_on: tuple[str, ...]
    exercise: str
    title: str
    program: str


class Verdict(msgspec.Struct, frozen=True):
    """The outcome of one clause, with what a reader needs to check it.

    Attributes:
        clause: the clause judged.
        outcome: what it came to.
        expected: what the wire had to show; empty where the clause passed.
        actual: what it showed; also the reason of `blocked`, `unsupported` and `broken`.
        remark: something true that changes no mark, such as a checksum left unfinished.
        capture: path of the kept capture, or empty.
        frame: number of the frame at fault, or 0.
        nodeid: pytest's name of the test.
        limit: the limit that the program exceeded in the run judged, such as `"limit:cpu"`, or empty.
        second_opinion: what Wireshark makes of the recording, such as `"agrees"`; empty where it was not asked.
    """

    clause: Clause
    outcome: Outcome
    expected: str = ""
    actual: str = ""
    remark: str = ""
    capture: str = ""
    frame: int = 0
    nodeid: str = ""
    limit: str = ""
    second_opinion: str = ""

    @property
    def score(self) -> float:
        """The points earned."""
        return self.clause.points if self.outcome is Outcome.PASSED else 0.0

    def counts(self, *, strict: bool) -> bool:
        """Whether the clause is part of the score."""
        return strict or self.clause.requirement == "MUST"
