"""What every format is made of: the verdicts of one grading, and what is known of the grading itself.

Plain values that survive JSON, like the verdicts and explanations they hold. A grading that was cut short has an
`interruption`, and its clauses that were not reached stand in it as `unjudged`: they count in what could be earned.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import msgspec

from pytest_netlab.grading import result
from pytest_netlab.grading.explanation import Explanation
from pytest_netlab.grading.outcome import Clause, Outcome, Verdict


class Judged(msgspec.Struct, frozen=True):
    """One clause and what it came to.

    Attributes:
        verdict: its verdict; `broken` where it was not reached.
        explanation: why it failed, None where it did not or where nothing was recorded.
        duration_s: seconds that judging it took; the run of the program counts for the clause that began it.
        reached: whether the grading came to it at all.
    """

    verdict: Verdict
    explanation: Explanation | None = None
    duration_s: float = 0.0
    reached: bool = True

    @property
    def advice(self) -> bool:
        """Whether it is a SHOULD clause."""
        return self.verdict.clause.requirement == "SHOULD"


class Graded(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """One grading, whole or as far as it came.

    Attributes:
        judged: what was judged, in the order of the suites.
        tier: the tier that the evidence was produced in.
        certified: whether a hostile program could not have forged it.
        strict: whether SHOULD clauses count.
        version: of pytest-netlab.
        began_s: when grading began, in seconds since 1970.
        ended_s: when it ended, likewise.
        unjudged: clauses that were not reached.
        interruption: why the grading did not come to its end, as a sentence; empty where it did.
        sources: the file of each program in the submission, where it is known: what annotations point at.
        environment: variables that a platform gives its autograders, such as `ASSIGNMENT`.
    """

    judged: tuple[Judged, ...]
    tier: str
    certified: bool
    strict: bool
    version: str
    began_s: float
    ended_s: float
    unjudged: tuple[Clause, ...] = ()
    interruption: str = ""
    sources: dict[str, str] = {}
    environment: dict[str, str] = {}

    @property
    def reason_of_unjudged(self) -> str:
        """Why clauses were not reached."""
        return self.interruption or "the process that judged it died"

    @cached_property
    def entries(self) -> tuple[Judged, ...]:
        """Every clause by exercise and in its order, those that were not reached as `broken` with the reason."""
        missing = [
            Judged(Verdict(clause, Outcome.BROKEN, actual=f"not judged: {self.reason_of_unjudged}"), reached=False)
            for clause in self.unjudged
        ]
        return tuple(
            sorted((*self.judged, *missing), key=lambda each: result.natural_order(each.verdict.clause.exercise))
        )

    @cached_property
    def result(self) -> dict[str, Any]:
        """The document `pytest-netlab/result/1` of this grading."""
        verdicts = [each.verdict for each in self.entries]
        return result.document(verdicts, tier=self.tier, certified=self.certified, strict=self.strict)

    def counts(self, entry: Judged) -> bool:
        """Whether a clause is part of the score."""
        return entry.verdict.counts(strict=self.strict)

    def points(self, entry: Judged) -> tuple[float, float]:
        """What a clause earned, and what it could earn; nothing and nothing where it does not count."""
        return (entry.verdict.score, entry.verdict.clause.points) if self.counts(entry) else (0.0, 0.0)
