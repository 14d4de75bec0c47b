"""From what a test raised to what its clause comes to.

Rules: nothing raised is `passed`; an assertion is `failed`, and so is asking a field of a header that the packet does
not have; whatever else went wrong, in the lab or in the clause itself, is ours, and `broken`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pytest_netlab.errors import HarnessFault
from pytest_netlab.grading.evidence import Evidence, Halt
from pytest_netlab.grading.explain import Comparison, Stated, Told
from pytest_netlab.grading.outcome import Clause, Outcome
from pytest_netlab.wire import Frame, Missing


class NotJudged(Exception):
    """A clause that comes to something other than passed or failed without its test being run."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(outcome, reason)
        self.outcome = outcome
        self.reason = reason


class Halted(AssertionError):
    """The clause that everything else in a run builds on: the run could not get past it."""

    def __init__(self, halt: Halt) -> None:
        super().__init__(halt)
        self.halt = halt

    def __str__(self) -> str:
        return f"expected {self.halt.expected}; got {self.halt.actual}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a clause came to and why.

    Attributes:
        outcome: one of the five.
        reason: why there is no verdict; empty where there is one.
        failure: what was expected and what was there, where the clause failed.
    """

    outcome: Outcome
    reason: str = ""
    failure: Comparison | Told | None = None


def gate(clause: Clause, evidence: Evidence, outcomes: Mapping[str, Outcome]) -> None:
    """Let a clause look only at evidence that can carry a verdict.

    Args:
        clause: that wants to look.
        evidence: what its run left.
        outcomes: of the clauses before it, by id.

    Raises:
        HarnessFault: the run went wrong on our side, or Wireshark reads its recording differently.
        Halted: the run stopped at this very clause; or at one that another run has shown to hold, and then the
            first clause that looks at this run says so instead, or nobody would.
        NotJudged: the run stopped at a clause that this one builds on.
    """
    if evidence.fault:
        raise HarnessFault(evidence.fault)
    if evidence.opinion is not None and evidence.opinion.status == "disagrees":
        raise HarnessFault(f"Wireshark reads this recording differently: {evidence.opinion.words}")
    if evidence.halt is None:
        return
    if evidence.halt.clause == clause.id:
        raise Halted(evidence.halt)
    if outcomes.get(evidence.halt.clause) is Outcome.PASSED and evidence.told_by in ("", clause.id):
        evidence.told_by = clause.id
        raise Halted(evidence.halt)
    raise NotJudged(Outcome.BLOCKED, f"builds on {evidence.halt.clause}: {evidence.halt.actual}")


def judge(clause: Clause, error: BaseException | None, comparison: Comparison | None) -> Judgement:
    """What `clause` comes to when its test raised `error`, after the comparison that failed last."""
    match error:
        case None:
            return Judgement(Outcome.PASSED)
        case NotJudged(outcome=outcome, reason=reason):
            return Judgement(outcome, reason)
        case Halted(halt=halt):
            return Judgement(Outcome.FAILED, failure=halt)
        case Missing():
            return Judgement(Outcome.FAILED, failure=error)
        case AssertionError():
            return Judgement(Outcome.FAILED, failure=_stated(clause, error, comparison))
        case AttributeError(obj=None, name=name):
            absent = f"there is no header with a {name}: the packet that should have one does not parse that far"
            return Judgement(Outcome.FAILED, failure=Stated(clause.sentence.rstrip("."), absent))
        case HarnessFault():
            return Judgement(Outcome.BROKEN, str(error))
        case _:
            return Judgement(Outcome.BROKEN, f"{type(error).__name__}: {error}")


def about_first(runs: Iterable[Evidence], failure: Comparison | Told | None) -> list[Evidence]:
    """The runs that a test looked at, the one that its failure is about before the others.

    It is about the run that holds the frame at fault, or that stopped there. Where a failure points at no frame, the
    run that the test names first stays first.
    """
    frame = _frame_of(failure)
    return sorted(runs, key=lambda run: not (failure is not None and run.halt is failure) and not _holds(run, frame))


def _frame_of(failure: Comparison | Told | None) -> Frame | None:
    match failure:
        case None:
            return None
        case Comparison(frame=frame, near=near):
            return frame or near
    return failure.closest[0].frame if failure.closest else None


def _holds(run: Evidence, frame: Frame | None) -> bool:
    return frame is not None and any(each is frame for each in run.recording.frames)


def _stated(clause: Clause, error: AssertionError, comparison: Comparison | None) -> Comparison | Stated:
    """An assertion's own words, as in `assert answers, "no datagram left the server"`, or its comparison.

    Where the comparison points at octets, words go on from what it says. pytest puts the words of an assertion
    before its own explanation, which begins with `assert`.
    """
    message = str(error).splitlines()
    worded = bool(message) and not message[0].startswith("assert ")
    if comparison is not None and comparison.frame is not None and worded:
        return replace(comparison, actual=f"{comparison.actual}; {message[0]}")
    if comparison is not None and not worded:
        return comparison
    return Stated(clause.sentence.rstrip("."), message[0] if message else "it is not so")
